import shutil
import subprocess
import sys
import time

import pytest

from optimizer.study import sweep as sweeping
from optimizer.study import swept
from optimizer.study.cases import folders_of, read_plot
from optimizer.study.engine import serially
from optimizer.study.sweep import sweep
from optimizer.study.swept import RECEIPT, Inputs, done_before
from tests.optimizer.study.studies import study_file, tables_of

HEAVY = {"numpy", "pandas", "pyarrow", "pydantic", "pandera", "pyomo", "scipy", "highspy", "rich"}
HEAVY |= {"geopandas", "matplotlib", "distributed"}
AGAIN = f"""
import sys
from optimizer.cli import main
main(["sweep", *sys.argv[1:]], standalone_mode=False)
print(sorted({HEAVY!r} & set(sys.modules)))
"""


@pytest.fixture
def copy(done, tmp_path):
    """A finished sweep in another place, its study beside it, to be changed."""
    shutil.copytree(done[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / done[0].name, tmp_path / "copy" / "out"


def test_a_sweep_that_is_done_is_told_without_loading_a_library(done):
    file, out = done
    command = [sys.executable, "-c", AGAIN, str(file), "--out", str(out), "--workers", "2"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    assert lines[0] == "8 cases, 0 solved now: 2 infeasible, 6 optimal"
    assert lines[2] == "[]"


def test_it_tells_what_running_it_again_would_and_nothing_is_solved_then(copy, monkeypatch):
    file, out = copy
    told, before = done_before(file, out), tables_of(out)
    monkeypatch.setattr(sweeping, "solve_all", lambda *_, **__: pytest.fail("solved again"))
    assert told == sweep(file, out, serially(), quiet=True)
    assert tables_of(out) == before


@pytest.mark.parametrize(
    "changed",
    [
        *("study.toml", "two_sites/grid.csv", "two_sites/instance.toml", "two_sites/corridors.csv"),
        *("out/results.csv", "out/figures/heat-map.svg", f"out/{RECEIPT}"),
    ],
)
def test_any_change_is_noticed(copy, changed):
    assert done_before(*copy) is not None
    path = copy[0].parent / changed
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"x")
    assert done_before(*copy) is None


def test_a_case_that_is_gone_or_another_version_is_noticed(copy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(swept, "MEANING", "0")
        assert done_before(*copy) is None
    next((copy[1] / "cases").glob("[0-9a-f]*.json")).unlink()
    assert done_before(*copy) is None


def test_so_is_what_an_instance_extends(tmp_path):
    file = study_file(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "instance.toml").write_text('extends = "two_sites"\nname = "other"\n')
    file.write_text(file.read_text().replace('"two_sites"', '"other"'))
    folders = folders_of(read_plot(file).base, tmp_path)
    found = Inputs.since(file, folders, time.time() + 1)
    assert {"study.toml", "other/instance.toml", "two_sites/grid.csv"} < found.hashes.keys()
    # What changes while it is read is not what was read.
    assert Inputs.since(file, folders, (tmp_path / "other").stat().st_mtime) is None
    assert Inputs.since(file, [*folders, "gone"], time.time() + 1) is None


def test_a_receipt_of_anything_is_none(copy):
    for content in (b"", b"[]", b"{}", b'{"versions": 1}', b"\xff", b"[" * 100_000):
        (copy[1] / RECEIPT).write_bytes(content)
        assert done_before(*copy) is None
