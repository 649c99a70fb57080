"""Tiny planning problems with slices: a night and a noon of 12 hours, until a test says so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

from models import PlanInputs, PowerInputs
from tests.models.small_inputs import by_stage, levels, series, small_inputs

YEAR_HOURS = 8760
# Hours of a year that night and noon stand for, each.
HALF = YEAR_HOURS / 2
NIGHT_AND_NOON = {"night": 12.0, "noon": 12.0}
WORKLOAD = {
    "movable_share": 0.0,
    "move_cost_per_mwh": 0.0,
    "cut_share": 0.0,
    "cut_cost_per_mwh": 0.0,
}
TECHNOLOGY = {
    "kind": "gas",
    "efficiency": 1.0,
    "fixed_cost_per_mw_year": 0.0,
    "lead_years": 0,
    "life_years": nan,
    "resale_share": 0.0,
    "clean": 0,
    "carbon_kg_per_mwh": 0.0,
    "embodied_t_per_mw": 0.0,
    "embodied_t_per_mwh": 0.0,
    "land_ha_per_mw": 0.0,
}
COSTS = {"cost_per_mw": 0.0, "cost_per_mwh_storage": 0.0, "energy_cost_per_mwh": 0.0}
ALLOWED = {
    "max_mw": 100.0,
    "max_mwh": nan,
    "existing_mw": 0.0,
    "existing_mwh": 0.0,
    "earliest_year": 0,
}
FLEXIBLE = {"flexible_mw": 0.0, "curtailed_hours_per_year": 0.0, "event_hours": 1.0}

BySlice = Sequence[float]
Rows = Mapping[Any, Mapping[str, Any]]


def small_power(
    sites: Rows,
    demand_mw: Any = 1.0,
    *,
    slices: Mapping[str, float] = NIGHT_AND_NOON,
    days: Mapping[str, str] | None = None,
    load: Mapping[tuple[str, str], BySlice] | None = None,
    workloads: Rows | None = None,
    pue: Mapping[str, BySlice] | None = None,
    price_per_mwh: Mapping[str, BySlice] | None = None,
    carbon_kg_per_mwh: Mapping[str, BySlice] | None = None,
    technologies: Rows | None = None,
    allowed: Rows | None = None,
    availability: Mapping[tuple[str, str], BySlice] | None = None,
    flexible: Rows | None = None,
    corridor_mw: Mapping[str, Any] | None = None,
    corridor_factor: Mapping[tuple[str, str], float] | None = None,
    campaigns: Mapping[str, Any] | None = None,
    policies: Mapping[str, Any] | None = None,
    **inputs: Any,
) -> PlanInputs:
    """State a problem with slices by what is special about it.

    Parameters
    ----------
    slices : hours of each; together they stand for a year, each hour for as much of it.
    days : by slice, one day where not given.
    load : by (region, workload), 1 throughout where not given.
    workloads, technologies, allowed, flexible : by key, what differs from the defaults above;
        costs of technologies among them, one number or numbers by year. `allowed` is by (site,
        technology); every technology at every site if not given. `flexible` is by node.
    pue, price_per_mwh, carbon_kg_per_mwh : by site or node, as in their tables where not given.
    corridor_mw, campaigns : by key, one number for every stage or numbers by stage.
    policies : any of `carbon_cap_t`, `water_cap_m3`, `clean_share`, `clean_hourly`.
    inputs : the rest, as of `small_inputs`.
    """
    plain = small_inputs(sites, demand_mw, **inputs)
    plain = with_policies(plain, **(policies or {}))
    names = pd.Index(list(slices), name="slice")
    hours = np.array(list(slices.values()), dtype=float)
    stages, years = plain.stages, range(plain.stages[0], plain.horizon_end)
    technologies, demands = technologies or {}, plain.demand_mw.index.droplevel("stage").unique()
    if allowed is None:
        allowed = {(s, k): {} for s in sites for k in technologies}
    shapes = {f"{r} {w}": (load or {}).get((r, w), np.ones(len(names))) for r, w in demands}

    def by_slice(given: Mapping[Any, BySlice] | None, otherwise: pd.Series) -> pd.DataFrame:
        rows = {
            key: (given or {}).get(key, [other] * len(names)) for key, other in otherwise.items()
        }
        table = pd.DataFrame(np.array(list(rows.values()), float).reshape(-1, len(names)))
        return table.set_axis(names, axis=1).set_axis(otherwise.index, axis=0)

    def costs(name: str, keys: range | tuple[int, ...]) -> pd.Series:
        rows = {k: (COSTS | dict(row))[name] for k, row in technologies.items()}
        dated = {
            (k, y): c for k, cost in rows.items() for y, c in by_stage(cost, tuple(keys)).items()
        }
        return series(dated, "technology", "year")

    def by_keys(given: Mapping[str, Any] | None, *names: str) -> pd.Series:
        amounts = {
            (c, t): mw
            for c, amount in (given or {}).items()
            for t, mw in by_stage(amount, stages).items()
        }
        return series(amounts, *names)

    pairs = levels(list(allowed), "site", "technology")
    power = PowerInputs(
        slices=pd.DataFrame(
            {
                "day": [(days or {}).get(h, "day") for h in slices],
                "weight_hours": hours / hours.sum() * YEAR_HOURS,
                "hours": hours,
            },
            index=names,
        ),
        load_profiles=pd.DataFrame(list(shapes.values()), index=list(shapes), columns=names),
        profile_of=pd.Series([f"{r} {w}" for r, w in demands], index=demands),
        workloads=rows_of(
            {w: (workloads or {}).get(w, {}) for w in plain.load_factor.index}, WORKLOAD, "workload"
        ),
        pue=by_slice(pue, plain.sites.pue),
        price_per_mwh=by_slice(price_per_mwh, plain.nodes.energy_price_per_mwh),
        carbon_kg_per_mwh=by_slice(carbon_kg_per_mwh, plain.nodes.carbon_kg_per_mwh),
        technologies=rows_of(
            {
                k: {c: v for c, v in row.items() if c not in COSTS}
                for k, row in technologies.items()
            },
            TECHNOLOGY,
            "technology",
        ),
        cost_per_mw=costs("cost_per_mw", years),
        cost_per_mwh_storage=costs("cost_per_mwh_storage", years),
        energy_cost_per_mwh=costs("energy_cost_per_mwh", years),
        allowed=rows_of(allowed, ALLOWED, "site", "technology"),
        availability=by_slice(availability, pd.Series(1.0, index=pairs)),
        flexible=rows_of(
            {(g, t): row for g, row in (flexible or {}).items() for t in stages},
            FLEXIBLE,
            "node",
            "stage",
        ),
        corridor_mw=by_keys(corridor_mw, "corridor", "stage"),
        corridor_factor=series(dict(corridor_factor or {}), "corridor", "node"),
        campaign_mw=by_keys(campaigns, "campaign", "stage"),
        hosts=tuple((c, s) for c in campaigns or {} for s in sites),
    )
    return replace(plain, power=power)


def rows_of(given: Rows, defaults: Mapping[str, Any], *names: str) -> pd.DataFrame:
    """Table by key, defaults where nothing is said."""
    rows = [{**defaults, **row} for row in given.values()]
    keys = [key if isinstance(key, tuple) else (key,) for key in given]
    return pd.DataFrame(rows, index=levels(keys, *names), columns=list(defaults))


def with_policies(inputs: PlanInputs, **policies: Any) -> PlanInputs:
    """Limits by year, one number for all or numbers by year; none in other years."""
    years = range(inputs.stages[0], inputs.horizon_end)
    nothing = {"carbon_cap_t": inf, "water_cap_m3": inf, "clean_share": 0.0, "clean_hourly": False}
    given = {
        name: pd.Series({y: value[y] if isinstance(value, Mapping) and y in value else
                         nothing[name] if isinstance(value, Mapping) else value for y in years})
        for name, value in policies.items()
    }  # fmt: skip
    if "clean_share" in given:
        given.setdefault("clean_hourly", pd.Series(False, index=list(years)))
    return replace(inputs, **given)
