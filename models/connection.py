"""The connection in every slice: firm and flexible MW of a node, corridors, highest draw."""

import math
from collections import defaultdict

import numpy as np
import pyomo.environ as pyo

from models.dispatch import Terms, taken_terms
from models.grid import firm_terms, upgrades_in_time
from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.power_inputs import undominated


def add_connection(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.connection`; its rows follow in `add_connection_rows`, after the dispatch.

    Sets: `FLEXIBLE` (site, stage, slice) in which a site may draw flexibly; `READY` (site,
    technology, stage, slice) of what can be held ready; `PAUSES` (site, workload, stage, slice).

    Variables, MW, at least 0: `flexible_mw`, `ready_mw`, `paused_mw`.
    """
    power = inputs.power
    assert power is not None
    connection = model.connection = pyo.Block()
    flexible = connection.flexible = power.flexible.to_dict("index")
    node = connection.node = inputs.sites.node.to_dict()
    slices = range(len(power.slices))
    supply, loads = model.supply, model.loads

    def is_flexible(s: str, t: int) -> bool:
        return flexible.get((node[s], t), {"flexible_mw": 0.0})["flexible_mw"] > 0

    connection.ready_at = defaultdict(list)
    ready = []
    for s, k, t in supply.ALLOWED:
        if supply.kind[k] != "ppa" and is_flexible(s, t):
            for h in slices:
                if supply.kind[k] == "battery" or (s, k, t, h) in supply.made_mw:
                    ready.append((s, k, t, h))
                    connection.ready_at[s, t, h].append(k)
    paused = [(s, w, t, h) for s, w, t in loads.moves if is_flexible(s, t) for h in slices]
    connection.paused_at = defaultdict(list)
    for s, w, t, h in paused:
        connection.paused_at[s, t, h].append(w)
    drawing = [
        (s, t, h)
        for s, t in loads.DISPATCHED
        for h in slices
        if connection.ready_at[s, t, h] or connection.paused_at[s, t, h]
    ]
    connection.FLEXIBLE = pyo.Set(dimen=3, initialize=drawing)
    connection.READY = pyo.Set(dimen=4, initialize=ready)
    connection.PAUSES = pyo.Set(dimen=4, initialize=paused)
    connection.flexible_mw = pyo.Var(connection.FLEXIBLE, domain=pyo.NonNegativeReals)
    connection.ready_mw = pyo.Var(connection.READY, domain=pyo.NonNegativeReals)
    connection.paused_mw = pyo.Var(connection.PAUSES, domain=pyo.NonNegativeReals)


def add_connection_rows(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Add the rows of `model.connection`, and `peak_mw`, where a tariff asks for it.

    Variables, MW: `peak_mw` highest draw of a site in a stage; `contracted_mw` cumulative, the
    highest so far, where a fee is due on it.
    """
    power = inputs.power
    assert power is not None
    connection = model.connection
    connection.events = power.event
    slices = range(len(power.slices))
    sites_at = model.grid.sites_at
    connection.NODE_HOURS = pyo.Set(
        dimen=3,
        initialize=[
            (g, t, h)
            for g, sites in sites_at.items()
            for t in inputs.stages
            for h in binding_slices(model, sites, t, slices)
        ],
    )
    connection.node_limit = pyo.Constraint(connection.NODE_HOURS, rule=node_limit)
    drawing = defaultdict(list)
    for s, t, h in connection.FLEXIBLE:
        drawing[connection.node[s], t, h].append(s)
    connection.drawing = drawing
    connection.FLEXIBLE_HOURS = pyo.Set(dimen=3, initialize=list(drawing))
    connection.flexible_limit = pyo.Constraint(connection.FLEXIBLE_HOURS, rule=flexible_limit)
    connection.part_of_draw = pyo.Constraint(connection.FLEXIBLE, rule=part_of_draw)
    connection.ride_through = pyo.Constraint(connection.FLEXIBLE, rule=ride_through)
    connection.ready_limit = pyo.Constraint(connection.READY, rule=ready_limit)
    connection.event_energy = pyo.Constraint(connection.READY, rule=event_energy)
    connection.corridor_factor = defaultdict(list)
    for (c, g), factor in power.corridor_factor.items():
        connection.corridor_factor[c].append((g, float(factor)))
    connection.corridor_mw = power.corridor_mw.to_dict()
    connection.CORRIDOR_HOURS = pyo.Set(
        dimen=3,
        initialize=[
            (c, t, h)
            for (c, t), most in connection.corridor_mw.items()
            # By blocks a node may look as if it drew too little: no relief for others in that.
            if not math.isinf(most)
            and (power.fine is None or min(f for _, f in connection.corridor_factor[c]) >= 0)
            for h in slices
        ],
    )
    connection.corridor_limit = pyo.Constraint(connection.CORRIDOR_HOURS, rule=corridor_limit)
    add_peaks(model, inputs)


def add_peaks(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Add the highest draw of each site whose node has a tariff on it."""
    connection = model.connection
    assert inputs.power is not None
    slices = range(len(inputs.power.slices))
    charge = inputs.nodes.demand_charge_per_mw_year.to_dict()
    fee = inputs.nodes.connection_fee_per_mw.to_dict()
    node = connection.node
    connection.stage_before = {t: inputs.before(t) for t in inputs.stages}
    sites = inputs.sites.index
    connection.PEAKS = pyo.Set(
        dimen=2,
        initialize=[
            (s, t) for s in sites if charge[node[s]] or fee[node[s]] for t in inputs.stages
        ],
    )
    connection.CONTRACTED = pyo.Set(
        dimen=2, initialize=[(s, t) for s in sites if fee[node[s]] for t in inputs.stages]
    )
    connection.peak_mw = pyo.Var(connection.PEAKS, domain=pyo.NonNegativeReals)
    connection.contracted_mw = pyo.Var(connection.CONTRACTED, domain=pyo.NonNegativeReals)
    connection.PEAK_HOURS = pyo.Set(
        dimen=3,
        initialize=[
            (s, t, h) for s, t in connection.PEAKS for h in binding_slices(model, [s], t, slices)
        ],
    )
    connection.highest_draw = pyo.Constraint(connection.PEAK_HOURS, rule=highest_draw)
    connection.covers_peak = pyo.Constraint(connection.CONTRACTED, rule=covers_peak)
    connection.stays_contracted = pyo.Constraint(connection.CONTRACTED, rule=stays_contracted)


def binding_slices(model: pyo.ConcreteModel, sites: list[str], t: int, slices: range) -> list[int]:
    """Slices in which some sites together may draw most; all, where one decides by the slice.

    Of the instance's own slices, where none does.
    """
    if decided(model, sites, t):
        return list(slices)
    pue, idle = model.dispatch.pue_finest, model.dispatch.idle_share
    columns = [pue[s] * values for s in sites for _, values in model.loads.makes_finest[s, t]]
    columns += [pue[s] * idle[s] for s in sites if idle[s]]
    most = model.dispatch.power.most_limiting
    return undominated(np.array(columns).T, most) if columns else []


def decided(model: pyo.ConcreteModel, sites: list[str], t: int) -> bool:
    """Whether any of some sites decides something by the slice."""
    return any((s, t) in model.loads.DISPATCHED for s in sites)


def node_limit(connection: pyo.Block, g: str, t: int, h: int) -> object:
    r"""What a node's sites take is at most firm, what upgrades add, and what is flexible.

    $$\sum_{s \in g} (\mathrm{taken\_mw} - \mathrm{flexible\_mw})_{s,t,h} \le
      \mathrm{firm\_mw}_{g,t}\,\mathrm{open}_{g,t} +
      \sum_u \mathrm{mw}_{g,u}\,\mathrm{ordered}_{g,u,t'}$$

    where `open` is that of the node's only site, if it may be closed and has no battery then, else
    1: it makes bounds tight, as without slices. Unit: MW. `taken_mw` is grid power and what
    contracts deliver. Stated for slices that no other slice of the node is sure to exceed. Source:
    power through the hours, "Connection".
    """
    model = connection.model()
    terms: Terms = []
    constant = 0.0
    sites = model.grid.sites_at[g]
    finest = not decided(model, sites, t)
    for s in sites:
        taken, fixed = taken_terms(model, s, t, h, finest=finest)
        terms += taken
        constant += fixed
        if (s, t, h) in connection.flexible_mw:
            terms.append((-1.0, connection.flexible_mw[s, t, h]))
    limit, firm_mw = firm_terms(model, g, t)
    limit += upgrades_in_time(model.grid, g, t)
    terms += [(-mw, variable) for mw, variable in limit]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= firm_mw - constant


def flexible_limit(connection: pyo.Block, g: str, t: int, h: int) -> object:
    r"""A node has so much flexible power.

    $$\sum_{s \in g} \mathrm{flexible\_mw}_{s,t,h} \le \mathrm{flexible\_mw}_{g,t}$$

    Unit: MW. Source: power through the hours, "Connection".
    """
    drawn = [connection.flexible_mw[s, t, h] for s in connection.drawing[g, t, h]]
    return WeightedSum([1.0] * len(drawn), drawn) <= connection.flexible[g, t]["flexible_mw"]


def part_of_draw(connection: pyo.Block, s: str, t: int, h: int) -> object:
    r"""What is drawn flexibly is part of what is taken.

    $$\mathrm{flexible\_mw}_{s,t,h} \le \mathrm{taken\_mw}_{s,t,h}$$

    Unit: MW. Source: power through the hours, "Connection".
    """
    taken, _ = taken_terms(connection.model(), s, t, h)
    terms = [(1.0, connection.flexible_mw[s, t, h])] + [(-part, mw) for part, mw in taken]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= 0


def ride_through(connection: pyo.Block, s: str, t: int, h: int) -> object:
    r"""Whoever draws flexibly can do without.

    $$\mathrm{flexible\_mw}_{s,t,h} \le \sum_k \mathrm{ready\_mw}_{s,k,t,h} +
      \mathrm{pue}_{s,h}\,(1 - \mathrm{idle\_share}_s) \sum_w \mathrm{paused\_mw}_{s,w,t,h}$$

    Unit: MW. Source: power through the hours, "Flexible MW".
    """
    dispatch = connection.model().dispatch
    saved = float(dispatch.highest_pue[s][h]) * (1 - dispatch.idle_share[s])
    terms: Terms = [(1.0, connection.flexible_mw[s, t, h])]
    terms += [(-1.0, connection.ready_mw[s, k, t, h]) for k in connection.ready_at[s, t, h]]
    terms += [(-saved, connection.paused_mw[s, w, t, h]) for w in connection.paused_at[s, t, h]]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= 0


def ready_limit(connection: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""Only what is not at work is ready.

    $$\mathrm{ready\_mw}_{s,k,t,h} \le \mathrm{availability}_{s,k,h}\,\mathrm{standing\_mw}_{s,k,t}
      - \mathrm{made\_mw}_{s,k,t,h}$$

    and of a battery, which can also stop charging,

    $$\mathrm{ready\_mw}_{s,k,t,h} \le \mathrm{standing\_mw}_{s,k,t} -
      \mathrm{discharge\_mw}_{s,k,t,h} + \mathrm{charge\_mw}_{s,k,t,h}$$

    Unit: MW. Source: power through the hours, "Flexible MW".
    """
    model, key = connection.model(), (s, k, t, h)
    standing_mw = model.supply.standing_mw[s, k, t]
    if key in model.storage.charge_mw:
        net = model.storage.discharge_mw[key] - model.storage.charge_mw[key]
        return connection.ready_mw[key] + net - standing_mw <= 0
    available = float(model.supply.availability[s, k][h])
    made_mw = model.supply.made_mw[key]
    return connection.ready_mw[key] + made_mw - available * standing_mw <= 0


def event_energy(connection: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""A battery holds the energy of the longest event that ends with any slice.

    $$\sum_{i} \mathrm{hours}_{i}\,\mathrm{ready\_mw}_{s,k,t,i} / \sqrt{\eta_k} \le
      \mathrm{stored\_mwh}_{s,k,t,h}$$

    over the slices i of an event that ends with h, each with the hours it takes of it. Unit: MWh.
    Source: power through the hours, "Flexible MW".
    """
    storage, key = connection.model().storage, (s, k, t, h)
    if key not in storage.stored_mwh:
        return pyo.Constraint.Skip
    event_hours = connection.flexible[connection.node[s], t]["event_hours"]
    event = connection.events(h, event_hours)
    coefficients = [lasting / storage.one_way[k] for _, lasting in event]
    ready = [connection.ready_mw[s, k, t, i] for i, _ in event]
    return WeightedSum([*coefficients, -1.0], [*ready, storage.stored_mwh[key]]) <= 0


def corridor_limit(connection: pyo.Block, c: str, t: int, h: int) -> object:
    r"""A corridor carries what its nodes take, less what they sell, each by its factor.

    $$\sum_g \mathrm{factor}_{c,g} \sum_{s \in g} (\mathrm{taken\_mw} -
      \mathrm{exported\_mw})_{s,t,h} \le \mathrm{max\_mw}_{c,t}$$

    Unit: MW. Source: power through the hours, "Corridors".
    """
    model = connection.model()
    terms: Terms = []
    constant = 0.0
    for g, factor in connection.corridor_factor[c]:
        for s in model.grid.sites_at[g]:
            taken, fixed = taken_terms(model, s, t, h)
            terms += [(factor * part, mw) for part, mw in taken]
            constant += factor * fixed
            if (s, t, h) in model.dispatch.exported_mw:
                terms.append((-factor, model.dispatch.exported_mw[s, t, h]))
    terms = terms or [(1.0, model.nothing)]
    limit_mw = connection.corridor_mw[c, t] - constant
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= limit_mw


def highest_draw(connection: pyo.Block, s: str, t: int, h: int) -> object:
    r"""The highest draw of a stage is that of its highest slice.

    $$\mathrm{taken\_mw}_{s,t,h} \le \mathrm{peak\_mw}_{s,t}$$

    Unit: MW. Source: power through the hours, "Tariffs".
    """
    model = connection.model()
    taken, constant = taken_terms(model, s, t, h, finest=not decided(model, [s], t))
    terms = [*taken, (-1.0, connection.peak_mw[s, t])]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= -constant


def covers_peak(connection: pyo.Block, s: str, t: int) -> object:
    r"""A connection fee is paid for the highest draw so far.

    $$\mathrm{peak\_mw}_{s,t} \le \mathrm{contracted\_mw}_{s,t}$$

    Unit: MW. Source: power through the hours, "Tariffs".
    """
    return connection.peak_mw[s, t] <= connection.contracted_mw[s, t]


def stays_contracted(connection: pyo.Block, s: str, t: int) -> object:
    r"""What is connected stays connected.

    $$\mathrm{contracted\_mw}_{s,t-1} \le \mathrm{contracted\_mw}_{s,t}$$

    Unit: MW. Source: power through the hours, "exceeds all earlier ones".
    """
    before = connection.stage_before[t]
    if before is None:
        return pyo.Constraint.Skip
    return connection.contracted_mw[s, before] <= connection.contracted_mw[s, t]
