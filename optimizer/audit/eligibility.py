"""Who may serve whom, judged again: sovereignty rules on the pair, then latency."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Geod

from optimizer.audit.facts import Facts
from optimizer.audit.report import TOLERANCE, Ledger

PAIR_RULES = ("site_in", "site_not_in", "operator_in", "operator_not_in")
# Codes beside the positions of rules, which count from 0.
MAY_SERVE, TOO_FAR, NOT_LISTED = -1, -2, -3
PAIRS_AT_ONCE = 1_000_000

Positions = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]


class Eligibility:
    """Judge of pairs, given as positions of regions and sites in their tables."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        rules = facts.rules
        self.rules = rules[rules.kind.isin(PAIR_RULES)].reset_index(drop=True)

    def round_trip_ms(self, region: Positions, site: Positions) -> Numbers:
        """Listed round trip of each pair, else base_ms + ms_per_km · geodesic km, else NaN."""
        facts, fit = self.facts, self.facts.manifest.latency
        if fit is None:
            rtt_ms = np.full(len(region), np.nan)
        else:
            users, places = facts.regions, facts.sites
            _, _, metres = Geod(ellps="WGS84").inv(
                users.longitude.to_numpy(dtype=float)[region],
                users.latitude.to_numpy(dtype=float)[region],
                places.longitude.to_numpy(dtype=float)[site],
                places.latitude.to_numpy(dtype=float)[site],
            )
            rtt_ms = fit.base_ms + fit.ms_per_km * np.asarray(metres) / 1000.0
        keys, listed_ms = self._listed
        if len(keys):
            wanted = region * len(facts.sites) + site
            place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
            rtt_ms = np.where(keys[place] == wanted, listed_ms[place], rtt_ms)
        return rtt_ms

    def first_broken_rule(
        self, workload: str, region: Positions, site: Positions, homes: pd.Series | None = None
    ) -> Positions:
        """Position of the first rule, in file order, that forbids each pair; -1 if none does.

        Parameters
        ----------
        homes : countries of users that `region` counts in; those of the regions if not given.
        """
        facts = self.facts
        homes = facts.regions.country if homes is None else homes
        first = np.full(len(region), MAY_SERVE)
        for position, rule in enumerate(self.rules.itertuples()):
            if rule.workload not in ("*", workload):
                continue
            governed = facts.in_group(homes, rule.applies_to)[region]
            side = "country" if rule.kind.startswith("site") else "operator_country"
            if rule.group == "@same":
                home = homes.to_numpy(dtype=object)[region]
                inside = facts.sites[side].to_numpy(dtype=object)[site] == home
            else:
                inside = facts.in_group(facts.sites[side], rule.group)[site]
            allowed = ~inside if rule.kind.endswith("_not_in") else inside
            first[governed & ~allowed & (first == MAY_SERVE)] = position
        return first

    def reason_name(self, code: int) -> str:
        """Reason as the table `ineligible` names it."""
        words = {TOO_FAR: "latency", NOT_LISTED: "no_latency_listed"}
        return words[code] if code in words else f"rule:{self.rules.rule[code]}"

    @cached_property
    def _listed(self) -> tuple[Positions, Numbers]:
        """Pairs of the table `latency` as region position · sites + site position, increasing."""
        facts, table = self.facts, self.facts.instance.tables["latency"]
        keys = facts.regions.index.get_indexer(table.region) * len(facts.sites)
        keys = keys + facts.sites.index.get_indexer(table.site)
        order = np.argsort(keys)
        return keys[order], table.rtt_ms.to_numpy(dtype=float)[order]


def check_served_pairs(ledger: Ledger, judge: Eligibility, serving: pd.DataFrame) -> Numbers:
    """Every row of `serving` is a pair that may be.

    No rule forbids the site to serve that region's workload, a round trip is known, and round
    trip + service_ms <= latency_slo_ms, where the workload has such an objective.

    Returns
    -------
    numpy.ndarray
        Round trip in ms of each row.
    """
    facts = judge.facts
    pairs = serving[["region", "workload", "site"]].drop_duplicates().reset_index(drop=True)
    region = facts.regions.index.get_indexer(pairs.region)
    site = facts.sites.index.get_indexer(pairs.site)
    rtt_ms = judge.round_trip_ms(region, site)
    broken = np.full(len(pairs), MAY_SERVE)
    for workload, rows in pairs.groupby("workload", sort=False).indices.items():
        broken[rows] = judge.first_broken_rule(str(workload), region[rows], site[rows])
    named = np.array([*judge.rules.rule, ""], dtype=object)
    ledger.holds(
        "eligibility",
        pairs.assign(rule=named[broken]),
        broken == MAY_SERVE,
        "{site} serves {workload} of {region}, which rule {rule} forbids",
    )
    ledger.holds(
        "eligibility",
        pairs,
        ~np.isnan(rtt_ms),
        "{site} serves {workload} of {region}, but no latency is listed or can be fitted",
    )
    objective = facts.workloads.reindex(pairs.workload)
    limit_ms = objective.latency_slo_ms.to_numpy(dtype=float)
    total_ms = rtt_ms + objective.service_ms.to_numpy(dtype=float)
    timed = ~np.isnan(limit_ms) & ~np.isnan(total_ms)
    ledger.at_most(
        "eligibility",
        pairs[timed],
        total_ms[timed],
        limit_ms[timed],
        "{site} serves {workload} of {region} in {amount} ms, later than {limit} ms",
    )
    by_pair = pd.Series(rtt_ms, index=pd.MultiIndex.from_frame(pairs))
    return by_pair.reindex(pd.MultiIndex.from_frame(serving[pairs.columns])).to_numpy(dtype=float)


