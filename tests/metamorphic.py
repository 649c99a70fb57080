"""Changes to an instance whose effect on the least cost is known without knowing that cost."""

import copy
import csv
import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

MONEY = {
    "sites": ("opening_cost", "fixed_cost_per_year", "it_cost_per_mw"),
    "nodes": ("energy_price_per_mwh",),
    "upgrades": ("cost",),
    "latency": ("network_cost_per_mw_year",),
    "policies": ("value",),
}
MW = {
    "sites": ("max_it_mw", "existing_it_mw", "block_mw"),
    "grid": ("firm_mw",),
    "upgrades": ("mw",),
    "demand": ("it_mw",),
}
PER_MW = {
    "sites": ("it_cost_per_mw",),
    "nodes": ("energy_price_per_mwh", "carbon_kg_per_mwh"),
    "latency": ("network_cost_per_mw_year",),
}


@dataclass
class Draft:
    """An instance as its files have it, to be changed: cells are text."""

    manifest: dict[str, Any]
    tables: dict[str, list[dict[str, str]]]

    @classmethod
    def read(cls, folder: Path) -> "Draft":
        tables = {}
        for file in sorted(folder.glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as lines:
                tables[file.stem] = list(csv.DictReader(lines))
        return cls(tomllib.loads((folder / "instance.toml").read_text("utf-8")), tables)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        (folder / "instance.toml").write_text(tomli_w.dumps(self.manifest), "utf-8")
        for name, rows in self.tables.items():
            if rows:
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as lines:
                    writer = csv.DictWriter(lines, list(rows[0]))
                    writer.writeheader()
                    writer.writerows(rows)
        return folder

    def copy(self) -> "Draft":
        return copy.deepcopy(self)

    def rows(self, table: str, **where: str) -> list[dict[str, str]]:
        rows = self.tables.get(table, [])
        return [row for row in rows if all(row[key] == value for key, value in where.items())]

    def scale(self, table: str, column: str, factor: float, **where: str) -> None:
        for row in self.rows(table, **where):
            if row.get(column):
                row[column] = repr(float(row[column]) * factor)

    def scale_penalty(self, factor: float) -> None:
        if isinstance(unserved := self.manifest.get("unserved"), dict):
            unserved["penalty_per_mwh"] = unserved["penalty_per_mwh"] * factor


def money_in_thousandths(draft: Draft) -> None:
    for table, columns in MONEY.items():
        for column in columns:
            draft.scale(table, column, 1000)
    draft.scale_penalty(1000)


def power_in_kilowatts(draft: Draft) -> None:
    for table, columns in MW.items():
        for column in columns:
            draft.scale(table, column, 1000)
    for table, columns in PER_MW.items():
        for column in columns:
            draft.scale(table, column, 1 / 1000)
    draft.scale_penalty(1 / 1000)


def rows_shuffled(draft: Draft) -> None:
    # But not of rules: which of two rules bars a pair first is told by their order.
    for name, rows in draft.tables.items():
        if name != "rules":
            random.Random(name).shuffle(rows)
            rows.reverse()


def columns_shuffled(draft: Draft) -> None:
    for name, rows in draft.tables.items():
        order = sorted(rows[0], reverse=True)
        draft.tables[name] = [{column: row[column] for column in order} for row in rows]


def everything_renamed(draft: Draft) -> None:
    renamed = {"site", "node", "region", "workload", "group", "rule", "upgrade", "operator"}
    groups = {row["group"] for row in draft.rows("groups")}
    for name, rows in draft.tables.items():
        for row in rows:
            for column in renamed & set(row):
                kept = name == "rules" and column in ("group", "workload")
                if not kept or row[column] in groups or (column, row[column]) == (
                    "workload", "chat"
                ):  # fmt: skip
                    row[column] = f"z {row[column]}"[::-1]
            if row.get("applies_to") in groups:
                row["applies_to"] = f"z {row['applies_to']}"[::-1]


def region_in_two(draft: Draft) -> None:
    name = draft.tables["regions"][0]["region"]
    for table in ("regions", "latency"):
        twins = [{**row, "region": "twin"} for row in draft.rows(table, region=name)]
        draft.tables.setdefault(table, []).extend(twins)
    halves = draft.rows("demand", region=name)
    for row in halves:
        whole_mw = float(row["it_mw"])
        row["it_mw"] = repr(whole_mw / 4)
        draft.tables["demand"].append({**row, "region": "twin", "it_mw": repr(whole_mw * 3 / 4)})


def useless_site(draft: Draft) -> None:
    site = {**draft.tables["sites"][0], "site": "palace", "node": "palace", "opening_cost": "1e11"}
    draft.tables["sites"].append(
        site | ({"existing_it_mw": "0"} if "existing_it_mw" in site else {})
    )
    draft.tables["nodes"].append({**draft.tables["nodes"][0], "node": "palace"})
    draft.tables["grid"].append({"node": "palace", "year": "2020", "firm_mw": "50"})


def useless_upgrade(draft: Draft) -> None:
    upgrade = {"node": draft.tables["nodes"][0]["node"], "upgrade": "gold", "mw": "50"}
    upgrade |= {"cost": "1e11", "lead_years": "0"}
    rows = draft.tables.setdefault("upgrades", [])
    rows.append({**dict.fromkeys(rows[0], ""), **upgrade} if rows else upgrade)


def stage_in_two(draft: Draft) -> None:
    # Without discount, and with nothing that changes within the stage, it makes no difference.
    if draft.manifest["stages"] != [2026, 2028] or draft.tables.keys() & {"upgrades", "policies"}:
        return
    if any(row.get("earliest_year") for row in draft.tables["sites"]):
        return
    if any(row.get("year") for row in draft.rows("rules")):
        return
    if len(draft.rows("grid")) > len(draft.rows("nodes")):
        return
    draft.manifest["stages"] = [2026, 2027, 2028]
    later = [{**row, "year": "2027"} for row in draft.rows("demand", year="2026")]
    draft.tables["demand"].extend(later)


def less_firm_power(draft: Draft) -> None:
    draft.scale("grid", "firm_mw", 0.8)


def smaller_budget(draft: Draft) -> None:
    draft.scale("policies", "value", 0.9, policy="capital_budget")


def higher_carbon_price(draft: Draft) -> None:
    draft.scale("policies", "value", 1.1, policy="carbon_price")


def dearer_energy(draft: Draft) -> None:
    draft.scale("nodes", "energy_price_per_mwh", 1.1)


def more_demand(draft: Draft) -> None:
    draft.scale("demand", "it_mw", 1.1)


def less_efficient_buildings(draft: Draft) -> None:
    draft.scale("sites", "pue", 1.1)


def smaller_halls(draft: Draft) -> None:
    for row in draft.tables["sites"]:
        room_mw = float(row["max_it_mw"]) - float(row.get("existing_it_mw") or 0)
        row["max_it_mw"] = repr(float(row["max_it_mw"]) - 0.3 * room_mw)


def later_sites(draft: Draft) -> None:
    for row in draft.tables["sites"]:
        row["earliest_year"] = str(
            max(draft.manifest["stages"][-1], int(row.get("earliest_year") or 0))
        )


def slower_upgrades(draft: Draft) -> None:
    for row in draft.rows("upgrades"):
        row["lead_years"] = str(int(row["lead_years"]) + 2)


def no_upgrades(draft: Draft) -> None:
    draft.tables.pop("upgrades", None)


def one_site_less(draft: Draft) -> None:
    # Not one that exists: its upkeep would be saved.
    may_go = [r for r in draft.tables["sites"] if not float(r.get("existing_it_mw") or 0)]
    if not may_go:
        return
    gone = may_go[0]
    draft.tables["sites"].remove(gone)
    if "latency" in draft.tables:
        draft.tables["latency"] = [r for r in draft.tables["latency"] if r["site"] != gone["site"]]


def tighter_latency(draft: Draft) -> None:
    draft.scale("workloads", "latency_slo_ms", 0.8)


def dearer_failing(draft: Draft) -> None:
    draft.scale_penalty(1.5)


def failing_forbidden(draft: Draft) -> None:
    if "unserved" in draft.manifest:
        draft.manifest["unserved"] = "forbidden"


def stricter(kind: str) -> "Change":
    """Rules of a kind ask for a quarter more, or allow a quarter less; counts rise by one."""

    def change(draft: Draft) -> None:
        for row in draft.rows("rules", kind=kind):
            value = float(row["value"])
            if kind == "min_sites_in":
                row["value"] = repr(value + 1)
            else:
                row["value"] = repr(min(1.0, value * (1.25 if kind.startswith("min") else 0.75)))

    change.__name__ = f"stricter_{kind}"
    return change


def for_everybody(draft: Draft) -> None:
    # A share of everybody's demand may hold where that of some does not; on pairs it adds up.
    for row in draft.rows("rules"):
        if not row.get("value"):
            row["applies_to"] = row["workload"] = "*"


Change = Callable[[Draft], None]

# What makes no difference, what multiplies the cost, and what never makes a plan cheaper.
SAME = (
    power_in_kilowatts,
    rows_shuffled,
    columns_shuffled,
    everything_renamed,
    region_in_two,
    useless_site,
    useless_upgrade,
)
TIMES_1000 = (money_in_thousandths,)
DEARER = (
    less_firm_power,
    smaller_budget,
    higher_carbon_price,
    dearer_energy,
    more_demand,
    less_efficient_buildings,
    smaller_halls,
    later_sites,
    slower_upgrades,
    no_upgrades,
    one_site_less,
    tighter_latency,
    dearer_failing,
    failing_forbidden,
    for_everybody,
    stricter("max_share_operator_outside"),
    stricter("max_share_country"),
    stricter("max_share_operator"),
    stricter("min_share_at_home"),
    stricter("min_sites_in"),
)
