"""A solved model's hours as arrays: power by site or supply, stage and slice."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.power_inputs import PowerInputs

Array = np.ndarray


@dataclass(frozen=True)
class Hours:
    """Power in MW: (sites, stages, slices), or (pairs, stages, slices) of technologies at sites.

    Parameters
    ----------
    load, facility, grid, flexible, exported : of sites.
    made, charged, discharged, stored, ready : of `power.allowed`; stored in MWh.
    mw, mwh : (pairs, stages) what stands.
    moved : site, workload, year, slice, out_mw, in_mw, cut_mw, ready_mw; rows of what moves.
    supply, retired : as the results have them.
    campaign_sites : campaign, site.
    """

    inputs: PlanInputs
    load: Array
    facility: Array
    grid: Array
    flexible: Array
    exported: Array
    made: Array
    charged: Array
    discharged: Array
    stored: Array
    ready: Array
    mw: Array
    mwh: Array
    moved: pd.DataFrame
    supply: pd.DataFrame
    retired: pd.DataFrame
    campaign_sites: pd.DataFrame

    @property
    def power(self) -> PowerInputs:
        """What the model was told of power."""
        assert self.inputs.power is not None
        return self.inputs.power

    @property
    def kind(self) -> Array:
        """Kind of each pair's technology."""
        return self.of_technology("kind")

    def of_technology(self, column: str) -> Array:
        """A column of `technologies` for each pair."""
        names = self.power.allowed.index.get_level_values("technology")
        return self.power.technologies[column].reindex(names).to_numpy()

    def of_node(self, column: str) -> Array:
        """A column of `nodes` for each site."""
        return self.inputs.nodes[column].reindex(self.inputs.sites.node).to_numpy(dtype=float)

    def by_slice(self, table: pd.DataFrame) -> Array:
        """A (node, slice) table for each site."""
        return table.reindex(self.inputs.sites.node).to_numpy(dtype=float)[:, None, :]

    def at_sites(self, pairs: Array) -> Array:
        """Sum over the technologies of each site."""
        total = np.zeros((len(self.inputs.sites), *pairs.shape[1:]))
        where = self.inputs.sites.index.get_indexer(
            self.power.allowed.index.get_level_values("site")
        )
        np.add.at(total, where, pairs)
        return total

    def at_nodes(self, sites: Array) -> Array:
        """Sum over the sites of each node."""
        total = np.zeros((len(self.inputs.nodes), *sites.shape[1:]))
        np.add.at(total, self.inputs.nodes.index.get_indexer(self.inputs.sites.node), sites)
        return total

    @property
    def delivered(self) -> Array:
        """What contracts deliver, by site."""
        return self.at_sites(self.made * (self.kind == "ppa")[:, None, None])

    @property
    def taken(self) -> Array:
        """What sites take through their connection."""
        return self.grid + self.delivered

    def over_year(self, values: Array) -> Array:
        """Energy of a year: the last axis summed, each slice by its weight."""
        return values @ self.power.weight

    def site_rows(self, **columns: Array) -> pd.DataFrame:
        """Table with a row for each site and stage from (sites, stages) arrays."""
        return rows("site", self.inputs.sites.index, self.inputs.stages, columns)

    def node_rows(self, **columns: Array) -> pd.DataFrame:
        """Table with a row for each node and stage."""
        return rows("node", self.inputs.nodes.index, self.inputs.stages, columns)

    def pair_rows(self, **columns: Array) -> pd.DataFrame:
        """Table with a row for each site, technology and stage."""
        pairs = self.power.allowed.index
        table = rows("pair", range(len(pairs)), self.inputs.stages, columns)
        names = pairs.to_frame(index=False).iloc[table.pop("pair")].reset_index(drop=True)
        return pd.concat([names, table], axis=1)

    def slices_of(self, table: pd.DataFrame, **columns: Array) -> pd.DataFrame:
        """Rows of a table of stages by slice, without those in which nothing happens."""
        slices = self.power.slices.index
        spread = table.loc[table.index.repeat(len(slices))].reset_index(drop=True)
        spread["slice"] = np.tile(slices.to_numpy(dtype=object), len(table))
        spread = spread.assign(**{name: values.ravel() for name, values in columns.items()})
        return spread[(spread[list(columns)] != 0).any(axis=1)].reset_index(drop=True)


