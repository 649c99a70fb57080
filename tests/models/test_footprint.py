"""Carbon, water and clean energy, on problems solved by hand. A grid MWh costs 1."""

from dataclasses import replace

import pytest

from models import PlanInputs, build_model
from models.coarse import coarse
from tests.models.small_inputs import small_inputs
from tests.models.small_power import HALF, YEAR_HOURS, small_power, with_policies
from tests.models.solving import optimum, solve

FLAT = {"port": {"energy_price_per_mwh": 1}}


def two_sites(by_slice: bool, port: dict, site: dict | None = None, **policies) -> PlanInputs:
    """One MW at a site at the port for nothing, or elsewhere for 10."""
    build = small_power if by_slice else small_inputs
    inputs = build(
        {"a": site or {}, "elsewhere": {"node": "plain"}},
        1,
        horizon_end=2028,
        nodes={"port": port},
        network_cost_per_mw_year={("delft", "elsewhere"): 5},
    )
    return with_policies(inputs, **policies)


either = pytest.mark.parametrize("by_slice", [True, False])


@either
@pytest.mark.parametrize("year", [2026, 2027])
def test_carbon_cap_in_any_year(by_slice, year):
    # An MW at the port emits a tonne an hour; half of it is too much.
    inputs = two_sites(by_slice, {"carbon_kg_per_mwh": 1000}, carbon_cap_t={year: HALF})
    assert optimum(inputs) == pytest.approx(10 * 0.5)
    assert optimum(inputs, without="footprint.carbon_cap") == pytest.approx(0)


@pytest.mark.parametrize("caps", [(3, 2, 1), (3, 1, 2)])
def test_the_strictest_of_a_stages_later_years_counts(caps):
    inputs = small_inputs({"a": {}}, horizon_end=2029)
    inputs = with_policies(inputs, carbon_cap_t=dict(zip((2026, 2027, 2028), caps, strict=True)))
    footprint = build_model(inputs).footprint
    assert footprint.carbon_cap_t == {(2026, "first"): 3, (2026, "later"): 1}


def test_without_slices_tonnes_are_of_peaks_load_factors_and_pue():
    # 4 MW at peak are 1 in the mean, which draws 1.25 and emits a tonne an hour.
    inputs = small_inputs(
        {"a": {"pue": 1.25}, "elsewhere": {"node": "plain"}},
        4,
        load_factor={"chat": 0.25},
        nodes={"port": {"carbon_kg_per_mwh": 800}},
        network_cost_per_mw_year={("delft", "elsewhere"): 5},
    )
    inputs = with_policies(inputs, carbon_cap_t=HALF)
    assert optimum(inputs) == pytest.approx(5 * 2)


@either
def test_what_is_embodied_counts_in_the_year_in_which_it_is_built(by_slice):
    def has_plan(**cap):
        site = {"embodied_t": 30, "embodied_t_per_it_mw": 4}
        inputs = (small_power if by_slice else small_inputs)({"a": site}, 2, horizon_end=2028)
        years = {int(year[1:]): most for year, most in cap.items()}
        return optimum(with_policies(inputs, carbon_cap_t=years)) is not None

    assert has_plan(y2026=38, y2027=0)
    assert not has_plan(y2026=37.9)


@either
def test_what_is_embodied_in_blocks_is_by_their_mw(by_slice):
    def has_plan(cap):
        site = {"embodied_t_per_it_mw": 4, "block_mw": 0.5}
        inputs = (small_power if by_slice else small_inputs)({"a": site}, 2)
        return optimum(with_policies(inputs, carbon_cap_t=cap)) is not None

    assert has_plan(8)
    assert not has_plan(7.9)


def test_what_is_embodied_in_supply_counts():
    def has_plan(cap):
        inputs = small_power(
            {"a": {}},
            1,
            firm_mw={"port": 0},
            technologies={"engine": {"embodied_t_per_mw": 6}},
            policies={"carbon_cap_t": cap},
        )
        return optimum(inputs) is not None

    assert has_plan(6)
    assert not has_plan(5.9)


