"""What supply, connections and policies need, and what they would pass over in silence."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from optimizer.columns import Mask, among, country_codes
from optimizer.names import remedies
from optimizer.power_tables import POWER_TABLES
from optimizer.reading import Reading, Readings

EVERYWHERE = "*"
BATTERY = "battery"
# Columns of tables that stand without slices, too, but count for nothing there: all else on the
# same matter is 0 where these are.
COLUMNS_OF_SLICES = {
    "sites": ("idle_share", "pue_per_c"),
    "nodes": ("export_mw", "demand_charge_per_mw_year", "connection_fee_per_mw"),
    "workloads": ("movable_share", "cut_share"),
}
ADD_SLICES = "add slices.csv; a single slice of 8760 hours is enough"
MAKES_NOTHING = "a battery makes nothing: what charges it counts"
# Upgrades that are named of a circle.
MOST_NAMED = 8
UNITS = {
    "carbon_cap": ("", "t"),
    "water_cap": ("", "m³", "m3"),
    "clean_share": ("annual", "hourly"),
}


def check_power(readings: Readings) -> None:
    """Enter what does not fit in the tables of power as problems of where it would be mended."""
    if readings["slices"].has_rows():
        check_flat_load(readings)
        check_temperature(readings)
    elif readings["slices"].complete:
        check_slices_needed(readings)
    check_movable(readings["workloads"])
    check_sequence(readings["upgrades"])
    check_policies(readings["policies"])
    if any(len(readings[table].frame) for table in POWER_TABLES):
        for table in ("place_profiles", "technology_profiles"):
            check_places(readings[table], readings["nodes"])
        check_technologies(readings)
        check_site_technologies(readings)
        check_corridors(readings["corridors"], readings["corridor_nodes"])


def check_slices_needed(readings: Readings) -> None:
    """Tables and columns that count in slices alone would pass for nothing without them."""
    for table in POWER_TABLES:
        if len(readings[table].frame):
            readings[table].reject("needs slices, and there are none", ADD_SLICES)
    for table, columns in COLUMNS_OF_SLICES.items():
        for column in columns:
            above = readings[table].frame[column].to_numpy() > 0
            first = above & (above.cumsum() == 1)
            readings[table].blame(column, first, "needs slices, and there are none", ADD_SLICES)
    policies = readings["policies"]
    hourly = (policies.frame.policy == "clean_share") & (policies.frame.unit == "hourly")
    policies.blame("unit", hourly, "needs slices, and there are none", ADD_SLICES)


def check_flat_load(readings: Readings) -> None:
    """With slices, load follows profiles: a load factor without one would be lost."""
    workloads, follows = readings["workloads"], readings["demand_profiles"]
    if not (follows.complete and readings["demand"].complete):
        return
    partial = workloads.frame.workload[workloads.frame.load_factor != 1]
    demand = readings["demand"].frame
    asked = demand[among(demand.workload, partial) & (demand.it_mw > 0)]
    asked = asked[["region", "workload"]].drop_duplicates()
    told = set(zip(follows.frame.region, follows.frame.workload, strict=True))
    lost = {
        workload
        for region, workload in zip(asked.region, asked.workload, strict=True)
        if told.isdisjoint(product((region, EVERYWHERE), (workload, EVERYWHERE)))
    }
    workloads.blame(
        "load_factor",
        among(workloads.frame.workload, lost),
        "counts for nothing with slices, and not all of its demand follows a profile",
        "name a profile in demand_profiles, or leave the cell empty",
    )


def check_temperature(readings: Readings) -> None:
    """Where PUE follows the temperature, there is one."""
    sites, nodes, profiles = (readings[t] for t in ("sites", "nodes", "place_profiles"))
    if not (nodes.has_rows() and nodes.sound["country"].all() and profiles.complete):
        return
    warm = set(profiles.frame.place[profiles.frame.quantity == "temperature"])
    country = sites.frame.node.map(nodes.frame.drop_duplicates("node").set_index("node").country)
    told = among(sites.frame.node, warm) | among(country.fillna("").astype("str"), warm)
    sites.blame(
        "pue_per_c",
        (sites.frame.pue_per_c > 0) & ~told & sites.sound["node"] & (EVERYWHERE not in warm),
        "is above 0, and the node has no temperature",
        "add a row of place_profiles for the node, its country or *",
    )


def check_places(profiles: Reading, nodes: Reading) -> None:
    """A place is a node, a country or everywhere, and only one of them."""
    if not nodes.has_rows() or not len(profiles.frame):
        return
    place, node = profiles.frame.place, set(nodes.frame.node)
    remedy = remedies(sorted(node))
    profiles.blame(
        "place",
        ~among(place, {EVERYWHERE, *country_codes(), *node}),
        "is neither a node nor a country",
        remedy,
    )
    profiles.blame(
        "place",
        among(place, node & {EVERYWHERE, *country_codes()}),
        "is the name of a node, and means something else here",
        "call the node by a name that is no country code and not *",
    )


def check_movable(workloads: Reading) -> None:
    """What is cut is part of what may leave the slice."""
    frame = workloads.frame
    workloads.blame(
        "cut_share",
        (frame.cut_share > 0) & (frame.movable_share == 0) & workloads.sound["movable_share"],
        "is above 0, and movable_share is 0, so that no load may leave its slice",
        "raise movable_share, or write 0",
    )


def check_technologies(readings: Readings) -> None:
    """Batteries hold energy, and nothing else does."""
    technologies = readings["technologies"]
    frame = technologies.frame
    battery = np.asarray(frame.kind == BATTERY)
    other = ~battery & technologies.sound["kind"]
    technologies.blame(
        "cost_per_mwh_storage", battery & frame.cost_per_mwh_storage.isna(),
        "is empty, and a battery needs it", "write what a MWh of storage costs, be it 0",
    )  # fmt: skip
    refuse_storage(technologies, "cost_per_mwh_storage", frame.cost_per_mwh_storage.notna(), other)
    refuse_storage(technologies, "embodied_t_per_mwh", frame.embodied_t_per_mwh > 0, other)
    technologies.blame(
        "profile", battery & (frame.profile != ""), "a battery follows no profile",
        "leave it empty",
    )  # fmt: skip
    for column in ("fuel_price_per_mwh", "carbon_kg_per_mwh", "clean"):
        technologies.blame(column, battery & (frame[column] > 0), MAKES_NOTHING, "write 0")
    costs, profiles = readings["technology_costs"], readings["technology_profiles"]
    profiles.blame(
        "technology", is_battery(readings, profiles), "is a battery, which follows no profile",
        "take out the row",
    )  # fmt: skip
    refuse_storage(
        costs,
        "cost_per_mwh_storage",
        costs.frame.cost_per_mwh_storage.notna(),
        is_no_battery(readings, costs),
    )
    costs.blame(
        "fuel_price_per_mwh",
        (costs.frame.fuel_price_per_mwh > 0) & is_battery(readings, costs),
        MAKES_NOTHING,
        "leave it empty",
    )


def check_site_technologies(readings: Readings) -> None:
    """What stands is within what may stand."""
    allowed = readings["site_technologies"]
    frame, other = allowed.frame, is_no_battery(readings, allowed)
    refuse_storage(allowed, "existing_mwh", frame.existing_mwh > 0, other)
    refuse_storage(allowed, "max_mwh", frame.max_mwh.notna(), other)
    for existing, most in (("existing_mw", "max_mw"), ("existing_mwh", "max_mwh")):
        allowed.blame(
            existing,
            (frame[existing] > frame[most]) & allowed.sound_rows(existing, most),
            f"is above {most}, which includes it",
            f"raise {most}, or correct this",
        )


def refuse_storage(reading: Reading, column: str, given: pd.Series, other: Mask) -> None:
    """Blame what says how much is stored by what stores nothing."""
    reading.blame(
        column, given.to_numpy(dtype=bool) & other, "only a battery has storage", "leave it empty"
    )


def is_battery(readings: Readings, reading: Reading) -> Mask:
    """Rows whose technology is a battery."""
    technologies = readings["technologies"].frame
    return among(reading.frame.technology, technologies.technology[technologies.kind == BATTERY])


def is_no_battery(readings: Readings, reading: Reading) -> Mask:
    """Rows whose technology is known to be none."""
    technologies = readings["technologies"]
    other = technologies.sound["kind"] & (technologies.frame.kind != BATTERY)
    return among(reading.frame.technology, technologies.frame.technology[other])


def check_sequence(upgrades: Reading) -> None:
    """An upgrade comes after another of its node, and never after itself."""
    frame = upgrades.frame
    if not upgrades.complete or not (frame.after != "").any():
        return
    known = frame.set_index(["node", "upgrade"]).index
    unknown = ~pd.MultiIndex.from_frame(frame[["node", "after"]]).isin(known)
    unknown &= (frame.after != "") & upgrades.sound_rows("node", "after")
    at_node = {node: remedies(own.tolist()) for node, own in at_nodes(frame, unknown)}
    nodes = iter(frame.node[unknown])

    def remedy(value: str) -> str:
        return at_node[next(nodes)](value)

    upgrades.blame("after", unknown, "is no upgrade of the node", remedy)
    upgrades.blame(
        "after", frame.after == frame.upgrade, "is the upgrade itself",
        "leave it empty, or name the one before",
    )  # fmt: skip
    circles = circles_of(frame[upgrades.sound_rows("node", "upgrade", "after")])
    told = iter(circles[row] for row in sorted(circles))
    upgrades.blame(
        "after",
        frame.index.isin(circles),
        lambda _: f"upgrades wait for each other in a circle: {next(told)}",
        "leave it empty at the one that comes first",
    )


def at_nodes(upgrades: pd.DataFrame, rows: Mask) -> Iterator[tuple[str, pd.Series]]:
    """Names of all upgrades of each node in these rows."""
    there = upgrades[upgrades.node.isin(upgrades.node[rows])]
    yield from there.upgrade.groupby(there.node)


def circles_of(upgrades: pd.DataFrame) -> dict[int, str]:
    """Circles of upgrades that wait for each other, in words, by their first row."""
    after = {
        (upgrade.node, upgrade.upgrade): (upgrade.node, upgrade.after)
        for upgrade in upgrades.itertuples()
    }
    row = dict(zip(after, upgrades.index, strict=True))
    circles: dict[int, str] = {}
    seen: set[tuple[str, str]] = set()
    for start in after:
        path = []
        here = start
        while here in after and here not in seen:
            seen.add(here)
            path.append(here)
            here = after[here]
        if here in path:
            # Rows come in order: the first that leads into a circle need not be part of it.
            circle = path[path.index(here) :]
            first = min(range(len(circle)), key=lambda place: row[circle[place]])
            names = [name for _node, name in (*circle[first:], *circle[: first + 1])]
            more = [*names[:MOST_NAMED], "…"] if len(names) > MOST_NAMED + 1 else names
            circles[row[circle[first]]] = " after ".join(more)
    return circles


def check_corridors(corridors: Reading, members: Reading) -> None:
    """A corridor carries the draw of somebody."""
    if members.complete and members.sound_rows("corridor", "node").all():
        name = corridors.frame.corridor
        corridors.blame(
            "corridor",
            ~among(name, members.frame.corridor) & ~name.duplicated().to_numpy(dtype=bool),
            "has no row in corridor_nodes, so that it limits nothing",
            "add the nodes whose draw it carries",
        )


def check_campaigns(campaigns: Reading, stages: list[int]) -> None:
    """A campaign runs in some stage."""
    frame = campaigns.frame
    both = campaigns.sound_rows("year", "until_year")
    backwards = both & (frame.until_year <= frame.year)
    campaigns.blame(
        "until_year", backwards, "is not after year", "write the year before which it ends"
    )
    position = np.searchsorted(stages, frame.year)
    following = np.array([*stages, np.inf])[position]
    campaigns.blame(
        "year",
        both & ~backwards & (following >= frame.until_year),
        "no stage begins from here to before until_year",
        f"stages are {', '.join(map(str, stages))}",
    )


def check_policies(policies: Reading) -> None:
    """Shares are parts of a whole, and units those of the policy."""
    frame = policies.frame
    if frame.empty:
        return
    clean = frame.policy == "clean_share"
    policies.blame("value", clean & (frame.value > 1), "is above 1", "write 0.8 for 80 %")
    for policy, units in UNITS.items():
        wrong = (frame.policy == policy) & ~among(frame.unit, units)
        if policy == "clean_share":
            policies.blame(
                "unit", wrong, "does not say over what time the share holds",
                f"write {' or '.join(units)}",
            )  # fmt: skip
        else:
            policies.blame(
                "unit", wrong, f"is not the unit of {policy}",
                f"state the value in {units[1]} and write that, or leave the cell empty",
            )  # fmt: skip
