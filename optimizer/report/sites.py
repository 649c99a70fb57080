"""What is built where and when, and what speaks for it: a row for each of the largest sites."""

from dataclasses import dataclass

import pandas as pd

from optimizer.digits import digits, percent
from optimizer.finished import NOTHING_MW
from optimizer.report.facts import Facts, listed
from optimizer.results import BINDING

MOST_SITES = 25
# Nodes whose power is among this part of all nodes are cheap.
CHEAP = 0.25
MOSTLY = 0.5


@dataclass(frozen=True)
class SiteRow:
    """A site in the plan.

    Parameters
    ----------
    name, country, operator, control : who and where.
    opens : first stage in which it is in use.
    installed_mw : IT MW by stage.
    serves : users' countries, largest first.
    why : what speaks for it, and what holds it back.
    """

    name: str
    country: str
    operator: str
    control: str
    opens: str
    installed_mw: list[float]
    serves: str
    why: str


def largest_sites(facts: Facts) -> list[SiteRow]:
    """Sites with most IT capacity in the last stage."""
    run = facts.run
    installed = facts.capacity.pivot(index="site", columns="year", values="installed_it_mw")
    installed = installed.reindex(columns=run.stages).fillna(0.0)
    order = installed.sort_values(facts.last, ascending=False, kind="stable").index
    used = [site for site in order if installed.loc[site].max() > NOTHING_MW]
    serving = facts.in_stage("serving").groupby(["site", "user_country"]).it_mw.sum()
    serving = serving.sort_values(ascending=False, kind="stable").reset_index()
    reasons = Reasons(facts)
    rows = []
    for site in used[:MOST_SITES]:
        row = run.sites.loc[site]
        users = serving[serving.site == site].user_country
        opened = "" if pd.isna(row.opened_year) else str(row.opened_year)
        stands = row.existing_it_mw > 0
        rows.append(
            SiteRow(
                *(str(row["name"]), run.country(row.country), str(row.operator)),
                control=run.country(row.operator_country),
                opens="stands" if stands else opened,
                installed_mw=installed.loc[site].tolist(),
                serves=listed(map(run.country, users), 3) or "nobody at peak",
                why="; ".join(reasons.of(site)),
            )
        )
    return rows


class Reasons:
    """What the tables say for and against more capacity at a site."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        prices = facts.energy_price
        # Where all prices are the same, none is cheap.
        self.cheap = prices[(prices <= prices.quantile(CHEAP)) & (prices < prices.median())]
        use = facts.run.tables["grid_use"]
        power_mw = use.firm_mw + use.upgrade_mw
        full = use[(use.drawn_mw > NOTHING_MW) & (use.headroom_mw <= BINDING * power_mw)]
        self.node_full = full.groupby("node").year.agg(list)
        capacity = facts.capacity
        held = capacity[
            (capacity.installed_it_mw > NOTHING_MW)
            & (capacity.installed_it_mw >= (1 - BINDING) * capacity.max_it_mw)
        ]
        self.hall_full = held.groupby("site").year.min()
        self.served = facts.in_stage("serving")
        self.home = bound_homes(facts)

    def of(self, site: str) -> list[str]:
        """In words: cheap power, users who have to stay, a full hall or node."""
        row = self.facts.run.sites.loc[site]
        reasons = []
        if row.node in self.cheap:
            price = digits(self.cheap[row.node])
            reasons.append(f"cheap power ({price} {self.facts.currency}/MWh)")
        own = self.served[self.served.site == site]
        home = own.it_mw[own.user_country == row.country].sum()
        if home > MOSTLY * max(own.it_mw.sum(), NOTHING_MW):
            reasons.append(f"{percent(home / own.it_mw.sum())} of its users are in its country")
        rules = [rule for rule, country in self.home if country == row.country]
        if rules and home > NOTHING_MW:
            reasons.append(f"counts for {listed(rules, 2)}, which binds")
        if site in self.hall_full:
            reasons.append(f"hall full from {self.hall_full[site]}")
        if row.node in self.node_full:
            reasons.append(f"grid node full in {listed(self.node_full[row.node])}")
        return reasons


def bound_homes(facts: Facts) -> list[tuple[str, str]]:
    """Rules that bind for users of a country, who have to be served there, with the country."""
    rows = facts.in_stage("compliance")
    rows = rows[rows.kind == "min_share_at_home"]
    bound = rows[rows.margin <= BINDING * rows.limit_it_mw.abs().clip(lower=NOTHING_MW)]
    return list(zip(bound.rule, bound.subject, strict=True))


def why_there(facts: Facts) -> list[str]:
    """Why capacity stands where it does: what power costs there, and what is full."""
    if facts.run.hourly:
        energy = facts.in_stage("power_sources").set_index("site")[["firm_mwh", "flexible_mwh"]]
        energy = energy.sum(axis=1)
    else:
        energy = facts.in_stage("energy").set_index("site").facility_mwh
    nodes = facts.run.sites.node
    used = energy.groupby(energy.index.map(nodes)).sum()
    used = used[used > 0]
    if used.empty:
        return []
    nodes_table = facts.run.instance.tables["nodes"].set_index("node")
    every = nodes_table[["energy_price_per_mwh", "carbon_kg_per_mwh"]]
    mean = every.loc[used.index].mul(used, axis=0).sum() / used.sum()
    price, carbon = mean
    sentences = [
        f"Where the plan draws power in {facts.last} it costs {digits(price)} {facts.currency}/MWh "
        f"on average and emits {digits(carbon)} kg/MWh; all nodes that were open to it average "
        f"{digits(every.energy_price_per_mwh.mean())} {facts.currency}/MWh and "
        f"{digits(every.carbon_kg_per_mwh.mean())} kg/MWh."
    ]
    reasons = Reasons(facts)
    in_use = facts.capacity[(facts.capacity.year == facts.last) & (facts.capacity.open == 1)]
    halls = in_use.site.isin(reasons.hall_full.index).sum()
    full = sum(facts.last in years for years in reasons.node_full)
    sentences.append(
        f"Capacity spreads further where the best places are full: {halls:,} of {len(in_use):,} "
        f"halls, and {full:,} of {len(used):,} grid nodes in use, are full in {facts.last}."
    )
    return sentences
