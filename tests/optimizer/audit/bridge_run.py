"""A site that bridges two years with an engine until its line comes, on flexible power.

Stages 2026 and 2028, to 2030; the years weigh 1, 0.8, 0.64 and 0.512. A day has a night of eight
hours and a day of sixteen, which stand for 2920 and 5840 hours a year. PUE is 1.
"""

from pathlib import Path

from tests.optimizer.audit.runs import table, write_power_run
from tests.optimizer.test_audit import Run

MANIFEST = """\
name = "by-hand"
title = "A bridge to the line"
currency = "EUR"
base_year = 2026
discount_rate = 0.25
stages = [2026, 2028]
horizon_end = 2030
"""
NIGHT, DAY = 2920, 5840
FIRST, SECOND = 1.8, 0.64 + 0.512

INSTANCE = {
    "sites": table(
        "site country operator operator_country node max_it_mw existing_it_mw it_cost_per_mw"
        " embodied_t_per_it_mw land_ha earliest_year",
        ("hall", "NL", "aqua", "NL", "port", 6, 4, 1000000, 100, 3, 2026),
        ("annex", "NL", "aqua", "NL", "port", 1, 0, 1000000, 0, 3, 2028),
    ),
    "nodes": table(
        "node latitude longitude country energy_price_per_mwh carbon_kg_per_mwh",
        ("port", 0, 0, "NL", 50, 0),
    ),
    "grid": table("node year firm_mw", ("port", 2026, 2)),
    # The bay comes after the line; both in time for 2028.
    "upgrades": table(
        "node upgrade mw cost lead_years after",
        ("port", "line", 3, 500000, 2, ""),
        ("port", "bay", 1, 100000, 2, "line"),
    ),
    # In the first stage 2 MW are sure in both years, for 100 hours in one, in events of 10.
    "flexible_grid": table(
        "node year flexible_mw curtailed_hours_per_year event_hours",
        ("port", 2026, 3, 50, 10),
        ("port", 2027, 2, 100, 4),
    ),
    "regions": table("region country", ("delft", "NL")),
    "workloads": table("workload movable_share move_cost_per_mwh", ("batch", 0.5, 10)),
    "demand": table(
        "region workload year it_mw", ("delft", "batch", 2026, 4), ("delft", "batch", 2028, 4)
    ),
    "latency": table("region site rtt_ms", ("delft", "hall", 4), ("delft", "annex", 4)),
    "rules": table(
        "rule workload applies_to kind group value year",
        ("at_home", "batch", "NL", "site_in", "NL", "", ""),
        ("no_giant", "batch", "FR", "operator_not_in", "US", "", ""),
    ),
    "campaigns": table(
        "campaign workload country it_mw year until_year",
        ("model", "batch", "NL", 1, 2028, 2030),
    ),
    "slices": table(
        "slice day weight_hours hours", ("night", "d", NIGHT, 8), ("day", "d", DAY, 16)
    ),
    "technologies": table(
        "technology kind cost_per_mw cost_per_mwh_storage fixed_cost_per_mw_year"
        " variable_cost_per_mwh fuel_price_per_mwh efficiency carbon_kg_per_mwh clean lead_years"
        " life_years resale_share land_ha_per_mw",
        ("engine", "gas", 400000, "", 2000, 10, 25, 0.5, 400, 0, 0, 10, 0.5, 0),
        ("cells", "battery", 1, 1, 0, 4, 0, 0.64, 0, 0, 0, "", 0, 0),
        ("panels", "solar", 80000, "", 0, 0, 0, 1, 0, 1, 2, 20, 0, 2),
    ),
    # An engine costs 300 000 in 2026 and 2027; fuel 20, then 30, and from 2028 on as stated above.
    "technology_costs": table(
        "technology year cost_per_mw cost_per_mwh_storage fuel_price_per_mwh",
        ("engine", 2026, 300000, "", 20),
        ("engine", 2027, 300000, "", 30),
        ("engine", 2028, "", "", ""),
    ),
    "site_technologies": table(
        "site technology max_mw max_mwh existing_mw existing_mwh earliest_year",
        ("hall", "engine", 2, "", 0.5, 0, 2026),
        ("hall", "cells", 1, 5, 0.5, 4, 2026),
        ("hall", "panels", 1, "", 0, 0, 2026),
        ("annex", "panels", 1, "", 0, 0, 2026),
        ("annex", "engine", 1, "", 0, 0, 2028),
    ),
}

