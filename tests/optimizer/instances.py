"""Instances that tests make for themselves."""

import random
from pathlib import Path

from tests.random_instances import Rows, write_instance


def hard_instance(folder: Path, sites: int = 60, regions: int = 70, seed: int = 1) -> Path:
    """Write an instance with a plan at once and an optimum that takes far longer than a test.

    Sites are alike, share nodes, buy in blocks and stay below their hall: bounds move slowly.
    """
    dice = random.Random(seed)
    places = [(dice.uniform(36, 60), dice.uniform(-9, 25)) for _ in range(sites + regions)]
    tables: dict[str, Rows] = {
        "sites": [
            {
                "site": f"s{i}",
                "latitude": places[i][0],
                "longitude": places[i][1],
                "country": "DE",
                "operator": f"o{i % 7}",
                "operator_country": "DE",
                "node": f"g{i // 2}",
                "max_it_mw": dice.randint(20, 40),
                "opening_cost": dice.randint(20_000_000, 40_000_000),
                "it_cost_per_mw": dice.randint(7_000_000, 9_000_000),
                "block_mw": dice.choice([3, 5, 7]),
                "pue": 1.2,
            }
            for i in range(sites)
        ],
        "nodes": [
            {"node": f"g{i}", "country": "DE", "latitude": 50, "longitude": 10}
            | {"energy_price_per_mwh": dice.randint(40, 110)}
            for i in range((sites + 1) // 2)
        ],
        "grid": [
            {"node": f"g{i}", "year": 2026, "firm_mw": dice.randint(20, 60)}
            for i in range((sites + 1) // 2)
        ],
        "regions": [
            {"region": f"r{i}", "latitude": north, "longitude": east, "country": "DE"}
            for i, (north, east) in enumerate(places[sites:])
        ],
        "workloads": [{"workload": "chat", "latency_slo_ms": 25, "service_ms": 0}],
        "rules": [
            {"rule": "no_giant", "workload": "*", "applies_to": "*", "kind": "max_share_operator"}
            | {"value": 0.3}
        ],
        "demand": [
            {
                "region": f"r{i}",
                "workload": "chat",
                "year": year,
                "it_mw": round(growth * dice.uniform(1, 7), 2),
            }
            for i in range(regions)
            for year, growth in ((2026, 1.0), (2028, 1.5))
        ],
    }
    manifest = """\
name = "hard"
title = "Hard to prove"
currency = "EUR"
base_year = 2026
discount_rate = 0.07
stages = [2026, 2028]
horizon_end = 2030
unserved = { penalty_per_mwh = 3000 }

[latency]
base_ms = 5
ms_per_km = 0.02
"""
    return write_instance(folder, manifest, tables)
