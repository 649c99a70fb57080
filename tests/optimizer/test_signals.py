"""The first signal asks, the second insists, and afterwards all is as before."""

import os
import signal
from threading import Event

import pytest

from optimizer.signals import stop_on_signals


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
