"""Two problems with every aspect in them, and the rows that each constraint makes of one.

The files in tests/lp/ are the specification of the rows, read and worked out by hand. In short
(2026 stands for two years, 2028 for two):

=====  =======  ====  ========  =====  ===  ====  ===============
site   country  node  existing  max    pue  open  buys
=====  =======  ====  ========  =====  ===  ====  ===============
north  NL       port  2 MW      10 MW  5/4  -     blocks of 3 MW
south  FR       plain           8 MW   1    2026  any amount
east   DE       port            7 MW   3/2  2028  blocks of 2 MW
=====  =======  ====  ========  =====  ===  ====  ===============

A discount rate of 25 % makes 2026–2029 weigh 1, 0.8, 0.64 and 0.512: what falls in every year
weighs 1.8 in the first stage and 1.152 in the second.

What happens by the hour is of a problem with slices, of the same two stages, a night of 16 hours
(5840 a year) and a noon of 8 (2920). The hall at the port decides by the slice: an engine that
stands two years and sells, panels that take two years to come, a contract, a battery. The shed on
the plain only draws from the grid, and buys blocks that idle.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pyomo.environ as pyo

from models import PlanInputs, build_model
from tests.models.small_inputs import share_rule, small_inputs
from tests.models.small_power import small_power
from tests.models.solving import write_links

FOLDER = Path(__file__).parents[1] / "lp"
OBJECTIVE = "cost.total"
STRONG_LINKS = "cuts.strong_links"
STATED_WITHOUT_SLICES = (
    "siting.stays_open",
    "siting.stays_extended",
    "siting.keeps_blocks",
    "siting.hall_limit",
    "demand.all_served",
    "demand.load_balance",
    "compute.enough_capacity",
    "grid.ordered_once",
    "grid.in_sequence",
    "grid.node_limit",
    "sovereignty.max_share_operator_outside",
    "sovereignty.max_share_country",
    "sovereignty.max_share_operator",
    "sovereignty.min_share_at_home",
    "sovereignty.min_sites_in",
    "policies.within_budget",
)
STATED_BY_SLICE = (
    "loads.class_balance",
    "loads.hosted_once",
    "loads.steady_capacity",
    "supply.stands_mw",
    "supply.stands_mwh",
    "supply.retired_once_mw",
    "supply.retired_once_mwh",
    "supply.at_open_site",
    "supply.mwh_at_open_site",
    "supply.within_land",
    "supply.within_availability",
    "storage.level",
    "storage.charge_limit",
    "storage.discharge_limit",
    "storage.level_limit",
    "dispatch.slice_load",
    "dispatch.slice_capacity",
    "dispatch.balance",
    "dispatch.leaves",
    "dispatch.moved_within_day",
    "dispatch.cut_limit",
    "dispatch.sold_on_site",
    "dispatch.export_limit",
    "connection.node_limit",
    "connection.flexible_limit",
    "connection.part_of_draw",
    "connection.ride_through",
    "connection.ready_limit",
    "connection.event_energy",
    "connection.corridor_limit",
    "connection.highest_draw",
    "connection.covers_peak",
    "connection.stays_contracted",
    "events.dearest_slice",
    "events.dirtiest_slice",
    "footprint.carbon_cap",
    "footprint.water_cap",
    "footprint.clean_annual",
    "footprint.matched_load",
    "footprint.matched_supply",
    "footprint.clean_hourly",
)
OBJECTIVE_BY_SLICE = "by_slice.cost.total"
CONSTRAINTS = (*STATED_WITHOUT_SLICES, *STATED_BY_SLICE)
BASELINES = (*CONSTRAINTS, STRONG_LINKS, OBJECTIVE, OBJECTIVE_BY_SLICE)


def reference_inputs() -> PlanInputs:
    """The problem that all baselines are of."""
    aqua = {"operator": "aqua", "operator_country": "NL"}
    acme = {"operator": "acme", "operator_country": "US"}
    return small_inputs(
        {
            "north": {
                **aqua,
                "country": "NL",
                "node": "port",
                "max_it_mw": 10,
                "existing_it_mw": 2,
                "opening_cost": 999,  # never due
                "fixed_cost_per_year": 1000,
                "it_cost_per_mw": 10,
                "block_mw": 3,
                "pue": 1.25,
            },
            "south": {
                **acme,
                "country": "FR",
                "node": "plain",
                "max_it_mw": 8,
                "opening_cost": 100,
                "fixed_cost_per_year": 2000,
                "it_cost_per_mw": 20,
            },
            "east": {
                **aqua,
                "country": "DE",
                "node": "port",
                "max_it_mw": 7,
                "opening_cost": 200,
                "fixed_cost_per_year": 3000,
                "it_cost_per_mw": 30,
                "block_mw": 2,
                "pue": 1.5,
                "earliest_year": 2028,
            },
        },
        {
            ("delft", "chat"): {2026: 4, 2028: 6},
            ("lille", "chat"): {2028: 3},
            ("lille", "batch"): {2026: 1, 2028: 20},
        },
        stages=(2026, 2028),
        horizon_end=2030,
        discount_rate=0.25,
        nodes={
            "port": {"energy_price_per_mwh": 50, "carbon_kg_per_mwh": 100},
            "plain": {"energy_price_per_mwh": 40},
        },
        firm_mw={"port": {2026: 9, 2028: 8}, "plain": {2026: 5, 2028: 6}},
        upgrades={
            ("port", "line"): {"mw": 4, "cost": 70, "lead_years": 2},
            ("port", "cable"): {"mw": 1, "cost": 30, "earliest_year": 2028, "after": "line"},
            ("plain", "mast"): {"mw": 3, "cost": 50, "lead_years": 1},
        },
        load_factor={"chat": 0.5},
        user_country={"delft": "NL", "lille": "FR"},
        routes=[
            ("delft", "chat", "north"),
            ("delft", "chat", "south"),
            ("lille", "chat", "south"),
            ("lille", "chat", "east"),
            ("lille", "batch", "north"),
            ("lille", "batch", "south"),
            ("lille", "batch", "east"),
        ],
        network_cost_per_mw_year={("delft", "north"): 10_000, ("lille", "east"): 100_000},
        rules=[
            share_rule("max_share_operator_outside", 0.5, group={"NL", "DE"}),
            share_rule("max_share_country", 0.75, workloads={"batch"}, from_year=2027),
            share_rule("max_share_operator", 0.8, user_countries={"FR"}),
            share_rule("min_share_at_home", 0.25),
            share_rule("min_sites_in", 2, group={"NL", "FR"}),
        ],
        carbon_price_per_t={2026: 0, 2027: 80, 2028: 80, 2029: 120},
        capital_budget={2026: 500, 2028: 300},
        unserved_penalty_per_mwh=300,
    )


def hourly_inputs() -> PlanInputs:
    """The problem with slices that baselines of what happens in them are of."""
    engine = {"cost_per_mw": 100, "fixed_cost_per_mw_year": 8, "life_years": 2, "resale_share": 0.5}
    engine |= {"energy_cost_per_mwh": {2026: 3, 2027: 3, 2028: 4, 2029: 5}, "embodied_t_per_mw": 6}
    return small_power(
        {
            "hall": {
                "max_it_mw": 10,
                "opening_cost": 70,
                "it_cost_per_mw": 20,
                "idle_share": 0.25,
                "water_l_per_kwh": 2,
                "land_ha": 6,
                "embodied_t": 40,
                "embodied_t_per_it_mw": 5,
            },
            "shed": {
                "country": "FR",
                "node": "plain",
                "max_it_mw": 5,
                "existing_it_mw": 2,
                "it_cost_per_mw": 40,
                "block_mw": 3,
                "idle_share": 0.5,
                "water_l_per_kwh": 1,
                "moves_load": 0,
                "embodied_t_per_it_mw": 7,
            },
        },
        {("delft", "chat"): {2026: 4, 2028: 6}, ("delft", "batch"): {2028: 2}},
        stages=(2026, 2028),
        horizon_end=2030,
        discount_rate=0.25,
        slices={"night": 16, "noon": 8},
        load={("delft", "chat"): [0.5, 1], ("delft", "batch"): [1, 0.25]},
        workloads={
            "batch": {
                "movable_share": 0.5,
                "move_cost_per_mwh": 4,
                "cut_share": 0.125,
                "cut_cost_per_mwh": 9,
            }
        },
        nodes={
            "port": {
                "clean_share": 0.25,
                "export_mw": 1,
                "export_price_share": 0.5,
                "demand_charge_per_mw_year": 7,
                "connection_fee_per_mw": 11,
            },
            "plain": {"clean_share": 0.375, "demand_charge_per_mw_year": 5},
        },
        firm_mw={"port": {2026: 5, 2028: 4}, "plain": 3},
        upgrades={("port", "line"): {"mw": 2, "lead_years": 2}},
        network_cost_per_mw_year={("delft", "shed"): 1000},
        unserved_penalty_per_mwh=300,
        pue={"hall": [1.25, 1.5], "shed": [2, 1.5]},
        price_per_mwh={"port": [10, 20], "plain": [30, 15]},
        carbon_kg_per_mwh={"port": [100, 200], "plain": [500, 250]},
        technologies={
            "engine": engine | {"carbon_kg_per_mwh": 500, "land_ha_per_mw": 1},
            "panels": {
                "kind": "solar",
                "cost_per_mw": {2026: 300, 2027: 300, 2028: 200, 2029: 200},
                "lead_years": 2,
                "land_ha_per_mw": 2,
                "clean": 1,
            },
            "contract": {"kind": "ppa", "energy_cost_per_mwh": 15, "clean": 1},
            "cells": {
                "kind": "battery",
                "efficiency": 0.64,
                "cost_per_mw": 30,
                "cost_per_mwh_storage": 50,
                "energy_cost_per_mwh": 1,
                "embodied_t_per_mwh": 3,
                "resale_share": 0.25,
            },
        },
        allowed={
            ("hall", "engine"): {"max_mw": 9, "earliest_year": 2028},
            ("hall", "panels"): {"max_mw": 3, "existing_mw": 1},
            ("hall", "contract"): {"max_mw": 2},
            ("hall", "cells"): {"max_mw": 4, "max_mwh": 20, "existing_mwh": 2},
        },
        availability={("hall", "panels"): [0, 0.5], ("hall", "contract"): [0.5, 1]},
        flexible={
            "port": {"flexible_mw": 3, "curtailed_hours_per_year": 100, "event_hours": 10},
        },
        corridor_mw={"sea": {2028: 9}},
        corridor_factor={("sea", "port"): 1, ("sea", "plain"): 0.5},
        campaigns={"model": {2028: 2}},
        carbon_price_per_t={2026: 0, 2027: 80, 2028: 80, 2029: 120},
        capital_budget={2026: 500, 2028: float("inf")},
        policies={
            "carbon_cap_t": {2026: 9000, 2027: 8000, 2028: 9000, 2029: 7000},
            "water_cap_m3": {2028: 50_000, 2029: 40_000},
            "clean_share": {2026: 0.5, 2027: 0.5, 2028: 0.75, 2029: 0.625},
            "clean_hourly": {2028: True},
        },
    )


def rows_of(name: str) -> str:
    """Rows of one constraint, or the objective, in LP format."""
    by_slice = name in STATED_BY_SLICE or name == OBJECTIVE_BY_SLICE
    inputs = hourly_inputs() if by_slice else reference_inputs()
    model = build_model(inputs)
    if not by_slice:
        write_links(model, inputs)
    for row in model.component_objects(pyo.Constraint):
        if row.name != name:
            row.deactivate()
    if name not in (OBJECTIVE, OBJECTIVE_BY_SLICE):
        model.cost.total.deactivate()
        model.nothing_to_minimise = pyo.Objective(expr=0)
    return lp_text(model)


def lp_text(model: pyo.ConcreteModel) -> str:
    """Model in LP format, numbers to twelve digits so that no last place tells platforms apart."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.lp"
        model.write(str(file), io_options={"symbolic_solver_labels": True})
        text = file.read_text(encoding="utf-8")
    return re.sub(r"(?:(?<=[+-])|(?<== ))\d\S*", lambda number: f"{float(number[0]):.12g}", text)
