"""Covers: enough sites are open for the demand of a stage, in whole numbers.

A relaxation opens 6.4 sites of 8 MW for 51 MW; 7 is what it takes. Mixed-integer rounding of one
row a stage (what open sites can hold, what stands anyway and what stays unserved is at least the
demand) says so, for sites of different sizes, too.

Source: Marchand and Wolsey 2001, "Aggregation and mixed integer rounding to solve MIPs".
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.cuts import Cut, with_cuts
from optimizer.program import Program
from optimizer.rounding import rounded
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

    def rounded(self, divisor: np.ndarray, flipped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Divide and round up, some gates counted by how far they are shut.

        Parameters
        ----------
        divisor : (divisors,)
        flipped : (gates,) mask of those gates.

        Returns
        -------
        (divisors, gates and others) coefficients and (divisors,) what they come to at least; not a
        number where rounding is for nothing.
        """
        target = (self.least - self.size[flipped].sum()) / divisor
        target[target <= 0] = np.nan  # Nothing is asked for.
        step, fraction = rounded(np.where(flipped, -self.size, self.size), target, divisor)
        least = np.ceil(target) - step[:, flipped].sum(axis=1)
        own = np.where(flipped, -step, step)
        return np.hstack([own, self.other_mw / (divisor * fraction)[:, None]]), least

    def most_broken(self, point: np.ndarray) -> Cut | None:
        """The cover that a point breaks most; None for none by more than `BROKEN_SHARE`."""
        columns = np.concatenate([self.gate, self.other])
        divisor = divisors(self.size)
        found, worst = None, BROKEN_SHARE
        for flipped in (np.zeros(len(self.size), dtype=bool), point[self.gate] > NEARLY_OPEN):
            coefficients, least = self.rounded(divisor, flipped)
            missing = least - coefficients @ point[columns]
            missing = np.nan_to_num(missing / np.abs(coefficients).max(axis=1))
            at = int(np.argmax(missing))
            if missing[at] > worst:
                worst, target = missing[at], max(self.least / divisor[at], 1.0)
                used = coefficients[at] != 0
                # Upwards is always right, and what a solver would drop it may not.
                small = np.abs(coefficients[at]) < LEAST_COEFFICIENT
                found = Cut(
                    columns=columns[used],
                    coefficients=np.where(small, LEAST_COEFFICIENT, coefficients[at])[used],
                    least=float(least[at]),
                    haste=HASTE * self.demands / target,
                )
        return found


def bases(program: Program, stations: Stations) -> list[Base]:
    """What covers are made of: one a stage, where there is anything to open."""
    found: list[Base] = []
    if not stations.served_rows.size:
        return found
    row = stations.demand_rows(program)
    mw_of_row = np.zeros(program.matrix.shape[0])
    mw_of_row[row] = stations.mw
    for stage in range(stations.stages):
        of_stage = np.arange(stage, len(stations.gate), stations.stages)
        rows = np.unique(row[np.isin(stations.station, of_stage)])
        standing = of_stage[(stations.gate[of_stage] < 0) & (stations.load[of_stage] >= 0)]
        own = of_stage[(stations.gate[of_stage] >= 0) & (stations.reach_it_mw[of_stage] > 0)]
        least = mw_of_row[rows].sum() - stations.reach_it_mw[standing].sum()
        if least > 0 and own.size:
            other, other_mw = unserved(program, stations, rows, mw_of_row[rows])
            size, gate = stations.reach_it_mw[own], stations.gate[own]
            found.append(Base(size, gate, other_mw, other, least, len(rows)))
    return found


def evenly_open(program: Program, sums: list[Base]) -> np.ndarray:
    """A point where each stage's sites are open just as far as it takes, all by the same part."""
    point = np.zeros(len(program.cost))
    for base in sums:
        point[base.gate] = min(1.0, base.least / base.size.sum())
    return point


def broken_covers(sums: list[Base], point: np.ndarray) -> list[Cut]:
    """Covers that a point breaks, at most one a stage: the one it breaks most."""
    return [cover for base in sums if (cover := base.most_broken(point)) is not None]


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


def with_covers(
    program: Program, stations: Stations, covers: list[Cut]
) -> tuple[Program, Stations]:
    """Program with covers as priced rows behind its own."""
    if not covers:
        return program, stations
    priced = np.append(stations.priced_rows, np.full(len(covers), True))
    haste = np.append(stations.haste, [cover.haste for cover in covers])
    return with_cuts(program, covers), replace(stations, priced_rows=priced, haste=haste)