def check_ineligible(ledger: Ledger, judge: Eligibility, table: pd.DataFrame) -> None:
    """`ineligible` counts every pair that may not serve, under the first reason against it.

    One pass over all regions with demand × all sites, in blocks. A pair within TOLERANCE of its
    latency objective may be counted either way.
    """
    expected = pd.concat(
        [
            _count_reasons(judge, str(workload), regions)
            for workload, regions in _demanding_regions(judge.facts).items()
        ]
        or [pd.DataFrame(columns=["region", "workload", "reason", "least", "most", "nearest_ms"])],
        ignore_index=True,
    )
    # Where every pair is eligible, no row tells that these are texts.
    expected = expected.astype(dict.fromkeys(["region", "workload", "reason"], str))
    rows = table.merge(expected, on=["region", "workload", "reason"], how="outer").fillna(
        {"sites": 0, "least": 0, "most": 0}
    )
    keys = rows[["region", "workload", "reason"]]
    message = "{amount} sites are counted as ruled out for {workload} of {region} by {reason}, "
    ledger.at_most(
        "ineligible table", keys, rows.sites, rows.most, message + "but at most {limit} are"
    )
    ledger.at_least(
        "ineligible table", keys, rows.sites, rows.least, message + "but at least {limit} are"
    )
    _check_nearest_miss(ledger, judge, rows[(rows.reason == "latency") & (rows.sites > 0)])


def _check_nearest_miss(ledger: Ledger, judge: Eligibility, rows: pd.DataFrame) -> None:
    """The nearest of the sites that are too far is named with its time, objective and excess."""
    facts = judge.facts
    keys = rows[["region", "workload", "nearest_site"]]
    objective = facts.workloads.reindex(rows.workload)
    limit_ms = objective.latency_slo_ms.to_numpy(dtype=float)
    site = facts.sites.index.get_indexer(rows.nearest_site)
    rtt_ms = judge.round_trip_ms(facts.regions.index.get_indexer(rows.region), site)
    total_ms = np.where(site >= 0, rtt_ms + objective.service_ms.to_numpy(dtype=float), np.nan)
    message = "the nearest site too far for {workload} of {region}, {nearest_site}, has "
    sure = np.isfinite(rows.nearest_ms.to_numpy(dtype=float))
    ledger.at_most(
        "ineligible table",
        keys[sure],
        rows.value[sure],
        rows.nearest_ms[sure],
        message + "{amount} ms, but one has {limit} ms",
    )
    for column, expected, words in (
        ("value", total_ms, "{amount} ms in the table, but it takes {limit} ms"),
        ("limit", limit_ms, "a limit of {amount} ms in the table, not of {limit} ms"),
        ("miss", rows.value - rows.limit, "a miss of {amount} ms in the table, not of {limit} ms"),
    ):
        ledger.equal("ineligible table", keys, rows[column], expected, message + words)


def _demanding_regions(facts: Facts) -> dict[str, Positions]:
    """Positions of the regions that demand each workload in any stage."""
    wanted = facts.demand.reset_index()[["workload", "region"]].drop_duplicates()
    return {
        str(workload): facts.regions.index.get_indexer(rows.region)
        for workload, rows in wanted.groupby("workload")
    }


def _count_reasons(judge: Eligibility, workload: str, regions: Positions) -> pd.DataFrame:
    """Count sites by region and first reason against them: region, reason, least, most.

    `nearest_ms` is the shortest time among the sites that are too far beyond doubt.
    """
    facts = judge.facts
    objective = facts.workloads.loc[workload]
    limit_ms, sites = float(objective.latency_slo_ms), np.arange(len(facts.sites))
    slack_ms = TOLERANCE * max(1.0, limit_ms)
    tables = []
    for block in np.array_split(regions, 1 + len(regions) * len(sites) // PAIRS_AT_ONCE):
        region, site = np.repeat(block, len(sites)), np.tile(sites, len(block))
        total_ms = judge.round_trip_ms(region, site) + float(objective.service_ms)
        code = judge.first_broken_rule(workload, region, site)
        legal = code == MAY_SERVE
        code[legal & np.isnan(total_ms)] = NOT_LISTED
        code[legal & (total_ms > limit_ms - slack_ms)] = TOO_FAR
        surely = (code != TOO_FAR) | (total_ms > limit_ms + slack_ms)
        nearest_ms = np.where(surely, total_ms, np.inf)
        frame = pd.DataFrame(
            {"region": region, "code": code, "least": surely, "most": 1, "nearest_ms": nearest_ms}
        )
        frame = frame[code != MAY_SERVE]
        tables.append(
            frame.groupby(["region", "code"], as_index=False).agg(
                {"least": "sum", "most": "sum", "nearest_ms": "min"}
            )
        )
    counts = pd.concat(tables, ignore_index=True)
    return counts.assign(
        region=facts.regions.index.to_numpy(dtype=object)[counts.region],
        workload=workload,
        reason=[judge.reason_name(code) for code in counts.code],
    ).drop(columns="code")