def rows(
    name: str, keys: Iterable, stages: tuple[int, ...], columns: dict[str, Array]
) -> pd.DataFrame:
    """Table with a row for each key and stage."""
    index = pd.MultiIndex.from_product([list(keys), stages], names=[name, "year"])
    table = index.to_frame(index=False)
    return table.assign(**{column: values.ravel() for column, values in columns.items()})


def hours_of(
    inputs: PlanInputs, model: pyo.ConcreteModel, capacity: pd.DataFrame, serving: pd.DataFrame
) -> Hours:
    """Read the hours off a solved model; what follows from shares and capacity follows them."""
    power = inputs.power
    assert power is not None
    sites, pairs = inputs.sites.index, power.allowed.index
    of_sites = Reader(sites, inputs)
    of_pairs = Reader(pairs, inputs)
    dispatch, supply, connection = model.dispatch, model.supply, model.connection
    moved = moved_table(inputs, model)
    hosted = [(c, s) for c, s in model.loads.HOSTS if pyo.value(model.loads.host[c, s]) > 0.5]
    load = base_load(inputs, serving) + campaign_load(inputs, hosted) + net_moves(inputs, moved)
    installed = capacity.installed_it_mw.to_numpy().reshape(len(sites), len(inputs.stages), 1)
    idle = inputs.sites.idle_share.to_numpy()[:, None, None]
    facility = power.pue.to_numpy()[:, None, :] * (idle * installed + (1 - idle) * load)
    grid = of_sites.by_slice(dispatch.grid_mw)
    decided = np.zeros(facility.shape[:2], dtype=bool)
    for s, t in model.loads.DISPATCHED:
        decided[sites.get_loc(s), inputs.stages.index(t)] = True
    return Hours(
        inputs=inputs,
        load=load,
        facility=facility,
        grid=np.where(decided[:, :, None], grid, facility),
        flexible=of_sites.by_slice(connection.flexible_mw),
        exported=of_sites.by_slice(dispatch.exported_mw),
        made=of_pairs.by_slice(supply.made_mw),
        charged=of_pairs.by_slice(model.storage.charge_mw),
        discharged=of_pairs.by_slice(model.storage.discharge_mw),
        stored=of_pairs.by_slice(model.storage.stored_mwh),
        ready=of_pairs.by_slice(connection.ready_mw),
        mw=of_pairs.by_stage(supply.standing_mw),
        mwh=of_pairs.by_stage(supply.standing_mwh),
        moved=moved,
        supply=order_table(model),
        retired=retired_table(model),
        campaign_sites=pd.DataFrame(hosted, columns=["campaign", "site"]),
    )


@dataclass(frozen=True)
class Reader:
    """Reads variables into arrays by key, stage and slice."""

    keys: pd.Index
    inputs: PlanInputs

    def by_slice(self, variable: pyo.Var) -> Array:
        """Values of a variable indexed by the key, the stage and the slice; 0 where it is not."""
        power = self.inputs.power
        assert power is not None
        values = np.zeros((len(self.keys), len(self.inputs.stages), len(power.slices)))
        for (*key, t, h), column in variable.items():
            values[self.at(key), self.inputs.stages.index(t), h] = at_least_0(column)
        return values

    def by_stage(self, variable: pyo.Var) -> Array:
        """Values of a variable indexed by the key and the stage."""
        values = np.zeros((len(self.keys), len(self.inputs.stages)))
        for (*key, t), column in variable.items():
            values[self.at(key), self.inputs.stages.index(t)] = at_least_0(column)
        return values

    def at(self, key: list) -> int:
        """Position of a key."""
        return self.keys.get_loc(tuple(key) if len(key) > 1 else key[0])


