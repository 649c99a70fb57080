"""A site by night and noon: load that moves, sun, a battery, a contract, tariffs, policies.

One stage of two years, 2026 and 2027, which weigh 1 and 0.8. Night and noon last twelve hours
each and stand for 4380 hours a year.
"""

from pathlib import Path

from tests.optimizer.audit.runs import table, write_power_run
from tests.optimizer.test_audit import Run

MANIFEST = """\
name = "by-hand"
title = "A site by night and noon"
currency = "EUR"
base_year = 2026
discount_rate = 0.25
stages = [2026]
horizon_end = 2028
"""
H = 4380

# IT: chat brings 1 and 2 MW, batch 2 and 2. Of batch's night, half of which may leave it, 0.5 MW
# move to noon and 0.2 are cut. 2.3 MW are left by night, 4.5 at noon, of 5 installed.
LOAD = (2.3, 4.5)
# A fifth of 5 MW is drawn without any load. At 10 °C PUE is 1.2, at 30 °C 0.01 × 10 more.
IT_POWER = (1 + 0.8 * 2.3, 1 + 0.8 * 4.5)
FACILITY = (1.2 * 2.84, 1.3 * 4.6)  # 3.408 and 5.98
# By noon 8 MW of panels could make 7.2 and make 7: 5.98 for the hall, 1 to charge, 0.02 to sell.
# The battery keeps 0.9 × 12 MWh, and gives 0.9 × 10.8 / 12 = 0.81 MW. The contract delivers 0.5 MW
# of 0.6 by night. What is left comes from the grid.
GRID = (3.408 - 0.81 - 0.5, 0)  # 2.098
NIGHT_T = 2.098 * H * 300 / 1000  # 2 756.772 t
EMBODIED_T = 2 * 10 + 1 * 5 + 12 * 2

INSTANCE = {
    "sites": table(
        "site country operator operator_country node max_it_mw existing_it_mw pue pue_per_c"
        " idle_share water_l_per_kwh it_cost_per_mw land_ha",
        ("hall", "NL", "aqua", "NL", "port", 5, 5, 1.2, 0.01, 0.2, 0.5, 1000000, 20),
    ),
    "nodes": table(
        "node latitude longitude country energy_price_per_mwh carbon_kg_per_mwh clean_share"
        " export_mw export_price_share demand_charge_per_mw_year connection_fee_per_mw",
        ("port", 0, 0, "NL", 50, 200, 0.25, 0.5, 0.5, 1000, 2000),
    ),
    "grid": table("node year firm_mw", ("port", 2026, 4)),
    "regions": table("region country", ("delft", "NL")),
    "workloads": table(
        "workload movable_share move_cost_per_mwh cut_share cut_cost_per_mwh",
        ("chat", 0, 0, 0, 0),
        ("batch", 0.5, 5, 0.1, 40),
    ),
    "demand": table(
        "region workload year it_mw", ("delft", "chat", 2026, 2), ("delft", "batch", 2026, 2)
    ),
    "latency": table("region site rtt_ms", ("delft", "hall", 4)),
    "policies": table(
        "policy year value unit",
        ("carbon_price", 2026, 50, ""),
        ("carbon_price", 2027, 60, ""),
        ("carbon_cap", 2026, 2806, ""),
        ("carbon_cap", 2027, 2757, ""),
        ("water_cap", 2026, 16300, ""),
        ("clean_share", 2026, 0.85, "annual"),
        ("clean_share", 2027, 0.83, "hourly"),
        ("capital_budget", 2026, 500000, ""),
    ),
    "slices": table("slice day weight_hours hours", ("night", "d", H, 12), ("noon", "d", H, 12)),
    "profiles": table(
        "profile slice value",
        *(
            (profile, name, value)
            for profile, values in {
                "talk": (0.5, 1),
                "sun": (0, 0.9),
                "wind": (0.6, 0.4),
                "price": (0.8, 1.2),
                "coal": (1.5, 1),
                "degrees": (10, 30),
            }.items()
            for name, value in zip(("night", "noon"), values, strict=True)
        ),
    ),
    "demand_profiles": table("region workload profile", ("*", "chat", "talk")),
    "place_profiles": table(
        "place quantity profile",
        ("port", "energy_price", "price"),
        ("NL", "carbon", "coal"),
        ("*", "temperature", "degrees"),
    ),
    "technologies": table(
        "technology kind cost_per_mw cost_per_mwh_storage fixed_cost_per_mw_year"
        " variable_cost_per_mwh efficiency embodied_t_per_mw embodied_t_per_mwh clean lead_years"
        " land_ha_per_mw profile",
        ("panels", "solar", 100000, "", 1000, 1, 1, 10, 0, 1, 0, 2, "sun"),
        ("cells", "battery", 50000, 20000, 0, 2, 0.81, 5, 2, 0, 0, 0.5, ""),
        ("breeze", "ppa", 0, "", 0, 60, 1, 0, 0, 1, 0, 0, "wind"),
    ),
    "site_technologies": table(
        "site technology max_mw max_mwh existing_mw",
        ("hall", "panels", 8, "", 6),
        ("hall", "cells", 2, 14, 0),
        ("hall", "breeze", 3, "", 0),
    ),
}


def generation() -> list[tuple]:
    """Made, charged, discharged, stored, ready, curtailed by technology and slice."""
    rows = {
        "panels": ((0, 0, 0, 0, 0, 0), (7, 0, 0, 0, 0, 0.2)),
        "cells": ((0, 0, 0.81, 0, 0, 0), (0, 1, 0, 10.8, 0, 0)),
        "breeze": ((0.5, 0, 0, 0, 0, 0.1), (0, 0, 0, 0, 0, 0.4)),
    }
    return [
        ("hall", technology, 2026, name, *values)
        for technology, by_slice in rows.items()
        for name, values in zip(("night", "noon"), by_slice, strict=True)
    ]


