"""Small random instances with aspects switched on one by one, for comparison with the oracle."""

import csv
import random
from pathlib import Path
from typing import Any

PAIR_RULES = ("site_in", "site_not_in", "operator_in", "operator_not_in")
SHARE_RULES = (
    "max_share_operator_outside",
    "max_share_country",
    "max_share_operator",
    "min_share_at_home",
    "min_sites_in",
)
ASPECTS = (
    "existing",
    "blocks",
    "upgrades",
    "shared_nodes",
    "budget",
    "unserved",
    "carbon",
    "uneven_stages",
    "latency_table",
    "earliest",
    "single_year",
)
SWITCHES = ASPECTS + PAIR_RULES + SHARE_RULES

PLACES = (
    # name, latitude, longitude, country, operator, operator_country
    ("berlin", 52.5, 13.4, "DE", "spree", "DE"),
    ("paris", 48.9, 2.4, "FR", "acme", "US"),
    ("amsterdam", 52.4, 4.9, "NL", "acme", "US"),
    ("dublin", 53.3, -6.3, "IE", "liffey", "IE"),
    ("zurich", 47.4, 8.5, "CH", "spree", "DE"),
)
USERS = (
    ("hamburg", 53.6, 10.0, "DE"),
    ("lyon", 45.8, 4.8, "FR"),
    ("utrecht", 52.1, 5.1, "NL"),
    ("cork", 51.9, -8.5, "IE"),
    ("munich", 48.1, 11.6, "DE"),
)
GROUPS = {"EU": ("DE", "FR", "NL", "IE"), "rhine": ("DE", "FR", "NL", "CH")}

Rows = list[dict[str, Any]]


def random_instance(folder: Path, seed: int, **switches: bool) -> Path:
    """Write a random instance of 2–4 sites, 2–4 regions, 1–2 workloads and 1–3 stages.

    Parameters
    ----------
    folder : made if need be.
    seed : the same seed and switches write the same files.
    switches : names of SWITCHES; an aspect that is not switched on is absent.

    Returns
    -------
    Path
        The folder. Most instances have a plan; some have none.
    """
    unknown = set(switches) - set(SWITCHES)
    assert not unknown, unknown
    on = {name for name, wanted in switches.items() if wanted}
    dice = random.Random(f"{seed} {sorted(on)}")
    stages, horizon_end = horizon(dice, on)
    tables = {
        "workloads": workloads(dice),
        "regions": [
            {"region": name, "latitude": north, "longitude": east, "country": country}
            for name, north, east, country in dice.sample(USERS, dice.randint(2, 4))
        ],
    }
    tables["demand"] = demand(dice, tables, stages)
    tables["sites"] = sites(dice, tables, stages, on)
    tables |= power(dice, tables, stages, on)
    tables |= latency(dice, tables, on)
    tables |= law(dice, stages, on)
    tables["policies"] = policies(dice, tables, stages, horizon_end, on)
    manifest = [
        'name = "random"',
        f'title = "Random instance {seed}"',
        'currency = "EUR"',
        "base_year = 2026",
        f"discount_rate = {dice.choice([0.0, 0.05, 0.1])}",
        f"stages = {stages}",
        f"horizon_end = {horizon_end}",
        f"unserved = {{ penalty_per_mwh = {dice.choice([150, 400, 3000])} }}"
        if "unserved" in on
        else 'unserved = "forbidden"',
    ]
    if "latency_table" not in on or dice.random() < 0.5:
        manifest += ["[latency]", "base_ms = 5", "ms_per_km = 0.02"]
    return write_instance(folder, "\n".join(manifest) + "\n", tables)


def horizon(dice: random.Random, on: set[str]) -> tuple[list[int], int]:
    """Stages and the year after the last."""
    if "single_year" in on:
        return [2026], 2027
    if "uneven_stages" in on:
        return dice.choice([([2026, 2027, 2031], 2033), ([2027, 2030], 2037), ([2028], 2034)])
    return [2026, 2028], 2030


