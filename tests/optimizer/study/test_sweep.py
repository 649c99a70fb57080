import json
import re
import signal
import subprocess
from contextlib import contextmanager

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.study.cases import generations, read_plot
from optimizer.study.engine import Job, crashed, one_by_one, serially
from optimizer.study.file import InvalidStudy
from optimizer.study.forecast import forecast
from optimizer.study.results import result_tables
from optimizer.study.store import Store, missing
from optimizer.study.sweep import jobs, sweep
from tests.optimizer.study.studies import (
    MANY,
    POWER,
    RATE,
    command,
    kept,
    study_file,
    tables_of,
    wait_for,
)
from tests.optimizer.test_signals import Stubborn, listening  # noqa: F401 — a fixture


def test_one_row_a_case_with_what_was_solved_by_hand(done):
    rows = pd.read_csv(done[1] / "results.csv", keep_default_na=False)
    assert rows.power.tolist() == [0.1, 0.1, 1, 1, 1.5, 1.5, 2, 2]
    assert rows.rate.tolist() == [0.25, 0] * 4
    assert rows.status.tolist() == ["infeasible"] * 2 + ["optimal"] * 6
    assert rows.reason.str.contains("frankfurt").tolist() == [True] * 2 + [False] * 6
    assert float(rows.objective[2]) == pytest.approx(113_100_672)
    # With power enough the second line, ordered in 2026 for 2 million, is not needed.
    assert float(rows.objective[2]) - float(rows.objective[6]) == pytest.approx(2e6)
    costs = pd.read_csv(done[1] / "costs.csv")
    total = costs.groupby("case").discounted_cost.sum()
    assert total[3] == pytest.approx(113_100_672)
    capacity = pd.read_csv(done[1] / "capacity.csv")
    last = capacity[(capacity.case == 3) & (capacity.year == 2027)]
    assert last.installed_it_mw.sum() == pytest.approx(9)
    pd.testing.assert_frame_equal(
        costs, pd.read_parquet(done[1] / "costs.parquet"), check_dtype=False
    )


def test_only_what_is_missing_or_crashed_is_solved(done):
    plot = read_plot(done[0])
    results = Store(done[1]).results(plot.cases)
    assert missing(plot.cases, results) == []
    results[plot.cases[2].key] = crashed("killed")
    del results[plot.cases[4].key]
    assert [case.number for case in missing(plot.cases, results)] == [3, 5]
    damaged = Store(done[1]).path(plot.cases[0].key)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    assert plot.cases[0].key not in Store(done[1]).results(plot.cases)
    damaged.write_bytes(whole)


def test_the_order_of_solving_does_not_show(done):
    plot = read_plot(done[0])
    results = Store(done[1]).results(plot.cases)
    backwards = dict(reversed(results.items()))
    for name, table in result_tables(["power", "rate"], plot.cases, results).items():
        again = result_tables(["power", "rate"], plot.cases, backwards)[name]
        pd.testing.assert_frame_equal(table, again)


def test_keys_tell_what_a_result_depends_on_and_nothing_else(tmp_path):
    def keys(factors, more=""):
        return [case.key for case in read_plot(study_file(tmp_path, factors, more=more)).cases]

    first = keys(POWER)
    assert keys(POWER.replace("factors.power", "factors.mw").replace("2]", "2, 3]"))[:3] == first
    few, more = keys(POWER + RATE), keys(MANY + RATE)
    assert few == [*more[:4], *more[6:]]  # Nor do others change whose plan a case starts from.
    assert not set(first) & set(keys(POWER, more="[solve]\ngap = 0.5"))
    assert not set(first) & set(keys(POWER.replace('"scale"', '"set"')))
    grid = tmp_path / "two_sites" / "grid.csv"
    study_file(tmp_path)
    grid.write_text(grid.read_text().replace("6.5", "6.6"))
    assert not set(first) & {case.key for case in read_plot(tmp_path / "study.toml").cases}


