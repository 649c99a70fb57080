"""The command as its users meet it: what it prints, what it writes, how it ends."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.results import RESULT_TABLES
from optimizer.starter import FILES
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.instances import hard_instance

INSTANCES = Path(__file__).parents[2] / "instances"
# The objectives that the instances' READMEs work out by hand.
BY_HAND = {"two_sites": 113_100_672, "waiting_for_power": 95_462_880, "bridge": 284_027_480}


def sitewatt(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def solve(tmp_path: Path, name: str, *words: object) -> Result:
    return sitewatt("solve", INSTANCES / name, "--out", tmp_path / name, "--quiet", *words)


@pytest.mark.parametrize("command", [[], ["solve"], ["validate"], ["audit"], ["export"], ["new"]])
def test_help_is_quick_because_it_imports_nothing_heavy(command: list[str]) -> None:
    code = (
        "import sys; from optimizer.cli import main\n"
        f"try: main({[*command, '--help']})\n"
        "except SystemExit: pass\n"
        "print(sorted({'pyomo', 'pandas', 'geopandas', 'highspy', 'numpy', 'rich', 'pydantic'}"
        " & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[0].startswith("Usage:")
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", BY_HAND)
def test_solve_finds_what_was_worked_out_by_hand(tmp_path: Path, name: str) -> None:
    result = solve(tmp_path, name, "--gap", 0)
    assert result.exit_code == 0, result.output
    assert "audit passed" in result.stdout
    plan = json.loads((tmp_path / name / "plan.json").read_text(encoding="utf-8"))
    assert plan["objective"] == pytest.approx(BY_HAND[name], rel=1e-9)
    assert plan["status"] == "optimal"
    assert f"**The least cost is {BY_HAND[name]:,}" in (INSTANCES / name / "README.md").read_text()


def test_run_folder_holds_everything(tmp_path: Path) -> None:
    solve(tmp_path, "two_sites", "--every-pair")
    run = tmp_path / "two_sites"
    assert {path.name for path in run.iterdir()} == {
        *("plan.json", "audit.json", "certificate.csv", "plan.gpkg", "solver.log"),
        *("tables", "instance"),
    }
    assert {path.stem for path in (run / "tables").iterdir()} == set(RESULT_TABLES)
    for name, described in RESULT_TABLES.items():
        table = pd.read_csv(run / "tables" / f"{name}.csv")
        assert list(table.columns) == [column.name for column in described], name
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    assert set(plan) >= {
        *("status", "objective", "bound", "gap", "currency", "sizes", "seconds", "versions"),
        *("options", "instance_sha256"),
    }
    assert json.loads((run / "audit.json").read_text(encoding="utf-8"))["passed"] is True


def test_hardware_that_waits_for_power_is_told(tmp_path: Path) -> None:
    result = solve(tmp_path, "waiting_for_power")
    assert "hanau: 6.5 MW short in 2026" in result.stdout
    capacity = pd.read_csv(tmp_path / "waiting_for_power" / "tables" / "capacity.csv")
    hanau = capacity[capacity.site == "hanau"].set_index("year")
    assert hanau.served_it_mw.to_dict() == {2026: 0, 2027: 2}


def test_infeasible_is_explained_and_writes_nothing(tmp_path: Path) -> None:
    result = solve(tmp_path, "grid_too_late")
    assert result.exit_code == 4
    assert result.stdout == ""
    assert "chat of hamburg needs 1 MW more in 2027 (demand row 3)" in result.stderr
    assert "1.3 MW more firm power at frankfurt in 2027 (grid row 2)" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_invalid_instance_is_reported_whole_and_writes_nothing(tmp_path: Path) -> None:
    shutil.copytree(INSTANCES / "two_sites", tmp_path / "bad")
    sites = tmp_path / "bad" / "sites.csv"
    sites.write_text(sites.read_text().replace(",NO,", ",XX,").replace("59.91", "123"))
    for command in (["solve", "--out", tmp_path / "run"], ["validate"]):
        result = sitewatt(command[0], tmp_path / "bad", *command[1:])
        assert result.exit_code == 3
        assert "XX" in result.stderr
        assert "123" in result.stderr
        assert result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_region_without_a_route_is_named_with_its_nearest_miss(tmp_path: Path) -> None:
    shutil.copytree(INSTANCES / "two_sites", tmp_path / "far")
    latency = tmp_path / "far" / "latency.csv"
    latency.write_text(latency.read_text().replace("bergen,oslo,12", "bergen,oslo,27"))
    result = sitewatt("solve", tmp_path / "far", "--out", tmp_path / "run")
    assert result.exit_code == 3
    assert "no site may serve chat of bergen" in result.stderr
    assert "2 sites too far, the nearest oslo takes 32.0 ms of 30 ms" in result.stderr


def test_json_is_one_document(tmp_path: Path) -> None:
    good = json.loads(solve(tmp_path, "two_sites", "--json").stdout)
    assert good["audit"]["passed"] is True
    assert good["run"] == str(tmp_path / "two_sites")
    infeasible = solve(tmp_path, "grid_too_late", "--json")
    assert infeasible.exit_code == 4
    assert json.loads(infeasible.stdout)["status"] == "infeasible"
    (tmp_path / "empty").mkdir()
    invalid = sitewatt("validate", tmp_path / "empty", "--json")
    assert invalid.exit_code == 3
    assert json.loads(invalid.stdout)["problems"][0]["table"] == "instance.toml"


def test_progress_goes_to_standard_error(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = sitewatt("solve", INSTANCES / "two_sites", "--out", out, "--json")
    json.loads(result.stdout)
    phases = re.findall(r"^ *[\d.]+ s +(\w+)", result.stderr, flags=re.MULTILINE)
    assert phases[0] == "read"
    assert {"routes", "build", "search", "polish", "write"} <= set(phases)


def test_run_folder_is_not_replaced_unasked(tmp_path: Path) -> None:
    solve(tmp_path, "two_sites")
    before = (tmp_path / "two_sites" / "plan.json").read_bytes()
    again = solve(tmp_path, "two_sites")
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    assert (tmp_path / "two_sites" / "plan.json").read_bytes() == before
    assert solve(tmp_path, "two_sites", "--overwrite").exit_code == 0


def test_folder_of_other_things_is_not_replaced_even_if_asked(tmp_path: Path) -> None:
    kept = tmp_path / "two_sites" / "thesis.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    refused = solve(tmp_path, "two_sites", "--overwrite")
    assert refused.exit_code == 2
    assert "other things than a result" in refused.stderr
    assert [path.name for path in kept.parent.iterdir()] == ["thesis.txt"]


def test_default_place_is_a_new_folder_below_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert sitewatt("solve", INSTANCES / "two_sites", "--quiet").exit_code == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"two_sites", "two_sites-2"}


def test_same_options_give_the_same_plan(tmp_path: Path) -> None:
    for name in ("first", "second"):
        sitewatt("solve", INSTANCES / "two_sites", "--out", tmp_path / name, "--quiet")
    for table in (tmp_path / "first" / "tables").iterdir():
        assert table.read_bytes() == (tmp_path / "second" / "tables" / table.name).read_bytes()


def test_limit_without_and_with_a_plan(tmp_path: Path) -> None:
    hard_instance(tmp_path / "hard")
    words = ("solve", tmp_path / "hard", "--gap", 0, "--quiet", "--out")
    none = sitewatt(*words, tmp_path / "none", "--time-limit", 1e-6)
    assert none.exit_code == 6
    assert not (tmp_path / "none").exists()
    some = sitewatt(*words, tmp_path / "some", "--time-limit", 5)
    assert some.exit_code == 5, some.output
    assert "time limit: cost" in some.stdout
    assert "audit passed" in some.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals to a child")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_solve_keeps_its_best_plan(tmp_path: Path, number: signal.Signals) -> None:
    hard_instance(tmp_path / "hard")
    command = [sys.executable, "-m", "optimizer.cli", "solve", str(tmp_path / "hard")]
    process = subprocess.Popen(
        [*command, "--gap", "0", "--out", str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = ""
    while "plan" not in seen:
        seen = process.stderr.readline()
        assert seen, process.communicate()
    time.sleep(0.5)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert "interrupted: cost" in stdout
    plan = json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))
    assert plan["status"] == "interrupted"
    assert 0 < plan["bound"] < plan["objective"]


def test_audit_ends_with_its_own_code(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    assert sitewatt("audit", run).exit_code == 0
    (run / "tables" / "unserved.csv").write_text("region,workload,year,share,it_mw\n")
    failed = sitewatt("audit", run)
    assert failed.exit_code == 7
    assert "the shares of chat of lille in 2028 add up to 0.8, not to 1" in failed.stderr
    assert json.loads(sitewatt("audit", run, "--json").stdout)["passed"] is False


def test_new_instance_is_two_sites_and_solves(tmp_path: Path) -> None:
    assert sitewatt("new", tmp_path / "mine").exit_code == 0
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "mine").iterdir()}
    shipped = {p.name: p.read_text("utf-8") for p in (INSTANCES / "two_sites").iterdir()}
    assert written == shipped == FILES
    assert sitewatt("validate", tmp_path / "mine").exit_code == 0
    assert sitewatt("new", tmp_path / "mine").exit_code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_command(shell: str) -> None:
    assert "_SITEWATT_COMPLETE" in sitewatt("completion", shell).stdout


def test_wrong_use_is_told(tmp_path: Path) -> None:
    assert sitewatt("solve", tmp_path / "nowhere").exit_code == 2
    assert sitewatt("solve", INSTANCES / "two_sites", "--gap", -1).exit_code == 2
    assert sitewatt("schema", "site").exit_code != 0


def test_explain_ends_with_the_code_of_what_it_found(tmp_path: Path) -> None:
    none = sitewatt("explain", INSTANCES / "grid_too_late")
    assert none.exit_code == 4
    assert "chat of hamburg needs 1 MW more in 2027 (demand row 3)" in none.stdout
    content = json.loads(sitewatt("explain", INSTANCES / "grid_too_late", "--json").stdout)
    assert content["status"] == "infeasible"
    assert content["conflicts"][0]["limits"]["grid"][0]["row"] == 2
    assert {way["unit"] for way in content["ways_out"]} == {"MW", "years", "rule"}
    some = sitewatt("explain", INSTANCES / "two_sites")
    assert some.exit_code == 0
    assert some.stdout.startswith("There is a plan")


def test_why_asks_one_question_of_a_run(tmp_path: Path) -> None:
    solve(tmp_path, "waiting_for_power", "--gap", 0)
    run = tmp_path / "waiting_for_power"
    hanau = sitewatt("why", run, "--site", "hanau", "--quiet")
    assert hanau.exit_code == 0
    assert "grid at hanau full in 2026 (0 MW)" in hanau.stdout
    content = json.loads(sitewatt("why", run, "--site", "hanau", "--quiet", "--json").stdout)
    assert content["difference"]["least"] == pytest.approx(17_817_792, rel=1e-6)
    assert sitewatt("why", run).exit_code == 2
    assert sitewatt("why", run, "--site", "oslo", "--rule", "x").exit_code == 2
    nowhere = sitewatt("why", run, "--site", "nowhere")
    assert nowhere.exit_code == 2
    assert "There are: " in nowhere.stderr


def test_readme_shows_what_the_bridge_prints(tmp_path: Path) -> None:
    readme = (INSTANCES.parent / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("instances/bridge\n```")[2].partition("```text\n")[2]
    shown = shown.partition("```")[0]
    printed = solve(tmp_path, "bridge").stdout
    sections = shown.strip().split("\n\n")
    assert len(sections) == 3
    for section in sections:
        assert section in printed
