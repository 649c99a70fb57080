"""Ctrl-C and SIGTERM ask a solve to stop; a second one insists."""

import signal
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

    def ask(_number: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
