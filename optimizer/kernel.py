"""Which columns a first, small program holds: those that a good plan is likely to be made of.

A kernel in the sense of kernel search: Angelelli, Mansini and Speranza 2010. Reduced costs rank the
columns, but one threshold for all of them would leave a site that the relaxation shuts with next to
nothing to serve. So each site in each stage gets what would fill it, and each demand a few sites.
"""

import numpy as np

from optimizer.groups import within
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE, Relaxation
from optimizer.scarcity import prices
from optimizer.stations import Stations

# Cheapest services of a station, up to this multiple of what it can hold.
FILL = 1.5
# Cheapest services of a demand.
EACH = 3
# Before there are reduced costs: services of a demand, and of a station as a multiple of its reach.
FIRST_EACH, FIRST_FILL = 5, 1.5
# Without stations: columns added to those in use, as a multiple of them.
KERNEL_FACTOR = 2.0


def kernel(program: Program, relaxation: Relaxation, stations: Stations | None) -> np.ndarray:
    """Mask of the columns of a first program.

    Parameters
    ----------
    stations : of the same program, where it is one of siting alone.
    """
    used = relaxation.used > program.lower + BROKEN_SHARE
    if stations is None:
        return used | cheapest(relaxation.reduced_cost, int(KERNEL_FACTOR * used.sum()))
    chosen = used
    services = np.zeros(len(used), dtype=bool)
    services[stations.serve] = True
    chosen |= ~services
    cost = relaxation.reduced_cost[stations.serve]
    filling = within(stations.station, cost / stations.mw, stations.mw)
    chosen[stations.serve[filling < FILL * stations.reach_it_mw[stations.station]]] = True
    rank = within(stations.demand_rows(program), cost, np.ones(len(cost)))
    chosen[stations.serve[rank < EACH]] = True
    return chosen


def first_columns(program: Program, stations: Stations) -> np.ndarray:
    """Mask of the columns that a relaxation begins with, by cost and what room is worth."""
    price = prices(program, stations)
    cost = program.cost[stations.serve] + stations.mw * price[stations.station]
    demand = stations.demand_rows(program)
    cheapest_of = np.full(program.matrix.shape[0], np.inf)
    np.minimum.at(cheapest_of, demand, cost)
    filling = within(stations.station, (cost - cheapest_of[demand]) / stations.mw, stations.mw)
    first = within(demand, cost, np.ones(len(cost))) < FIRST_EACH
    first |= filling < FIRST_FILL * stations.reach_it_mw[stations.station]
    chosen = np.ones(len(program.cost), dtype=bool)
    chosen[stations.serve[~first]] = False
    return chosen


def cheapest(cost: np.ndarray, count: int) -> np.ndarray:
    """Mask of so many of the least entries, ties included, and of those below 0."""
    if not count:
        return cost < 0
    least = np.partition(cost, min(count, len(cost)) - 1)[min(count, len(cost)) - 1]
    return cost <= max(least, 0.0)