def once(kind: str, item: str, cost: float) -> tuple:
    return kind, 2026, item, cost, cost


def yearly(kind: str, item: str, cost: float) -> tuple:
    return kind, 2026, item, 2 * cost, 1.8 * cost


COSTS = table(
    "kind year item cost discounted_cost",
    once("supply", "hall/panels", 2 * 100000),
    once("supply", "hall/cells", 50000 + 12 * 20000),
    once("connection", "hall", 2000 * 2.598),
    yearly("supply_fixed", "hall/panels", 8 * 1000),
    yearly("supply_energy", "hall/panels", 7 * H * 1),
    yearly("supply_energy", "hall/cells", 0.81 * H * 2),
    yearly("supply_energy", "hall/breeze", 0.5 * H * 60),
    yearly("energy", "hall", 2.098 * H * 40),
    yearly("export", "hall", -0.02 * H * 0.5 * 60),
    yearly("demand_charge", "hall", 1000 * 2.598),
    yearly("moving", "hall", 0.5 * H * 5),
    yearly("cutting", "hall", 0.2 * H * 40),
    (
        *("carbon", 2026, "hall"),
        NIGHT_T * (50 + 60) + EMBODIED_T * 50,
        NIGHT_T * (50 + 0.8 * 60) + EMBODIED_T * 50,
    ),
)
IT_MWH = (2.3 + 4.5) * H

TABLES = {
    "sites": table(
        "site name latitude longitude country operator operator_country node max_it_mw"
        " existing_it_mw opened_year",
        ("hall", "hall", "", "", "NL", "aqua", "NL", "port", 5, 5, 2026),
    ),
    "capacity": table(
        "site year open new_it_mw installed_it_mw served_it_mw facility_mw",
        ("hall", 2026, 1, 0, 5, 4.5, 5.98),
    ),
    "serving": table(
        "region workload site year share it_mw rtt_ms",
        ("delft", "chat", "hall", 2026, 1, 2, 4),
        ("delft", "batch", "hall", 2026, 1, 2, 4),
    ),
    "grid_use": table(
        "node year firm_mw upgrade_mw drawn_mw headroom_mw unpowered_mw",
        # 5 MW at a PUE of 1.3 take 6.5; the sun is sure for nothing, the contract for no more.
        ("port", 2026, 4, 0, 2.598, 1.402, 2.5),
    ),
    "energy": table(
        "site year it_mwh facility_mwh carbon_t", ("hall", 2026, IT_MWH, 9.388 * H, NIGHT_T)
    ),
    "costs": COSTS,
    "dispatch": table(
        "site year slice load_mw facility_mw grid_mw flexible_mw exported_mw",
        ("hall", 2026, "night", LOAD[0], FACILITY[0], GRID[0], 0, 0),
        ("hall", 2026, "noon", LOAD[1], FACILITY[1], GRID[1], 0, 0.02),
    ),
    "generation": table(
        "site technology year slice made_mw charged_mw discharged_mw stored_mwh ready_mw"
        " curtailed_mw",
        *generation(),
    ),
    "moved": table(
        "site workload year slice out_mw in_mw cut_mw ready_mw",
        ("hall", "batch", 2026, "night", 0.5, 0, 0.2, 0),
        ("hall", "batch", 2026, "noon", 0, 0.5, 0, 0),
    ),
    "supply": table(
        "site technology ordered_year mw mwh",
        ("hall", "panels", 2026, 2, 0),
        ("hall", "cells", 2026, 1, 12),
        ("hall", "breeze", 2026, 1, 0),
    ),
    "standing": table(
        "site technology year mw mwh role",
        ("hall", "panels", 2026, 8, 0, "own"),
        ("hall", "cells", 2026, 1, 12, "own"),
        ("hall", "breeze", 2026, 1, 0, "own"),
    ),
    "connections": table("site year peak_mw gained_mw", ("hall", 2026, 2.598, 2.598)),
    # Clean are the sun, the contract, and a quarter of the grid; 0.02 MW of it are sold. By noon
    # 6.98 less the 1 that charges just match the load; by night discharging adds 0.81.
    "footprint": table(
        "site year grid_t supply_t event_t embodied_t water_m3 clean_mwh matched_mwh",
        (
            *("hall", 2026, NIGHT_T, 0, 0, EMBODIED_T, 0.5 * (2.84 + 4.6) * H),
            *((0.5 + 0.5245 + 6.98) * H, (0.5 + 0.5245 + 0.81 + 5.98) * H),
        ),
    ),
    "power_sources": table(
        "site year firm_mwh flexible_mwh contract_mwh bridge_mwh own_mwh",
        ("hall", 2026, 2.098 * H, 0, 0.5 * H, 0, 7 * H),
    ),
    "node_hours": table(
        "node year limit_mw flexible_mw highest_mw binding_hours", ("port", 2026, 4, 0, 2.598, 0)
    ),
    "idle_hardware": table(
        "node year idle_mw mw_years idle_cost", ("port", 2026, 2.5, 5, 2.5 / 1.3 * 1000000)
    ),
    "levelised": table(
        "site discounted_cost discounted_it_mwh cost_per_it_mwh",
        (
            *("hall", COSTS.discounted_cost.sum(), 1.8 * IT_MWH),
            COSTS.discounted_cost.sum() / (1.8 * IT_MWH),
        ),
    ),
}


def write_sunny_run(run: Path) -> Run:
    """Write the run folder."""
    return write_power_run(run, MANIFEST, INSTANCE, TABLES)
