"""The first signal asks, the second insists, and afterwards all is as before."""

import os
import signal
import sys
from collections.abc import Iterator
from threading import Event

import pytest

from optimizer.signals import remembered, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_second_insists(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    interrupted = Event()
    with stop_on_signals(interrupted):
        os.kill(os.getpid(), number)
        assert interrupted.wait(1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


class Stubborn:
    """Is interrupted while it is taken away, which Python does not tell."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


class Wrong:
    """Fails while it is taken away."""

    def __del__(self) -> None:
        raise OSError


@pytest.fixture
def listening() -> Iterator[None]:
    """Python hears Ctrl-C as usual; what a shell starts in the background does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_an_interrupt_that_python_drops_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    told: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: told.append(dropped.exc_type))
    usual = sys.unraisablehook
    with remembered() as asked:
        assert not asked.is_set()
        Stubborn()
        assert asked.is_set()
        Wrong()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert sys.unraisablehook is usual
    assert told == [OSError], "an interrupt is no error, others are told as ever"


def test_who_listens_already_goes_on_listening() -> None:
    with stop_on_signals(Event()):
        who = signal.getsignal(signal.SIGINT)
        with remembered():
            assert signal.getsignal(signal.SIGINT) is who
