"""A plan's load on a given transmission network: linear power flow, whole and after each outage.

The network is PyPSA's, and so are its flows, its PTDF and its BODF. What the plan draws comes on
top of the network's own load and generation, and is made up for by its generators in proportion to
their MW. Every flow is then linear in what the nodes draw, so each overload names the corridor,
limit and factors, that would prevent it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Geod

from optimizer.errors import SitewattError
from optimizer.folders import written_aside
from optimizer.gridflow import load_network, network_flows
from optimizer.instance import read_instance
from optimizer.overloads import Overloads
from optimizer.run_tables import read_table

WGS84 = Geod(ellps="WGS84")
MOST_ROWS = 10


@dataclass(frozen=True)
class GridCheck:
    """What a plan does to a network; each field but the last is written as a table.

    Parameters
    ----------
    node_buses : bus of each node of the plan, how it was found, and how far it is.
    overloads : by stage, branch and outage, the worst slice in which the plan makes a branch carry
        too much.
    overloaded_before : the worst case of each branch that carries too much without the plan, and
        more with it; no corridor can prevent that.
    corridors, corridor_nodes : rows for an instance that would prevent the overloads.
    cut_off : branches whose outage leaves a node without any grid.
    branches : how many there are.
    """

    node_buses: pd.DataFrame
    overloads: pd.DataFrame
    overloaded_before: pd.DataFrame
    corridors: pd.DataFrame
    corridor_nodes: pd.DataFrame
    cut_off: pd.DataFrame
    branches: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}

    def write(self, out: Path, *, overwrite: bool = False) -> None:
        """Write the tables as CSV files into a new folder."""
        with written_aside(out, overwrite=overwrite) as folder:
            folder.mkdir()
            for name, table in self.tables.items():
                table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")

    def as_dict(self) -> dict[str, Any]:
        """Report as JSON holds it."""
        tables = {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in self.tables.items()
        }
        return {"branches": self.branches, **tables}

    def lines(self) -> Iterator[str]:
        """Tell a planner."""
        placed = self.node_buses[self.node_buses.bus != ""]
        yield f"{self.branches:,} lines and transformers, and of the plan's nodes on them"
        for row in placed.itertuples():
            distance = "" if np.isnan(row.distance_km) else f", {row.distance_km:.1f} km away"
            yield f"  {row.node} at bus {row.bus}{distance}"
        if left := len(self.node_buses) - len(placed):
            yield f"{left} of the plan's nodes are too far from any bus, and left out"
        for branch, rows in self.cut_off.groupby("branch", sort=False):
            yield f"without {branch}, no grid: {', '.join(rows.node)}"
        if self.overloads.empty:
            yield "The plan overloads no line or transformer, whichever one fails."
        else:
            number = self.overloads.branch.nunique()
            yield f"{number} lines and transformers that the plan overloads, the worst first:"
            yield from worst_lines(self.overloads)
            yield f"Corridors that would prevent it: {len(self.corridors)}"
        if len(self.overloaded_before):
            number = self.overloaded_before.branch.nunique()
            yield f"{number} are overloaded without the plan and more with it; no corridor helps:"
            yield from worst_lines(self.overloaded_before)


def worst_lines(overloads: pd.DataFrame) -> Iterator[str]:
    """The worst case of each branch, the worst branches first."""
    worst = overloads.sort_values("loading", ascending=False, kind="stable")
    for row in worst.drop_duplicates("branch")[:MOST_ROWS].itertuples():
        case = f" without {row.outage}" if row.outage else ""
        before = abs(row.without_plan_mw) / row.limit_mw
        yield f"  {row.branch}{case}: {row.loading:.0%}, {before:.0%} without the plan"


def check_grid(
    run: Path, network: Path, *, snapshot: str | None = None, within_km: float = 50.0
) -> GridCheck:
    """Put the load of a finished run on a network.

    Parameters
    ----------
    network : PyPSA's CSV folder, or netCDF file.
    snapshot : of the network's own load and generation; by default the one of most load.
    within_km : a node farther from every bus is left out.

    Raises
    ------
    SitewattError
        PyPSA is not installed, the run is not whole, the network cannot be read, or no node is on
        it.
    """
    draws = node_draws(run)
    nodes = read_instance(run / "instance").tables["nodes"]
    grid, chosen = load_network(network, snapshot)
    buses = place_nodes(nodes[nodes.node.isin(draws.index)], grid.buses, within_km)
    placed = buses[buses.bus != ""].set_index("node").bus
    if placed.empty:
        raise SitewattError(
            f"No node of {run} is a bus of {network}, nor within {within_km:g} km of one."
        )
    exporting = frozenset(nodes.node[nodes.export_mw > 0])
    found = Overloads()
    for flows in network_flows(grid, chosen, placed):
        found.add_area(flows, draws.loc[flows.nodes], exports=not exporting.isdisjoint(flows.nodes))
    return GridCheck(buses, **found.tables(), branches=found.branches)


def node_draws(run: Path) -> pd.DataFrame:
    """MW that each node draws, net of exports: a column for each stage and slice.

    Without slices there is one for each stage, of the peak.
    """
    instance = read_instance(run / "instance").tables
    if instance["slices"].empty:
        drawn = read_table(run, "grid_use").assign(slice="", mw=lambda of: of.drawn_mw)
    else:
        kinds = instance["technologies"]
        contracts = kinds.technology[kinds.kind == "ppa"]
        made = read_table(run, "generation")
        made = made[made.technology.isin(contracts)].assign(mw=lambda of: of.made_mw)
        own = read_table(run, "dispatch").assign(mw=lambda of: of.grid_mw - of.exported_mw)
        drawn = pd.concat([own, made])
        drawn["node"] = drawn.site.map(instance["sites"].set_index("site").node)
    table = drawn.pivot_table(index="node", columns=["year", "slice"], values="mw", aggfunc="sum")
    return table.fillna(0.0)


def place_nodes(nodes: pd.DataFrame, buses: pd.DataFrame, within_km: float) -> pd.DataFrame:
    """Bus of each node: of its name, else the nearest on the ellipsoid; empty where none is near.

    Parameters
    ----------
    nodes : `node`, `longitude`, `latitude` in degrees; NaN where they are not known.
    buses : by bus, `x` and `y`, likewise.
    """
    rows: list[tuple[str, str, str, float]] = []
    for node in nodes.itertuples():
        if node.node in buses.index:
            rows.append((node.node, node.node, "name", np.nan))
            continue
        number = len(buses)
        here = (np.full(number, node.longitude), np.full(number, node.latitude))
        _, _, metres = WGS84.inv(*here, buses.x.to_numpy(float), buses.y.to_numpy(float))
        known = np.isfinite(metres)
        nearest = int(np.where(known, metres, np.inf).argmin()) if number else -1
        km = metres[nearest] / 1000 if known.any() else np.nan
        near = bool(km <= within_km)
        rows.append((node.node, str(buses.index[nearest]) if near else "", "nearest", km))
    return pd.DataFrame(rows, columns=["node", "bus", "found_by", "distance_km"])
