"""Which site may serve which demand, and the first reason for each that may not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.errors import InvalidInstance, Problem
from optimizer.instance import Instance
from optimizer.round_trips import RoundTrips

REGIONS_PER_BLOCK = 256
ROUTE_RULES = ("site_in", "site_not_in", "operator_in", "operator_not_in")
# Sums of decimals miss by a few units in the last place; equality with an objective must not.
ROUNDING_MS = 1e-9
ELIGIBLE, LATENCY, NOT_LISTED = -1, -2, -3
INELIGIBLE = [
    *("region", "workload", "reason", "sites", "nearest_site"),
    *("value", "limit", "miss", "unit"),
]


@dataclass(frozen=True)
class Routes:
    """Pairs of demand and site.

    Parameters
    ----------
    eligible : region, workload, site, rtt_ms, network_cost_per_mw_year; in table order.
    ineligible : region, workload, reason, sites, nearest_site, value, limit, miss, unit; counts of
        sites by the first reason that rules them out, with the nearest miss of latency.
    pairs : region, workload, site, reason, rtt_ms of every pair that is ruled out; only where
        asked for.
    """

    eligible: pd.DataFrame
    ineligible: pd.DataFrame
    pairs: pd.DataFrame | None = None


def find_routes(instance: Instance, *, every_pair: bool = False) -> Routes:
    """Sort all pairs of demand and site into eligible and not.

    Rules are checked in the order of their table, then latency: an objective is missed by a
    site only if the law would allow it. One dense pass over regions × sites in blocks of regions;
    what is kept is sparse.
    """
    sites, regions = instance.tables["sites"], instance.tables["regions"]
    rules = RouteRules(instance)
    workloads = instance.tables["workloads"].set_index("workload")
    demanded = demanded_regions(instance)
    round_trips = RoundTrips(instance)
    names = sites.site.to_numpy(dtype=object)
    found: list[pd.DataFrame] = []
    missed: list[pd.DataFrame] = []
    pairs: list[pd.DataFrame] = []
    for start in range(0, len(regions), REGIONS_PER_BLOCK):
        block = regions.iloc[start : start + REGIONS_PER_BLOCK].reset_index(drop=True)
        rtt_ms = round_trips.of_block(start, start + REGIONS_PER_BLOCK)
        for workload, wanted in demanded.items():
            rows = np.flatnonzero(wanted[start : start + REGIONS_PER_BLOCK])
            if not rows.size:
                continue
            objective = workloads.loc[workload]
            reason = np.stack([rules.first_broken(workload, block.country[row]) for row in rows])
            total_ms = rtt_ms[rows] + objective.service_ms
            legal = reason == ELIGIBLE
            reason[legal & np.isnan(total_ms)] = NOT_LISTED
            late = total_ms > objective.latency_slo_ms + ROUNDING_MS
            reason[legal & late] = LATENCY
            keys = block.region.to_numpy(dtype=object)[rows]
            found.append(eligible_pairs(keys, names, workload, reason, rtt_ms[rows]))
            missed.append(
                counts(keys, names, workload, reason, total_ms, objective.latency_slo_ms, rules)
            )
            if every_pair:
                pairs.append(ruled_out(keys, names, workload, reason, rtt_ms[rows], rules))
    eligible = pd.concat(found, ignore_index=True)
    return Routes(
        with_network_cost(eligible, instance.tables["latency"]),
        # Where every pair is eligible, nothing but the columns is left.
        pd.concat(missed, ignore_index=True).reindex(columns=INELIGIBLE),
        pd.concat(pairs, ignore_index=True) if every_pair else None,
    )


def demanded_regions(instance: Instance) -> dict[str, np.ndarray]:
    """Mask of the regions with demand, in table order, by workload."""
    regions, demand = instance.tables["regions"].region, instance.tables["demand"]
    demand = demand[demand.it_mw > 0]
    return {
        workload: regions.isin(rows.region.unique()).to_numpy()
        for workload, rows in demand.groupby("workload", sort=False)
    }


class RouteRules:
    """The rules that settle pairs of user country and site, looked up once per pair of kinds."""

    def __init__(self, instance: Instance) -> None:
        self.sites = instance.tables["sites"]
        rules = instance.tables["rules"]
        self.rules = rules[rules.kind.isin(ROUTE_RULES)].reset_index(drop=True)
        self.groups = countries_by_group(instance)
        self.cache: dict[tuple[str, str], np.ndarray] = {}

    def first_broken(self, workload: str, user_country: str) -> np.ndarray:
        """Position of the first rule that each site breaks, ELIGIBLE where it breaks none."""
        key = workload, user_country
        if key not in self.cache:
            first = np.full(len(self.sites), ELIGIBLE)
            for position, rule in self.rules.iterrows():
                governs = rule.workload in ("*", workload) and user_country in self.members(
                    rule.applies_to, user_country
                )
                if governs:
                    side = "country" if rule.kind.startswith("site") else "operator_country"
                    inside = self.sites[side].isin(self.members(rule.group, user_country))
                    broken = inside if rule.kind.endswith("not_in") else ~inside
                    first[(first == ELIGIBLE) & broken.to_numpy()] = position
            self.cache[key] = first
        return self.cache[key].copy()

    def members(self, group: str, user_country: str) -> frozenset[str]:
        """Countries that a group, a country code, `*` or `@same` stands for."""
        return members(group, self.groups, user_country)

    def reason(self, code: int) -> str:
        """Code as the results name it."""
        named = {LATENCY: "latency", NOT_LISTED: "no_latency_listed"}
        return named[code] if code in named else f"rule:{self.rules.rule[code]}"


def countries_by_group(instance: Instance) -> dict[str, frozenset[str]]:
    """Countries of each group; `*` is every country that the instance mentions."""
    sites = instance.tables["sites"]
    mentioned = {*sites.country, *sites.operator_country, *instance.tables["regions"].country}
    groups = instance.tables["groups"]
    named = {group: frozenset(rows.country) for group, rows in groups.groupby("group")}
    return {**named, "*": frozenset(mentioned)}


def members(
    group: str, groups: dict[str, frozenset[str]], user_country: str | None = None
) -> frozenset[str]:
    """Countries that a group, a country code, `*` or (with a user's country) `@same` stands for."""
    if group == "@same" and user_country:
        return frozenset({user_country})
    return groups.get(group, frozenset({group}))


def eligible_pairs(
    regions: np.ndarray, sites: np.ndarray, workload: str, reason: np.ndarray, rtt_ms: np.ndarray
) -> pd.DataFrame:
    """Rows of the eligible pairs in one block of regions."""
    row, column = np.nonzero(reason == ELIGIBLE)
    return pd.DataFrame(
        {
            "region": regions[row],
            "workload": workload,
            "site": sites[column],
            "rtt_ms": rtt_ms[row, column],
        }
    )


def ruled_out(
    regions: np.ndarray,
    sites: np.ndarray,
    workload: str,
    reason: np.ndarray,
    rtt_ms: np.ndarray,
    rules: RouteRules,
) -> pd.DataFrame:
    """Rows of the pairs in one block of regions that are not eligible, each with its reason."""
    row, column = np.nonzero(reason != ELIGIBLE)
    codes, inverse = np.unique(reason[row, column], return_inverse=True)
    reasons = np.array([rules.reason(code) for code in codes], dtype=object)
    return pd.DataFrame(
        {
            "region": regions[row],
            "workload": workload,
            "site": sites[column],
            "reason": reasons[inverse] if len(codes) else [],
            "rtt_ms": rtt_ms[row, column],
        }
    )


def counts(
    regions: np.ndarray,
    sites: np.ndarray,
    workload: str,
    reason: np.ndarray,
    total_ms: np.ndarray,
    limit_ms: float,
    rules: RouteRules,
) -> pd.DataFrame:
    """Count sites by region and first reason, with the nearest miss where latency is the reason."""
    tables = []
    for code in np.unique(reason[reason != ELIGIBLE]):
        hit = reason == code
        rows = np.flatnonzero(hit.any(axis=1))
        table = pd.DataFrame(
            {
                "region": regions[rows],
                "workload": workload,
                "reason": rules.reason(code),
                "sites": hit[rows].sum(axis=1),
                "nearest_site": "",
                "value": np.nan,
                "limit": np.nan,
                "miss": np.nan,
                "unit": "",
            }
        )
        if code == LATENCY:
            late_ms = np.where(hit[rows], total_ms[rows], np.inf)
            nearest = late_ms.argmin(axis=1)
            value = late_ms.min(axis=1)
            table = table.assign(
                nearest_site=sites[nearest],
                value=value,
                limit=limit_ms,
                miss=value - limit_ms,
                unit="ms",
            )
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def with_network_cost(eligible: pd.DataFrame, latency: pd.DataFrame) -> pd.DataFrame:
    """Add the network cost of each pair, 0 where `latency` does not list it."""
    listed = latency[["region", "site", "network_cost_per_mw_year"]]
    merged = eligible.merge(listed, on=["region", "site"], how="left")
    return merged.fillna({"network_cost_per_mw_year": 0.0})


def check_reachable(instance: Instance, routes: Routes) -> None:
    """Refuse an instance that demands service where no site may give it.

    Raises
    ------
    InvalidInstance
        Names each such region and workload with the nearest miss, unless unserved demand is
        priced.
    """
    if instance.manifest.unserved_penalty_per_mwh is not None:
        return
    demand = instance.tables["demand"]
    demand = demand[demand.it_mw > 0].reset_index()
    wanted = demand.drop_duplicates(["region", "workload"])
    keys = ["region", "workload"]
    served = pd.MultiIndex.from_frame(routes.eligible[keys]).unique()
    stranded = wanted[~pd.MultiIndex.from_frame(wanted[keys]).isin(served)]
    if stranded.empty:
        return
    misses = dict(iter(routes.ineligible.groupby(keys)))
    raise InvalidInstance(
        [
            Problem(
                table="demand",
                row=int(row["index"]) + 2,
                column="region",
                value=row.region,
                message=f"no site may serve {row.workload} of {row.region}: "
                + "; ".join(
                    describe_miss(miss) for miss in misses[row.region, row.workload].itertuples()
                ),
                remedy="relax the objective or rule named, add a site, or price unserved demand",
            )
            for _, row in stranded.iterrows()
        ]
    )


def describe_miss(miss: object) -> str:
    """One reason of one demand in words."""
    sites = f"{miss.sites} site" + ("s" if miss.sites > 1 else "")  # type: ignore[attr-defined]
    if miss.reason == "latency":  # type: ignore[attr-defined]
        return (
            f"{sites} too far, the nearest {miss.nearest_site} takes "  # type: ignore[attr-defined]
            f"{miss.value:.1f} ms of {miss.limit:g} ms"  # type: ignore[attr-defined]
        )
    if miss.reason == "no_latency_listed":  # type: ignore[attr-defined]
        return f"{sites} not listed in latency"
    return f"{sites} barred by {miss.reason}"  # type: ignore[attr-defined]
