"""Peers solve the same problem, what they find is written down as it comes, and told as it is."""

import json
import sys
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from optimizer.errors import NoPlan
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.prepare import prepare
from optimizer.routes import find_routes
from optimizer.run import Options
from tests.models.small_inputs import small_inputs
from tests.scripts.test_build_europe import SCRIPTS

sys.path.insert(0, str(SCRIPTS))

import benchmark
from bench import cases, child, console, plots, render, results, siting
from bench.cases import Case
from bench.peers import PEERS, Task
from bench.results import Measurement
from bench.track import Track

SIX_BY_TWELVE = partial(
    cases.write_in_square, "six_by_twelve", 1, 200, (6, 12, 6), cases.LIKE_OPENING_COST
)
LITTLE = Case("little", "capa-like", SIX_BY_TWELVE, everyone=True)
# What six solvers from three houses agree on.
LEAST_COST = 7_274_857.4986


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> Case:
    """The only case there is."""
    for module in (benchmark, plots, render):
        monkeypatch.setattr(module, "all_cases", lambda: [LITTLE], raising=False)
    return LITTLE


def run(*words: object) -> Result:
    result = CliRunner().invoke(benchmark.main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


def test_a_second_run_measures_nothing_twice(little: Case, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    words = ["run", "--limit", 5, "--repeat", 1, "--threads", 1, "--work", tmp_path / "work"]
    run(*words, "--peers", "sitewatt,strong", "--out", out)
    found = results.read(out)
    assert [m.peer for m in found] == ["sitewatt", "strong"]
    assert {m.ended for m in found} == {"done"}
    for m in found:
        assert m.plan == pytest.approx(found[0].plan, rel=1e-4)
        assert m.bound == pytest.approx(found[0].plan, rel=1e-4)
        assert 0 < m.seconds(1e-2)[0] <= m.seconds(1e-4)[0] < m.limit
        assert 0 < m.statement_seconds < m.limit
        assert m.peak_mb >= m.start_mb > 0
    before = out.read_bytes()
    assert "0 to do" in run(*words, "--peers", "sitewatt,strong", "--out", out).output
    assert out.read_bytes() == before
    page = tmp_path / "performance.md"
    page.write_text(f"# Speed\n\n{render.BEGIN}\nold\n{render.END}\n\nThe end.\n")
    run("render", out, "--page", page)
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Speed")
    assert text.endswith("The end.\n")
    assert "| capa-like | HiGHS, strong model | 1 |" in text
    assert "No bound is above anybody's plan." in text
    assert (tmp_path / "performance" / "primal_integral.svg").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instance of the little case."""
    return LITTLE.folder(tmp_path_factory.mktemp("little"))


@pytest.mark.parametrize("peer", [name for name in PEERS if name != "strong"])
def test_peers_agree(peer: str, folder: Path, tmp_path: Path) -> None:
    if not PEERS[peer].is_there:
        pytest.skip("an extra")
    track = Track(tmp_path / "track.jsonl", limit=20)
    PEERS[peer].solve(Task(read_instance(folder), 1e-4, 1, track))
    assert track.plan == pytest.approx(LEAST_COST, rel=1e-4)
    assert track.bound == pytest.approx(LEAST_COST, rel=1e-4)
    assert track.bound <= track.plan * (1 + 1e-9)


def test_a_peer_that_does_not_stop_is_ended_and_counts_as_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "sleeps.py"
    script.write_text(
        "import sys, time\n"
        'open(sys.argv[4], \'w\').write(\'{"event": "start", "seconds": 0, "mb": 1}\\n'
        '{"event": "known", "seconds": 0.1, "plan": 101, "bound": 100}\\n{"event": "kno\')\n'
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(child, "GRACE_SECONDS", 0.2)
    found = child.run(script, tmp_path, "case", "sitewatt", 0, limit=0.2, threads=1)
    assert found.ended == "killed"
    assert found.seconds(1e-2) == (0.1, False)
    assert found.seconds(1e-3) == (0.2, True)
    assert (found.plan, found.bound) == (101, 100)


def test_each_repeat_has_a_seed_of_its_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "tells_its_seed.py"
    script.write_text(
        "import sys\n"
        "seed = sys.argv[sys.argv.index('--seed') + 1]\n"
        'open(sys.argv[4], \'w\').write(\'{"event": "start", "seconds": 0, "mb": 1}\\n'
        '{"event": "known", "seconds": 0.1, "plan": \' + seed + \', "bound": 0}\\n\')\n'
    )
    told = [child.run(script, tmp_path, "c", "sitewatt", n, limit=9, threads=1) for n in range(3)]
    assert [each.plan for each in told] == [0, 1, 2]
    # And a peer passes its seed on.
    asked: list[tuple[int, int]] = []

    def solve(_instance: object, options: Options, control: Control, _clock: object) -> None:
        asked.append((options.seed, control.seed))
        raise NoPlan("enough is known")

    monkeypatch.setattr("bench.peers.solve_instance", solve)
    track = Track(tmp_path / "track.jsonl", limit=20)
    PEERS["sitewatt"].solve(Task(read_instance(folder), 1e-4, 1, track, seed=5))
    assert asked == [(5, 5)]


def measurement(peer: str, plan: float, bound: float, seconds: float | None) -> Measurement:
    return Measurement(
        case="little",
        peer=peer,
        repeat=0,
        limit=600,
        ended="done" if seconds else "limit",
        seconds_to={f"{target:g}": seconds for target in results.TARGETS},
        statement_seconds=0.1,
        plan=plan,
        bound=bound,
        peak_mb=300,
        start_mb=200,
        course=[(60, 2 * plan, None), (300, plan, bound)],
        machine={"cores": 2},
    )


def test_ratios_are_lower_bounds_where_somebody_came_to_the_limit(little: Case) -> None:
    found = [measurement("sitewatt", 100, 100, 6), measurement("strong", 124, 100, None)]
    (_, row) = render.ratio_table(render.medians(found), {"little": little})
    assert row == ["capa-like", PEERS["strong"].title, "1", *["≥ 100"] * 3, "1e+02"]


def test_the_median_of_three_is_a_bound_where_two_are() -> None:
    times = [measurement("strong", 1, 1, seconds) for seconds in (3, None, None)]
    repeated = [replace(m, repeat=i) for i, m in enumerate(times)]
    assert render.medians(repeated)["little", "strong", 1e-4] == (600, True)


def test_a_bound_above_a_plan_is_told() -> None:
    found = [measurement("sitewatt", 100, 100, 6), measurement("scip", 120, 101, None)]
    (told,) = render.contradictions(found)
    assert "101.00 of SCIP is above the plan 100.00 of Sitewatt" in told


def test_primal_integral_by_hand() -> None:
    # A tenth of the time nothing, 0.4 half as good as the best, then the best.
    assert plots.primal_integral(measurement("scip", 100, 100, 300), 100) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("line", "plan", "bound"),
    [
        ("Continuous objective value is 932.5 - 0.01 seconds", None, 932.5),
        ("Cbc0012I Integer solution of 1.2e+03 found by greedy after 0 iterations", 1200, None),
        ("Cbc0010I After 100 nodes, 53 on tree, 1240 best solution, best possible 1200.5 (9 s)",
         1240, 1200.5),
        ("Cbc0010I After 0 nodes, 1 on tree, 1e+50 best solution, best possible 99 (1 s)",
         None, 99),
        ("Cbc0001I Search completed - best objective 932.6, took 5 iterations", 932.6, 932.6),
        ("Lower bound:                    1210.25", None, 1210.25),
        ("Cbc0038I Pass 1: suminf. 4.3 (30) obj. 1e6", None, None),
    ],
)  # fmt: skip
def test_what_cbc_says(line: str, plan: float | None, bound: float | None) -> None:
    expected = (float("inf") if plan is None else plan, -float("inf") if bound is None else bound)
    assert console.said(line) == expected


def test_what_is_more_than_siting_is_not_stated_as_siting() -> None:
    sites = {"a": {"opening_cost": 1}, "b": {}}
    assert siting.plain_siting(small_inputs(sites, firm_mw={"port": 300})) is not None
    for more in (
        small_inputs(sites, stages=(2026, 2027)),
        small_inputs({"a": {"existing_it_mw": 1}}),
        small_inputs({"a": {"block_mw": 1}}),
        small_inputs(sites, unserved_penalty_per_mwh=1),
        small_inputs(sites, capital_budget=5),
        small_inputs(sites, upgrades={("port", "line"): {}}),
        small_inputs(sites, demand_mw=4, firm_mw={"port": 3}),
    ):
        assert siting.plain_siting(more) is None


@pytest.mark.skipif(find_spec("linopy") is None, reason="an extra")
def test_pyomo_and_linopy_hand_over_the_same_rows(tmp_path: Path) -> None:
    case = Case("tiny", "handover", cases.drawn(sites=8, regions=20, routes_each=8))
    script, out = Path(benchmark.SCRIPT), tmp_path / "handover.jsonl"
    from bench import handover  # noqa: PLC0415

    handover.measure(script, [case], tmp_path, out, 1)
    pyomo, linopy = handover.read(out)
    assert (pyomo["layer"], linopy["layer"]) == ("pyomo", "linopy")
    for what in ("rows", "columns", "nonzeros"):
        assert pyomo[what] == linopy[what]
    handover.measure(script, [case], tmp_path, out, 1)
    assert len(out.read_text().splitlines()) == 2
    assert "| tiny | pyomo |" in "\n".join(render.handover_table([pyomo, linopy]))


def test_every_case_there_is_data_for_has_a_name_of_its_own() -> None:
    names = [case.name for case in cases.all_cases()]
    assert len(names) == len(set(names))
    assert {"europe", "world", "europe_hourly"} <= set(names)
    read_instance(next(c for c in cases.all_cases() if c.name == "europe").folder(Path()))


def test_random_cases_are_what_their_names_say(tmp_path: Path) -> None:
    case = next(c for c in cases.all_cases() if c.name == "slices_2")
    instance = read_instance(case.folder(tmp_path))
    assert len(prepare(instance, find_routes(instance)).power.slices) == case.growth == 2
    assert json.dumps(case.growth)


def test_the_first_stages_of_an_instance_are_one_of_their_own(tmp_path: Path) -> None:
    case = next(c for c in cases.all_cases() if c.name == "europe_2")
    cut = read_instance(case.folder(tmp_path))
    whole = read_instance(cases.ROOT / "instances" / "europe")
    assert cut.manifest.stages == whole.manifest.stages[: case.growth] == (2026, 2027)
    for table in ("demand", "grid", "policies", "rules"):
        dated = whole.tables[table]
        kept = dated[dated.year.isna() | (dated.year <= 2027)].reset_index(drop=True)
        pd.testing.assert_frame_equal(cut.tables[table], kept, check_categorical=False)
    assert len(cut.tables["sites"]) == len(whole.tables["sites"])


def test_mixed_sites_together_hold_so_many_times_the_demand(tmp_path: Path) -> None:
    cases.write_mixed("mixed", 1, (6, 12), 3, tmp_path / "mixed")
    mixed = read_instance(tmp_path / "mixed").tables
    assert (len(mixed["sites"]), len(mixed["regions"])) == (6, 12)
    demand_mw = mixed["demand"].it_mw.sum()
    assert mixed["sites"].max_it_mw.sum() == pytest.approx(3 * demand_mw, rel=1e-3)
    assert mixed["sites"].max_it_mw.nunique() == 6


def test_without_places_eight_of_the_sites_hold_all(tmp_path: Path) -> None:
    cases.write_placeless("placeless", 1, tmp_path / "placeless")
    placeless = read_instance(tmp_path / "placeless").tables
    size_mw, demand_mw = placeless["sites"].max_it_mw.iloc[0], placeless["demand"].it_mw.sum()
    assert cases.PLACELESS_HELD * size_mw == demand_mw
    least, most = cases.PLACELESS_COST
    assert placeless["sites"].opening_cost.between(least, most).all()