def at_least_0(column: pyo.Var) -> float:
    """Value of a variable that is not negative but for rounding."""
    return max(pyo.value(column, exception=False) or 0.0, 0.0)


def base_load(inputs: PlanInputs, serving: pd.DataFrame) -> Array:
    """IT load of sites in each slice as users bring it."""
    power = inputs.power
    assert power is not None
    load = np.zeros((len(inputs.sites), len(inputs.stages), len(power.slices)))
    profile = pd.MultiIndex.from_frame(serving[["region", "workload"]])
    classes = power.load_profiles.index.get_indexer(power.profile_of.reindex(profile))
    site = inputs.sites.index.get_indexer(serving.site)
    stage = pd.Index(inputs.stages).get_indexer(serving.year)
    it_mw = np.zeros((*load.shape[:2], len(power.load_profiles)))
    np.add.at(it_mw, (site, stage, classes), serving.it_mw.to_numpy())
    return it_mw @ power.load_profiles.to_numpy(dtype=float)


def campaign_load(inputs: PlanInputs, hosted: list[tuple[str, str]]) -> Array:
    """IT load of campaigns by site and stage, the same in every slice."""
    assert inputs.power is not None
    load = np.zeros((len(inputs.sites), len(inputs.stages), 1))
    for (campaign, t), it_mw in inputs.power.campaign_mw.items():
        for c, s in hosted:
            if c == campaign:
                load[inputs.sites.index.get_loc(s), inputs.stages.index(t)] += it_mw
    return load


def moved_table(inputs: PlanInputs, model: pyo.ConcreteModel) -> pd.DataFrame:
    """Load that moves, is cut or could pause: rows in which anything does."""
    assert inputs.power is not None
    slices = inputs.power.slices.index
    dispatch, paused = model.dispatch, model.connection.paused_mw
    found = []
    for key in dispatch.MOVES:
        s, w, t, h = key
        amounts = (
            at_least_0(dispatch.out_mw[key]),
            at_least_0(dispatch.in_mw[key]),
            at_least_0(dispatch.cut_mw[key]) if key in dispatch.cut_mw else 0.0,
            at_least_0(paused[key]) if key in paused else 0.0,
        )
        if any(amounts):
            found.append((s, w, t, slices[h], *amounts))
    columns = ["site", "workload", "year", "slice", "out_mw", "in_mw", "cut_mw", "ready_mw"]
    return pd.DataFrame(found, columns=columns)


def net_moves(inputs: PlanInputs, moved: pd.DataFrame) -> Array:
    """What moving adds to the load of each site, stage and slice."""
    power = inputs.power
    assert power is not None
    load = np.zeros((len(inputs.sites), len(inputs.stages), len(power.slices)))
    where = (
        inputs.sites.index.get_indexer(moved.site),
        pd.Index(inputs.stages).get_indexer(moved.year),
        power.slices.index.get_indexer(moved.slice),
    )
    np.add.at(load, where, (moved.in_mw - moved.out_mw - moved.cut_mw).to_numpy(dtype=float))
    return load


def order_table(model: pyo.ConcreteModel) -> pd.DataFrame:
    """What is ordered of each technology: site, technology, ordered_year, mw, mwh."""
    supply = model.supply
    return both_units(supply.order_mw, supply.order_mwh, ["site", "technology", "ordered_year"])


def retired_table(model: pyo.ConcreteModel) -> pd.DataFrame:
    """What of it is retired when: site, technology, ordered_year, year, mw, mwh."""
    supply = model.supply
    return both_units(
        supply.retire_mw, supply.retire_mwh, ["site", "technology", "ordered_year", "year"]
    )


def both_units(in_mw: pyo.Var, in_mwh: pyo.Var, columns: list[str]) -> pd.DataFrame:
    """Rows by key of what is above 0 in MW or MWh."""
    found = []
    for key, column in in_mw.items():
        mw = at_least_0(column)
        mwh = at_least_0(in_mwh[key]) if key in in_mwh else 0.0
        if mw or mwh:
            found.append((*key, mw, mwh))
    return pd.DataFrame(found, columns=[*columns, "mw", "mwh"])
