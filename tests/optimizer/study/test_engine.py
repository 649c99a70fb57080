import gc
import os
import signal
from multiprocessing import get_context

import pytest

from optimizer.study.engine import ENVIRONMENT, METHOD, warm_up


def test_loading_libraries_ahead_changes_nothing_here(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before, heard = dict(os.environ), signal.getsignal(signal.SIGINT)
    warm_up()
    assert dict(os.environ) == before
    assert signal.getsignal(signal.SIGINT) is heard


@pytest.mark.skipif(METHOD != "forkserver", reason="nothing is loaded ahead here")
def test_a_case_starts_deaf_with_one_thread_and_what_is_loaded_is_no_garbage():
    warm_up()
    with get_context(METHOD).Pool(1) as children:
        assert {children.apply(os.getenv, (name,)) for name in ENVIRONMENT} == {"1", "65536"}
        assert children.apply(signal.getsignal, (signal.SIGINT,)) is signal.SIG_IGN
        assert children.apply(gc.get_freeze_count) > 100_000
