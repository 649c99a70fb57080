"""What goes wrong around a solve: somebody is quicker, the disk is full. No plan is lost to it."""

import resource
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer import command
from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.export import export_run
from tests.optimizer.hand_made_run import write_run

TWO_SITES = Path(__file__).parents[2] / "instances" / "two_sites"


def test_plan_is_kept_where_somebody_took_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, solve = tmp_path / "run", command.solve_instance

    def solve_slowly(*words: object) -> object:
        out.mkdir()
        (out / "plan.json").write_text("somebody else's")
        return solve(*words)

    monkeypatch.setattr(command, "solve_instance", solve_slowly)
    result = CliRunner().invoke(main, ["solve", str(TWO_SITES), "--out", str(out), "--quiet"])
    assert result.exit_code == 0, result.output
    assert f"This plan goes to {out}-2." in result.stderr
    assert (out / "plan.json").read_text() == "somebody else's"
    assert (tmp_path / "run-2" / "audit.json").exists()


def test_map_that_does_not_fit_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(SitewattError, match=r"cannot be written: .*GDAL"):
            export_run(run, "gpkg", tmp_path / "plan.gpkg")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
