import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pandas as pd
import pytest

from optimizer.errors import SitewattError
from optimizer.study import cluster
from optimizer.study.cases import read_plot
from optimizer.study.cluster import solver_on
from optimizer.study.engine import Job, serially
from optimizer.study.store import Store
from optimizer.study.sweep import sweep
from tests.optimizer.study.studies import POWER, command, kept, study_file, tables_of, wait_for


@contextmanager
def started(*arguments):
    command = [sys.executable, "-m", "dask", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def scheduler(folder):
    """Address of a scheduler on loopback, and its process."""
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file)
    with started("scheduler", *options) as process:
        while not file.exists():
            time.sleep(0.05)
        time.sleep(0.1)
        yield json.loads(file.read_text())["address"], process


def worker(address):
    options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    return started("worker", address, *options)


def test_client_worker_and_scheduler_killed_midway_and_run_again_it_gives_the_same_table(
    done, tmp_path
):
    file, whole = done
    out = tmp_path / "out"
    with scheduler(tmp_path) as (address, its_process), worker(address) as first, worker(address):
        client = command(file, out, "--scheduler", address)
        wait_for(client, out, 1)
        client.kill()
        client.wait()
        assert 0 < kept(out) < 100
        again = command(file, out, "--scheduler", address, stderr=subprocess.PIPE, text=True)
        wait_for(again, out, kept(out) + 1)
        first.kill()
        wait_for(again, out, kept(out) + 1)
        its_process.kill()
        _, told = again.communicate()
    gone = "The scheduler is gone. What is done is kept: run again for the rest.\n"
    assert (again.returncode, told) == (SitewattError.exit_code, gone)
    rows = pd.read_csv(out / "results.csv")
    assert 0 < (rows.status == "missing").sum() == 8 - kept(out)
    sweep(file, out, serially(), quiet=True)
    assert tables_of(out) == tables_of(whole)


def test_workers_of_this_machine_give_the_same_table_and_survive_a_case_that_kills(done, tmp_path):
    file, whole = done
    for case in read_plot(file).cases[:5]:  # The others are enough to solve.
        Store(tmp_path / "out").save(case.key, Store(whole).load(case.key))
    with solver_on(2, None, 2000) as solver:
        wild = Job("wild", b"cos\nabort\n(tR.", {"time_limit_s": None})
        ((_, ended),) = solver([wild])
        assert ended["status"] == "crashed"
        assert "Killed" in ended["reason"]

        @contextmanager
        def opened():
            yield solver

        sweep(file, tmp_path / "out", opened(), quiet=True)
    assert tables_of(tmp_path / "out") == tables_of(whole)


def test_ctrl_c_is_for_the_command_alone_whose_workers_end_with_it(tmp_path):
    # More cases than are solved before it is heard.
    many = ", ".join(str(round(0.5 + n / 100, 2)) for n in range(100))
    file, out = study_file(tmp_path, POWER.replace("0.1, 1, 2", many)), tmp_path / "out"
    stopped = command(
        *(file, out, "--workers", "2"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(stopped, out, 1)
    os.killpg(stopped.pid, signal.SIGINT)  # As a terminal does: all processes hear it.
    _, told = stopped.communicate()
    assert (stopped.returncode, told) == (130, "Stopped.\n")
    assert 0 < kept(out) < 100


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    with (
        pytest.raises(SitewattError, match="No scheduler answers"),
        solver_on(None, "tcp://127.0.0.1:9", None),
    ):
        pass
