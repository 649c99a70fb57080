"""What is legal in an instance but odd: each check looks for one kind of slip.

No finding makes an instance invalid. Places are compared with each other, not with a map of the
world: that a place lies in another country than it says is found only where the instance has
others there.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Geod

from optimizer.instance import Instance
from optimizer.manifest import MANIFEST
from optimizer.patient import Found, Patient, named
from optimizer.power_doctor import POWER_CHECKS
from optimizer.routes import Routes
from optimizer.schema import TABLES

# Figures of one column that differ by more than this hardly have one unit.
MOST_RATIO = 1e9
# The largest sites announced anywhere are below this: more is kW in a column of MW.
MOST_MW = 5_000
# No wholesale price or intensity of grids is so low throughout: per kWh in a column per MWh.
LEAST_PER_MWH = 2.0
# Hardware for a MW costs tens of millions: less is per kW.
LEAST_PER_MW = 100_000.0
# A place nearer to its compatriots by half when its coordinates change places has them swapped.
FAR_KM = 1_000
# Sites draw from a node in their region.
FAR_FROM_NODE_KM = 300
# A source is stale when it is this many years older than the base year.
STALE_YEARS = 5
MOST_NAMED = 8
# Their one column of values is a price here and a budget there, a share or a number of sites, a
# factor or °C.
OF_MANY_UNITS = ("policies", "profiles", "rules")
GLOBE = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Finding:
    """Something odd.

    Parameters
    ----------
    check : name of the check that found it.
    table : where to look.
    message : what is odd.
    names : rows or columns that it concerns, all of them.
    """

    check: str
    table: str
    message: str
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.table}: {self.message}{in_words(self.names)}"

    def as_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return asdict(self)


def in_words(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    if not names:
        return ""
    rest = len(names) - MOST_NAMED
    more = f" and {rest:,} more (all with --json)" if rest > 0 else ""
    return f": {', '.join(names[:MOST_NAMED])}{more}"


def examine(instance: Instance, routes: Routes) -> list[Finding]:
    """All that is odd about a valid instance, in the order of CHECKS."""
    patient = Patient(instance, routes)
    return [Finding(check.__name__, *found) for check in CHECKS for found in check(patient)]


def nodes_without_sites(patient: Patient) -> Found:
    """Nodes that no site draws from."""
    nodes = patient.table("nodes").node
    unused = nodes[~nodes.isin(patient.table("sites").node)]
    yield from named("nodes", "no site draws from", unused)


def upgrades_at_unused_nodes(patient: Patient) -> Found:
    """Upgrades that nobody would order."""
    upgrades = patient.table("upgrades")
    unused = upgrades[~upgrades.node.isin(patient.table("sites").node)]
    yield from named(
        "upgrades", "no site draws from the node of", unused.node + "/" + unused.upgrade
    )


def groups_nobody_names(patient: Patient) -> Found:
    """Groups that stand in no rule."""
    rules, groups = patient.table("rules"), patient.table("groups").group
    unused = groups[~groups.isin({*rules.applies_to, *rules.group})]
    yield from named("groups", "no rule names the group", unused)


def workloads_without_demand(patient: Patient) -> Found:
    """Workloads that nobody asks for."""
    workloads = patient.table("workloads").workload
    asked = {*patient.demand.workload, *patient.table("campaigns").workload}
    unused = workloads[~workloads.isin(asked)]
    yield from named("workloads", "nobody asks for", unused)


def regions_without_demand(patient: Patient) -> Found:
    """Regions that ask for nothing."""
    regions = patient.table("regions").region
    unused = regions[~regions.isin(patient.demand.region)]
    yield from named("regions", "there is no demand in", unused)


def rules_without_users(patient: Patient) -> Found:
    """Rules that govern no demand, which may be a slip of the country or the workload."""
    country = patient.table("regions").set_index("region").country
    asked = set(zip(patient.demand.workload, patient.demand.region.map(country), strict=True))
    members = patient.table("groups").groupby("group").country.agg(set).to_dict()
    idle = []
    for rule in patient.table("rules").itertuples():
        users = members.get(rule.applies_to, {rule.applies_to})
        governs = any(
            rule.workload in ("*", workload) and (rule.applies_to == "*" or user in users)
            for workload, user in asked
        )
        if not governs:
            idle.append(rule.rule)
    yield from named("rules", "no demand is governed by", idle)


def dead_end_nodes(patient: Patient) -> Found:
    """Nodes with sites that never get any power."""
    most = patient.node_mw.max(axis="columns")
    used = most[most.index.isin(patient.table("sites").node)]
    yield from named("grid", "0 MW in every stage at", used.index[used == 0])


def sites_nobody_reaches(patient: Patient) -> Found:
    """Sites that no demand may be served from, by rules or by latency."""
    sites = patient.table("sites").site
    yield from named(
        "sites", "no demand may be served from", sites[~sites.isin(patient.routes.eligible.site)]
    )


def capacity_without_power(patient: Patient) -> Found:
    """Existing capacity that its node cannot power in any stage."""
    sites = patient.table("sites")
    facility_mw = (sites.existing_it_mw * sites.pue).groupby(sites.node).sum()
    most = patient.node_mw.max(axis="columns").reindex(facility_mw.index)
    short = facility_mw.index[facility_mw > most * (1 + 1e-9)]
    yield from named("sites", "existing_it_mw can never run all at once at the node", short)


def demand_above_capacity(patient: Patient) -> Found:
    """Stages whose demand is more than all sites together could serve, if peaks coincide."""
    sites, stages = patient.table("sites"), patient.instance.manifest.stages
    if len(patient.table("slices")):
        return
    best_pue = sites.groupby("node").pue.min()
    for stage in stages:
        asked = patient.demand.it_mw[patient.demand.year == stage].sum()
        hall_mw = sites.max_it_mw.where(sites.earliest_year <= stage, sites.existing_it_mw)
        at_node = hall_mw.groupby(sites.node).sum()
        powered = patient.node_mw[stage].reindex(at_node.index) / best_pue
        most = np.minimum(at_node, powered).sum()
        if asked > most * (1 + 1e-9):
            yield (
                "demand",
                f"{asked:,.6g} IT MW are asked for in {stage}, and all sites together can serve "
                f"{most:,.6g} at most",
                [],
            )


def figures(patient: Patient) -> Iterator[tuple[str, str, str, pd.Series]]:
    """Table, column, unit and the figures of every column of numbers that are not 0."""
    for table, schema in TABLES.items():
        frame = patient.table(table)
        for name, column in schema.columns.items():
            if column.metadata["kind"] == "number" and len(frame):
                values = frame[name].dropna().abs()
                yield table, name, column.metadata["unit"], values[values > 0]


def magnitudes_far_apart(patient: Patient) -> Found:
    """Columns whose figures differ by nine decades and more."""
    for table, column, _unit, values in figures(patient):
        if table in OF_MANY_UNITS:
            continue
        if len(values) and values.max() >= MOST_RATIO * values.min():
            message = f"{column} goes from {values.min():g} to {values.max():g}, in one unit?"
            yield table, message, []


def looks_like_kw(patient: Patient) -> Found:
    """Figures in MW that no place on earth has."""
    for table, column, unit, values in figures(patient):
        large = values.index[values > MOST_MW] if unit == "MW" else []
        keys = patient.table(table).iloc[large, 0]
        message = f"{column} is above {MOST_MW:,} MW, is that in kW? At"
        yield from named(table, message, keys)


def looks_like_per_kwh(patient: Patient) -> Found:
    """Prices and intensities per MWh that are as small as those per kWh."""
    for table, column, unit, values in figures(patient):
        per_mwh = unit.endswith("/MWh") and unit != "MWh/MWh"
        if per_mwh and len(values) and values.max() < LEAST_PER_MWH:
            yield table, f"{column} is at most {values.max():g} {unit}, is that per kWh?", []


def looks_like_per_kw(patient: Patient) -> Found:
    """Costs of hardware per MW that are as small as those per kW."""
    cost = patient.table("sites").it_cost_per_mw
    if 0 < cost.max() < LEAST_PER_MW:
        yield "sites", f"it_cost_per_mw is at most {cost.max():,g}, is that per kW?", []


def places(patient: Patient) -> pd.DataFrame:
    """Sites, nodes and regions with coordinates: table, key, country, latitude, longitude."""
    tables = []
    for table in ("sites", "nodes", "regions"):
        frame = patient.table(table).dropna(subset=["latitude", "longitude"])
        kept = frame[["country", "latitude", "longitude"]]
        tables.append(kept.assign(table=table, key=frame.iloc[:, 0]))
    return pd.concat(tables, ignore_index=True)


def coordinates_swapped(patient: Patient) -> Found:
    """Places far from the others of their country, and near once latitude is longitude."""
    found = places(patient)
    middle = found.groupby("country")[["latitude", "longitude"]].transform("median")
    given = distance_km(found.latitude, found.longitude, middle)
    can_be = found.longitude.abs() <= 90
    swapped = distance_km(found.longitude.where(can_be, 0), found.latitude, middle)
    odd = found[(given > FAR_KM) & can_be & (swapped < given / 2)]
    for table, rows in odd.groupby("table", sort=False):
        yield from named(str(table), "latitude and longitude look swapped at", rows.key)


def distance_km(latitude: pd.Series, longitude: pd.Series, others: pd.DataFrame) -> np.ndarray:
    """Geodesic distance to other places, row by row."""
    columns = (longitude, latitude, others.longitude, others.latitude)
    return GLOBE.inv(*(column.to_numpy(dtype=float) for column in columns))[2] / 1000


def sites_far_from_their_node(patient: Patient) -> Found:
    """Sites that no line would reach from their node."""
    sites = patient.table("sites")
    nodes = patient.table("nodes").set_index("node").reindex(sites.node).reset_index()
    apart = distance_km(sites.latitude, sites.longitude, nodes)
    message = f"over {FAR_FROM_NODE_KM} km from its node lies"
    yield from named("sites", message, sites.site[apart > FAR_FROM_NODE_KM])


def countries_unlike_their_node(patient: Patient) -> Found:
    """Sites in another country than their node, which rules on countries would take apart."""
    sites = patient.table("sites")
    country = sites.node.map(patient.table("nodes").set_index("node").country)
    message = "in another country than its node lies"
    yield from named("sites", message, sites.site[country != sites.country])


def stale_sources(patient: Patient) -> Found:
    """Sources much older than the base year."""
    sources, base_year = patient.table("sources"), patient.instance.manifest.base_year
    old = sources[(sources.year < base_year - STALE_YEARS).fillna(False).astype(bool)]
    message = f"more than {STALE_YEARS} years older than base_year {base_year} is the source of"
    yield from named("sources", message, old.table + "." + old.column)


def columns_without_source(patient: Patient) -> Found:
    """Columns of figures that `sources` says nothing of."""
    sources = patient.table("sources")
    if sources.empty:
        yield "sources", "nothing is said of where figures come from", []
        return
    said = set(zip(sources.table, sources.column, strict=True))
    silent = [
        f"{table}.{column}"
        for table, column, _unit, values in figures(patient)
        if table not in ("sources", "rules")
        and len(values)
        and not is_default(patient, table, column)
        and not said & {(table, "*"), (table, column)}
    ]
    yield from named("sources", "nothing is said of", silent)


def is_default(patient: Patient, table: str, column: str) -> bool:
    """Whether a column holds nothing but its default, as one that is not in the file does."""
    default = TABLES[table].columns[column].metadata["default"]
    return default is not None and bool((patient.table(table)[column] == default).all())


def assumptions(patient: Patient) -> Found:
    """Columns that the plan rests on and that are assumed: worth a second solve."""
    sources = patient.table("sources")
    filled = [name for name, table in patient.instance.tables.items() if len(table)]
    rows = sources[(sources.kind == "assumed") & sources.table.isin([MANIFEST, *filled])]
    yield from named("sources", "the plan rests on assumptions in", rows.table + "." + rows.column)


CHECKS: tuple[Callable[[Patient], Found], ...] = (
    demand_above_capacity,
    dead_end_nodes,
    capacity_without_power,
    sites_nobody_reaches,
    looks_like_kw,
    looks_like_per_kwh,
    looks_like_per_kw,
    magnitudes_far_apart,
    coordinates_swapped,
    sites_far_from_their_node,
    countries_unlike_their_node,
    nodes_without_sites,
    upgrades_at_unused_nodes,
    groups_nobody_names,
    workloads_without_demand,
    regions_without_demand,
    rules_without_users,
    *POWER_CHECKS,
    stale_sources,
    columns_without_source,
    assumptions,
)
