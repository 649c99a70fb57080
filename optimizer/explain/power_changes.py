"""Changed instances: what limits power and its footprint, taken away or widened."""

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from optimizer.explain.changes import AMPLE_MW, with_table
from optimizer.explain.words import ROUNDING
from optimizer.instance import Instance
from optimizer.steps import in_force


def without_supply(instance: Instance) -> Instance:
    """As much of every technology as one likes, where a site may have it at all."""
    allowed = instance.tables["site_technologies"]
    ample = allowed.assign(max_mw=AMPLE_MW, max_mwh=float("nan"))
    return with_table(instance, "site_technologies", ample)


def without_land(instance: Instance) -> Instance:
    """Sites as large as one likes."""
    sites = instance.tables["sites"].assign(land_ha=float("nan"))
    return with_table(instance, "sites", sites)


def without_flexible(instance: Instance) -> Instance:
    """Ample flexible power at the nodes that have any, cut as often and as long as before."""
    flexible = instance.tables["flexible_grid"].assign(flexible_mw=AMPLE_MW)
    return with_table(instance, "flexible_grid", flexible)


def without_corridors(instance: Instance) -> Instance:
    """Corridors that carry anything."""
    corridors = instance.tables["corridors"].assign(max_mw=AMPLE_MW)
    return with_table(instance, "corridors", corridors)


def without_campaigns(instance: Instance) -> Instance:
    """No training."""
    campaigns = instance.tables["campaigns"]
    return with_table(instance, "campaigns", campaigns[:0])


def smaller_campaigns(instance: Instance, fewer_mw: Mapping[str, float]) -> Instance:
    """Campaigns with fewer MW; none, where less than a rounding is left."""
    campaigns = instance.tables["campaigns"]
    fewer = campaigns.campaign.map(fewer_mw).fillna(0.0)
    left = campaigns.it_mw - fewer * (1 + ROUNDING)
    kept = left > ROUNDING * campaigns.it_mw
    changed = campaigns.assign(it_mw=left)[kept].reset_index(drop=True)
    return with_table(instance, "campaigns", changed)


def without_policy(instance: Instance, policy: str) -> Instance:
    """One policy without its limits."""
    policies = instance.tables["policies"]
    return with_table(instance, "policies", policies[policies.policy != policy])


def supply_earlier(instance: Instance, site: str, technology: str, years: int) -> Instance:
    """A technology at one site so many years earlier: off its first year, then off its lead time.

    Lead times are the same at all sites, so this one gets a technology of its own.
    """
    tables = instance.tables
    allowed = tables["site_technologies"]
    here = (allowed.site == site) & (allowed.technology == technology)
    wait = int(max(0, allowed.earliest_year[here].iloc[0] - instance.manifest.stages[0]))
    off_first = min(wait, years)
    moved = allowed.earliest_year.where(~here, allowed.earliest_year - off_first)
    changed = with_table(instance, "site_technologies", allowed.assign(earliest_year=moved))
    if years == off_first:
        return changed
    sooner = f"{technology} sooner"
    own = tables["technologies"][tables["technologies"].technology == technology]
    own = own.assign(technology=sooner, lead_years=own.lead_years - (years - off_first))
    renamed = allowed.technology.where(~here, sooner)
    tables_too = {"technologies": pd.concat([tables["technologies"], own], ignore_index=True)}
    for name in ("technology_costs", "technology_profiles"):
        rows = tables[name][tables[name].technology == technology].assign(technology=sooner)
        tables_too[name] = pd.concat([tables[name], rows], ignore_index=True)
    tables_too["site_technologies"] = allowed.assign(earliest_year=moved, technology=renamed)
    for name, table in tables_too.items():
        changed = with_table(changed, name, table)
    return changed


def more_supply(instance: Instance, amounts: Mapping[tuple[str, str, str], float]) -> Instance:
    """More MW or MWh allowed, by (site, technology, `mw` or `mwh`)."""
    allowed = instance.tables["site_technologies"]
    pairs = list(zip(allowed.site, allowed.technology, strict=True))
    changed = allowed
    for unit in ("mw", "mwh"):
        more = [amounts.get((*pair, unit), 0.0) for pair in pairs]
        changed = changed.assign(**{f"max_{unit}": allowed[f"max_{unit}"] + more})
    return with_table(instance, "site_technologies", changed)


def more_land(instance: Instance, ha: Mapping[str, float]) -> Instance:
    """More land at sites."""
    sites = instance.tables["sites"]
    larger = sites.land_ha + sites.site.map(ha).fillna(0.0)
    return with_table(instance, "sites", sites.assign(land_ha=larger))


def more_in_stages(instance: Instance, table: str, mw: Mapping[tuple[str, int], float]) -> Instance:
    """More flexible MW of nodes or MW of corridors, by key and stage, as before in the others.

    Parameters
    ----------
    table : `flexible_grid` or `corridors`.
    """
    key, column = {"flexible_grid": ("node", "flexible_mw"), "corridors": ("corridor", "max_mw")}[
        table
    ]
    manifest, rows = instance.manifest, instance.tables[table]
    end_of = dict(pairwise([*manifest.stages, manifest.horizon_end]))
    changed = []
    for name, own in rows.groupby(key, sort=False):
        if name not in {which for which, _ in mw}:
            changed.append(own)
            continue
        # A row for each year in which anything changes, with all else as in the row in force.
        dated = own.set_index("year").sort_index()
        years = sorted({*dated.index, *(y for y in end_of if y >= dated.index[0])})
        step = dated.reindex(years).ffill()
        more = [sum(mw.get((name, t), 0.0) for t in end_of if t <= y < end_of[t]) for y in years]
        step[column] += more
        changed.append(step.rename_axis("year").reset_index()[list(rows.columns)])
    return with_table(instance, table, pd.concat(changed, ignore_index=True))


def other_policy(instance: Instance, policy: str, values: Mapping[int, float]) -> Instance:
    """Other values of a policy in some stages, and as before in the years of the others."""
    manifest, policies = instance.manifest, instance.tables["policies"]
    own = policies[policies.policy == policy].set_index("year").sort_index()
    end_of = dict(pairwise([*manifest.stages, manifest.horizon_end]))
    years = sorted({*own.index, *(y for y in end_of if y >= own.index[0])})
    steps = own.reindex(years).ffill()
    for t, value in values.items():
        inside = (steps.index >= t) & (steps.index < end_of[t])
        loosest = max if policy != "clean_share" else min
        steps.loc[inside, "value"] = [loosest(before, value) for before in steps.value[inside]]
    changed = steps.rename_axis("year").reset_index()[list(policies.columns)]
    kept = policies[policies.policy != policy]
    return with_table(instance, "policies", pd.concat([kept, changed], ignore_index=True))


def strictest(instance: Instance, policy: str, stage: int) -> float:
    """Strictest value of a policy in the years of a stage."""
    manifest, rows = instance.manifest, instance.tables["policies"]
    end_of = dict(pairwise([*manifest.stages, manifest.horizon_end]))
    loose = 0.0 if policy == "clean_share" else float("inf")
    steps = rows[rows.policy == policy].set_index("year").value.sort_index()
    steps = pd.concat([pd.Series({0: loose}), steps])
    values = [in_force(steps, year) for year in range(stage, end_of[stage])]
    return max(values) if policy == "clean_share" else min(values)
