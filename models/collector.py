"""Python's garbage collector, kept from what is made by the million."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pyomo.common.gc_manager import PauseGC


@contextmanager
def undisturbed() -> Iterator[None]:
    """Make millions of objects, few of which are ever thrown away.

    The collector pauses, as otherwise it would look at them again and again. Let loose, it would
    look at them twice more, as at any new object, which takes a tenth of the time that a model
    takes. So they count as old, which only its rare full rounds look at. Not where a process has
    set objects aside for good: those would come back.
    """
    with PauseGC():
        yield
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
