"""How many rows, columns and nonzeros the slices add to a model."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.footprint import clean_shares
from models.power_inputs import PowerInputs, undominated
from models.size import Frame, count_yearly, firm_at_gate, in_time


@dataclass
class Equipment:
    """What may stand at a site: whether each may make something in a slice, (equipment, slices).

    Parameters
    ----------
    own, contracts : of technologies that make power on site, and of contracts that deliver it.
    batteries : how many kinds.
    """

    own: np.ndarray
    contracts: np.ndarray
    batteries: int

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return len(self.own) + len(self.contracts) + self.batteries > 0


@dataclass
class Station:
    """A site in a stage, as what its rows hold.

    Parameters
    ----------
    site, node : names.
    stage : position.
    profiles, finest : (columns that make load, slices) of the slices, and of the instance's own.
    staying : `finest`, less what may move.
    moving : (columns, slices) of each workload that may move, and whether it may be cut.
    equipment : what may stand there.
    bought, idle : 1 where what was bought is a column, and where it draws power while it idles.
    exports, flexible : 1 where it may sell, and draw flexibly.
    """

    site: str
    node: str
    stage: int
    profiles: np.ndarray
    finest: np.ndarray
    staying: np.ndarray
    moving: list[tuple[np.ndarray, bool]]
    equipment: Equipment
    bought: int
    idle: int
    exports: int
    flexible: int

    @property
    def dispatched(self) -> bool:
        """Whether anything is decided by the slice."""
        return self.equipment.any or bool(self.moving)

    def taken(self, *, finest: bool = False) -> np.ndarray:
        """Nonzeros of what comes through the connection, by slice."""
        if self.dispatched:
            return 1 + self.equipment.contracts.sum(axis=0)
        profiles = self.finest if finest else self.profiles
        return np.maximum((profiles != 0).sum(axis=0) + self.idle, 1)

    @cached_property
    def ready(self) -> np.ndarray:
        """What may be held ready or paused for the flexible power, by slice."""
        held = self.equipment.own.sum(axis=0) + self.equipment.batteries + len(self.moving)
        return held * self.flexible


def count_slices(frame: Frame) -> None:
    """Count all that happens in the slices."""
    power = frame.inputs.power
    assert power is not None
    equipment = equipment_of(frame, power)
    stations = list(stations_of(frame, power, equipment))
    count_campaigns(frame, power)
    count_supply(frame, power, equipment)
    for station in stations:
        count_load(frame, power, station)
        if station.dispatched:
            count_dispatch(frame, power, station)
            count_flexible(frame, power, station)
    count_nodes(frame, power, stations)
    count_corridors(frame, power, stations)
    count_peaks(frame, power, stations)
    count_footprint(frame, power, stations)


def equipment_of(frame: Frame, power: PowerInputs) -> dict[str, Equipment]:
    """What may stand at each site."""
    works = power.availability.to_numpy(float) > 0
    rows: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for position, ((site, k), allowed) in enumerate(power.allowed.iterrows()):
        if allowed.max_mw > 0:
            kind = power.technologies.kind[k]
            what = kind if kind in ("battery", "ppa") else "own"
            rows[site][what].append(works[position])
    none = np.zeros((0, len(power.slices)), dtype=bool)
    return {
        s: Equipment(
            own=np.array(rows[s]["own"]) if rows[s]["own"] else none,
            contracts=np.array(rows[s]["ppa"]) if rows[s]["ppa"] else none,
            batteries=len(rows[s]["battery"]),
        )
        for s in frame.inputs.sites.index
    }


def stations_of(
    frame: Frame, power: PowerInputs, equipment: dict[str, Equipment]
) -> Iterator[Station]:
    """Every site in every stage; their classes are counted on the way."""
    inputs, sites = frame.inputs, frame.inputs.sites
    demands = inputs.routes.index.droplevel("site")
    workload = power.workloads.index.get_indexer(demands.get_level_values("workload"))
    named = power.profile_of.reindex(demands)
    profile = power.load_profiles.index.get_indexer(named)
    codes = pd.MultiIndex.from_arrays([frame.site, workload, profile]).factorize()
    shapes = power.load_profiles.to_numpy(float)
    finest = power.finest.load_profiles.to_numpy(float)
    movable = power.workloads.movable_share.to_numpy(float)
    may_cut = power.workloads.cut_share.to_numpy(float) > 0
    for t, stage in enumerate(inputs.stages):
        classes = defaultdict(list)
        for code in np.unique(codes[0][frame.service[:, t]]):
            site, *kind = codes[1][code]
            classes[site].append(kind)
        total = sum(map(len, classes.values()))
        frame.size.add_columns(total)
        frame.size.add(total, frame.service[:, t].sum() + total)
        campaigns = {c for c, year in power.campaign_mw.index if year == stage}
        for i, (s, node) in enumerate(sites.node.items()):
            of_site = np.array(classes[i], dtype=int).reshape(-1, 2)
            w, p = of_site.T
            hosted = np.ones((sum(c in campaigns and at == s for c, at in power.hosts), 1))
            moves = movable[w] * float(sites.moves_load[s])
            flexible = power.flexible.flexible_mw.get((node, stage), 0.0) > 0
            own = equipment[s]
            yield Station(
                site=s,
                node=node,
                stage=t,
                profiles=np.vstack([shapes[p], hosted.repeat(shapes.shape[1], axis=1)]),
                finest=np.vstack([finest[p], hosted.repeat(finest.shape[1], axis=1)]),
                staying=np.vstack(
                    [(1 - moves)[:, None] * finest[p], hosted.repeat(finest.shape[1], axis=1)]
                ),
                moving=[(shapes[p[w == k]], may_cut[k]) for k in np.unique(w[moves > 0])],
                equipment=own,
                bought=int(frame.bought[i, t]),
                idle=int(frame.bought[i, t] and sites.idle_share[s] > 0),
                exports=int(inputs.nodes.export_mw[node] > 0 and len(own.own) + own.batteries > 0),
                flexible=int(flexible),
            )


def count_campaigns(frame: Frame, power: PowerInputs) -> None:
    """Count training campaigns."""
    campaigns = {c for c, _ in power.campaign_mw.index}
    hosts = sum(c in campaigns for c, _ in power.hosts)
    frame.size.add_columns(hosts)
    frame.size.add(len(campaigns), hosts + len(campaigns))


def count_load(frame: Frame, power: PowerInputs, station: Station) -> None:
    """Count the rows of the load that stays where nothing else limits it."""
    if len(station.staying) and (power.fine or not station.dispatched):
        kept = undominated(station.staying.T, power.most_limiting)
        nonzeros = (station.staying[:, kept] != 0).sum()
        frame.size.add(len(kept), nonzeros + len(kept) * station.bought)


def count_supply(frame: Frame, power: PowerInputs, equipment: dict[str, Equipment]) -> None:
    """Count what is ordered, stands, is retired and makes power."""
    size, stages, slices = frame.size, frame.inputs.stages, len(power.slices)
    land = frame.inputs.sites.land_ha.notna()
    taking: dict[str, int] = defaultdict(int)
    for (s, k), allowed in power.allowed.iterrows():
        if not allowed.max_mw > 0:
            continue
        position = frame.inputs.sites.index.get_loc(s)
        is_battery = power.technologies.kind[k] == "battery"
        taking[s] += bool(power.technologies.land_ha_per_mw[k])
        stands = [power.stands(k, o, stages) for o in stages if o >= allowed.earliest_year]
        orders = [years for years in stands if years]
        sales = sum(len(years) - 1 for years in orders)
        parts = sum(1 + later for years in orders for later in range(len(years)))
        can_open = 0 if frame.standing[position] else len(stages)
        for _ in range(1 + is_battery):  # of MW, and of a battery's MWh
            size.add_columns(len(orders), sales, len(stages))
            size.add(len(stages), len(stages) + parts)
            size.add(sum(len(years) > 1 for years in orders), len(orders) + sales)
            size.add(can_open, can_open + frame.open[position].sum())
        if is_battery:
            every = slices * len(stages)
            size.add_columns(3 * every)
            size.add(4 * every, 10 * every)
    for s, technologies in taking.items():
        if technologies and land[s]:
            size.add(len(stages), technologies * len(stages))
    for each in equipment.values():
        made = (each.own.sum() + each.contracts.sum()) * len(stages)
        size.add_columns(made)
        size.add(made, 2 * made)


def count_dispatch(frame: Frame, power: PowerInputs, station: Station) -> None:
    """Count what is decided by the slice."""
    size, slices, days = frame.size, len(power.slices), power.slices.day.nunique()
    moves, cuts = len(station.moving), sum(cut for _, cut in station.moving)
    batteries, sells = station.equipment.batteries, station.exports
    own, delivered = station.equipment.own.sum(), station.equipment.contracts.sum()
    size.add_columns(slices * (2 + sells + 2 * moves + cuts), power.fine is not None)
    load = np.maximum((station.profiles != 0).sum(axis=0), 1).sum()
    size.add(slices, load + slices * (1 + 2 * moves + cuts))
    size.add(slices, slices * (1 + station.bought))
    size.add(slices, slices * (2 + 2 * batteries + sells + station.idle) + own + delivered)
    size.add(sells * slices, sells * (slices * (1 + batteries) + own))
    for columns, cut in station.moving:
        size.add(slices, slices * (1 + cut + station.flexible) + (columns != 0).sum())
        size.add(days, 2 * slices)
        size.add(cut * days, cut * (slices + days * len(columns)))


def count_flexible(frame: Frame, power: PowerInputs, station: Station) -> None:
    """Count what flexible power asks to be held ready, and what its lost hours cost."""
    if not station.flexible:
        return
    inputs, size, slices = frame.inputs, frame.size, len(power.slices)
    stage = inputs.stages[station.stage]
    flexible = power.flexible.loc[(station.node, stage)]
    draws = station.ready > 0
    held, own = station.ready.sum(), station.equipment.own.sum()
    batteries = station.equipment.batteries * slices
    size.add_columns(draws.sum(), held)
    size.add(draws.sum(), draws.sum() + station.taken()[draws].sum())
    size.add(draws.sum(), draws.sum() + held)
    size.add(own + batteries, 3 * own + 4 * batteries)
    reach = sum(len(power.event(h, flexible.event_hours)) for h in range(slices))
    size.add(batteries, station.equipment.batteries * reach + batteries)
    if flexible.curtailed_hours_per_year > 0:
        here = [
            k for (s, k), row in power.allowed.iterrows() if s == station.site and row.max_mw > 0
        ]
        prices = {
            tuple(power.energy_cost_per_mwh[k, year] for k in here) for year in inputs.years(stage)
        }
        dirty = bool((power.technologies.carbon_kg_per_mwh[here] > 0).any())
        size.add_columns(len(prices), dirty)
        rows = len(prices) + dirty
        size.add(rows * draws.sum(), rows * (draws.sum() + held))


def count_nodes(frame: Frame, power: PowerInputs, stations: list[Station]) -> None:
    """Count the limits of nodes."""
    size, upgrades = frame.size, in_time(frame.inputs)
    together = defaultdict(list)
    for station in stations:
        together[station.node, station.stage].append(station)
    for (node, stage), here in together.items():
        kept, finest = binding(frame, power, here)
        nonzeros = sum(station.taken(finest=finest)[kept].sum() for station in here)
        at = node, frame.inputs.stages[stage]
        limit = upgrades.get(at, 0) + firm_at_gate(frame.inputs, *at)
        size.add(len(kept), nonzeros + len(kept) * limit)
        drawing = [station.ready > 0 for station in here if station.dispatched]
        size.nonzeros += int(sum(draws.sum() for draws in drawing))
        if drawing:
            size.add(int(np.any(drawing, axis=0).sum()), int(np.sum(drawing)))
        sells = sum(station.exports for station in here) * len(power.slices)
        size.add(len(power.slices) if sells else 0, sells)


def binding(frame: Frame, power: PowerInputs, stations: list[Station]) -> tuple[list[int], bool]:
    """Slices in which some stations may draw most together, and whether of the finest ones."""
    if any(station.dispatched for station in stations):
        return list(range(len(power.slices))), False
    finest, idle = power.finest, frame.inputs.sites.idle_share
    columns = []
    for station in stations:
        pue = finest.pue.loc[station.site].to_numpy(float)
        columns += [pue * values for values in station.finest]
        columns += [pue * idle[station.site]] if idle[station.site] else []
    return (undominated(np.array(columns).T, power.most_limiting) if columns else []), True


def count_corridors(frame: Frame, power: PowerInputs, stations: list[Station]) -> None:
    """Count the limits of corridors."""
    factors = power.corridor_factor
    for (corridor, stage), most in power.corridor_mw.items():
        nodes = factors[factors.index.get_level_values("corridor") == corridor].droplevel(0)
        if math.isinf(most) or (power.fine and min(nodes) < 0):
            continue
        sums = [
            station.taken().sum() + station.exports * len(power.slices)
            for station in stations
            if station.node in nodes.index and frame.inputs.stages[station.stage] == stage
        ]
        frame.size.add(len(power.slices), max(sum(sums), len(power.slices)))


def count_peaks(frame: Frame, power: PowerInputs, stations: list[Station]) -> None:
    """Count highest draws, where a tariff asks for them."""
    size, nodes = frame.size, frame.inputs.nodes
    for station in stations:
        fee = nodes.connection_fee_per_mw[station.node] > 0
        if fee or nodes.demand_charge_per_mw_year[station.node]:
            size.add_columns(1, fee)
            kept, finest = binding(frame, power, [station])
            size.add(len(kept), len(kept) + station.taken(finest=finest)[kept].sum())
            rows = fee * (1 + (station.stage > 0))
            size.add(rows, 2 * rows)


def count_footprint(frame: Frame, power: PowerInputs, stations: list[Station]) -> None:
    """Count what policies limit."""
    size, inputs, slices = frame.size, frame.inputs, len(power.slices)
    hourly = clean_shares(inputs, hourly=True)
    for position, stage in enumerate(inputs.stages):
        here = [station for station in stations if station.stage == position]
        dispatched = [station for station in here if station.dispatched]
        drawn = sum(slices if s.dispatched else len(s.profiles) + s.idle for s in here)
        made = sum(s.equipment.own.sum() + s.equipment.contracts.sum() for s in dispatched)
        sold = sum(s.exports for s in dispatched) * slices
        load = len(dispatched) * slices + sum(s.idle for s in dispatched)
        lost = len(dispatched)
        count_yearly(frame, position, drawn + made + lost, drawn, drawn + made + sold + load)
        if stage in hourly:
            size.add(1, drawn + load)
            size.add_columns(slices * len(dispatched))
            for station in dispatched:
                own = station.equipment
                size.add(slices, slices * (2 + station.idle))
                clean = own.own.sum() + own.contracts.sum()
                size.add(slices, clean + slices * (2 + 2 * own.batteries + station.exports))
