"""Necessary conditions of a plan: in each stage, sites and nodes must be able to carry demand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from models import PlanInputs

# scipy's flows are whole numbers of 32 bits.
LARGEST_FLOW = 2_000_000_000
# What the audit would let pass is no shortage: part of the larger of 1 MW and what is demanded.
TOLERANCE = 2e-6


@dataclass(frozen=True)
class Shortage:
    """Demands that their eligible sites together cannot carry.

    Parameters
    ----------
    stage : in which.
    demands : (region, workload) of each, and none that could be served beside the others.
    demand_mw : IT MW that they ask for.
    missing_mw : IT MW that cannot be served, whatever the plan.
    sites : all sites that may serve any of them.
    full_nodes : nodes of those sites whose power is the limit.
    full_sites : sites whose hall, blocks or first year are.
    """

    stage: int
    demands: tuple[tuple[str, str], ...]
    demand_mw: float
    missing_mw: float
    sites: tuple[str, ...]
    full_nodes: tuple[str, ...]
    full_sites: tuple[str, ...]


def shortages(inputs: PlanInputs) -> list[Shortage]:
    """Prove, if so little proves it, that there is no plan.

    In each stage a maximum flow runs from demands over eligible sites, each with the most it could
    ever hold, to nodes, each with every upgrade in time. Where it falls short, the minimum cut
    names the smallest set of demands that lacks as much: no plan serves them.

    A node whose sites differ in PUE counts with the best of them, so the condition is necessary;
    it is not sufficient, for it knows no shares, no budget and no whole numbers. With slices it
    looks at the one with the most load, less what may leave it, and counts all that may stand on
    site, and flexible power, as if it were there.

    Returns
    -------
    list
        Shortages that share no site, by stage; none where unserved demand is priced.
    """
    if inputs.unserved_penalty_per_mwh is not None:
        return []
    found = []
    for stage in inputs.stages:
        found += in_stage(inputs, stage)
    return found


def in_stage(inputs: PlanInputs, stage: int) -> list[Shortage]:
    """Shortages of one stage."""
    of_stage = inputs.demand_mw.index.get_level_values("stage") == stage
    demand = inputs.demand_mw[of_stage].droplevel("stage")
    if demand.empty:
        return []
    demand_mw = demand.to_numpy() * in_peak_slice(inputs, demand)
    total_mw = demand_mw.sum()
    hall_mw, node_mw = capacities_mw(inputs, stage, total_mw)
    node_mw_of_site = inputs.powered_it_mw(stage).to_numpy()
    routes = inputs.routes.index
    start = demand.index.get_indexer(routes.droplevel("site"))
    site = inputs.sites.index.get_indexer(routes.get_level_values("site"))
    start, site = start[start >= 0], site[start >= 0]
    node = inputs.nodes.index.get_indexer(inputs.sites.node)
    # Vertices: source, sink, demands, sites, nodes.
    demands, sites = len(demand), len(inputs.sites)
    d, s, g = 2, 2 + demands, 2 + demands + sites
    scale = min(1e6, LARGEST_FLOW / max(total_mw * 2, 1e-9) / 2)
    asked = np.floor(demand_mw * scale)  # Rounded so that only true shortages are found.
    tails = [np.zeros(demands, int), d + start, s + np.arange(sites), g + np.arange(len(node_mw))]
    heads = [d + np.arange(demands), s + site, g + node, np.ones(len(node_mw), int)]
    most = [asked, 2 * asked[start] + 1, np.ceil(hall_mw * scale), np.ceil(node_mw * scale)]
    size = g + len(node_mw)
    graph = sparse.csr_array(
        (np.concatenate(most).astype(np.int32), (np.concatenate(tails), np.concatenate(heads))),
        shape=(size, size),
    )
    flow = maximum_flow(graph, 0, 1)
    if flow.flow_value >= asked.sum():
        return []
    residual = sparse.csr_array(graph - flow.flow)
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    reached = np.zeros(size, bool)
    reached[breadth_first_order(residual, 0, return_predecessors=False)] = True
    reached[0] = False
    inner = graph[reached][:, reached]
    _, part = connected_components(inner, directed=False)
    part_of = np.full(size, -1)
    part_of[reached] = part
    found = []
    for number in dict.fromkeys(part_of[d:s][reached[d:s]].tolist()):
        own = part_of == number
        short, serving, nodes = own[d:s], own[s:g], own[g:]
        full = serving & ~nodes[node]
        by_power = full & (hall_mw >= node_mw_of_site * (1 - TOLERANCE))
        missing_mw = demand_mw[short].sum() - hall_mw[full].sum() - node_mw[nodes].sum()
        if missing_mw > TOLERANCE * max(1.0, demand_mw[short].sum()):
            found.append(
                Shortage(
                    stage=stage,
                    demands=tuple(demand.index[short]),
                    demand_mw=float(demand_mw[short].sum()),
                    missing_mw=float(missing_mw),
                    sites=tuple(inputs.sites.index[serving]),
                    full_nodes=tuple(
                        dict.fromkeys([*inputs.nodes.index[nodes], *inputs.sites.node[by_power]])
                    ),
                    full_sites=tuple(inputs.sites.index[full & ~by_power]),
                )
            )
    return found


def capacities_mw(inputs: PlanInputs, stage: int, total_mw: float) -> tuple[np.ndarray, np.ndarray]:
    """IT MW that each site and each node could carry at most, cut to the whole demand."""
    reach = inputs.reach_it_mw.xs(stage, level=1).reindex(inputs.sites.index).to_numpy()
    node_mw = most_at_nodes(inputs, stage)
    return np.clip(reach, 0.0, total_mw), np.clip(node_mw, 0.0, total_mw)


def most_at_nodes(inputs: PlanInputs, stage: int) -> np.ndarray:
    """IT MW that the sites of each node could have power for, with the best PUE of any."""
    nodes, node = inputs.nodes.index, inputs.sites.node
    limit_mw = inputs.node_limit_mw.xs(stage, level="stage").reindex(nodes)
    pue = inputs.sites.pue
    if inputs.power is not None:
        flexible = inputs.power.flexible
        of_stage = flexible[flexible.index.get_level_values("stage") == stage]
        flexible_mw = of_stage.flexible_mw.droplevel("stage")
        own_mw = inputs.power.allowed.max_mw.groupby("site").sum().groupby(node).sum()
        limit_mw = limit_mw.add(flexible_mw.reindex(nodes, fill_value=0.0))
        limit_mw = limit_mw.add(own_mw.reindex(nodes, fill_value=0.0))
        pue = inputs.power.pue.min(axis=1)
    best_pue = pue.groupby(node).min().reindex(nodes).fillna(1.0)
    return (limit_mw / best_pue).to_numpy()


def in_peak_slice(inputs: PlanInputs, demand: pd.Series) -> np.ndarray:
    """Part of each demand's peak that is sure to be served in the slice with the most load."""
    if inputs.power is None:
        return np.ones(len(demand))
    pairs = demand.index
    profile = inputs.power.load_profiles.loc[inputs.power.profile_of[pairs]].to_numpy(float)
    movable = inputs.power.workloads.movable_share[pairs.get_level_values("workload")]
    stays = profile * (1 - movable.to_numpy(float))[:, None]
    return stays[:, int(np.argmax(demand.to_numpy() @ stays))]
