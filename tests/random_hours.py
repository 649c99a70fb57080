"""Small random instances with slices, aspects switched on one by one, to compare with an oracle.

What an aspect adds is drawn by dice of its own, so that the rest stays as it is without it.
"""

import random
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.random_instances import Rows, write_instance

YEAR_HOURS = 8760


class Draft:
    """An instance in the making: two sites, two regions, two workloads, a few slices."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(f"{seed}")
        self.stages, self.horizon_end = dice.choice(
            [([2026], 2028), ([2026, 2028], 2030), ([2026, 2027], 2028), ([2026, 2027, 2029], 2030)]
        )
        self.discount_rate = dice.choice([0.0, 0.05, 0.1])
        self.penalty = None
        self.tables: dict[str, Rows] = {
            "workloads": [
                {"workload": "chat", "latency_slo_ms": 30, "service_ms": 5},
                {"workload": "batch"},
            ],
            "regions": [
                {"region": "utrecht", "country": "NL", "timezone": "Europe/Amsterdam"},
                {"region": "cork", "country": "IE", "timezone": "Europe/Dublin"},
            ],
            "sites": [
                {"site": "delta", "country": "NL", "operator": "aqua", "operator_country": "NL"}
                | {"node": "delta", "max_it_mw": 20, "earliest_year": 2026}
                | {"opening_cost": 2_000_000, "it_cost_per_mw": dice.choice([1, 2]) * 1_000_000}
                | {"pue": dice.choice([1.1, 1.3])},
                {"site": "shannon", "country": "IE", "operator": "acme", "operator_country": "US"}
                | {"node": "shannon", "max_it_mw": 20, "earliest_year": 2026}
                | {"opening_cost": 1_000_000, "it_cost_per_mw": dice.choice([1, 2]) * 1_000_000}
                | {"fixed_cost_per_year": 100_000, "pue": 1.2},
            ],
            "nodes": [
                {"node": name, "country": country, "energy_price_per_mwh": dice.choice([40, 90])}
                | {"carbon_kg_per_mwh": dice.choice([100, 400])}
                for name, country in (("delta", "NL"), ("shannon", "IE"))
            ],
            "grid": [
                {"node": name, "year": 2026, "firm_mw": dice.choice([6, 9, 12])}
                for name in ("delta", "shannon")
            ],
            "latency": [
                {"region": region, "site": site, "rtt_ms": dice.choice([5, 20])}
                | {"network_cost_per_mw_year": dice.choice([0, 30_000])}
                for region in ("utrecht", "cork")
                for site in ("delta", "shannon")
            ],
            "demand": [
                {"region": region, "workload": workload, "year": year, "it_mw": dice.choice(sizes)}
                for region, sizes in (("utrecht", [2, 3, 4]), ("cork", [1, 2]))
                for workload in ("chat", "batch")
                for year in self.stages
            ],
            "slices": slices(dice),
        }
        self.profile("busy", [dice.choice([0.4, 0.7, 1]) for _ in self["slices"]])
        self.profile("price", [dice.choice([0.3, 1, 2]) for _ in self["slices"]])
        self.add("demand_profiles", workload="chat", profile="busy")
        self.add("place_profiles", place="*", quantity="energy_price", profile="price")

    def __getitem__(self, table: str) -> Rows:
        return self.tables.setdefault(table, [])

    def add(self, table: str, **row: object) -> None:
        self[table].append(row)

    def profile(self, name: str, values: list[float]) -> None:
        for row, value in zip(self["slices"], values, strict=True):
            self.add("profiles", profile=name, slice=row["slice"], value=value)

    def offer(self, dice: random.Random, technology: dict, **limits: object) -> None:
        """Allow a technology at one site or both."""
        self["technologies"].append({"lead_years": 0, "cost_per_mw": 100_000} | technology)
        sites = dice.choice([["delta"], ["shannon"], ["delta", "shannon"]])
        for site in sites:
            self.add("site_technologies", site=site, technology=technology["technology"], **limits)

    def scarce(self, part: float) -> None:
        """Leave nodes a part of their firm power."""
        for row in self["grid"]:
            row["firm_mw"] = round(row["firm_mw"] * part, 2)

    def write(self, folder: Path) -> Path:
        unserved = f"{{ penalty_per_mwh = {self.penalty} }}" if self.penalty else '"forbidden"'
        manifest = (
            'name = "hours"\ntitle = "Random hours"\ncurrency = "EUR"\nbase_year = 2026\n'
            f"discount_rate = {self.discount_rate}\nstages = {self.stages}\n"
            f"horizon_end = {self.horizon_end}\nunserved = {unserved}\n"
        )
        return write_instance(folder, manifest, self.tables)


def slices(dice: random.Random) -> Rows:
    """One day or two, of two to four slices, or of a single one."""
    rows: Rows = []
    parts = dice.choice([[1.0], [0.3, 0.7], [0.5, 0.5]])
    for day, part in enumerate(parts):
        lasting = dice.choice([[8, 16], [6, 6, 12], [4, 8, 4, 8], [1, 1], [24]])
        often = YEAR_HOURS * part / sum(lasting)
        for number, hours in enumerate(lasting):
            rows.append(
                {"slice": f"d{day}h{number}", "day": f"d{day}", "hours": hours}
                | {"weight_hours": often * hours}
                | {"starts_utc": f"2026-0{1 + 6 * day}-15T{sum(lasting[:number]):02}:00"}
            )
    return rows


# Aspects: what each adds to a draft.


def unserved(draft: Draft, dice: random.Random) -> None:
    draft.penalty = dice.choice([60, 150, 500])
    draft.scarce(0.5)


def existing(draft: Draft, dice: random.Random) -> None:
    dice.choice(draft["sites"])["existing_it_mw"] = dice.choice([1, 2.5])


def blocks(draft: Draft, dice: random.Random) -> None:
    dice.choice(draft["sites"])["block_mw"] = dice.choice([1.5, 2])


def shared_node(draft: Draft, dice: random.Random) -> None:
    for site in draft["sites"]:
        site["node"] = "delta"
    draft["grid"][0]["firm_mw"] += 4


def upgrades(draft: Draft, dice: random.Random) -> None:
    draft.scarce(0.7)
    for node in ("delta", "shannon"):
        upgrade = {"node": node, "upgrade": "line", "mw": 6, "cost": dice.choice([1, 3]) * 1e6}
        draft.add("upgrades", **upgrade, lead_years=dice.choice([0, 0, 1]))


def sequence(draft: Draft, dice: random.Random) -> None:
    draft.scarce(0.6)
    draft.penalty = draft.penalty or 400
    for node in ("delta", "shannon"):
        first = {"node": node, "upgrade": "works", "mw": dice.choice([0, 1]), "cost": 500_000}
        draft.add("upgrades", **first, lead_years=0, earliest_year=draft.stages[-1])
        then = {"node": node, "upgrade": "cable", "mw": 8, "cost": 200_000, "after": "works"}
        draft.add("upgrades", **then, lead_years=0)


def flexible(draft: Draft, dice: random.Random) -> None:
    draft.scarce(0.5)
    draft.penalty = draft.penalty or 600
    for node in ("delta", "shannon"):
        row = {"node": node, "flexible_mw": dice.choice([3, 5]), "event_hours": dice.choice([2, 9])}
        row["curtailed_hours_per_year"] = dice.choice([0, 50, 300])
        draft.add("flexible_grid", **row, year=dice.choice([2026, 2026, 2027]))
    standby = {"technology": "standby", "kind": "diesel", "variable_cost_per_mwh": 300}
    draft.offer(dice, standby | {"carbon_kg_per_mwh": 700}, max_mw=4)


def storage(draft: Draft, dice: random.Random) -> None:
    cells = {"technology": "cells", "kind": "battery", "efficiency": dice.choice([0.81, 0.9])}
    cells |= {"cost_per_mwh_storage": dice.choice([5_000, 60_000]), "cost_per_mw": 20_000}
    cells["variable_cost_per_mwh"] = dice.choice([0, 1])
    limits = {"max_mw": 5} | dice.choice([{}, {"max_mwh": 12}])
    draft.offer(dice, cells | {"embodied_t_per_mwh": 60}, **limits)


def ppa(draft: Draft, dice: random.Random) -> None:
    draft.profile("contract", [dice.choice([0.2, 0.6, 1]) for _ in draft["slices"]])
    contract = {"technology": "contract", "kind": "ppa", "variable_cost_per_mwh": 35, "clean": 1}
    draft.offer(dice, contract | {"profile": "contract", "cost_per_mw": 0}, max_mw=6)


def gas(draft: Draft, dice: random.Random) -> None:
    engine = {"technology": "engine", "kind": "gas", "fuel_price_per_mwh": 20, "efficiency": 0.5}
    engine |= {"variable_cost_per_mwh": 3, "carbon_kg_per_mwh": 350, "embodied_t_per_mw": 90}
    draft.offer(dice, engine | {"fixed_cost_per_mw_year": 9_000}, max_mw=dice.choice([3, 8]))


def solar(draft: Draft, dice: random.Random) -> None:
    draft.profile("sun", [dice.choice([0, 0.4, 0.9]) for _ in draft["slices"]])
    draft.profile("fog", [dice.choice([0, 0.2]) for _ in draft["slices"]])
    panels = {"technology": "panels", "kind": "solar", "clean": 1, "profile": "sun"}
    draft.offer(dice, panels | {"land_ha_per_mw": 1.5}, max_mw=6, existing_mw=dice.choice([0, 1]))
    place = dice.choice(["IE", "delta", "*"])
    draft.add("technology_profiles", technology="panels", place=place, profile="fog")


def land(draft: Draft, dice: random.Random) -> None:
    for site in draft["sites"]:
        site["land_ha"] = dice.choice([2.5, 4])
    wind = {"technology": "mills", "kind": "wind", "clean": 1, "land_ha_per_mw": 1}
    draft.offer(dice, wind, max_mw=9)


def export(draft: Draft, dice: random.Random) -> None:
    for node in draft["nodes"]:
        node |= {"export_mw": dice.choice([1, 3]), "export_price_share": dice.choice([0.5, 1])}
    roof = {"technology": "roof", "kind": "wind", "clean": 1, "cost_per_mw": 300_000}
    draft.offer(dice, roof, max_mw=8)


def negative_price(draft: Draft, dice: random.Random) -> None:
    draft["nodes"][0]["energy_price_per_mwh"] = -5


def moving(draft: Draft, dice: random.Random) -> None:
    batch = draft["workloads"][1]
    batch |= {"movable_share": dice.choice([0.2, 0.5]), "move_cost_per_mwh": dice.choice([0, 8])}
    draft.profile("batches", [dice.choice([0.5, 1]) for _ in draft["slices"]])
    draft.add("demand_profiles", workload="batch", profile="batches")
    if dice.random() < 0.3:
        draft["sites"][1]["moves_load"] = 0


def cutting(draft: Draft, dice: random.Random) -> None:
    chat = draft["workloads"][0]
    chat |= {"movable_share": 0.3, "cut_share": 0.1, "cut_cost_per_mwh": dice.choice([20, 90])}
    chat["move_cost_per_mwh"] = 5


def campaigns(draft: Draft, dice: random.Random) -> None:
    end = dice.choice([draft.stages[-1] + 1, draft.stages[0] + 1])
    campaign = {"campaign": "model", "workload": "batch", "country": dice.choice(["NL", "IE"])}
    draft.add("campaigns", **campaign, it_mw=dice.choice([1, 2]), year=2026, until_year=end)
    if dice.random() < 0.5:
        rule = {"rule": "at-home", "workload": "batch", "applies_to": "IE", "kind": "site_in"}
        draft.add("rules", **rule, group="@same")


def corridors(draft: Draft, dice: random.Random) -> None:
    draft.add("corridors", corridor="sea", year=dice.choice([2026, 2027]), max_mw=8)
    draft.add("corridor_nodes", corridor="sea", node="delta", factor=1)
    draft.add("corridor_nodes", corridor="sea", node="shannon", factor=dice.choice([0.5, -0.5]))


def tariffs(draft: Draft, dice: random.Random) -> None:
    for node in draft["nodes"]:
        node["demand_charge_per_mw_year"] = dice.choice([0, 20_000, 60_000])
        node["connection_fee_per_mw"] = dice.choice([0, 100_000])


def carbon_price(draft: Draft, dice: random.Random) -> None:
    draft.add("policies", policy="carbon_price", year=2026, value=dice.choice([50, 120]))
    draft.add("policies", policy="carbon_price", year=2027, value=dice.choice([0, 200]))


def carbon_cap(draft: Draft, dice: random.Random) -> None:
    draft.penalty = draft.penalty or 600
    cap = dice.choice([6_000, 12_000])
    draft.add("policies", policy="carbon_cap", year=dice.choice([2026, 2027]), value=cap)


def embodied(draft: Draft, dice: random.Random) -> None:
    draft.add("policies", policy="carbon_price", year=2025, value=100)
    for site in draft["sites"]:
        site |= {"embodied_t": dice.choice([0, 9_000]), "embodied_t_per_it_mw": 400}


def water_cap(draft: Draft, dice: random.Random) -> None:
    draft.penalty = draft.penalty or 600
    for site in draft["sites"]:
        site["water_l_per_kwh"] = dice.choice([0.3, 1.5])
    draft.add("policies", policy="water_cap", year=2027, value=dice.choice([8_000, 30_000]))


def clean(draft: Draft, dice: random.Random) -> None:
    """What is clean, for the two policies that ask for it."""
    for node in draft["nodes"]:
        node["clean_share"] = dice.choice([0.1, 0.4])
    green = {"technology": "green", "kind": "ppa", "variable_cost_per_mwh": 80, "clean": 1}
    draft.offer(dice, green | {"cost_per_mw": 0}, max_mw=9)
    draft.penalty = draft.penalty or 600


def clean_annual(draft: Draft, dice: random.Random) -> None:
    clean(draft, dice)
    policy = {"policy": "clean_share", "value": dice.choice([0.5, 0.8]), "unit": "annual"}
    draft.add("policies", **policy, year=2026)


def clean_hourly(draft: Draft, dice: random.Random) -> None:
    if not draft["nodes"][0].get("clean_share"):
        clean(draft, dice)
    policy = {"policy": "clean_share", "value": dice.choice([0.6, 0.9]), "unit": "hourly"}
    draft.add("policies", **policy, year=2027)


def budget(draft: Draft, dice: random.Random) -> None:
    draft.penalty = draft.penalty or 600
    draft.add("policies", policy="capital_budget", year=2026, value=dice.choice([9, 14]) * 1e6)


def resale(draft: Draft, dice: random.Random) -> None:
    rented = {"technology": "rented", "kind": "fuel_cell", "resale_share": 0.9}
    rented |= {"cost_per_mw": 900_000, "fuel_price_per_mwh": 25, "fixed_cost_per_mw_year": 30_000}
    draft.offer(dice, rented | dice.choice([{}, {"life_years": 4}]), max_mw=6)
    for row in draft["grid"][:]:
        draft.add("grid", node=row["node"], year=draft.horizon_end - 1, firm_mw=row["firm_mw"])
        row["firm_mw"] /= 2


def used_cells(draft: Draft, dice: random.Random) -> None:
    old = {"technology": "old_cells", "kind": "battery", "efficiency": 0.64, "resale_share": 0.5}
    old |= {"cost_per_mwh_storage": 20_000, "life_years": dice.choice([1, 2, 10])}
    draft.offer(dice, old, max_mw=3, existing_mw=1, existing_mwh=dice.choice([0, 2]))


def lead(draft: Draft, dice: random.Random) -> None:
    plant = {"technology": "plant", "kind": "nuclear", "lead_years": dice.choice([1, 2])}
    plant |= {"fuel_price_per_mwh": 5, "life_years": dice.choice([1, 2, 30])}
    draft.offer(dice, plant, max_mw=8, earliest_year=dice.choice([2026, 2027]))


def dated_costs(draft: Draft, dice: random.Random) -> None:
    turbine = {"technology": "turbine", "kind": "gas", "fuel_price_per_mwh": 12}
    draft.offer(dice, turbine, max_mw=5)
    dated = {"technology": "turbine", "year": 2026, "cost_per_mw": 500_000}
    draft.add("technology_costs", **dated, fuel_price_per_mwh=dice.choice([12, 30]))
    dated = {"technology": "turbine", "year": 2027}
    draft.add("technology_costs", **dated, **dice.choice([{}, {"fuel_price_per_mwh": 45}]))


def idle(draft: Draft, dice: random.Random) -> None:
    for site in draft["sites"]:
        site["idle_share"] = dice.choice([0.2, 0.4])
    draft["sites"][0].setdefault("existing_it_mw", 2)


def temperature(draft: Draft, dice: random.Random) -> None:
    draft.profile("warm", [dice.choice([10, 25, 35]) for _ in draft["slices"]])
    draft.add(
        "place_profiles", place=dice.choice(["*", "NL"]), quantity="temperature", profile="warm"
    )
    draft["sites"][0] |= {"pue_per_c": 0.02, "pue_from_c": 22}


def local(draft: Draft, dice: random.Random) -> None:
    for hour in range(24):
        draft.add("local_profiles", profile="awake", hour=hour, value=dice.choice([0.3, 0.6, 1]))
    draft.add("demand_profiles", region=dice.choice(["cork", "utrecht"]), profile="awake")


def grid_carbon(draft: Draft, dice: random.Random) -> None:
    draft.profile("dirt", [dice.choice([0, 0.5, 2]) for _ in draft["slices"]])
    draft.add(
        "place_profiles", place=dice.choice(["IE", "delta"]), quantity="carbon", profile="dirt"
    )
    draft.add("policies", policy="carbon_price", year=2024, value=150)


def law(draft: Draft, dice: random.Random) -> None:
    kind = dice.choice(["max_share_operator", "min_share_at_home", "min_sites_in"])
    value = {"max_share_operator": 0.75, "min_share_at_home": 0.5, "min_sites_in": 2}[kind]
    draft.add("rules", rule="law", kind=kind, value=value, group="*")


Aspect = Callable[[Draft, random.Random], None]
LISTED: tuple[Aspect, ...] = (
    *(unserved, existing, blocks, shared_node, upgrades, sequence, flexible, storage, ppa, gas),
    *(solar, land, export, negative_price, moving, cutting, campaigns, corridors, tariffs),
    *(carbon_price, carbon_cap, embodied, water_cap, clean_annual, clean_hourly, budget, resale),
    *(used_cells, lead, dated_costs, idle, temperature, local, grid_carbon, law),
)
ASPECTS = {aspect.__name__: aspect for aspect in LISTED}


def hourly_instance(folder: Path, seed: int, aspects: Iterable[str] = ()) -> Path:
    """Write a random instance with slices; the same seed and aspects write the same files."""
    draft, wanted = Draft(seed), set(aspects)
    unknown = wanted - set(ASPECTS)
    assert not unknown, unknown
    for name, aspect in ASPECTS.items():
        if name in wanted:
            aspect(draft, random.Random(f"{seed} {name}"))
    return draft.write(folder)
