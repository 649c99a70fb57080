"""The whole way from a folder to a plan answers changes as they have to be answered.

Nobody needs to know the least cost to know that it does not depend on the order of rows, and that
a tighter limit never lowers it. scripts/nightly.py tries the same on instances drawn by chance.
"""

from math import inf
from pathlib import Path

import pytest

from optimizer.errors import Infeasible, InvalidInstance
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, solve_instance
from tests.metamorphic import DEARER, SAME, TIMES_1000, Change, Draft, stage_in_two
from tests.random_instances import random_instance

MANY_ASPECTS = (
    "3 existing blocks upgrades shared_nodes operator_not_in max_share_operator_outside"
    " min_share_at_home",
    "0 blocks unserved carbon uneven_stages latency_table max_share_country max_share_operator",
)
LITTLE_TIME = (
    "1 upgrades shared_nodes budget unserved earliest max_share_operator min_share_at_home"
)
# For each change a case in which it has to be felt.
FELT = {
    "less_firm_power": "1 carbon",
    "smaller_budget": LITTLE_TIME,
    "higher_carbon_price": "1 carbon",
    "dearer_energy": "0 existing",
    "more_demand": "0 existing",
    "less_efficient_buildings": "0 blocks",
    "smaller_halls": "0 shared_nodes",
    "later_sites": "3 carbon unserved",
    "slower_upgrades": "7 upgrades",
    "no_upgrades": "8 upgrades",
    "one_site_less": "0 blocks",
    "tighter_latency": "0 earliest",
    "dearer_failing": LITTLE_TIME,
    "failing_forbidden": LITTLE_TIME,
    "for_everybody": "0 site_not_in",
    "stricter_max_share_operator_outside": (
        "4 shared_nodes budget latency_table max_share_operator_outside"
    ),
    "stricter_max_share_country": "0 max_share_country",
    "stricter_max_share_operator": "0 max_share_operator",
    "stricter_min_share_at_home": "0 min_share_at_home",
    "stricter_min_sites_in": "0 min_sites_in",
}


def draft_of(case: str, folder: Path) -> Draft:
    seed, *aspects = case.split()
    return Draft.read(random_instance(folder, int(seed), **dict.fromkeys(aspects, True)))


def least_cost(folder: Path) -> float:
    """Cost of the plan, infinite where there is none."""
    try:
        instance = read_instance(folder)
        options = Options(gap=0.0, threads=1)
        plan = solve_instance(instance, options, Control(), Clock(lambda *_: None))
    except (Infeasible, InvalidInstance):
        return inf
    return plan.record["objective"]


def costs(case: str, change: Change, folder: Path) -> tuple[float, float]:
    """Least cost before and after a change."""
    before = draft_of(case, folder / "made")
    after = before.copy()
    change(after)
    assert repr(after) != repr(before), "the change does not apply to this case"
    return least_cost(before.write(folder / "before")), least_cost(after.write(folder / "after"))


@pytest.mark.parametrize("case", MANY_ASPECTS)
@pytest.mark.parametrize("change", SAME)
def test_what_makes_no_difference(change: Change, case: str, tmp_path: Path) -> None:
    before, after = costs(case, change, tmp_path)
    assert 0 < before < inf
    assert after == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize("change", TIMES_1000)
def test_money_in_another_unit(change: Change, tmp_path: Path) -> None:
    before, after = costs(MANY_ASPECTS[1], change, tmp_path)
    assert after == pytest.approx(1000 * before, rel=1e-6)


@pytest.mark.parametrize("case", ["0 blocks", "0 latency_table"])
def test_stage_in_two_without_discount(case: str, tmp_path: Path) -> None:
    draft = draft_of(case, tmp_path / "made")
    draft.manifest["discount_rate"] = 0.0
    halves = draft.copy()
    stage_in_two(halves)
    assert halves.manifest["stages"] == [2026, 2027, 2028]
    whole = least_cost(draft.write(tmp_path / "whole"))
    assert least_cost(halves.write(tmp_path / "halves")) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("change", DEARER, ids=lambda change: change.__name__)
def test_what_is_tighter_or_dearer_costs_more(change: Change, tmp_path: Path) -> None:
    before, after = costs(FELT[change.__name__], change, tmp_path)
    assert 0 < before < inf
    assert after > before * (1 + 1e-6)
