"""What leaves a site no room in a stage, and the rules that speak of it."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.finished import Finished
from optimizer.maps.columns import nested, short
from optimizer.results import BINDING
from optimizer.routes import ROUTE_RULES, countries_by_group, members

# Bits of a site's limits; the page colours it by the first.
GRID, HALL, RULE = 1, 2, 4


def binding(run: Finished, rows: pd.Series) -> np.ndarray:
    """Limits that bind by site and stage.

    Parameters
    ----------
    rows : compliance rows that speak of each site, by site.

    Returns
    -------
    ndarray
        (sites, stages) sums of GRID, HALL and RULE; 0 where nothing stands.
    """
    sites = run.tables["sites"]
    installed = run.tables["capacity"].pivot(index="site", columns="year", values="installed_it_mw")
    installed = installed.reindex(index=sites.site, columns=run.stages).fillna(0.0).to_numpy(float)
    full_node = full_nodes(run).reindex(index=sites.node, columns=run.stages, fill_value=False)
    full_hall = installed >= sites.max_it_mw.to_numpy()[:, None] * (1 - BINDING)
    tight = tight_rules(run)
    at_rule = np.array([tight[own].any(axis=0) for own in rows]).reshape(len(sites), -1)
    bits = GRID * full_node.to_numpy(bool) + HALL * full_hall + RULE * at_rule
    return np.where(installed > 0, bits, 0)


def full_nodes(run: Finished) -> pd.DataFrame:
    """Whether nothing is left at a node, with slices in some hour, by node and stage."""
    if run.hourly:
        full = run.tables["node_hours"].assign(full=lambda table: table.binding_hours > 0)
    else:
        full = run.tables["grid_use"].assign(
            full=lambda table: (
                table.headroom_mw <= BINDING * (table.firm_mw + table.upgrade_mw).clip(lower=1e-9)
            )
        )
    return full.pivot(index="node", columns="year", values="full").astype(bool)


def kept(run: Finished) -> pd.DataFrame:
    """Rows of `compliance` about a stage, with a number for each rule and subject."""
    table = run.tables["compliance"]
    table = table[table.year.notna()].copy()
    table["row"] = table.groupby(["rule", "subject"], sort=False).ngroup()
    return table


def tight_rules(run: Finished) -> np.ndarray:
    """(rows, stages) whether a rule on shares is at its limit for a subject."""
    table = kept(run)
    tight = np.zeros((table.row.max() + 1 if len(table) else 0, len(run.stages)), dtype=bool)
    at_limit = table.margin <= BINDING * table.limit_it_mw.abs().clip(lower=1e-9)
    stage = {year: number for number, year in enumerate(run.stages)}
    tight[table.row[at_limit], table.year[at_limit].map(stage)] = True
    return tight


def rules_of_sites(run: Finished) -> pd.Series:
    """Numbers of the compliance rows that speak of each site, by site."""
    rules = run.instance.tables["rules"].set_index("rule")
    groups = countries_by_group(run.instance)
    rows = kept(run).drop_duplicates("row")
    concerned: list[list[int]] = [[] for _ in range(len(run.sites))]
    for row in rows.itertuples(index=False):
        group = members(rules.group[row.rule] or "*", groups)
        own = {
            "max_share_country": run.sites.country == row.subject,
            "min_share_at_home": run.sites.country == row.subject,
            "max_share_operator": run.sites.operator == row.subject,
            "max_share_operator_outside": ~run.sites.operator_country.isin(group),
            "min_sites_in": run.sites.country.isin(group),
        }[row.kind]
        for site in np.flatnonzero(own):
            concerned[site].append(row.row)
    return pd.Series(concerned, index=run.sites.index, dtype=object)


def rule_content(run: Finished, rows: pd.Series) -> dict[str, Any]:
    """Rules, what the plan makes of them by stage, and what each site may not do.

    Returns
    -------
    dict
        `names`: rule, kind, workload, users, group and basis of each; `rows`: rule, subject, and
        by stage what the plan does, its limit and the margin, None where it does not hold yet;
        `of_sites`: rows of each site; `barred`: rules by which each site may not serve some.
    """
    rules = run.instance.tables["rules"]
    number = {rule: place for place, rule in enumerate(rules.rule)}
    table = kept(run)
    found = []
    for _, own in table.groupby("row", sort=True):
        by_year = own.set_index("year").reindex(run.stages)
        figures = by_year[["value_it_mw", "limit_it_mw", "margin"]].to_numpy(float).ravel()
        first = own.iloc[0]
        found.append([number[first.rule], first.subject, nested(short(figures, 2), 3)])
    columns = ["rule", "kind", "workload", "applies_to", "group", "basis"]
    return {
        "names": rules.reindex(columns=columns).fillna("").astype(str).to_numpy().tolist(),
        "rows": found,
        "of_sites": list(rows),
        "barred": barred(run),
    }


def barred(run: Finished) -> list[list[int]]:
    """Numbers of the rules on pairs that a site breaks, so that it may not serve whom they govern.

    Where users must stay in their own country it breaks none as such.
    """
    rules, groups = run.instance.tables["rules"], countries_by_group(run.instance)
    broken: list[list[int]] = [[] for _ in range(len(run.sites))]
    for number, rule in enumerate(rules.itertuples(index=False)):
        if rule.kind not in ROUTE_RULES or rule.group == "@same":
            continue
        side = "country" if rule.kind.startswith("site") else "operator_country"
        inside = run.sites[side].isin(members(rule.group, groups))
        for site in np.flatnonzero(inside if rule.kind.endswith("not_in") else ~inside):
            broken[site].append(number)
    return broken
