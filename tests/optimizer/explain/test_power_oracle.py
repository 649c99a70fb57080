"""What is said of random instances with slices, held against an oracle of its own."""

from pathlib import Path

import pytest

from optimizer.explain import explain
from optimizer.explain.causes import families
from optimizer.explain.changes import Preparer, with_table
from optimizer.explain.shortage import shortages
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from tests.hourly_statement import hourly_statement
from tests.random_hours import hourly_instance

# Firm power is cut to this part; seed and aspects of the instance.
CASES = [
    (0.3, "3 storage moving land"),
    (1.0, "1068 local moving lead corridors water_cap export campaigns"),
    (0.01, "8 carbon_cap grid_carbon campaigns storage law"),
]


def made(folder: Path, part: float, case: str) -> Instance:
    seed, *aspects = case.split()
    instance = read_instance(hourly_instance(folder / "instance", int(seed), aspects))
    grid, policies = instance.tables["grid"], instance.tables["policies"]
    instance = with_table(instance, "grid", grid.assign(firm_mw=grid.firm_mw * part))
    capped = policies.policy.isin(["carbon_cap", "water_cap"])
    tighter = policies.value.where(~capped, policies.value * 0.3)
    return with_table(instance, "policies", policies.assign(value=tighter))


@pytest.mark.parametrize(("part", "case"), CASES)
def test_oracle_confirms_causes_and_ways_out(part: float, case: str, tmp_path: Path) -> None:
    instance = made(tmp_path, part, case)
    least = hourly_statement(instance)
    told = explain(instance, Control())
    assert least is None
    assert told.status == "infeasible"
    for conflict, where in told.conflicts:
        assert all(where.values())
        alone = instance
        for family in families(instance):
            if family.name not in conflict.families:
                alone = family.without(alone)
        assert hourly_statement(alone) is None, conflict.families
    assert told.ways
    for way in told.ways:
        cost = hourly_statement(way.change(instance))
        assert cost is not None, way.words
        slack = 1e-5 * abs(cost)
        assert way.verdict.bound - slack <= cost <= way.verdict.cost + slack, way.words


@pytest.mark.parametrize("case", ["3 gas storage flexible moving", "5 solar ppa moving cutting"])
def test_where_there_is_a_plan_no_flow_says_otherwise(case: str, tmp_path: Path) -> None:
    instance = made(tmp_path, 1.0, case)
    assert hourly_statement(instance) is not None
    assert shortages(Preparer()(instance)) == []