def workloads(dice: random.Random) -> Rows:
    """Chat in a hurry, and perhaps batch that has time."""
    chat = {"workload": "chat", "latency_slo_ms": dice.choice([28, 34, 45]), "service_ms": 6}
    chat["load_factor"] = dice.choice([0.5, 1.0])
    batch = {"workload": "batch", "load_factor": 0.8}
    return [chat, batch][: dice.randint(1, 2)]


def demand(dice: random.Random, tables: dict[str, Rows], stages: list[int]) -> Rows:
    """Demand that grows from stage to stage; now and then a region or stage has none."""
    rows = []
    for region in tables["regions"]:
        for workload in tables["workloads"]:
            it_mw = dice.choice([0.5, 1, 2, 4])
            for year in stages:
                it_mw = round(it_mw * dice.choice([1, 1.5, 2]), 3)
                if dice.random() < 0.9:
                    rows.append(
                        {
                            "region": region["region"],
                            "workload": workload["workload"],
                            "year": year,
                            "it_mw": it_mw,
                        }
                    )
    return rows or [
        {
            "region": tables["regions"][0]["region"],
            "workload": "chat",
            "year": stages[0],
            "it_mw": 1,
        }
    ]


def demand_mw(tables: dict[str, Rows]) -> dict[int, float]:
    """IT MW demanded in each stage."""
    total: dict[int, float] = {}
    for row in tables["demand"]:
        total[row["year"]] = total.get(row["year"], 0.0) + row["it_mw"]
    return total


def sites(dice: random.Random, tables: dict[str, Rows], stages: list[int], on: set[str]) -> Rows:
    """Sites that together hold about three times the demand of the busiest stage."""
    places = dice.sample(PLACES, dice.randint(2, 4))
    typical_mw = 3 * max(demand_mw(tables).values()) / len(places)
    rows = []
    for name, north, east, country, operator, control in places:
        max_it_mw = max(1, round(typical_mw * dice.choice([0.6, 1, 1.5])))
        site = {
            "site": name,
            "latitude": north,
            "longitude": east,
            "country": country,
            "operator": operator,
            "operator_country": control,
            "node": f"{name}-grid",
            "max_it_mw": max_it_mw,
            "opening_cost": dice.choice([0, 2_000_000, 15_000_000]),
            "fixed_cost_per_year": dice.choice([0, 100_000, 900_000]),
            "it_cost_per_mw": dice.choice([1_000_000, 6_000_000, 8_500_000]),
            "pue": dice.choice([1.0, 1.1, 1.4]),
        }
        if "existing" in on and dice.random() < 0.6:
            site["existing_it_mw"] = round(max_it_mw * dice.choice([0.25, 0.5, 1]), 3)
        if "blocks" in on and dice.random() < 0.7:
            site["block_mw"] = round(max_it_mw / dice.choice([1, 1.5, 2.5]), 3)
        if "earliest" in on and dice.random() < 0.5:
            site["earliest_year"] = dice.choice([*stages, stages[-1] - 1])
        rows.append(site)
    if "shared_nodes" in on:
        for site in rows[1:]:
            if dice.random() < 0.7:
                site["node"] = rows[0]["node"]
    return rows


def power(
    dice: random.Random, tables: dict[str, Rows], stages: list[int], on: set[str]
) -> dict[str, Rows]:
    """Nodes, their firm MW by year, and reinforcements."""
    nodes, grid, upgrades = [], [], []
    for node in dict.fromkeys(site["node"] for site in tables["sites"]):
        nodes.append(
            {
                "node": node,
                "country": "DE",
                "latitude": 50,
                "longitude": 8,
                "energy_price_per_mwh": dice.choice([30, 60, 110]),
                "carbon_kg_per_mwh": dice.choice([0, 80, 420]),
            }
        )
        need_mw = sum(
            site["max_it_mw"] * site["pue"] for site in tables["sites"] if site["node"] == node
        )
        firm_mw = round(need_mw * dice.choice([0.6, 0.9, 1.2]), 2)
        grid.append({"node": node, "year": stages[0] - dice.choice([0, 1]), "firm_mw": firm_mw})
        if dice.random() < 0.5:
            # A year inside a stage: the stage gets the lowest of its years.
            change = dice.choice([0.8, 1.5])
            year = stages[0] + dice.choice([1, 2])
            grid.append({"node": node, "year": year, "firm_mw": round(firm_mw * change, 2)})
        if "upgrades" in on:
            for number in range(dice.randint(0, 2)):
                upgrade = {
                    "node": node,
                    "upgrade": f"line-{number}",
                    "mw": round(need_mw * dice.choice([0.2, 0.5]), 1),
                    "cost": dice.choice([500_000, 4_000_000]),
                    "lead_years": dice.choice([0, 1, 2]),
                }
                if dice.random() < 0.4:
                    upgrade["earliest_year"] = dice.choice([*stages, stages[0] + 1])
                upgrades.append(upgrade)
    return {"nodes": nodes, "grid": grid, "upgrades": upgrades}


