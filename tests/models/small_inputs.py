"""Tiny planning problems for tests: everything costs nothing and fits, until a test says so."""

from collections.abc import Iterable, Mapping
from math import inf, nan
from typing import Any

import pandas as pd

from models import PlanInputs, ShareRule

SITE = {
    "country": "NL",
    "operator": "aqua",
    "operator_country": "NL",
    "node": "port",
    "max_it_mw": 100.0,
    "existing_it_mw": 0.0,
    "opening_cost": 0.0,
    "fixed_cost_per_year": 0.0,
    "it_cost_per_mw": 0.0,
    "block_mw": nan,
    "pue": 1.0,
    "earliest_year": 0,
    "water_l_per_kwh": 0.0,
    "idle_share": 0.0,
    "moves_load": 1,
    "land_ha": nan,
    "embodied_t": 0.0,
    "embodied_t_per_it_mw": 0.0,
}
NODE = {
    "energy_price_per_mwh": 0.0,
    "carbon_kg_per_mwh": 0.0,
    "clean_share": 0.0,
    "export_mw": 0.0,
    "export_price_share": 0.0,
    "demand_charge_per_mw_year": 0.0,
    "connection_fee_per_mw": 0.0,
}
UPGRADE = {"mw": 10.0, "cost": 0.0, "lead_years": 0, "earliest_year": 0, "after": ""}
FIRM_MW = 1000.0
COUNTRIES = frozenset({"NL", "FR", "DE", "US"})

ByStage = float | Mapping[int, float]


def small_inputs(
    sites: Mapping[str, Mapping[str, Any]],
    demand_mw: Mapping[tuple[str, str], ByStage] | float = 1.0,
    *,
    stages: Iterable[int] = (2026,),
    horizon_end: int | None = None,
    discount_rate: float = 0.0,
    nodes: Mapping[str, Mapping[str, Any]] | None = None,
    firm_mw: Mapping[str, ByStage] | None = None,
    upgrades: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    load_factor: Mapping[str, float] | None = None,
    user_country: Mapping[str, str] | None = None,
    routes: Iterable[tuple[str, str, str]] | None = None,
    network_cost_per_mw_year: Mapping[tuple[str, str], float] | None = None,
    rules: Iterable[ShareRule] = (),
    carbon_price_per_t: float | Mapping[int, float] = 0.0,
    capital_budget: ByStage = inf,
    unserved_penalty_per_mwh: float | None = None,
) -> PlanInputs:
    """State a problem by what is special about it.

    Parameters
    ----------
    sites : by site, what differs from SITE.
    demand_mw : by (region, workload), one number for every stage or numbers by stage; one number
        alone is chat of delft.
    horizon_end : the year after the last stage if not given.
    nodes, upgrades : by key, what differs from NODE and UPGRADE; nodes of sites need no mention.
    firm_mw : by node, FIRM_MW where not given.
    user_country : by region, NL where not given.
    routes : from every region and workload to every site if not given.
    network_cost_per_mw_year : by (region, site).
    """
    stages = tuple(stages)
    horizon_end = horizon_end or stages[-1] + 1
    if isinstance(demand_mw, float | int):
        demand_mw = {("delft", "chat"): float(demand_mw)}
    nodes, firm_mw, upgrades = nodes or {}, firm_mw or {}, upgrades or {}
    network, user_country = network_cost_per_mw_year or {}, user_country or {}
    site_table = pd.DataFrame.from_dict(
        {name: SITE | dict(site) for name, site in sites.items()}, orient="index"
    ).rename_axis("site")
    node_names = dict.fromkeys([*site_table.node, *nodes, *firm_mw, *(g for g, _ in upgrades)])
    workloads = dict.fromkeys(w for _, w in demand_mw)
    regions = dict.fromkeys(r for r, _ in demand_mw)
    if routes is None:
        routes = [(r, w, s) for r, w in demand_mw for s in sites]
    return PlanInputs(
        stages=stages,
        horizon_end=horizon_end,
        base_year=2026,
        discount_rate=discount_rate,
        sites=site_table,
        nodes=pd.DataFrame.from_dict(
            {g: NODE | dict(nodes.get(g, {})) for g in node_names}, orient="index"
        ).rename_axis("node"),
        firm_mw=series(
            {
                (g, t): mw
                for g in node_names
                for t, mw in by_stage(firm_mw.get(g, FIRM_MW), stages).items()
            },
            "node",
            "stage",
        ),
        upgrades=pd.DataFrame(
            [UPGRADE | dict(row) for row in upgrades.values()],
            index=levels(list(upgrades), "node", "upgrade"),
            columns=list(UPGRADE),
        ),
        load_factor=series({(w,): (load_factor or {}).get(w, 1.0) for w in workloads}, "workload"),
        demand_mw=series(
            {
                (r, w, t): mw
                for (r, w), amount in demand_mw.items()
                for t, mw in by_stage(amount, stages).items()
            },
            "region",
            "workload",
            "stage",
        ),
        user_country=series({(r,): user_country.get(r, "NL") for r in regions}, "region"),
        routes=pd.DataFrame(
            [(10.0, network.get((r, s), 0.0)) for r, _, s in routes],
            index=levels(list(routes), "region", "workload", "site"),
            columns=["rtt_ms", "network_cost_per_mw_year"],
        ),
        share_rules=tuple(rules),
        carbon_price_per_t=pd.Series(
            {
                year: carbon_price_per_t
                if isinstance(carbon_price_per_t, float | int)
                else carbon_price_per_t[year]
                for year in range(stages[0], horizon_end)
            },
            dtype=float,
        ),
        capital_budget=pd.Series(by_stage(capital_budget, stages), dtype=float),
        unserved_penalty_per_mwh=unserved_penalty_per_mwh,
    )


def by_stage(amount: ByStage, stages: tuple[int, ...]) -> dict[int, float]:
    """Amounts by stage, the same in each if only one is given."""
    return dict(amount) if isinstance(amount, Mapping) else dict.fromkeys(stages, amount)


def series(values: Mapping[tuple, float | str], *names: str) -> pd.Series:
    """Series with named levels from values by key."""
    return pd.Series(list(values.values()), index=levels(list(values), *names))


def levels(keys: list[tuple], *names: str) -> pd.Index:
    """Index of one level or several, even if it has no entry."""
    if len(names) == 1:
        return pd.Index([key for (key,) in keys], name=names[0])
    if not keys:
        return pd.MultiIndex.from_arrays([[] for _ in names], names=names)
    return pd.MultiIndex.from_tuples(keys, names=names)


def share_rule(kind: str, value: float, **what: Any) -> ShareRule:
    """Rule on all workloads and users, from the start, unless said otherwise."""
    rule: dict[str, Any] = {
        "rule": kind,
        "workloads": frozenset({"chat", "batch"}),
        "user_countries": COUNTRIES,
        "group": frozenset(),
        "from_year": 2026,
    }
    for name in {"workloads", "user_countries", "group"} & set(what):
        what[name] = frozenset(what[name])
    return ShareRule(kind=kind, value=value, **(rule | what))