def test_what_supply_emits_counts():
    # Half a tonne an hour from the engine, which is dearer; none from the grid, which has half.
    inputs = small_power(
        {"a": {}, "elsewhere": {"node": "plain"}},
        1,
        firm_mw={"port": 0},
        technologies={"engine": {"carbon_kg_per_mwh": 500}},
        allowed={("a", "engine"): {}},
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
        policies={"carbon_cap_t": YEAR_HOURS * 0.25},
    )
    assert optimum(inputs) == pytest.approx(10 * 0.5)


@either
def test_water_cap_is_of_it_energy(by_slice):
    # Two litres per kWh of IT, whatever the PUE; what idles needs none of its own here.
    site = {"water_l_per_kwh": 2, "pue": 1.5}
    inputs = two_sites(by_slice, {}, site, water_cap_m3={2027: YEAR_HOURS})
    assert optimum(inputs) == pytest.approx(10 * 0.5)
    assert optimum(inputs, without="footprint.water_cap") == pytest.approx(0)


def test_hardware_that_idles_is_cooled():
    def has_plan(cap):
        site = {"water_l_per_kwh": 2, "existing_it_mw": 4, "idle_share": 0.25}
        inputs = small_power({"a": site}, 1, policies={"water_cap_m3": cap})
        return optimum(inputs) is not None

    # 2 × (0.25 × 4 + 0.75 × 1) m³ an hour.
    assert has_plan(3.5 * YEAR_HOURS)
    assert not has_plan(3.4 * YEAR_HOURS)


@either
def test_clean_annual_the_grid_is_clean_in_part(by_slice):
    # A quarter at the port, all elsewhere: 0.75 elsewhere are 0.25 × 0.25 + 0.75 = 0.8125.
    inputs = two_sites(by_slice, {"clean_share": 0.25}, clean_share={2027: 0.8125})
    inputs.nodes.loc["plain", "clean_share"] = 1
    assert optimum(inputs) == pytest.approx(10 * 0.75)
    assert optimum(inputs, without="footprint.clean_annual") == pytest.approx(0)


@pytest.mark.parametrize("hourly", [False, True])
@pytest.mark.parametrize(
    ("hardware", "share"),
    [
        # Half an MW at the port, a quarter of which is clean: of 4 that stand, 1 + 0.375 are drawn.
        ({"existing_it_mw": 4, "max_it_mw": 4}, (0.25 * 1.375 + 0.5) / 1.875),
        # One block of half an MW draws 0.125 + 0.375.
        ({"block_mw": 0.5}, 0.25 * 0.5 + 0.5),
    ],
)
def test_clean_energy_is_a_part_of_what_idles_too(hardware, share, hourly):
    site = {**hardware, "idle_share": 0.25}
    policy = {"clean_share": {2027: share}, "clean_hourly": hourly}
    inputs = two_sites(True, {"clean_share": 0.25}, site, **policy)
    inputs.nodes.loc["plain", "clean_share"] = 1
    assert optimum(inputs) == pytest.approx(10 * 0.5)


def sunny(hourly: bool, share: float, panels_mw: float = 2.0, **more) -> PlanInputs:
    """Panels that make an MW of load's whole noon, and a clean contract at 2 a MWh."""
    technologies = {"panels": {"kind": "solar", "clean": 1}}
    technologies["contract"] = {"kind": "ppa", "clean": 1, "energy_cost_per_mwh": 2}
    technologies |= more.pop("technologies", {})
    return small_power(
        {"a": {}},
        1,
        nodes={"port": {"energy_price_per_mwh": 1, **more.pop("port", {})}},
        technologies=technologies,
        allowed={("a", "panels"): {"max_mw": panels_mw}, ("a", "contract"): {}}
        | more.pop("allowed", {}),
        availability={("a", "panels"): [0, 1]},
        policies={"clean_share": share, "clean_hourly": hourly},
        **more,
    )


