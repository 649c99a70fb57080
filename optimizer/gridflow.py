"""Linear power flow of a PyPSA network, as sums over what the nodes of a plan draw."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimizer.errors import SitewattError

Numbers = npt.NDArray[np.float64]

# A branch that carries all of what goes between its ends is the only way.
ONLY_WAY = 1 - 1e-6
# Tables in HDF5 hold pickled objects, and a pickle can run anything.
RUNS_CODE = (".h5", ".hdf5")


@dataclass(frozen=True)
class Flows:
    """One synchronous area of a network.

    Parameters
    ----------
    nodes : of the plan, that are in this area.
    branches : lines and transformers by kind and name.
    limit_mw : by branch; infinite where the network states none.
    base_mw : by branch, without the plan.
    factor : (branch, node) MW on the branch per MW that the node draws.
    outage_factor : (branch, branch that fails) part of its flow that comes over.
    cut_off : nodes that a branch's outage leaves without grid, by branch that is the only way.
    fails : positions of the branches whose outage leaves all connected.
    """

    nodes: list[str]
    branches: list[str]
    limit_mw: Numbers
    base_mw: Numbers
    factor: Numbers
    outage_factor: Numbers
    cut_off: dict[str, list[str]]
    fails: list[int]

    def cases(self) -> Iterator[tuple[str, Numbers, Numbers]]:
        """What fails ("" for nothing), the flows without the plan then, and the factors."""
        yield "", self.base_mw, self.factor
        for branch in self.fails:
            over = self.outage_factor[:, branch]
            base_mw = self.base_mw + over * self.base_mw[branch]
            yield self.branches[branch], base_mw, self.factor + np.outer(over, self.factor[branch])


def load_network(path: Path, snapshot: str | None) -> tuple[Any, Any]:
    """Read a network and choose a snapshot of it.

    Returns
    -------
    tuple
        The network, solved by its linear power flow in that snapshot, and the snapshot.

    Raises
    ------
    SitewattError
        PyPSA is not installed, there is no such network or snapshot, or the file could hold code.
    """
    if path.suffix.lower() in RUNS_CODE:
        raise SitewattError(f"{path} could hold code that runs as it is read. Save it as netCDF.")
    if find_spec("pypsa") is None:
        raise SitewattError("Networks need PyPSA. Install it: pip install 'sitewatt[grid]'")
    import pypsa  # noqa: PLC0415 — an extra

    if not path.exists():
        raise SitewattError(f"There is no network {path}.")
    logging.getLogger("pypsa").setLevel(logging.ERROR)
    # PyPSA would ask the internet for its newest version.
    with pypsa.option_context(
        "general.allow_network_requests", False, "api.legacy_string_dtype", False
    ):
        try:
            network = pypsa.Network(str(path))
        except Exception as error:  # Whatever PyPSA's readers raise.
            raise SitewattError(f"PyPSA cannot read {path}: {error}") from error
        if network.buses.empty:
            raise SitewattError(f"{path} is no network of PyPSA's: it has no buses.")
        # Names are often numbers.
        network.buses.index = network.buses.index.astype(str)
        chosen = choose_snapshot(network, snapshot)
        network.lpf(chosen)
    return network, chosen


def choose_snapshot(network: Any, snapshot: str | None) -> Any:
    """The snapshot of a name, by default that of most load."""
    if snapshot is None:
        load = network.get_switchable_as_dense("Load", "p_set").sum(axis=1)
        return load.idxmax()
    by_name = {str(label): label for label in network.snapshots}
    if snapshot not in by_name:
        known = ", ".join(list(by_name)[:5])
        raise SitewattError(f"The network has no snapshot {snapshot}; it has {known} …")
    return by_name[snapshot]


def network_flows(network: Any, snapshot: Any, bus_of: pd.Series) -> Iterator[Flows]:
    """Flows of each synchronous area that has branches.

    Parameters
    ----------
    network : solved by `load_network`.
    bus_of : by node.
    """
    for area in network.sub_networks.obj:
        branches = area.branches()
        if branches.empty:
            continue
        area.calculate_BODF()
        buses = pd.Index(area.buses_o)
        nodes = [str(node) for node, bus in bus_of.items() if bus in buses]
        ptdf = np.asarray(area.PTDF)
        drawn = ptdf[:, buses.get_indexer(bus_of[nodes])]
        shares = generator_shares(network, buses)
        made = ptdf @ shares
        rating = (branches.s_nom * branches.s_max_pu).to_numpy(float)
        through = np.diag(ptdf @ area.K.toarray())
        only = np.flatnonzero(through > ONLY_WAY)
        names = list(map(branch_name, branches.index))
        yield Flows(
            nodes,
            names,
            np.where(rating > 0, rating, np.inf),
            flow_of(network, snapshot, branches.index),
            made[:, None] - drawn,
            np.asarray(area.BODF),
            cut_off(branches, buses, shares, bus_of[nodes], only),
            [branch for branch in range(len(names)) if branch not in set(only)],
        )


def generator_shares(network: Any, buses: pd.Index) -> Numbers:
    """Part of a change of load that the generators at each bus take, by their MW.

    Without generators the first bus, which is PyPSA's slack, takes all.
    """
    mw = network.generators.groupby("bus").p_nom.sum().reindex(buses, fill_value=0.0)
    shares = mw.to_numpy(dtype=float)
    if shares.sum() > 0:
        return shares / shares.sum()
    shares[0] = 1.0
    return shares


def flow_of(network: Any, snapshot: Any, branches: pd.MultiIndex) -> Numbers:
    """MW on each branch in a snapshot of the solved network."""
    flows = {kind: network.c[kind].dynamic.p0.loc[snapshot] for kind in set(branches.levels[0])}
    return np.array([flows[kind][name] for kind, name in branches], dtype=float)


def cut_off(
    branches: pd.DataFrame,
    buses: pd.Index,
    shares: Numbers,
    bus_of: pd.Series,
    only: npt.NDArray[np.intp],
) -> dict[str, list[str]]:
    """Nodes that each branch that is the only way joins to the side with more generation."""
    ends = [buses.get_indexer(branches[end]) for end in ("bus0", "bus1")]
    cut = {}
    for branch in only:
        kept = np.arange(len(branches)) != branch
        edges = (np.ones(kept.sum()), (ends[0][kept], ends[1][kept]))
        _, side = connected_components(coo_array(edges, shape=(len(buses),) * 2), directed=False)
        fed = np.bincount(side, weights=shares).argmax()
        nodes = [str(node) for node, bus in bus_of.items() if side[buses.get_loc(bus)] != fed]
        if nodes:
            cut[branch_name(branches.index[branch])] = nodes
    return cut


def branch_name(key: tuple[str, str]) -> str:
    """Name of a branch from its kind and PyPSA's name."""
    kind, name = key
    return f"{kind.lower()} {name}"
