"""Shortages in a planner's words: who is short, which sites may serve, what bars the others."""

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from models import PlanInputs
from optimizer.explain import places, power_places
from optimizer.explain.changes import only_demand
from optimizer.explain.explanation import Missing
from optimizer.explain.shortage import Shortage
from optimizer.instance import Instance
from optimizer.routes import find_routes

MOST_NAMES = 4


def merged(found: list[Shortage]) -> list[list[Shortage]]:
    """Shortages of the same demands in several stages together, the largest first."""
    by_demands: dict[tuple, list[Shortage]] = defaultdict(list)
    for shortage in found:
        by_demands[shortage.demands].append(shortage)
    return sorted(by_demands.values(), key=lambda own: -sum(s.missing_mw for s in own))


def worst(own: list[Shortage]) -> Shortage:
    """The stage that misses the most."""
    return max(own, key=lambda shortage: shortage.missing_mw)


def missing(instance: Instance, inputs: PlanInputs, own: list[Shortage]) -> Missing:
    """Tell of shortages of the same demands."""
    short = worst(own)
    asked = [
        place for r, w in short.demands for place in places.of_demand(instance, r, w, short.stage)
    ]
    return Missing(
        it_mw={shortage.stage: shortage.missing_mw for shortage in own},
        what=who(short),
        asked=tuple(asked),
        eligible=tuple(held(instance, inputs, short)),
        barred=tuple(barred(instance, short)),
    )


def who(short: Shortage) -> str:
    """Demands by workload: `chat of hamburg`, `chat, code and batch of 12 regions`."""
    workloads = list(dict.fromkeys(w for _, w in short.demands))
    regions = list(dict.fromkeys(r for r, _ in short.demands))
    where = " and ".join(regions) if len(regions) <= 2 else f"{len(regions)} regions"
    *others, last = workloads
    return f"{', '.join(others)}{' and ' if others else ''}{last} of {where}"


def held(instance: Instance, inputs: PlanInputs, short: Shortage) -> Iterator[str]:
    """Each eligible site with what limits it in that stage."""
    t, full = short.stage, set(short.full_sites)
    for s in short.sites:
        site = inputs.sites.loc[s]
        if s in full and t < site.earliest_year:
            (at,) = places.rows(instance, "sites", site=s).index
            yield f"{s} (not before {site.earliest_year}, sites row {at + places.FIRST_LINE})"
        elif s in full:
            (at,) = places.of_hall(instance, s)
            yield f"{s} (hall full: {at})"
        else:
            own = places.listed(power_places.of_supply(instance, [s]))
            own = f"; on site at most {own}" if own and inputs.power is not None else ""
            full_until = until(inputs, site.node, t)
            yield f"{s} (grid full{full_until}: {power(instance, site.node, t)}{own})"


def until(inputs: PlanInputs, node: str, stage: int) -> str:
    """When a node first carries more, with every upgrade in time."""
    limit_mw = inputs.node_limit_mw
    later = [t for t in inputs.stages if t > stage and limit_mw[node, t] > limit_mw[node, stage]]
    return f" until {later[0]}" if later else ""


def power(instance: Instance, node: str, stage: int) -> str:
    """The row that limits a node."""
    return places.listed(places.of_grid(instance, node, stage)) or f"no row for {node}"


def barred(instance: Instance, short: Shortage) -> Iterator[str]:
    """Each reason that rules sites out for any of the demands, with the sites, nearest miss first.

    A site counts under the first reason that bars it, for the demand that it misses by the least.
    """
    pairs = find_routes(
        only_demand(instance, set(short.demands), {short.stage}), every_pair=True
    ).pairs
    assert pairs is not None
    pairs = pairs[~pairs.site.isin(short.sites)]
    for reason, own in pairs.groupby("reason", sort=False):
        yield why_barred(instance, str(reason), own)


def why_barred(instance: Instance, reason: str, pairs: pd.DataFrame) -> str:
    """Sites ruled out for one reason."""
    sites = list(dict.fromkeys(pairs.site))
    if reason == "latency":
        workloads = instance.tables["workloads"].set_index("workload")
        own = workloads.loc[pairs.workload]
        late_ms = pairs.rtt_ms + (own.service_ms - own.latency_slo_ms).to_numpy()
        nearest = late_ms.groupby(pairs.site).min().nsmallest(MOST_NAMES)
        named = ", ".join(f"{site} by {ms:.2f} ms" for site, ms in nearest.items())
        rest = len(sites) - len(nearest)
        return f"too late {named}" + (f" and {rest} more" if rest else "")
    shown = ", ".join(sites[:MOST_NAMES])
    rest = len(sites) - MOST_NAMES
    shown += f" and {rest} more" if rest > 0 else ""
    if reason == "no_latency_listed":
        return f"not listed in latency {shown}"
    rule = reason.removeprefix("rule:")
    return f"{shown} by rule " + places.listed(places.of_rule(instance, rule))
