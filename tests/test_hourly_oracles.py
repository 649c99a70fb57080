"""From a folder with slices to a plan: the optimum that a statement of its own finds.

The statement knows docs/instances/power.md alone. Every aspect is switched on by itself, in a case
in which it changes what the optimum costs, and every pair of aspects together in some case.

    SITEWATT_ORACLE_SEEDS=500 python -m pytest tests/test_hourly_oracles.py

tries as many more instances, drawn by chance.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from models import PlanInputs, build_model
from models.coarse import blocks_of, coarse
from optimizer import by_blocks
from optimizer.audit.exact import audit_exactly
from optimizer.audit.exact_report import exact_report_text
from optimizer.errors import Infeasible, InvalidInstance
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import check_reachable, find_routes
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from optimizer.search import Found, Links, search
from tests.hourly_statement import hourly_statement
from tests.models.solving import same_cost
from tests.random_hours import ASPECTS, hourly_instance

# A seed and the aspect that is switched on.
ALONE = (
    *("0 unserved", "0 existing", "0 blocks", "0 shared_node", "0 upgrades", "0 sequence"),
    *("0 flexible", "0 storage", "1 ppa", "0 gas", "0 solar", "0 land", "1 export"),
    *("0 negative_price", "0 moving", "0 cutting", "0 campaigns", "2 corridors", "0 tariffs"),
    *("0 carbon_price", "1 carbon_cap", "0 embodied", "0 water_cap", "0 clean_annual"),
    *("0 clean_hourly", "1 budget", "0 resale", "0 used_cells", "2 lead", "1 dated_costs"),
    *("0 idle", "0 temperature", "0 local", "0 grid_carbon", "4 law"),
)
TOGETHER = (
    "100 unserved blocks upgrades sequence ppa gas solar land export negative_price tariffs"
    " carbon_price clean_hourly dated_costs idle grid_carbon law",
    "101 unserved blocks shared_node flexible gas land campaigns tariffs embodied clean_annual"
    " clean_hourly resale used_cells lead idle temperature grid_carbon",
    "102 existing upgrades sequence flexible storage ppa gas negative_price moving cutting"
    " campaigns tariffs carbon_price budget dated_costs local grid_carbon",
    "103 existing sequence storage solar land export negative_price cutting campaigns corridors"
    " carbon_cap embodied water_cap clean_annual clean_hourly resale law",
    "107 blocks shared_node ppa gas campaigns corridors tariffs carbon_cap water_cap budget"
    " used_cells idle temperature local grid_carbon law",
    "108 unserved upgrades ppa solar land export negative_price moving carbon_price carbon_cap"
    " embodied resale used_cells dated_costs temperature law",
    "109 unserved existing upgrades storage ppa solar export campaigns corridors carbon_price"
    " water_cap clean_hourly budget lead idle temperature local",
    "110 blocks shared_node flexible solar land moving campaigns corridors tariffs carbon_price"
    " clean_annual clean_hourly budget resale dated_costs local law",
    "111 existing blocks shared_node sequence flexible export negative_price moving cutting"
    " corridors water_cap budget used_cells temperature local grid_carbon",
    "112 unserved shared_node upgrades sequence flexible ppa cutting carbon_cap embodied water_cap"
    " clean_annual budget lead dated_costs idle law",
    "113 blocks shared_node storage negative_price moving embodied used_cells lead idle local",
    # Supply that exceeds the load of a block is clean: blocks of one slice each are no hours.
    "5 storage campaigns carbon_cap clean_annual budget resale local",
)
WIDE = int(os.environ.get("SITEWATT_ORACLE_SEEDS", "0"))


def made(case: str, folder: Path) -> Instance:
    """Instance of a case: a seed, and the aspects that are switched on."""
    seed, *aspects = case.split()
    return read_instance(hourly_instance(folder, int(seed), aspects))


def drawn(seed: int) -> str:
    """A case by chance, of a few aspects or of many."""
    dice = random.Random(f"hours {seed}")
    density = dice.choice([0.1, 0.2, 0.4])
    return " ".join([str(seed), *(name for name in ASPECTS if dice.random() < density)])


def posed(instance: Instance) -> PlanInputs | None:
    """The problem that the model is told; None where a demand reaches no site."""
    routes = find_routes(instance)
    try:
        check_reachable(instance, routes)
    except InvalidInstance:
        return None
    return pool_regions(prepare(instance, routes))


def least_cost(inputs: PlanInputs | None, method: str = "search") -> float | None:
    """Least cost by a way of the search, None if there is no plan."""
    if inputs is None:
        return None
    model = build_model(inputs)
    program = compile_program(model)
    try:
        found = search(
            program, Links.of(model, inputs, program), Control(threads=1), 0.0, method=method
        )
    except Infeasible:
        return None
    assert same_cost(found.bound, found.objective)
    return float(found.objective)


def whole_solve(instance: Instance) -> Plan | None:
    """The command's own plan, None where it proves that there is none."""
    try:
        return solve_instance(
            instance, Options(gap=0.0, threads=1), Control(), Clock(lambda *_: None)
        )
    except (Infeasible, InvalidInstance):
        return None


