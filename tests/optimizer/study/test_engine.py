import gc
import os
import signal
from dataclasses import replace
from multiprocessing import get_context

import pytest

from optimizer.study.engine import ENVIRONMENT, METHOD, Child, Job, one_by_one, warm_up

NO_CASE = Job("broken", b"no pickle", {"time_limit_s": None})
WILD = Job("wild", b"cos\nabort\n(tR.", NO_CASE.solve)  # Whoever unpacks it is ended.


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


def test_cases_share_a_process_until_one_has_trouble_in_it(monkeypatch):
    started = []

    class Counted(Child):
        def __init__(self):
            super().__init__()
            started.append(self.process)

    monkeypatch.setattr("optimizer.study.engine.Child", Counted)
    monkeypatch.setattr("optimizer.study.engine.TROUBLE", ("crashed",))
    jobs = [NO_CASE, replace(NO_CASE, key="again"), WILD, replace(NO_CASE, key="after")]
    ended = {key: result["status"] for key, result in one_by_one(jobs)}
    assert ended == {"broken": "failed", "again": "failed", "wild": "crashed", "after": "failed"}
    assert len(started) == 2
    assert not any(process.is_alive() for process in started)


def test_a_case_that_takes_too_long_is_stopped_and_said_to_be():
    ((key, result),) = one_by_one([NO_CASE], patience_s=0.0)
    assert (key, result["status"]) == ("broken", "no_plan")
