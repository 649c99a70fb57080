"""Profiles are read out at the right place and hour; limits hold for a stage's worst year."""

import numpy as np
import pandas as pd
import pytest

from optimizer.audit.facts import Facts
from optimizer.audit.power_facts import PowerFacts
from optimizer.instance import read_instance
from tests.optimizer.audit.runs import table

MANIFEST = """\
name = "facts"
title = "Profiles"
currency = "EUR"
base_year = 2026
discount_rate = 0.0
stages = [2026, 2028]
horizon_end = 2029
"""
# Noon and midnight in UTC, of a day in January and of one in July.
STARTS = ("2026-01-15T12:00", "2026-01-15T00:00", "2026-07-15T12:00", "2026-07-15T00:00")
SLICES = [("w12", "winter"), ("w0", "winter"), ("s12", "summer"), ("s0", "summer")]
INSTANCE = {
    "sites": table(
        "site country operator operator_country node max_it_mw existing_it_mw pue pue_per_c"
        " pue_from_c",
        ("cool", "NL", "aqua", "NL", "port", 1, 1, 1.2, 0.02, 18),
        ("warm", "NL", "aqua", "NL", "plain", 1, 1, 1.1, 0, 20),
    ),
    "nodes": table(
        "node latitude longitude country energy_price_per_mwh carbon_kg_per_mwh",
        ("port", 0, 0, "NL", 50, 100),
        ("plain", 0, 0, "NL", 50, 100),
        ("hill", 0, 0, "FR", 50, 100),
    ),
    "grid": table("node year firm_mw", *((node, 2026, 9) for node in ("port", "plain", "hill"))),
    "flexible_grid": table(
        "node year flexible_mw curtailed_hours_per_year event_hours",
        ("port", 2026, 3, 50, 4),
        ("port", 2027, 2, 100, 2),
        ("plain", 2027, 5, 10, 1),
    ),
    "regions": table(
        "region country timezone",
        ("utc", "NL", "UTC"),
        ("berlin", "DE", "Europe/Berlin"),
        ("delhi", "IN", "Asia/Kolkata"),
    ),
    "workloads": table("workload", ("chat",), ("batch",), ("agents",)),
    "demand": table("region workload year it_mw", ("utc", "chat", 2026, 1)),
    "latency": table("region site rtt_ms", ("utc", "cool", 1)),
    "slices": table(
        "slice day weight_hours hours starts_utc",
        *((*names, 2190, 12, start) for names, start in zip(SLICES, STARTS, strict=True)),
    ),
    "profiles": table(
        "profile slice value",
        *(
            (profile, name, value)
            for profile, values in {
                "of_node": (1, 2, 3, 4),
                "of_country": (5, 6, 7, 8),
                "of_all": (9, 9, 9, 9),
                "degrees": (8, 18, 28, 38),
                "sun": (0.1, 0.2, 0.3, 0.4),
                "clouds": (0.5, 0.5, 0.5, 0.5),
            }.items()
            for (name, _), value in zip(SLICES, values, strict=True)
        ),
    ),
    "local_profiles": table(
        "profile hour value", *(("clock", hour, hour / 100) for hour in range(24))
    ),
    "demand_profiles": table(
        "region workload profile",
        ("*", "*", "clock"),
        ("*", "batch", "clouds"),
        ("delhi", "*", "clock"),
        ("berlin", "batch", "sun"),
    ),
    "place_profiles": table(
        "place quantity profile",
        ("*", "energy_price", "of_all"),
        ("NL", "energy_price", "of_country"),
        ("port", "energy_price", "of_node"),
        ("NL", "temperature", "degrees"),
    ),
    "technologies": table(
        "technology kind lead_years cost_per_mw fuel_price_per_mwh efficiency"
        " variable_cost_per_mwh profile",
        ("panels", "solar", 0, 10, 0, 1, 0, "sun"),
        ("engine", "gas", 0, 20, 30, 0.5, 1, ""),
        ("mill", "wind", 0, 30, 0, 1, 0, "sun"),
    ),
    "technology_profiles": table(
        "technology place profile", ("panels", "NL", "clouds"), ("mill", "plain", "clouds")
    ),
    "technology_costs": table(
        "technology year cost_per_mw fuel_price_per_mwh",
        ("engine", 2027, 15, ""),
        ("engine", 2028, "", 40),
    ),
    "site_technologies": table(
        "site technology max_mw",
        *((site, k, 1) for site in ("cool", "warm") for k in ("panels", "engine", "mill")),
    ),
}


