"""Changed instances: what causes are found by taking away, and what ways out are made of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from models import PlanInputs
from optimizer.instance import Instance
from optimizer.prepare import policy, prepare
from optimizer.routes import find_routes
from optimizer.steps import in_force

Change = Callable[[Instance], Instance]

# More power and room than any demand asks for, MW; small enough to be reckoned with.
AMPLE_MW = 1e6
# Tables that decide which site may serve which demand.
ROUTE_TABLES = ("sites", "regions", "workloads", "demand", "latency", "groups", "rules")


class Preparer:
    """PlanInputs of an instance and its changed versions, with routes found only where need be."""

    def __init__(self) -> None:
        self.routes: dict[tuple[int, ...], tuple] = {}

    def __call__(self, instance: Instance) -> PlanInputs:
        """Find routes and prepare; the tables behind routes are known by identity."""
        tables = [instance.tables[name] for name in ROUTE_TABLES]
        key = tuple(id(table) for table in tables)
        if key not in self.routes:
            # The tables are kept with their routes: an identity lasts as long as its object.
            self.routes = {key: (find_routes(instance), tables)}
        return prepare(instance, self.routes[key][0])


def with_table(instance: Instance, name: str, table: pd.DataFrame) -> Instance:
    """Same instance with another table of this name."""
    return replace(instance, tables={**instance.tables, name: table})


def only_demand(instance: Instance, demands: set[tuple[str, str]], stages: set[int]) -> Instance:
    """Same instance, asked to serve these (region, workload) alone, in these stages."""
    demand = instance.tables["demand"]
    pairs = pd.MultiIndex.from_frame(demand[["region", "workload"]])
    wanted = pairs.isin(list(demands)) & demand.year.isin(stages).to_numpy()
    return with_table(instance, "demand", demand[wanted])


def without_grid(instance: Instance) -> Instance:
    """Ample power at every node from the start."""
    nodes, first = instance.tables["nodes"].node, instance.manifest.stages[0]
    grid = pd.DataFrame({"node": nodes, "year": first, "firm_mw": AMPLE_MW})
    return with_table(instance, "grid", grid)


def without_halls(instance: Instance) -> Instance:
    """Ample room at every site."""
    sites = instance.tables["sites"].assign(max_it_mw=AMPLE_MW)
    return with_table(instance, "sites", sites)


def without_blocks(instance: Instance) -> Instance:
    """IT capacity in any amount."""
    sites = instance.tables["sites"].assign(block_mw=float("nan"))
    return with_table(instance, "sites", sites)


def without_dates(instance: Instance) -> Instance:
    """Sites, firm power and upgrades at once, whatever their years."""
    first, tables = instance.manifest.stages[0], instance.tables
    most_mw = tables["grid"].groupby("node", as_index=False).firm_mw.max()
    changed = with_table(instance, "sites", tables["sites"].assign(earliest_year=first))
    changed = with_table(changed, "grid", most_mw.assign(year=first))
    at_once = tables["upgrades"].assign(lead_years=0, earliest_year=first)
    changed = with_table(changed, "upgrades", at_once)
    return changed if tables["slices"].empty else power_at_once(changed)


def power_at_once(instance: Instance) -> Instance:
    """Technologies, and the most flexible power, from the first stage on."""
    first, tables = instance.manifest.stages[0], instance.tables
    allowed = tables["site_technologies"].assign(earliest_year=first)
    changed = with_table(instance, "site_technologies", allowed)
    technologies = tables["technologies"].assign(lead_years=0)
    changed = with_table(changed, "technologies", technologies)
    flexible = tables["flexible_grid"].sort_values("flexible_mw").groupby("node").tail(1)
    flexible = flexible.assign(year=first).reset_index(drop=True)
    return with_table(changed, "flexible_grid", flexible)


def without_budget(instance: Instance) -> Instance:
    """As much to spend as one likes."""
    policies = instance.tables["policies"]
    return with_table(instance, "policies", policies[policies.policy != "capital_budget"])


def without_rule(instance: Instance, rule: str) -> Instance:
    """One rule switched off."""
    rules = instance.tables["rules"]
    return with_table(instance, "rules", rules[rules.rule != rule])


def without_latency(instance: Instance, workload: str) -> Instance:
    """One workload without an objective of latency."""
    return later(instance, workload, float("nan"))


def later(instance: Instance, workload: str, ms: float) -> Instance:
    """So many ms more for one workload."""
    workloads = instance.tables["workloads"]
    slo_ms = workloads.latency_slo_ms + ms * (workloads.workload == workload)
    if pd.isna(ms):
        slo_ms = workloads.latency_slo_ms.mask(workloads.workload == workload)
    return with_table(instance, "workloads", workloads.assign(latency_slo_ms=slo_ms))


def more_grid(instance: Instance, mw: Mapping[tuple[str, int], float]) -> Instance:
    """More firm MW at nodes in stages, and as before in the others."""
    manifest, grid = instance.manifest, instance.tables["grid"]
    stages = [*manifest.stages, manifest.horizon_end]
    end_of = dict(pairwise(stages))
    rows = []
    for node in dict.fromkeys(g for g, _ in mw):
        own = grid[grid.node == node].set_index("year").firm_mw.sort_index()
        steps = pd.concat([pd.Series({0: 0.0}), own])
        for year in sorted({*own.index, *stages}):
            more_mw = sum(mw.get((node, t), 0.0) for t in manifest.stages if t <= year < end_of[t])
            rows.append((node, year, in_force(steps, year) + more_mw))
    changed = pd.DataFrame(rows, columns=["node", "year", "firm_mw"])
    kept = grid[~grid.node.isin(changed.node)]
    return with_table(instance, "grid", pd.concat([kept, changed], ignore_index=True))


def larger_halls(instance: Instance, mw: Mapping[str, float]) -> Instance:
    """More IT MW that the halls of some sites hold."""
    sites = instance.tables["sites"]
    max_it_mw = sites.max_it_mw + sites.site.map(mw).fillna(0.0)
    return with_table(instance, "sites", sites.assign(max_it_mw=max_it_mw))


def other_value(instance: Instance, rule: str, value: float) -> Instance:
    """Another value for one rule."""
    rules = instance.tables["rules"]
    values = rules.value.mask(rules.rule == rule, value)
    return with_table(instance, "rules", rules.assign(value=values))


def more_budget(instance: Instance, money: Mapping[int, float]) -> Instance:
    """More capital to spend in some stages."""
    steps = policy(instance, "capital_budget", float("inf"))
    rows = [
        ("capital_budget", t, in_force(steps, t) + money.get(t, 0.0), "")
        for t in instance.manifest.stages
    ]
    rows = [row for row in rows if row[2] < float("inf")]
    policies = without_budget(instance).tables["policies"]
    budget = pd.DataFrame(rows, columns=["policy", "year", "value", "unit"])
    return with_table(instance, "policies", pd.concat([policies, budget], ignore_index=True))


def upgrade_earlier(instance: Instance, node: str, upgrade: str, years: int) -> Instance:
    """One upgrade so many years earlier: off its lead time first, then off its first year."""
    upgrades = instance.tables["upgrades"]
    own = (upgrades.node == node) & (upgrades.upgrade == upgrade)
    off_lead = upgrades.lead_years.clip(upper=years)
    changed = upgrades.assign(
        lead_years=(upgrades.lead_years - off_lead).where(own, upgrades.lead_years),
        earliest_year=(upgrades.earliest_year - (years - off_lead)).where(
            own, upgrades.earliest_year
        ),
    )
    return with_table(instance, "upgrades", changed)


def grid_earlier(instance: Instance, node: str, years: int) -> Instance:
    """Every later step of a node's firm MW so many years earlier."""
    grid = instance.tables["grid"]
    moved = grid.year.where(grid.node != node, grid.year - years)
    return with_table(instance, "grid", grid.assign(year=moved))


def site_earlier(instance: Instance, site: str, years: int) -> Instance:
    """One site so many years earlier."""
    sites = instance.tables["sites"]
    moved = sites.earliest_year.where(sites.site != site, sites.earliest_year - years)
    return with_table(instance, "sites", sites.assign(earliest_year=moved))
