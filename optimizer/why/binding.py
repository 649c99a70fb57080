"""What leaves no room in a plan: full nodes, full halls, rules on shares at their limit."""

from collections.abc import Iterator

import pandas as pd

from models.sovereignty import subjects
from optimizer.run_tables import read_table
from optimizer.why.run import Run

# A limit binds when what is left is below this part of it, as in the summary of a plan.
BINDING = 1e-4


def node_binds(run: Run, node: str) -> Iterator[str]:
    """Stages in which a node is full."""
    use = read_table(run.folder, "grid_use")
    use = use[use.node == node]
    limit_mw = use.firm_mw + use.upgrade_mw
    full = use[use.headroom_mw <= BINDING * limit_mw.clip(lower=1e-9)]
    if not full.empty:
        years = ", ".join(f"{row.year} ({row.drawn_mw:,.4g} MW)" for row in full.itertuples())
        yield f"grid at {node} full in {years}"


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
    for (rule, subject), group in tight.groupby(["rule", "subject"], sort=False):
        about = f", {subject}" if subject != "*" else ""
        yield f"rule {rule} ({group.kind.iloc[0]}{about}) in {', '.join(map(str, group.year))}"
