"""A dual solution of the linear relaxation, made from the prices that an ascent ended with.

An ascent proves its bound by pricing rows and letting every site answer, which leaves no
multipliers of the rows that a site keeps by itself. With the priced rows in the objective, what is
left of the relaxation falls apart by site, and a linear program over it takes no time to speak of.
Its multipliers and the prices together are a dual solution of the whole relaxation, strong links
included. It proves no more than that relaxation: what a linear program could.
"""

from dataclasses import replace

import numpy as np

from optimizer.highs import Control, Solver, Status
from optimizer.pricing import Pricing
from optimizer.program import Program
from optimizer.search import Links, Relaxation
from optimizer.stations import Stations


def dual_solution(
    program: Program, links: Links, stations: Stations, price: np.ndarray, control: Control
) -> Relaxation | None:
    """Complete prices to a dual solution; None where the time or patience of `control` ends.

    Parameters
    ----------
    price : (rows,) of the rows that `stations` prices; others are not looked at.
    """
    pricing = Pricing(program, stations)
    price = np.where(stations.priced_rows, price, 0.0)
    reduced = program.cost - pricing.transposed @ price
    own = np.flatnonzero(~stations.priced_rows)
    of_sites = replace(
        program,
        cost=reduced,
        offset=program.offset + float(price @ pricing.rhs),
        matrix=program.matrix[own],
        row_lower=program.row_lower[own],
        row_upper=program.row_upper[own],
        constraints=[program.constraints[row] for row in own],
    )
    written = worth_writing(program, links, pricing, reduced)
    solver = Solver(links.joined_to(of_sites, written), control, "certificate", relaxed=True)
    outcome = solver.solve()
    if outcome.status is not Status.OPTIMAL or outcome.row_dual is None:
        return None
    relaxation = Relaxation.of(outcome, len(own), written)
    price[own] = relaxation.row_dual
    return replace(relaxation, row_dual=price)


def worth_writing(
    program: Program, links: Links, pricing: Pricing, reduced: np.ndarray
) -> np.ndarray:
    """Positions of the links of what pays at these prices: what does not pay stays at 0 anyway."""
    pays = np.ones(len(program.cost), dtype=bool)
    pays[pricing.stations.serve] = pricing.per_share(reduced) < 0
    return np.flatnonzero(pays[links.column])