@pytest.fixture(scope="module")
def power(tmp_path_factory: pytest.TempPathFactory) -> PowerFacts:
    folder = tmp_path_factory.mktemp("facts") / "instance"
    folder.mkdir()
    (folder / "instance.toml").write_text(MANIFEST, encoding="utf-8")
    for name, content in INSTANCE.items():
        content.to_csv(folder / f"{name}.csv", index=False)
    return PowerFacts(Facts(read_instance(folder)))


@pytest.mark.parametrize(
    ("region", "workload", "shape"),
    [
        ("utc", "chat", (0.12, 0, 0.12, 0)),
        # An hour ahead in winter, two in summer; five and a half all year, when the clock shows 17.
        ("berlin", "chat", (0.13, 0.01, 0.14, 0.02)),
        ("delhi", "chat", (0.17, 0.05, 0.17, 0.05)),
        # What names the workload goes before nothing, the region before the workload, both first.
        ("utc", "batch", (0.5, 0.5, 0.5, 0.5)),
        ("delhi", "batch", (0.17, 0.05, 0.17, 0.05)),
        ("berlin", "batch", (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_load_follows_the_row_that_says_most(
    power: PowerFacts, region: str, workload: str, shape: tuple[float, ...]
) -> None:
    pairs = pd.DataFrame({"region": [region], "workload": [workload]}, index=[7])
    assert power.load_shapes(pairs)[0] == pytest.approx(shape)


def test_node_goes_before_country_before_everywhere(power: PowerFacts) -> None:
    factor = power.at_nodes("energy_price", 1.0)
    assert factor.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]]
    assert power.at_nodes("carbon", 1.0).tolist() == [[1] * 4] * 3
    assert power.price[0].tolist() == [50, 100, 150, 200]


def test_pue_rises_above_its_temperature_only(power: PowerFacts) -> None:
    by_site = dict(zip(power.site_rows.keys.site, power.pue.tolist(), strict=True))
    assert by_site["cool"] == pytest.approx([1.2, 1.2, 1.4, 1.6])
    assert by_site["warm"] == [1.1] * 4


def test_technologies_follow_their_place_then_their_own_profile(power: PowerFacts) -> None:
    keys = power.supply_rows.keys
    found = {
        (row.site, row.technology): values
        for row, values in zip(keys.itertuples(), power.available.tolist(), strict=True)
    }
    sun, clouds = [0.1, 0.2, 0.3, 0.4], [0.5] * 4
    assert found["cool", "panels"] == clouds
    assert found["cool", "mill"] == sun
    assert found["warm", "mill"] == clouds
    assert found["warm", "engine"] == [1.0] * 4


def test_costs_hold_until_the_next_row_and_where_empty_are_the_technologys(
    power: PowerFacts,
) -> None:
    engine = power.costs_of_year.loc["engine"]
    assert engine.cost_per_mw.tolist() == [20, 15, 20]
    assert engine.fuel_price_per_mwh.tolist() == [30, 30, 40]
    row = int(np.flatnonzero(power.supply_rows.keys.technology == "engine")[0])
    assert power.energy_cost(2028)[row] == 1 + 40 / 0.5


def test_flexible_power_is_the_least_of_a_stage_and_its_cuts_the_most(power: PowerFacts) -> None:
    keys = power.node_rows.keys
    found = power.flexible.set_index([keys.node, keys.year])
    assert found.loc[("port", 2026)].tolist() == [2, 100, 4]
    assert found.loc[("port", 2028)].tolist() == [2, 100, 2]
    assert found.loc[("plain", 2026)].tolist() == [0, 10, 1]  # None in 2026.
    assert found.loc[("hill", 2028)].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("hours", "reach"),
    [
        # By the slice that it ends with: hours of w12, w0, s12, s0; the days are apart.
        (5, [(5, 0, 0, 0), (0, 5, 0, 0), (0, 0, 5, 0), (0, 0, 0, 5)]),
        (18, [(12, 6, 0, 0), (6, 12, 0, 0), (0, 0, 12, 6), (0, 0, 6, 12)]),
        (99, [(12, 12, 0, 0), (12, 12, 0, 0), (0, 0, 12, 12), (0, 0, 12, 12)]),
        (0, [(0, 0, 0, 0)] * 4),
    ],
)
def test_event_goes_back_through_its_day_once_around_at_most(
    power: PowerFacts, hours: float, reach: list[tuple[float, ...]]
) -> None:
    assert power.reach(hours).toarray().tolist() == [list(row) for row in reach]