# 4 MW are needed. In 2026 the engine makes 0.5 by night and 1 by day; the grid gives the rest, 2
# of it firm. For 1.5 and 1 MW flexibly the engine's other 1 and 0.5, 0.2 and 0.3 of the battery and
# 0.3 and 0.2 of load are ready. A cut of ten hours to the end of the night has two hours of the
# day before: 0.2 × 8 + 0.3 × 2 = 2.2 MWh, 2.75 with what is lost on the way out; one to the end of
# the day 0.3 × 10 = 3, and 3.75.
GENERATION = [
    ("hall", "engine", 2026, "night", 0.5, 0, 0, 0, 1, 0),
    ("hall", "engine", 2026, "day", 1, 0, 0, 0, 0.5, 0),
    ("hall", "cells", 2026, "night", 0, 0, 0, 3.75, 0.2, 0),
    ("hall", "cells", 2026, "day", 0, 0, 0, 3.75, 0.3, 0),
    # In 2028 campaign makes it 5; panels give 1 by day, and could by night. Half an engine is kept.
    ("hall", "panels", 2028, "night", 0, 0, 0, 0, 0, 1),
    ("hall", "panels", 2028, "day", 1, 0, 0, 0, 0, 0),
]
DISPATCH = [
    ("hall", 2026, "night", 4, 4, 3.5, 1.5, 0),
    ("hall", 2026, "day", 4, 4, 3, 1, 0),
    ("hall", 2028, "night", 5, 5, 5, 0, 0),
    ("hall", 2028, "day", 5, 5, 4, 0, 0),
]
# Power of the engine costs 10 + 20 / 0.5 = 50, and 70 in 2027. The night is dearer: an hour of what
# is ready costs 50 + 0.2 × 4 + 0.3 × 10 = 53.8, and 73.8; a hundred of them emit 40 t.
MADE_MWH = 1 * DAY + 0.5 * NIGHT
EVENT_T = 100 * 400 / 1000
SUPPLY_T = MADE_MWH * 0.4
GRID_MWH = {2026: 3.5 * NIGHT + 3 * DAY, 2028: 5 * NIGHT + 4 * DAY}
# Two years after it cost 300 000, a MW of engine brings half of eight tenths of that.
COSTS = table(
    "kind year item cost discounted_cost",
    ("it", 2026, "hall", 2000000, 2000000),
    ("upgrade", 2026, "port/line", 500000, 500000),
    ("upgrade", 2026, "port/bay", 100000, 100000),
    ("supply", 2026, "hall/engine", 300000, 300000),
    ("supply", 2026, "hall/panels", 80000, 80000),
    ("resale", 2028, "hall/engine", -120000, -120000 * 0.64),
    ("supply_fixed", 2026, "hall/engine", 2 * 3000, FIRST * 3000),
    ("supply_fixed", 2028, "hall/engine", 2 * 1000, SECOND * 1000),
    ("supply_energy", 2026, "hall/engine", MADE_MWH * 120, MADE_MWH * (50 + 0.8 * 70)),
    ("events", 2026, "hall", 100 * (53.8 + 73.8), 100 * (53.8 + 0.8 * 73.8)),
    ("energy", 2026, "hall", 2 * GRID_MWH[2026] * 50, FIRST * GRID_MWH[2026] * 50),
    ("energy", 2028, "hall", 2 * GRID_MWH[2028] * 50, SECOND * GRID_MWH[2028] * 50),
)
OF_HALL = COSTS[COSTS.kind != "upgrade"].discounted_cost.sum()
IT_MWH = {2026: 4 * 8760, 2028: 5 * 8760}
DISCOUNTED_MWH = FIRST * IT_MWH[2026] + SECOND * IT_MWH[2028]