def test_clean_annual_what_is_sold_is_no_longer_clean():
    # The panels' second MW is sold: it does not count for the half that has to be clean.
    port = {"export_mw": 1, "export_price_share": 1}
    assert optimum(sunny(False, 0.5, port=port)) == pytest.approx(HALF * (1 - 1))
    # For three quarters, a contract serves half of the night.
    assert optimum(sunny(False, 0.75, port=port)) == pytest.approx(HALF * (0.5 + 1 - 1))


def test_clean_hourly_each_hour_counts_by_itself():
    inputs = sunny(True, 0.75)
    assert optimum(inputs) == pytest.approx(HALF * (0.5 + 0.5 * 2))
    assert optimum(inputs, without="footprint.clean_hourly") == pytest.approx(HALF)


def test_matched_supply_only_clean_power_counts():
    inputs = sunny(True, 0.75)
    assert optimum(inputs, without="footprint.matched_supply") == pytest.approx(HALF)


def test_a_battery_carries_clean_power_into_the_night():
    cells = {"cells": {"kind": "battery"}}
    allowed = {("a", "cells"): {"max_mw": 0.5}}
    assert optimum(sunny(True, 0.75, technologies=cells, allowed=allowed)) == pytest.approx(
        HALF * 0.5
    )


def test_a_battery_makes_nothing_clean_that_was_not():
    # Grid power of the night, discharged at noon, would pass for clean then: what it took from
    # the night's clean power is missing, and there was none.
    inputs = small_power(
        {"a": {}},
        1,
        nodes=FLAT,
        technologies={"cells": {"kind": "battery"}},
        policies={"clean_share": 0.5, "clean_hourly": True},
    )
    assert optimum(inputs) is None


def test_matched_load_by_blocks_what_exceeds_a_load_serves_no_other():
    """The balance of a slice implies the row; in blocks supply may exceed the load."""
    inputs = small_power(
        {"sunny": {"existing_it_mw": 1, "max_it_mw": 1}, "dark": {"node": "plain"}},
        {("delft", "chat"): 1, ("lille", "chat"): 1},
        routes=[("delft", "chat", "sunny"), ("lille", "chat", "dark")],
        technologies={"panels": {"kind": "solar", "clean": 1}},
        allowed={("sunny", "panels"): {"max_mw": 4}},
        policies={"clean_share": 0.75, "clean_hourly": True},
    )
    assert optimum(inputs) is None
    blocks = replace(inputs, power=coarse(inputs.power, [[0, 1]]))
    assert optimum(blocks) is None
    assert optimum(blocks, without="footprint.matched_load") == pytest.approx(0)


def test_a_site_charges_no_more_than_its_clean_power_where_hours_count():
    """Elsewhere is clean enough; the port's battery may still not charge from a dirty grid."""
    inputs = small_power(
        {"a": {}, "elsewhere": {"node": "plain"}},
        {("delft", "chat"): 1, ("lille", "chat"): 9},
        routes=[("delft", "chat", "a"), ("lille", "chat", "elsewhere")],
        nodes={"plain": {"clean_share": 1}},
        price_per_mwh={"port": [1, 3]},
        technologies={"cells": {"kind": "battery"}},
        allowed={("a", "cells"): {"max_mw": 1}},
        policies={"clean_share": 0.5, "clean_hourly": True},
    )
    assert optimum(inputs) == pytest.approx(HALF * (1 + 3))
    assert optimum(inputs, without="footprint.matched_supply") == pytest.approx(HALF * 2)


def test_no_policy_has_no_rows():
    model = build_model(small_power({"a": {}}))
    names = ("carbon_cap", "water_cap", "clean_annual")
    assert [len(getattr(model.footprint, name)) for name in names] == [0, 0, 0]
    assert solve(model) == pytest.approx(0)
