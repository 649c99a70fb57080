"""Bounds by weak duality: right by hand, never above the optimum, whatever the multipliers."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.certify import (
    FILE,
    certified,
    certify,
    certify_run,
    weak_duality,
    whole_numbers,
    with_right_signs,
)
from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from tests.optimizer.explain.test_power import BATTERY, hourly, may_stand
from tests.optimizer.programs import program

INF = float("inf")
TWO_SITES = Path(__file__).parents[2] / "instances" / "two_sites"
# Whole numbers of sites and blocks cost 113.1 million, as its README works out; fractions less.
LEAST = 113_100_672


@pytest.fixture(scope="module")
def plan() -> Plan:
    options = Options(gap=0.0, threads=1)
    return solve_instance(read_instance(TWO_SITES), options, Control(), Clock(lambda *_: None))


@pytest.fixture
def run(plan: Plan, tmp_path: Path) -> Path:
    write_run(plan, read_instance(TWO_SITES), tmp_path / "run", None)
    return tmp_path / "run"


def test_weak_duality_by_hand() -> None:
    # min 2x + 3y, x + y ≥ 4, x ≤ 3. With y's price 3: 3 · 4 + (2 - 3) · 3 = 9, the optimum.
    lp = program([2, 3], [[1, 1]], [4], [INF], upper=[3, 100])
    assert weak_duality(lp, np.array([3.0])) == 9
    # A price of 2: 2 · 4 + 0 · x + (3 - 2) · 0 = 8. A price of 4: 16 - 2 · 3 - 1 · 100 < 0.
    assert weak_duality(lp, np.array([2.0])) == 8
    assert weak_duality(lp, np.array([4.0])) == -90
    assert weak_duality(lp, np.array([0.0])) == 0


def test_column_without_a_bound_spoils_only_prices_that_pull_at_it() -> None:
    lp = program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF])
    assert weak_duality(lp, np.array([3.0])) == 9
    assert weak_duality(lp, np.array([3.0 + 1e-15])) is None


def test_bound_is_exact_where_floats_are_not() -> None:
    # One third of 0.1, three times: floats say 0.1, the fractions of the floats less.
    lp = program([1], [[1]], [0.1], [INF], upper=[1])
    third = 1 / 3
    bound = weak_duality(lp, np.array([third]))
    assert bound == Fraction(third) * Fraction(0.1)
    assert bound < Fraction(0.1) / 3


def test_multiplier_that_leans_on_no_limit_counts_as_none() -> None:
    lp = program([1], [[1], [1]], [2, -INF], [INF, 5], upper=[9])
    multipliers, projected = with_right_signs(lp, np.array([-1.0, 1.0]))
    assert projected == 2
    assert weak_duality(lp, multipliers) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2))
def test_no_multipliers_prove_more_than_the_optimum(multipliers: list[float]) -> None:
    # min 2x + 3y, x + y ≥ 4, x - y ≤ 1, x ≤ 3: x = 2.5, y = 1.5 costs 9.5.
    lp = program([2, 3], [[1, 1], [1, -1]], [4, -INF], [INF, 1], upper=[3, 100])
    right, _ = with_right_signs(lp, np.array(multipliers))
    assert weak_duality(lp, right) <= Fraction(19, 2)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_every_float_is_a_whole_number_of_a_power_of_two(values: list[float]) -> None:
    numbers, bits = whole_numbers(np.array(values, dtype=float))
    assert [Fraction(int(n), 1 << bits) for n in numbers] == [Fraction(v) for v in values]


def test_certificate_of_a_run_proves_the_bound_of_its_relaxation(plan: Plan, run: Path) -> None:
    certificate = certify_run(run)
    assert certificate is not None
    assert (certificate.projected, certificate.unknown) == (0, 0)
    assert float(certificate.bound) == pytest.approx(plan.record["relaxation_bound"], rel=1e-9)
    assert certificate.bound < LEAST
    proof = certified(run)
    assert proof.passed
    text = "\n".join(proof.lines())
    assert "rests on branch and bound" in text
    assert json.loads(json.dumps(proof.as_dict()))["certificate"]["bound"] > 0.9 * LEAST


def test_certificate_of_another_hand_proves_less_but_nothing_wrong(plan: Plan) -> None:
    instance, table = read_instance(TWO_SITES), plan.certificate
    honest = certify(instance, table).bound
    dice = np.random.default_rng(1)
    for _ in range(5):
        noise = table.multiplier * dice.uniform(-1, 3, len(table))
        spoilt = certify(instance, table.assign(multiplier=noise))
        assert spoilt.bound < honest
    strange = pd.DataFrame(
        [["grid.no_such_row", "[1]", "5"], ["demand.all_served", '["hamburg"]', "nan"]],
        columns=table.columns,
    )
    more = certify(instance, pd.concat([table, strange]))
    assert (more.bound, more.unknown) == (honest, 2)


def test_plan_that_costs_less_than_is_proven_does_not_pass(run: Path) -> None:
    # The same certificate for an instance in which energy costs nothing: the plan is cheaper.
    proof = certified(run)
    proof.report.objective = proof.bound / 2
    assert not proof.passed
    assert any("costs less than is proven" in line for line in proof.lines())


def test_run_without_a_certificate_says_that_nothing_is_certified(run: Path) -> None:
    (run / FILE).unlink()
    proof = certified(run)
    assert proof.passed
    assert any("the bound as stated is not certified" in line for line in proof.lines())


def test_check_makes_the_certificate_that_the_search_did_not_need() -> None:
    instance, clock = read_instance(TWO_SITES), Clock(lambda *_: None)
    for check in (False, True):
        options = Options(gap=0.0, threads=1, method="plain", check=check)
        plan = solve_instance(instance, options, Control(), clock)
        assert (plan.certificate is not None) == check
        assert ("check" in plan.record) == check
    assert certify(instance, plan.certificate).bound < LEAST


def test_damaged_certificate_is_an_error(run: Path) -> None:
    (run / FILE).write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SitewattError, match="is no certificate"):
        certify_run(run)


def test_command_audits_exactly_and_tells_it_as_json(run: Path) -> None:
    result = CliRunner().invoke(main, ["audit", str(run), "--exact", "--json"])
    assert result.exit_code == 0, result.output
    exact = json.loads(result.stdout)["exact"]
    assert float(exact["objective"]) == LEAST
    assert Fraction(exact["certificate"]["bound_exact"]) < LEAST
    assert CliRunner().invoke(main, ["audit", str(run), "--exact"]).exit_code == 0


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    instance = read_instance(TWO_SITES.parent / "bridge")
    options, clock = Options(gap=0.0, threads=1), Clock(lambda *_: None)
    run = tmp_path_factory.mktemp("hourly") / "run"
    write_run(solve_instance(instance, options, Control(), clock), instance, run, None)
    return run


def test_certificate_of_an_hourly_run_needs_no_bounds_on_its_columns(bridge: Path) -> None:
    # Most columns of power have none: their rows imply them, or their multipliers give in.
    certificate = certify_run(bridge)
    assert certificate is not None
    assert certificate.bound is not None
    assert certificate.bound <= 284_027_480  # as the README of the instance works out
    assert float(certificate.bound) == pytest.approx(284_027_480, rel=1e-9)


def test_exact_audit_of_an_hourly_run_finds_its_cost_to_the_unit(bridge: Path) -> None:
    proof = certified(bridge)
    assert proof.passed
    assert abs(proof.report.objective - 284_027_480) < Fraction(1, 10**6)
    assert {"balance", "grid", "storage", "flexible power"} <= proof.report.margins.keys()
    assert not proof.report.not_certified


def test_storage_that_may_be_had_in_any_amount_spoils_no_certificate(tmp_path: Path) -> None:
    # Ordered and sold at once it costs nothing, so that only what is useful bounds it: 24 MWh.
    cells = BATTERY | {"cost_per_mwh_storage": 1000, "resale_share": 1, "life_years": 10}
    instance = hourly(tmp_path, firm_mw=8, **may_stand(cells, max_mw=4))
    options, clock = Options(gap=0.0, threads=1), Clock(lambda *_: None)
    plan = solve_instance(instance, options, Control(), clock)
    assert plan.record["objective"] == pytest.approx(24_000)
    bound = certify(instance, plan.certificate).bound
    assert bound is not None
    assert float(bound) == pytest.approx(24_000, rel=1e-9)
