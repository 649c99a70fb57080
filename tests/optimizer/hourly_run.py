"""A run with slices written by hand: one site, two days of a night and a day, two stages.

Five megawatts are needed all the time. By night the grid is cheap, at 20 a MWh; by day it costs
100. Of six megawatts of sun half shine on the first day, and all on the second: one is sold then,
at half the price. An engine makes a megawatt for 90 where the grid would cost 100. The battery,
there in the first stage only, takes a megawatt for the first night's twelve hours and gives 0.81
of it back: nine tenths are left on the way in, and again on the way out.
"""

from pathlib import Path

from tests.random_instances import Rows, write_instance

MANIFEST = """\
name = "hourly-by-hand"
title = "A site by night and day"
currency = "EUR"
base_year = 2026
discount_rate = 0.25
stages = [2026, 2028]
horizon_end = 2030
unserved = "forbidden"
"""
WEIGHT = 2190
# A year of the first stage costs by slice 6 × 20, 0.19 × 100, 5 × 20 and nothing in the grid's
# energy, 90 for the engine, and brings 50. Two years weigh 1 + 0.8; in the second stage 0.64 +
# 0.512, and without the battery the grid gives 5 by night, and 1 on the first day.
FIRST_STAGE_EUR = 1.8 * WEIGHT * (239 + 90 - 50)
SECOND_STAGE_EUR = 1.152 * WEIGHT * (300 + 90 - 50)

SLICES = {"a-night": "a", "a-noon": "a", "b-night": "b", "b-noon": "b"}
INSTANCE: dict[str, Rows] = {
    "sites": [
        {"site": "hall", "country": "NL", "latitude": 52.0, "longitude": 5.0, "operator": "main"}
        | {"operator_country": "NL", "node": "port", "max_it_mw": 4, "existing_it_mw": 4}
        | {"pue": 1.25}
    ],
    "nodes": [
        {"node": "port", "country": "NL", "latitude": 51.9, "longitude": 4.4}
        | {"energy_price_per_mwh": 100, "export_mw": 1, "export_price_share": 0.5}
    ],
    "grid": [{"node": "port", "year": 2026, "firm_mw": 6}],
    "regions": [{"region": "delft", "country": "NL"}],
    "workloads": [{"workload": "chat", "latency_slo_ms": 30}],
    "demand": [
        {"region": "delft", "workload": "chat", "year": year, "it_mw": 4} for year in (2026, 2028)
    ],
    "latency": [{"region": "delft", "site": "hall", "rtt_ms": 4}],
    "slices": [
        {"slice": name, "day": day, "weight_hours": WEIGHT, "hours": 12}
        for name, day in SLICES.items()
    ],
    "profiles": [
        {"profile": profile, "slice": name, "value": value}
        for profile, values in {"price": (0.2, 1, 0.2, 1), "sun": (0, 0.5, 0, 1)}.items()
        for name, value in zip(SLICES, values, strict=True)
    ],
    "place_profiles": [{"place": "port", "quantity": "energy_price", "profile": "price"}],
    "technologies": [
        {"technology": "panels", "kind": "solar", "lead_years": 0, "profile": "sun"},
        {"technology": "engine", "kind": "gas", "lead_years": 0, "variable_cost_per_mwh": 90},
        {"technology": "cells", "kind": "battery", "lead_years": 0, "life_years": 2}
        | {"efficiency": 0.81, "cost_per_mwh_storage": 0},
    ],
    "site_technologies": [
        {"site": "hall", "technology": "panels", "max_mw": 6, "existing_mw": 6},
        {"site": "hall", "technology": "engine", "max_mw": 1, "existing_mw": 1},
        {"site": "hall", "technology": "cells", "max_mw": 1, "max_mwh": 24},
    ],
}

GRID_MW = {2026: (6, 0.19, 5, 0), 2028: (5, 1, 5, 0)}
EXPORTED_MW = (0, 0, 0, 1)
MADE_MW = {"panels": (0, 3, 0, 6), "engine": (0, 1, 0, 0), "cells": (0, 0, 0, 0)}


def cells(year: int, *values: float) -> tuple[float, ...]:
    """What the battery does, which is there in the first stage only."""
    return values if year == 2026 else (0, 0, 0, 0)


TABLES: dict[str, Rows] = {
    "sites": [
        {"site": "hall", "name": "hall", "latitude": 52, "longitude": 5, "country": "NL"}
        | {"operator": "main", "operator_country": "NL", "node": "port", "max_it_mw": 4}
        | {"existing_it_mw": 4, "opened_year": 2026}
    ],
    "capacity": [
        {"site": "hall", "year": year, "open": 1, "new_it_mw": 0, "installed_it_mw": 4}
        | {"served_it_mw": 4, "facility_mw": 5}
        for year in GRID_MW
    ],
    "grid_use": [
        {"node": "port", "year": year, "firm_mw": 6, "upgrade_mw": 0, "drawn_mw": max(grid)}
        | {"headroom_mw": 6 - max(grid), "unpowered_mw": 0}
        for year, grid in GRID_MW.items()
    ],
    "dispatch": [
        {"site": "hall", "year": year, "slice": name, "load_mw": 4, "facility_mw": 5}
        | {"grid_mw": drawn, "flexible_mw": 0, "exported_mw": sold}
        for year, grid in GRID_MW.items()
        for name, drawn, sold in zip(SLICES, grid, EXPORTED_MW, strict=True)
    ],
    "generation": [
        {"site": "hall", "technology": technology, "year": year, "slice": name, "made_mw": made}
        | {"charged_mw": taken, "discharged_mw": given, "stored_mwh": held}
        | {"ready_mw": 0, "curtailed_mw": 0}
        for year in GRID_MW
        for technology, made_mw in MADE_MW.items()
        for name, made, taken, given, held in zip(
            SLICES,
            made_mw,
            *(
                cells(year, *values) if technology == "cells" else (0, 0, 0, 0)
                for values in ((1, 0, 0, 0), (0, 0.81, 0, 0), (10.8, 0, 0, 0))
            ),
            strict=True,
        )
    ],
    "standing": [
        {"site": "hall", "technology": technology, "year": year, "mw": mw, "mwh": mwh}
        | {"role": "own"}
        for year, technology, mw, mwh in (
            (2026, "panels", 6, 0),
            (2026, "engine", 1, 0),
            (2026, "cells", 1, 24),
            (2028, "panels", 6, 0),
            (2028, "engine", 1, 0),
        )
    ],
    "connections": [
        {"site": "hall", "year": 2026, "peak_mw": 6, "gained_mw": 6},
        {"site": "hall", "year": 2028, "peak_mw": 5, "gained_mw": 0},
    ],
    "costs": [
        {"kind": kind, "year": year, "item": item, "cost": 2 * WEIGHT * each}
        | {"discounted_cost": worth * WEIGHT * each}
        for year, worth, energy in ((2026, 1.8, 239), (2028, 1.152, 300))
        for kind, item, each in (
            ("energy", "hall", energy),
            ("supply_energy", "hall/engine", 90),
            ("export", "hall", -50),
        )
    ],
    "footprint": [
        {"site": "hall", "year": year, "grid_t": 0, "supply_t": 0, "event_t": 0, "embodied_t": 0}
        | {"water_m3": 0, "clean_mwh": 0, "matched_mwh": 0}
        for year in GRID_MW
    ],
}


def write_hourly_run(run: Path) -> Path:
    """Write the tables of the run that tell of its power, with its instance."""
    write_instance(run / "instance", MANIFEST, INSTANCE)
    write_instance(run / "tables", MANIFEST, TABLES)
    return run