def latency(dice: random.Random, tables: dict[str, Rows], on: set[str]) -> dict[str, Rows]:
    """Listed round trips and network costs of most pairs."""
    if "latency_table" not in on:
        return {}
    rows = [
        {
            "region": region["region"],
            "site": site["site"],
            "rtt_ms": dice.choice([8, 14, 20, 30]),
            "network_cost_per_mw_year": dice.choice([0, 20_000, 300_000]),
        }
        for region in tables["regions"]
        for site in tables["sites"]
        if dice.random() < 0.85
    ]
    return {"latency": rows}


def law(dice: random.Random, stages: list[int], on: set[str]) -> dict[str, Rows]:
    """One rule of each kind that is switched on."""
    rules = []
    for kind in sorted(on & {*PAIR_RULES, *SHARE_RULES}):
        rule: dict[str, Any] = {
            "rule": f"rule-{kind}",
            "workload": dice.choice(["*", "chat"]),
            "applies_to": dice.choice(["*", "EU", "DE"]),
            "kind": kind,
            "group": dice.choice(["EU", "EU", "rhine", "DE"]),
        }
        if kind in PAIR_RULES:
            if kind.endswith("not_in"):
                rule["group"] = dice.choice(["US", "CH", "FR", "@same"])
            elif dice.random() < 0.3:
                rule["group"] = "@same"
        else:
            most = kind.startswith("max")
            rule["value"] = dice.choice([0.5, 0.75, 0.9] if most else [0.25, 0.5])
            if dice.random() < 0.4:
                rule["year"] = dice.choice([stages[-1], stages[0] + 1])
        if kind in ("max_share_country", "max_share_operator", "min_share_at_home"):
            rule["group"] = dice.choice(["*", ""])
        if kind == "min_sites_in":
            rule |= {"workload": "*", "applies_to": "*", "value": dice.choice([1, 2])}
        rules.append(rule)
    groups = [
        {"group": group, "country": country}
        for group, countries in GROUPS.items()
        for country in countries
    ]
    return {"rules": rules, "groups": groups} if rules else {}


def policies(
    dice: random.Random,
    tables: dict[str, Rows],
    stages: list[int],
    horizon_end: int,
    on: set[str],
) -> Rows:
    """A carbon price that changes within a stage, and a budget for all or for later stages."""
    rows: Rows = []
    if "carbon" in on:
        for year in sorted(dice.sample(range(stages[0] - 1, horizon_end), 2)):
            rows.append(
                {"policy": "carbon_price", "year": year, "value": dice.choice([40, 90, 250])}
            )
    if "budget" in on:
        peak_mw = max(demand_mw(tables).values())
        for year in sorted({stages[0], dice.choice(stages)}):
            budget = round(peak_mw * dice.choice([3, 5, 8])) * 1_000_000
            rows.append({"policy": "capital_budget", "year": year, "value": budget})
    return rows


def write_instance(folder: Path, manifest: str, tables: dict[str, Rows]) -> Path:
    """Write `instance.toml` and a CSV file for each table that has rows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "instance.toml").write_text(manifest, encoding="utf-8")
    for name, rows in tables.items():
        if rows:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    return folder