def test_every_case_that_is_invalid_is_named_before_anything_is_solved(tmp_path):
    file = study_file(tmp_path, POWER.replace("0.1, 1, 2", "-1, 1, -2"))
    with pytest.raises(InvalidStudy) as caught:
        sweep(file, tmp_path / "out", serially(), quiet=True)
    told = [(p.table, p.column, p.value) for p in caught.value.problems]
    assert told == [
        ("case 1 (power = -1): grid", "firm_mw", "-6.5"),
        ("case 3 (power = -2): grid", "firm_mw", "-13.0"),
    ]
    assert not (tmp_path / "out").exists()


def test_a_case_that_kills_its_process_does_not_stop_the_others(done):
    plot = read_plot(done[0])
    first, _, third, *_ = jobs(plot, plot.cases, {})
    wild = Job("wild", b"cos\nabort\n(tR.", first.solve)  # Whoever unpacks it is ended.
    ended = dict(one_by_one([wild, third]))
    assert ended["wild"]["status"] == "crashed"
    assert ended[third.key]["status"] == "optimal"
    broken = dict(one_by_one([Job("broken", b"no pickle", first.solve)]))
    assert broken["broken"]["status"] == "failed"


def test_a_case_out_of_time_says_so(done, tmp_path):
    file = study_file(tmp_path, POWER, more="[solve]\ntime_limit_s = 1e-9")
    sweep(file, tmp_path / "out", serially(), quiet=True)
    rows = pd.read_csv(tmp_path / "out" / "results.csv")
    assert set(rows.status) <= {"no_plan", "infeasible"}
    assert "no_plan" in set(rows.status)


def test_stopped_midway_and_run_again_it_gives_the_same_table(done, tmp_path):
    file, whole = done
    out = tmp_path / "out"
    stopped = command(
        *(file, out),
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background, children would not hear Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(stopped, out, 1)
    stopped.send_signal(signal.SIGINT)
    _, told = stopped.communicate()
    assert (stopped.returncode, told) == (130, "Stopped.\n")
    rows = pd.read_csv(out / "results.csv")
    assert 0 < (rows.status == "missing").sum() == 8 - kept(out)
    sweep(file, out, serially(), quiet=True)
    assert tables_of(out) == tables_of(whole)


@pytest.mark.usefixtures("listening")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopped_while_python_takes_an_object_away_it_stops_all_the_same(done, tmp_path):
    file, _ = done
    out = tmp_path / "out"

    @contextmanager
    def interrupted():
        with serially() as solver:

            def solved(jobs):
                for result in solver(jobs):
                    Stubborn()
                    yield result

            yield solved

    with pytest.raises(KeyboardInterrupt):
        sweep(file, out, interrupted(), quiet=True)
    assert kept(out) == 1
    assert (out / "results.csv").exists()


def test_a_dry_run_lists_the_cases_and_writes_nothing(done, tmp_path):
    told = CliRunner().invoke(
        main, ["sweep", str(done[0]), "--out", str(tmp_path / "out"), "--dry-run"]
    )
    assert told.exit_code == 0
    assert "case 8 (power = 2, rate = 0): to solve" in told.stdout
    assert re.search(r"8 cases, 8 to solve\nabout .* s a case, .* s in all on 1 w", told.stdout)
    assert "trying case 1" in told.stderr
    assert not (tmp_path / "out").exists()
    assert forecast(*done).todo == []


def test_another_folder_is_left_alone(done, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    told = CliRunner().invoke(main, ["sweep", str(done[0]), "--out", str(tmp_path / "mine")])
    assert told.exit_code == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_invalid_studies_end_with_3_and_json(tmp_path):
    file = study_file(tmp_path, POWER.replace("frankfurt", "x" * 500))
    told = CliRunner().invoke(main, ["sweep", str(file), "--out", str(tmp_path / "o"), "--json"])
    assert told.exit_code == 3
    assert json.loads(told.stdout)["problems"][0]["column"] == "factors.power.where"


def test_starting_from_other_plans_gives_the_same_costs(done, tmp_path):
    plot = read_plot(done[0])
    assert [len(batch) for batch in generations(plot.cases)] == [1, 4, 3]
    for key, cold in one_by_one(jobs(plot, plot.cases[4:], {})):
        warm = Store(done[1]).load(key)
        assert warm["objective"] == pytest.approx(cold["objective"])
        assert warm["figures"] == pytest.approx(cold["figures"])