TABLES = {
    "sites": table(
        "site name latitude longitude country operator operator_country node max_it_mw"
        " existing_it_mw opened_year",
        ("hall", "hall", "", "", "NL", "aqua", "NL", "port", 6, 4, 2026),
        ("annex", "annex", "", "", "NL", "aqua", "NL", "port", 1, 0, ""),
    ),
    "capacity": table(
        "site year open new_it_mw installed_it_mw served_it_mw facility_mw",
        ("hall", 2026, 1, 2, 6, 4, 4),
        ("hall", 2028, 1, 0, 6, 5, 5),
        ("annex", 2026, 0, 0, 0, 0, 0),
        ("annex", 2028, 0, 0, 0, 0, 0),
    ),
    "serving": table(
        "region workload site year share it_mw rtt_ms",
        ("delft", "batch", "hall", 2026, 1, 4, 4),
        ("delft", "batch", "hall", 2028, 1, 4, 4),
    ),
    "upgrades": table(
        "node upgrade ordered_year available_year mw cost",
        ("port", "line", 2026, 2028, 3, 500000),
        ("port", "bay", 2026, 2028, 1, 100000),
    ),
    "grid_use": table(
        "node year firm_mw upgrade_mw drawn_mw headroom_mw unpowered_mw",
        ("port", 2026, 2, 0, 2, 0, 0.5),
        ("port", 2028, 2, 4, 5, 1, 0),
    ),
    "energy": table(
        "site year it_mwh facility_mwh carbon_t",
        ("hall", 2026, IT_MWH[2026], IT_MWH[2026], SUPPLY_T + EVENT_T),
        ("hall", 2028, IT_MWH[2028], IT_MWH[2028], 0),
    ),
    "compliance": table(
        "rule kind year workload subject governed_it_mw value_it_mw limit_it_mw margin holds",
        ("at_home", "site_in", "", "batch", "NL", 4, 0, 0, 0, 1),
        ("no_giant", "operator_not_in", "", "batch", "US", 0, 0, 0, 0, 1),
    ),
    "costs": COSTS,
    "dispatch": table(
        "site year slice load_mw facility_mw grid_mw flexible_mw exported_mw", *DISPATCH
    ),
    "generation": table(
        "site technology year slice made_mw charged_mw discharged_mw stored_mwh ready_mw"
        " curtailed_mw",
        *GENERATION,
    ),
    "moved": table(
        "site workload year slice out_mw in_mw cut_mw ready_mw",
        ("hall", "batch", 2026, "night", 0, 0, 0, 0.3),
        ("hall", "batch", 2026, "day", 0, 0, 0, 0.2),
    ),
    "supply": table(
        "site technology ordered_year mw mwh",
        ("hall", "engine", 2026, 1, 0),
        ("hall", "panels", 2026, 1, 0),
    ),
    "retired": table(
        "site technology ordered_year year mw mwh", ("hall", "engine", 2026, 2028, 1, 0)
    ),
    "standing": table(
        "site technology year mw mwh role",
        ("hall", "engine", 2026, 1.5, 0, "bridge"),
        ("hall", "engine", 2028, 0.5, 0, "backup"),
        ("hall", "cells", 2026, 0.5, 4, "backup"),
        ("hall", "cells", 2028, 0.5, 4, "backup"),
        ("hall", "panels", 2028, 1, 0, "own"),
    ),
    "campaign_sites": table("campaign site", ("model", "hall")),
    "connections": table(
        "site year peak_mw gained_mw", ("hall", 2026, 3.5, 3.5), ("hall", 2028, 5, 1.5)
    ),
    "footprint": table(
        "site year grid_t supply_t event_t embodied_t water_m3 clean_mwh matched_mwh",
        ("hall", 2026, 0, SUPPLY_T, EVENT_T, 200, 0, 0, 0),
        ("hall", 2028, 0, 0, 0, 0, 0, DAY, DAY),
    ),
    "power_sources": table(
        "site year firm_mwh flexible_mwh contract_mwh bridge_mwh own_mwh",
        ("hall", 2026, 2 * 8760, 1.5 * NIGHT + DAY, 0, MADE_MWH, 0),
        ("hall", 2028, GRID_MWH[2028], 0, 0, 0, DAY),
    ),
    "node_hours": table(
        "node year limit_mw flexible_mw highest_mw binding_hours",
        ("port", 2026, 2, 2, 3.5, 8760),
        ("port", 2028, 6, 2, 5, 0),
    ),
    # 6 MW of IT stand in 2026 before 2 firm, 2 flexible and 1.5 of the engine.
    "idle_hardware": table(
        "node year idle_mw mw_years idle_cost",
        ("port", 2026, 0.5, 1, 500000),
        ("port", 2028, 0, 0, 0),
    ),
    "levelised": table(
        "site discounted_cost discounted_it_mwh cost_per_it_mwh",
        ("hall", OF_HALL, DISCOUNTED_MWH, OF_HALL / DISCOUNTED_MWH),
        ("annex", 0, 0, ""),
    ),
}


def write_bridge_run(run: Path) -> Run:
    """Write the run folder."""
    return write_power_run(run, MANIFEST, INSTANCE, TABLES)
