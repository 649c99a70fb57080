"""What room at sites is worth where it is scarce: prices under which cheapest choices fill them.

Every demand goes where it is cheapest; sites that are chosen beyond their reach grow dearer, others
cheaper again. It is a Lagrangian relaxation of what sites can hold, with steps that shrink: no
bound, but a good guess at the prices of a relaxation, for a few hundredths of its time.

Source: Held, Wolfe and Crowder 1974, "Validation of subgradient optimization".
"""

import numpy as np

from optimizer.program import Program
from optimizer.stations import Stations

# Rounds, and the first step as a part of what a MW costs more than at the cheapest site, in the
# middle; after so many rounds steps are half as long. The relaxation of 200 × 2,000 with 50 routes
# each and small halls takes 9,000 steps of the simplex method instead of 14,000; 100 rounds are no
# better than 30.
ROUNDS, FIRST_STEP, HALF_LIFE = 30, 0.2, 5
# A site that is chosen for many times what it holds is no more telling than one for this much more.
MOST_OVERFULL = 3.0
LEAST_MW = 1e-9


def prices(program: Program, stations: Stations) -> np.ndarray:
    """Price of a MW at each station, (stations,), at least its part of a full site's cost."""
    # A column of -1 costs nothing.
    cost = np.append(program.cost, 0.0)
    full = cost[stations.gate] + cost[stations.extension] * stations.most_extension
    reach = np.maximum(stations.reach_it_mw, LEAST_MW)
    least = full / reach
    if not stations.serve.size:
        return least
    row = stations.demand_rows(program)
    order = np.argsort(row, kind="stable")
    own, mw, station = cost[stations.serve][order], stations.mw[order], stations.station[order]
    starts = np.flatnonzero(np.append(True, np.diff(row[order]) > 0))
    count = np.diff(np.append(starts, len(row)))
    dearer = (own + mw * least[station]) / np.maximum(mw, LEAST_MW)
    more = dearer - np.repeat(np.minimum.reduceat(dearer, starts), count)
    if not (more > 0).any():
        return least
    usual = float(np.median(more[more > 0]))
    price, late = least, np.zeros(len(least))
    for number in range(ROUNDS):
        total = own + mw * price[station]
        chosen = total <= np.repeat(np.minimum.reduceat(total, starts), count)
        load = np.bincount(station[chosen], weights=mw[chosen], minlength=len(price))
        overfull = np.minimum(load / reach - 1, MOST_OVERFULL)
        price = np.maximum(least, price + FIRST_STEP * usual / (1 + number / HALF_LIFE) * overfull)
        late += price if number >= ROUNDS // 2 else 0.0
    return late / (ROUNDS - ROUNDS // 2)
