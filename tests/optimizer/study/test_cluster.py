import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from optimizer.errors import SitewattError
from optimizer.study import cluster
from optimizer.study.cluster import solver_on
from optimizer.study.engine import Job
from optimizer.study.sweep import serially, sweep
from tests.optimizer.study.studies import study_file

MANY = """
[factors.power]
table = "grid"
column = "firm_mw"
kind = "scale"
values = [0.1, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 2]
"""


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    file = study_file(folder, MANY)
    sweep(file, folder / "out", serially(), quiet=True)
    return file, contents(folder / "out")


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
    """Address of a scheduler that is a process of its own, on loopback."""
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file)
    with started("scheduler", *options):
        while not file.exists():
            time.sleep(0.05)
        time.sleep(0.1)
        yield json.loads(file.read_text())["address"]


def worker(address):
    options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    return started("worker", address, *options)


def test_client_and_a_worker_killed_midway_and_run_again_it_gives_the_same_table(serial, tmp_path):
    file, whole = serial
    out, cases = tmp_path / "out", tmp_path / "out" / "cases"
    with scheduler(tmp_path) as address, worker(address) as first, worker(address):
        command = [sys.executable, "-m", "optimizer.cli", "sweep", file, "--out", out, "--quiet"]
        client = subprocess.Popen([*command, "--scheduler", address])
        while client.poll() is None and not (cases.exists() and any(cases.glob("[!.]*.json"))):
            time.sleep(0.02)
        client.kill()
        client.wait()
        assert any(cases.glob("[!.]*.json"))
        with solver_on(None, address, None) as solver:

            def deadly(jobs):
                for count, (key, result) in enumerate(solver(jobs)):
                    if not count:
                        first.kill()
                    yield key, result

            @contextmanager
            def opened():
                yield deadly

            sweep(file, out, opened(), quiet=True)
    assert contents(out) == whole


def test_workers_of_this_machine_give_the_same_table_and_survive_a_case_that_kills(
    serial, tmp_path
):
    file, whole = serial
    with solver_on(2, None, 2000) as solver:
        wild = Job("wild", b"cos\nabort\n(tR.", {"time_limit_s": None})
        ((_, ended),) = solver([wild])
        assert ended["status"] == "crashed"
        assert "Killed" in ended["reason"]

        @contextmanager
        def opened():
            yield solver

        sweep(file, tmp_path / "out", opened(), quiet=True)
    assert contents(tmp_path / "out") == whole


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    with (
        pytest.raises(SitewattError, match="No scheduler answers"),
        solver_on(None, "tcp://127.0.0.1:9", None),
    ):
        pass
