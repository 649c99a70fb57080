"""What leaves no room in a plan: full nodes, full halls, rules on shares at their limit."""

from collections.abc import Iterator

import pandas as pd

from models.sovereignty import subjects
from optimizer.results import BINDING
from optimizer.run_tables import read_table
from optimizer.why.run import Run


def node_binds(run: Run, node: str) -> Iterator[str]:
    """Stages in which a node is full; with slices, for how many hours of the year."""
    if len(run.instance.tables["slices"]):
        yield from hours_bound(run, node)
        return
    use = read_table(run.folder, "grid_use")
    use = use[use.node == node]
    limit_mw = use.firm_mw + use.upgrade_mw
    full = use[use.headroom_mw <= BINDING * limit_mw.clip(lower=1e-9)]
    if not full.empty:
        years = ", ".join(f"{row.year} ({row.drawn_mw:,.4g} MW)" for row in full.itertuples())
        yield f"grid at {node} full in {years}"


def hours_bound(run: Run, node: str) -> Iterator[str]:
    """Hours in which nothing is left of what is firm, in stages in which anything is used."""
    hours = read_table(run.folder, "node_hours").set_index(["node", "year"])
    capacity = read_table(run.folder, "capacity")
    at_node = capacity[capacity.site.map(run.inputs.sites.node) == node]
    in_use = at_node[at_node.served_it_mw > 0].year.unique()
    found = []
    for t in run.inputs.stages:
        row = hours.loc[(node, t)]
        if row.binding_hours > 0 and t in in_use:
            flexible = f" and {row.flexible_mw:,.4g} flexible" if row.flexible_mw > 0 else ""
            limit = f"{row.limit_mw:,.4g} MW firm{flexible}"
            found.append(f"{t} for {row.binding_hours:,.0f} h a year ({limit})")
    if found:
        yield f"grid at {node} full in {', '.join(found)}"


def supply_binds(run: Run, site: str) -> Iterator[str]:
    """Technologies of which as much stands as a site may have, and land that is full."""
    allowed = run.instance.tables["site_technologies"]
    if allowed.empty or run.instance.tables["slices"].empty:
        return
    standing = read_table(run.folder, "standing")
    standing = standing[standing.site == site].merge(allowed, on=["site", "technology"])
    for unit in ("mw", "mwh"):
        most = standing[f"max_{unit}"].astype(float)
        full = standing[(most > 0) & (standing[unit] >= most * (1 - BINDING))]
        for technology, rows in full.groupby("technology", sort=False):
            limit = f"{rows[f'max_{unit}'].iloc[0]:g} {'MW' if unit == 'mw' else 'MWh'}"
            yield f"{technology} at its most ({limit}) in {', '.join(map(str, rows.year))}"
    per_mw = run.instance.tables["technologies"].set_index("technology").land_ha_per_mw
    area_ha = standing.mw * standing.technology.map(per_mw).astype(float)
    taken_ha = area_ha.groupby(standing.year).sum()
    land_ha = run.inputs.sites.land_ha[site]
    full_years = taken_ha.index[(taken_ha > 0) & (taken_ha >= land_ha * (1 - BINDING))]
    if len(full_years):
        yield f"land full ({land_ha:g} ha) in {', '.join(map(str, full_years))}"


def hall_binds(own: pd.Series, capacity: pd.DataFrame) -> Iterator[str]:
    """First stage in which a hall is full."""
    full = capacity.index[capacity.installed_it_mw >= own.max_it_mw * (1 - BINDING)]
    if not full.empty:
        yield f"hall full from {full[0]} ({own.max_it_mw:g} IT MW)"


def site_rules(run: Run, site: str) -> Iterator[str]:
    """Rules on shares that bind for what a site serves, or that it could help to keep."""
    own = run.inputs.sites.loc[site]
    counted = {}
    for rule in run.inputs.share_rules:
        if rule.kind == "min_share_at_home":
            counted[rule.rule] = own.country
        elif rule.kind == "min_sites_in":
            counted[rule.rule] = "*" if own.country in rule.group else None
        else:
            counted[rule.rule] = subjects(run.inputs, rule).get(site)
    compliance = read_table(run.folder, "compliance")
    mine = compliance[compliance.rule.map(counted) == compliance.subject]
    yield from binding_rules(mine)


def rule_binds(run: Run, rule: str) -> Iterator[str]:
    """Where and when one rule on shares binds."""
    compliance = read_table(run.folder, "compliance")
    yield from binding_rules(compliance[compliance.rule == rule])


def upgrades_ordered(run: Run, node: str) -> Iterator[str]:
    """Reinforcements that the plan orders at a node."""
    upgrades = read_table(run.folder, "upgrades")
    for row in upgrades[upgrades.node == node].itertuples():
        yield f"upgrade {row.upgrade} ordered in {row.ordered_year}: {row.mw:g} MW"


def binding_rules(compliance: pd.DataFrame) -> Iterator[str]:
    """Rules on shares of which nothing is left, each with where and when."""
    rows = compliance[compliance.year.notna()]
    tight = rows[rows.margin <= BINDING * rows.limit_it_mw.abs().clip(lower=1e-9)]
    for rule, own in tight.groupby("rule", sort=False):
        kind, several = own.kind.iloc[0], own.subject.nunique() > 1
        if not several:
            subject = own.subject.iloc[0]
            about = f", {subject}" if subject != "*" else ""
            yield f"rule {rule} ({kind}{about}) in {', '.join(map(str, own.year))}"
            continue
        for year, of_year in own.groupby("year"):
            yield f"rule {rule} ({kind}) in {year}: {', '.join(sorted(of_year.subject))}"
