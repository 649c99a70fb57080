"""The whole way from a folder to a plan finds the optimum that two oracles find on their own.

The oracles know the instance format alone: one tries every combination of yes and no, one states
integer variables stage by stage, which SciPy solves by HiGHS and, where it is installed, SCIP
solves, too. Every aspect of the format is switched on by itself, and every pair of aspects together
in some instance that has a plan.

    SITEWATT_ORACLE_SEEDS=500 python -m pytest tests/test_oracles.py

tries as many more instances, drawn by chance; scripts/nightly.py thousands.
"""

import os
import random
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import pytest

from optimizer.errors import Infeasible, InvalidInstance
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from optimizer.search import SMALL_COLUMNS
from tests.brute_force import brute_force
from tests.milp_oracle import milp_program
from tests.models.solving import same_cost
from tests.random_instances import SWITCHES, random_instance
from tests.scip_oracle import scip_optimum

# A seed and the aspects that are switched on.
ALONE = (
    "0 existing",
    "0 blocks",
    "1 upgrades",
    "0 shared_nodes",
    "0 budget",
    "0 unserved",
    "1 carbon",
    "0 uneven_stages",
    "0 latency_table",
    "0 earliest",
    "0 single_year",
    "0 site_in",
    "0 site_not_in",
    "0 operator_in",
    "0 operator_not_in",
    "0 max_share_operator_outside",
    "0 max_share_country",
    "0 max_share_operator",
    "0 min_share_at_home",
    "0 min_sites_in",
)
TOGETHER = (
    "1 upgrades shared_nodes budget unserved earliest max_share_operator min_share_at_home",
    "5 blocks budget uneven_stages site_in site_not_in max_share_operator_outside min_sites_in",
    "0 existing blocks budget latency_table single_year operator_in operator_not_in",
    "0 shared_nodes carbon site_in operator_in operator_not_in max_share_country min_sites_in",
    "0 existing carbon earliest single_year site_not_in min_share_at_home min_sites_in",
    "0 unserved latency_table earliest site_not_in max_share_operator_outside max_share_country"
    " max_share_operator",
    "0 existing unserved uneven_stages site_in operator_not_in max_share_operator_outside"
    " max_share_operator",
    "1 blocks upgrades unserved uneven_stages earliest operator_in min_share_at_home",
    "0 blocks unserved carbon uneven_stages latency_table max_share_country max_share_operator",
    "1 upgrades budget carbon single_year max_share_operator_outside max_share_country",
    "1 upgrades unserved latency_table site_in max_share_operator min_share_at_home min_sites_in",
    "3 existing blocks upgrades shared_nodes operator_not_in max_share_operator_outside"
    " min_share_at_home",
    "0 shared_nodes unserved earliest single_year site_in max_share_operator",
    "2 blocks shared_nodes budget uneven_stages site_not_in operator_in max_share_operator_outside",
    "3 existing earliest site_in operator_not_in max_share_country min_share_at_home",
    "7 upgrades budget site_not_in operator_in operator_not_in max_share_operator_outside"
    " max_share_operator",
    "0 shared_nodes latency_table single_year",
)
WITHOUT_A_PLAN = (
    "8 max_share_operator min_sites_in",
    "10 budget uneven_stages",
    "14 min_share_at_home blocks",
    "18 operator_in site_not_in",
    "25 operator_in max_share_country",
)
WIDE = int(os.environ.get("SITEWATT_ORACLE_SEEDS", "0"))
METHODS = ("search", "search in steps", "plain")


def made(case: str, folder: Path) -> Instance:
    """Instance of a case: a seed, and the aspects that are switched on."""
    seed, *aspects = case.split()
    return read_instance(random_instance(folder, int(seed), **dict.fromkeys(aspects, True)))


def optimum(instance: Instance) -> float | None:
    """Least cost of an instance, on which both solvers of the stated program agree."""
    program = milp_program(instance)
    least = program.solve()
    if find_spec("pyscipopt"):
        assert same_cost(scip_optimum(program), least)
    return least


def drawn(seed: int) -> str:
    """A case by chance, of a few aspects or of many."""
    dice = random.Random(seed)
    density = dice.choice([0.1, 0.2, 0.3])
    return " ".join([str(seed), *(name for name in SWITCHES if dice.random() < density)])


def plan_by(method: str, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Plan | None:
    """The command's own plan, None where it proves that there is none."""
    # Small programs are solved at once, unless they are to be taken for large ones.
    small = 0 if method == "search in steps" else SMALL_COLUMNS
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", small)
    options = Options(gap=0.0, threads=1, method=method.removesuffix(" in steps"))
    try:
        return solve_instance(instance, options, Control(), Clock(lambda *_: None))
    except (Infeasible, InvalidInstance):
        return None


def check_plan(plan: Plan | None, least: float | None) -> None:
    """A plan costs as little as the oracle says, and its bound is proven."""
    assert (plan is None) == (least is None)
    if plan is not None and least is not None:
        assert same_cost(plan.record["objective"], least)
        assert plan.record["bound"] <= least + 1e-6 * max(1, abs(least))
        assert plan.record["status"] == "optimal"
        assert plan.record["gap"] <= 1e-6


def test_every_pair_of_aspects_is_together_in_some_case():
    met = {pair for case in TOGETHER for pair in combinations(sorted(case.split()[1:]), 2)}
    every = set(combinations(sorted(SWITCHES), 2)) - {("single_year", "uneven_stages")}
    assert met >= every
    assert {case.split()[1] for case in ALONE} == set(SWITCHES)


@pytest.mark.parametrize("case", ALONE)
def test_one_aspect(case, tmp_path, monkeypatch):
    instance = made(case, tmp_path)
    least = optimum(instance)
    assert least is not None
    assert same_cost(brute_force(instance, most_choices=5_000).objective, least)
    check_plan(plan_by("search", instance, monkeypatch), least)


@pytest.mark.parametrize("case", TOGETHER)
def test_aspects_together(case, tmp_path, monkeypatch):
    instance = made(case, tmp_path / "instance")
    least = optimum(instance)
    assert least is not None
    assert same_cost(brute_force(instance, most_choices=5_000).objective, least)
    for method in METHODS:
        plan = plan_by(method, instance, monkeypatch)
        check_plan(plan, least)
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    report = write_run(plan, instance, tmp_path / "run", None)
    assert report.passed, report.violations


@pytest.mark.parametrize("case", WITHOUT_A_PLAN)
def test_without_a_plan(case, tmp_path, monkeypatch):
    instance = made(case, tmp_path)
    assert optimum(instance) is None
    assert brute_force(instance).objective is None
    for method in METHODS:
        check_plan(plan_by(method, instance, monkeypatch), None)


# HiGHS 1.16.0 takes its starting point for 0.2 % and 4 % cheaper than it is, and proves that.
@pytest.mark.parametrize("case", ["10483", "10175 carbon max_share_operator_outside"])
def test_start_that_highs_misjudges(case, tmp_path, monkeypatch):
    instance = made(case, tmp_path)
    check_plan(plan_by("search in steps", instance, monkeypatch), optimum(instance))


@pytest.mark.skipif(not WIDE, reason="SITEWATT_ORACLE_SEEDS says how many more to try")
@pytest.mark.parametrize("case", [drawn(seed) for seed in range(WIDE)])
def test_aspects_drawn_by_chance(case, tmp_path, monkeypatch):
    instance = made(case, tmp_path)
    least = optimum(instance)
    for method in METHODS:
        check_plan(plan_by(method, instance, monkeypatch), least)
