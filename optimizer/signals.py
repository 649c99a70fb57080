"""Ctrl-C and SIGTERM ask a solve to stop; a second one insists."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def stop_on_signals(interrupted: Event) -> Iterator[None]:
    """Set `interrupted` at the first SIGINT or SIGTERM while the block runs.

    The solver reads the event and ends with its best plan. A second signal raises
    KeyboardInterrupt at once.
    """
    noting = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal noting
        if noting:  # The event's lock is held: to ask for it again would wait for ever.
            return
        if interrupted.is_set():
            raise KeyboardInterrupt
        noting = True
        interrupted.set()
        noting = False

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def remembered() -> Iterator[Event]:
    """Ctrl-C raises KeyboardInterrupt as ever, and is remembered.

    Python drops what is raised while an object is being taken away, a KeyboardInterrupt, too:
    whoever works on in a loop asks the event each time. That one is not told as an error.
    """
    asked, tell = Event(), sys.unraisablehook

    noting = False

    def remember(_number: int, _frame: FrameType | None) -> None:
        nonlocal noting
        if noting:  # As above; whoever is about to raise will.
            return
        noting = True
        asked.set()
        noting = False
        raise KeyboardInterrupt

    def tell_others(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            tell(dropped)

    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield asked  # Somebody else listens.
        return
    signal.signal(signal.SIGINT, remember)
    sys.unraisablehook = tell_others
    try:
        yield asked
    finally:
        sys.unraisablehook = tell
        signal.signal(signal.SIGINT, signal.default_int_handler)
