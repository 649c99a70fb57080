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


class Twice(Event):
    """A signal comes while the one before is noted, as from a shell and a program in between."""

    def set(self) -> None:
        with self._cond:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGINT)
            self._flag = True


def test_two_signals_at_once_do_not_wait_for_each_other() -> None:
    interrupted = Twice()
    with stop_on_signals(interrupted):
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.usefixtures("listening")
def test_two_interrupts_at_once_are_remembered_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.signals.Event", Twice)
    with remembered() as asked, pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert asked.is_set()


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
