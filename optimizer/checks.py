"""Rules across tables: what one says must fit what the others and the manifest say."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from optimizer.columns import Mask, among, country_codes
from optimizer.manifest import MANIFEST, SECTIONS, Manifest
from optimizer.names import remedies
from optimizer.power_checks import check_campaigns, check_power
from optimizer.power_tables import POWER_TABLES
from optimizer.profile_checks import check_profiles
from optimizer.reading import Reading, Readings
from optimizer.rule_checks import check_rules
from optimizer.schema import TABLES


def check_tables(readings: Readings, keys: dict[str, Any], unsound: Collection[str]) -> None:
    """Enter what does not fit as problems of the table where it would be mended.

    What has a problem already is left out, so that no mistake is told twice.

    Parameters
    ----------
    keys : of the manifest.
    unsound : those of them that have a problem.
    """
    for reading in readings.values():
        check_needed(reading)
        if len(reading.frame):
            check_references(readings, reading)
    check_rules(readings["rules"], readings["groups"])
    check_groups(readings["groups"])
    check_sites(readings["sites"], readings["grid"])
    if "stages" in keys and "stages" not in unsound:
        check_stages(readings["demand"], keys["stages"])
        check_campaigns(readings["campaigns"], keys["stages"])
    if "currency" in keys and "currency" not in unsound:
        check_units(readings["policies"], keys["currency"])
    check_demand(readings["demand"])
    for table in ("sites", "nodes", "regions"):
        check_pairs_of_coordinates(readings[table])
    if "latency" in keys:
        check_coordinates(readings)
    else:
        check_latency(readings["latency"])
    check_sources(readings["sources"])
    if any(len(readings[table].frame) for table in POWER_TABLES):
        check_profiles(readings)
    check_power(readings)


def check_needed(reading: Reading) -> None:
    """Tables that every instance needs have rows."""
    if reading.complete and reading.frame.empty and TABLES[reading.table].metadata["needed"]:
        if reading.written:
            reading.reject("has no rows", "every instance needs some")
        else:
            reading.reject("the table is missing", f"add {reading.table}.csv")


def check_references(readings: Readings, reading: Reading) -> None:
    """Names of rows in other tables must be there."""
    for name, column in TABLES[reading.table].columns.items():
        of = column.metadata["of"]
        # Groups may also be countries: `check_rules` looks them up.
        if not of or of == "groups" or not can_be_looked_up(readings[of]):
            continue
        known = readings[of].frame.iloc[:, 0]
        values = reading.frame[name]
        unknown = ~among(values, known)
        if not column.required:
            unknown &= ~among(values, [column.metadata["default"]])
        if unknown.any():
            near = remedies(known.unique().tolist())
            reading.blame(name, unknown, f"is not in {of}.{known.name}", near)


def can_be_looked_up(reading: Reading) -> bool:
    """Whether a name that a table lacks is wrong, and not the table.

    A table that every instance needs is told of itself where it has no rows, and so are slices.
    """
    needed = TABLES[reading.table].metadata["needed"] or reading.table == "slices"
    return reading.has_rows() if needed else reading.complete


def check_groups(groups: Reading) -> None:
    """A group must not be called what a rule would take for something else."""
    groups.blame(
        "group",
        among(groups.frame.group, {"*", *country_codes()}),
        "means something else in rules",
        "call the group by a name that is no country code and not *",
    )


def check_sites(sites: Reading, grid: Reading) -> None:
    """Existing capacity fits the hall, and somebody has said how much power there is."""
    frame = sites.frame
    both = sites.sound_rows("existing_it_mw", "max_it_mw")
    sites.blame(
        "existing_it_mw",
        (frame.existing_it_mw > frame.max_it_mw) & both,
        "is above max_it_mw, which includes it",
        "raise max_it_mw, or correct this",
    )
    if grid.has_rows():
        sites.blame(
            "node",
            ~among(frame.node, grid.frame.node),
            "the node has no row in grid",
            "add a row with its firm_mw, be it 0",
        )


def check_stages(demand: Reading, stages: list[int]) -> None:
    """Demand is stated for stages."""
    demand.blame(
        "year",
        ~demand.frame.year.isin(stages),
        "is no stage",
        f"stages are {', '.join(map(str, stages))}",
    )


def check_demand(demand: Reading) -> None:
    """Somebody wants something."""
    if demand.has_rows() and demand.sound["it_mw"].all() and not demand.frame.it_mw.any():
        demand.reject("all demand is 0", "state what is to be served", column="it_mw")


def check_units(policies: Reading, currency: str) -> None:
    """A unit that reminds of the wrong one would mean that the value is wrong."""
    if policies.frame.empty:
        return
    allowed = {"carbon_price": ["", f"{currency}/t"], "capital_budget": ["", currency]}
    for policy, units in allowed.items():
        policies.blame(
            "unit",
            among(policies.frame.policy, [policy]) & ~among(policies.frame.unit, units),
            f"is not the unit of {policy}",
            f"state the value in {units[1]} and write that, or leave the cell empty",
        )


def check_pairs_of_coordinates(places: Reading) -> None:
    """Latitude and longitude come together."""
    for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
        alone = places.frame[name].isna() & ~places.frame[other].isna()
        places.blame(
            name, alone & places.sound_rows(name, other), f"is empty, and {other} is not",
            "write both or neither",
        )  # fmt: skip


def check_coordinates(readings: Readings) -> None:
    """Whoever needs the fit of the manifest has coordinates: one side of a pair not listed."""
    sites, regions = readings["sites"], readings["regions"]
    demand, latency = readings["demand"], readings["latency"]
    if not all(reading.complete for reading in (sites, regions, demand, latency)):
        return
    asked = demand.frame.region[demand.frame.it_mw > 0].unique()
    listed = latency.frame[["region", "site"]].drop_duplicates()
    listed = listed[listed.region.isin(asked) & listed.site.isin(sites.frame.site)]
    for places, key, needed, most in (
        (regions, "region", regions.frame.region.isin(asked), len(sites.frame)),
        (sites, "site", pd.Series(True, index=sites.frame.index), len(asked)),
    ):
        count = places.frame[key].map(listed[key].value_counts()).fillna(0)
        places.blame(
            "latitude",
            missing_place(places) & needed & (count < most),
            f"is empty, and latency does not list every pair of the {key}",
            "add latitude and longitude, or list the other pairs",
        )


def missing_place(places: Reading) -> Mask:
    """Rows that leave both coordinates empty."""
    empty = places.frame.latitude.isna() & places.frame.longitude.isna()
    return np.asarray(empty) & places.sound_rows("latitude", "longitude")


def check_latency(latency: Reading) -> None:
    """Round trips are known from somewhere."""
    if latency.complete and latency.frame.empty:
        latency.reject(
            "no round trip is known",
            f"list pairs in latency.csv, or give {MANIFEST} a section [latency]",
        )


def check_sources(sources: Reading) -> None:
    """Sources are given for columns that there are."""
    columns = {table: {"*", *schema.columns} for table, schema in TABLES.items()}
    of_sections = {f"{key}.{name}" for key, part in SECTIONS.items() for name in part.model_fields}
    columns[MANIFEST] = {"*", *Manifest.model_fields, *of_sections}
    table = sources.frame.table
    sources.blame(
        "table", ~among(table, columns), "there is no such table", remedies(list(columns))
    )
    for named in table[sources.sound["table"]].unique():
        rows = among(table, [named]) & ~among(sources.frame.column, columns[named])
        known = sorted(columns[named])
        sources.blame("column", rows, f"{named} has no such column", remedies(known))
