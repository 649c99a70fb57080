"""Covers: enough sites are open for the demand of a stage, in whole numbers.

A relaxation opens 6.4 sites of 8 MW for 51 MW; 7 is what it takes. Mixed-integer rounding of one
row a stage (what open sites can hold, what stands anyway and what stays unserved is at least the
demand) says so, for sites of different sizes, too.

Source: Marchand and Wolsey 2001, "Aggregation and mixed integer rounding to solve MIPs".
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.program import Program
from optimizer.stations import Stations

# A cover is added where the point at hand breaks it by more than this part of its right-hand side.
BROKEN_SHARE = 1e-3
# Divisors tried at most, among the sizes of sites.
MOST_DIVISORS = 200
# A gate that a point opens so far is counted by how far it is shut.
NEARLY_OPEN = 0.999
# Steps of a cover's price, against those of the demands that a site serves.
HASTE = 0.3
LEAST_COEFFICIENT = 1e-9
# Below this a fraction is taken for a rounding error of a whole number.
LEAST_FRACTION = 1e-6


@dataclass(frozen=True)
class Cover:
    """`coefficients · columns >= least`, true of every plan.

    Parameters
    ----------
    haste : how much longer than others the steps of its price are: a site is worth many demands.
    """

    columns: np.ndarray
    coefficients: np.ndarray
    least: float
    haste: float


@dataclass(frozen=True)
class Base:
    """Σ size · gate + Σ other_mw · other ≥ least: sites, and what may stay unserved.

    Parameters
    ----------
    size, gate : (gates,) IT MW and columns.
    other_mw, other : the same for columns that are no gates, at least 0.
    demands : how many demands `least` is the sum of.
    """

    size: np.ndarray
    gate: np.ndarray
    other_mw: np.ndarray
    other: np.ndarray
    least: float
    demands: int

    def rounded(self, divisor: float, flipped: np.ndarray) -> Cover | None:
        """Divide and round up, some gates counted by how far they are shut; None if for nothing."""
        target = (self.least - self.size[flipped].sum()) / divisor
        fraction = target - np.floor(target)
        if target <= 0 or not LEAST_FRACTION < fraction < 1 - LEAST_FRACTION:
            return None
        signed = np.where(flipped, -self.size, self.size) / divisor
        whole = np.floor(signed)
        step = whole + np.minimum(1.0, (signed - whole) / fraction)
        coefficients = np.concatenate(
            [np.where(flipped, -step, step), self.other_mw / (divisor * fraction)]
        )
        used = coefficients != 0
        # Upwards is always right, and what a solver would drop it may not.
        small = np.abs(coefficients) < LEAST_COEFFICIENT
        return Cover(
            columns=np.concatenate([self.gate, self.other])[used],
            coefficients=np.where(small, LEAST_COEFFICIENT, coefficients)[used],
            least=float(np.ceil(target) - step[flipped].sum()),
            haste=HASTE * self.demands / max(target, 1.0),
        )


def broken_covers(program: Program, stations: Stations, values: np.ndarray | None) -> list[Cover]:
    """Covers that a point breaks, at most one a stage: the one it breaks most.

    Parameters
    ----------
    program : without the rows that earlier calls added, or with them.
    values : (columns,) the point; without, each stage's sites are open just as far as it takes.
    """
    row = stations.demand_rows(program)
    mw_of_row = np.zeros(program.matrix.shape[0])
    mw_of_row[row] = stations.mw
    found = []
    for stage in range(stations.stages):
        of_stage = np.arange(stage, len(stations.gate), stations.stages)
        rows = np.unique(row[np.isin(stations.station, of_stage)])
        standing = of_stage[(stations.gate[of_stage] < 0) & (stations.load[of_stage] >= 0)]
        own = of_stage[(stations.gate[of_stage] >= 0) & (stations.reach_it_mw[of_stage] > 0)]
        other, other_mw = unserved(program, stations, rows, mw_of_row[rows])
        least = mw_of_row[rows].sum() - stations.reach_it_mw[standing].sum()
        if least <= 0 or not own.size:
            continue
        size, gate = stations.reach_it_mw[own], stations.gate[own]
        if values is None:
            point = np.zeros(len(program.cost))
            point[gate] = min(1.0, least / size.sum())
        else:
            point = values
        base = Base(size, gate, other_mw, other, least, len(rows))
        nearly_open = point[gate] > NEARLY_OPEN
        covers = [
            cover
            for divisor in divisors(size)
            for flipped in (np.zeros(len(size), dtype=bool), nearly_open)
            if (cover := base.rounded(divisor, flipped)) is not None
        ]
        missing = [broken_by(cover, point) for cover in covers]
        if missing and max(missing) > BROKEN_SHARE:
            found.append(covers[int(np.argmax(missing))])
    return found


def unserved(
    program: Program, stations: Stations, rows: np.ndarray, mw: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Columns that stand in demand rows and are no services, and IT MW of a whole share."""
    entries = program.matrix[rows].tocoo()
    is_service = np.zeros(len(program.cost), dtype=bool)
    is_service[stations.serve] = True
    other = ~is_service[entries.coords[1]]
    return entries.coords[1][other], mw[entries.coords[0][other]] * entries.data[other]


def divisors(size: np.ndarray) -> np.ndarray:
    """Sizes to round by."""
    sizes = np.unique(size)
    return sizes[:: 1 + len(sizes) // MOST_DIVISORS]


def broken_by(cover: Cover, values: np.ndarray) -> float:
    """How far a point breaks a cover, as a part of its largest coefficient times 1."""
    missing = cover.least - float(cover.coefficients @ values[cover.columns])
    return missing / float(np.abs(cover.coefficients).max())


def with_covers(
    program: Program, stations: Stations, covers: list[Cover]
) -> tuple[Program, Stations]:
    """Program with covers as priced rows behind its own."""
    if not covers:
        return program, stations
    rows = np.repeat(np.arange(len(covers)), [len(cover.columns) for cover in covers])
    entries = np.concatenate([cover.coefficients for cover in covers])
    columns = np.concatenate([cover.columns for cover in covers])
    added = sparse.csr_array((entries, (rows, columns)), shape=(len(covers), len(program.cost)))
    wider = replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, added])),
        row_lower=np.append(program.row_lower, [cover.least for cover in covers]),
        row_upper=np.append(program.row_upper, np.full(len(covers), np.inf)),
    )
    priced = np.append(stations.priced_rows, np.full(len(covers), True))
    haste = np.append(stations.haste, [cover.haste for cover in covers])
    return wider, replace(stations, priced_rows=priced, haste=haste)