def in_blocks(inputs: PlanInputs) -> Iterator[PlanInputs]:
    """The problem with one block a day, and with two."""
    assert inputs.power is not None
    for each_day in (1, 2):
        blocks = blocks_of(inputs.power, each_day)
        if len(blocks) < len(inputs.power.slices):
            yield replace(inputs, power=coarse(inputs.power, blocks))


def told_of_hours(inputs: PlanInputs, least: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """By blocks with cuts of hours no bound is above the least cost, and a plan comes to it."""
    for each_day in ((1,), (2,), (1, 2, 10_000)):
        monkeypatch.setattr(by_blocks, "EACH_DAY", each_day)
        both = by_blocks.search_by_blocks(inputs, Control(threads=1), 0.0)
        found, _ = both or (Found(), None)
        assert found.bound <= least + 1e-6 * max(1.0, abs(least))
        assert found.objective >= least - 1e-6 * max(1.0, abs(least))
    assert same_cost(found.objective, least)


def compare(instance: Instance, run: Path, monkeypatch: pytest.MonkeyPatch) -> float | None:
    """Every way finds what the statement finds, no bound by blocks is above, both audits pass."""
    least = hourly_statement(instance)
    inputs = posed(instance)
    assert same_cost(least_cost(inputs, "plain"), least)
    for rough in in_blocks(inputs) if inputs is not None and least is not None else ():
        below = least_cost(rough)
        assert below is not None
        assert below <= least + 1e-6 * max(1.0, abs(least))
    if inputs is not None and least is not None:
        told_of_hours(inputs, least, monkeypatch)
    plan = whole_solve(instance)
    assert same_cost(plan and plan.record["objective"], least)
    if plan is not None:
        monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
        report = write_run(plan, instance, run, None)
        assert report.passed, report.violations
        exactly = audit_exactly(run)
        assert exactly.passed, list(exact_report_text(exactly, "EUR"))
        assert abs(exactly.stated - exactly.objective) <= abs(exactly.objective) / 10**9
    return least


def test_every_pair_of_aspects_is_together_in_some_case():
    met = {pair for case in TOGETHER for pair in combinations(sorted(case.split()[1:]), 2)}
    assert met == set(combinations(sorted(ASPECTS), 2))
    assert [case.split()[1] for case in ALONE] == list(ASPECTS)


@pytest.mark.parametrize("case", ALONE)
def test_one_aspect(case, tmp_path):
    instance = made(case, tmp_path / "with")
    least = hourly_statement(instance)
    assert least is not None
    assert same_cost(least_cost(posed(instance)), least)
    without = made(case.split()[0], tmp_path / "without")
    assert not same_cost(hourly_statement(without), least), "the aspect changes nothing"


@pytest.mark.parametrize("case", TOGETHER)
def test_aspects_together(case, tmp_path, monkeypatch):
    assert compare(made(case, tmp_path / "instance"), tmp_path / "run", monkeypatch) is not None


def test_a_block_too_large_for_any_site_has_no_plan(tmp_path, monkeypatch):
    instance = made("0 campaigns", tmp_path / "instance")
    instance.tables["campaigns"].it_mw = 21.0
    assert compare(instance, tmp_path / "run", monkeypatch) is None


@pytest.mark.skipif(not WIDE, reason="SITEWATT_ORACLE_SEEDS says how many more to try")
@pytest.mark.parametrize("case", [drawn(seed) for seed in range(WIDE)])
def test_aspects_drawn_by_chance(case, tmp_path, monkeypatch):
    compare(made(case, tmp_path / "instance"), tmp_path / "run", monkeypatch)
