"""What the hours of a site cost to run, apart from everything else: linear programs of their own.

What a site does by the hour in a stage depends on the rest of a problem through a few sizes alone:
its load by workload, what stands there, its connection. With these given, its hours are a linear
program; its duals say what other sizes would cost at least. Sites of one node, which share its
limits, are looked at together as well: alone they are many small cuts, together they are exact.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from models.coarse import BEYOND, BY_SLICE
from optimizer.highs import Control, Solver, Status
from optimizer.program import Program

# Hours are short only of what is more than this, as a part of what sizes give them.
LEAST_SHORT = 1e-6
# Part of its sum by which a cut stays below what HiGHS says, whose tolerances are no more.
ROUNDING = 1e-7
# What makes up for nothing in a proof that hours are short, but for the last digits.
NOTHING = 1e-12

Key = tuple[tuple[str, str], int]


@dataclass(frozen=True)
class Cut:
    """`cost of a part's hours >= least + slope · sizes`, or 0 in the cost's place: always true.

    Parameters
    ----------
    part : position of a site or node and a stage; None for 0, where sizes left something short.
    slope : (sizes,) money or MW by the unit.
    """

    part: int | None
    slope: np.ndarray
    least: float


@dataclass(frozen=True)
class Part:
    """The hours of a site, or of all sites of a node, in a stage.

    Parameters
    ----------
    solver : of their linear program.
    lower, upper : (rows,) limits where all sizes are 0.
    sizes : (rows, sizes) what a unit of each size adds to a row.
    """

    solver: Solver
    lower: np.ndarray
    upper: np.ndarray
    sizes: sparse.csr_array

    @classmethod
    def of(
        cls,
        program: Program,
        rows: np.ndarray,
        own: np.ndarray,
        sizes: np.ndarray,
        control: Control,
    ) -> "Part":
        """Take some rows out of a program: its own columns are decided, sizes are given."""
        columns = np.flatnonzero(own)
        assert not program.lower[columns].any()
        assert np.isinf(program.upper[columns]).all()
        matrix = program.matrix[rows]
        hours = replace(
            program.of_columns(columns),
            offset=0.0,
            matrix=sparse.csr_array(matrix[:, columns]),
            row_lower=program.row_lower[rows],
            row_upper=program.row_upper[rows],
            constraints=[],
        )
        solver = Solver(hours, control, "hours", relaxed=True, proves=False)
        solver.set_option("presolve", "off")  # It knows no ray.
        return cls(solver, hours.row_lower, hours.row_upper, sparse.csr_array(matrix[:, sizes]))

    def cut(self, part: int, sizes: np.ndarray, known: float, worth: float) -> Cut | None:
        """The cut at some sizes, if it tells of so much more than is known."""
        given = self.sizes @ sizes
        room = LEAST_SHORT * np.maximum(1.0, np.abs(given))
        lower, upper = self.lower - given - room, self.upper - given + room
        self.solver.set_row_bounds(np.arange(len(given)), lower, upper)
        outcome = self.solver.solve()
        if outcome.status is Status.INFEASIBLE:
            return self.shortage(sizes)
        if outcome.row_dual is None or outcome.objective - known <= worth:
            return None
        slope = -(self.sizes.T @ outcome.row_dual)
        least = outcome.objective - float(slope @ sizes)
        return Cut(part, slope, least - ROUNDING * abs(outcome.objective))

    def shortage(self, sizes: np.ndarray) -> Cut | None:
        """Why no hours keep every row: weights of rows that leave no column anything to add."""
        weights = self.solver.ray()
        if weights is None:
            return None
        weights /= np.abs(weights).max()
        if (self.solver.program.matrix.T @ weights > NOTHING).any():
            return None
        sides = np.where(weights > 0, self.lower, self.upper)
        weights[np.isinf(sides)] = 0.0
        slope = -(self.sizes.T @ weights)
        least = float(weights @ np.where(weights == 0, 0.0, sides))
        return Cut(None, slope, least) if least + float(slope @ sizes) > 0 else None


@dataclass(frozen=True)
class Limits:
    """Rows by the hour that speak of sizes alone, and that blocks do not know.

    Parameters
    ----------
    sizes : (rows, sizes)
    lower, upper : (rows,)
    group : (rows,) number of what a row limits, in one of its hours.
    """

    sizes: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, program: Program, rows: np.ndarray, sizes: np.ndarray) -> "Limits":
        """Take some rows out of a program."""
        limited = [row_name(program, row)[:-1] for row in rows.tolist()]
        return cls(
            sparse.csr_array(program.matrix[rows][:, sizes]),
            program.row_lower[rows],
            program.row_upper[rows],
            pd.factorize(pd.Series(limited, dtype=object))[0],
        )

    def cuts(self, sizes: np.ndarray) -> list[Cut]:
        """Rows that sizes break, the most broken one of each group."""
        sums = self.sizes @ sizes
        over, under = sums - self.upper, self.lower - sums
        broken = np.maximum(over, under)
        order = np.argsort(-broken, kind="stable")
        _, first = np.unique(self.group[order], return_index=True)
        found = []
        for row in order[first].tolist():
            if broken[row] > LEAST_SHORT * max(1.0, abs(sums[row])):
                slope = self.sizes[[row]].toarray().ravel()
                is_over = over[row] > under[row]
                found.append(
                    Cut(None, slope, -self.upper[row])
                    if is_over
                    else Cut(None, -slope, self.lower[row])
                )
        return found


class Operation:
    """The hours of all sites and stages where something is decided by the hour.

    Parameters
    ----------
    program : of the problem by the hour.
    coarse : of the same by blocks, whose rows are known.
    node : of each site.

    Attributes
    ----------
    parts : sites in stages, and nodes in stages where sites share a limit.
    keys : what each part is of.
    names : of the sizes, as in programs by blocks.
    """

    def __init__(
        self, program: Program, coarse: Program, node: dict[str, str], control: Control
    ) -> None:
        self.node = node
        (site, sites), (hub, hubs) = owners(program, node)
        of_site, of_hub = part_of_rows(program, site), part_of_rows(program, hub)
        shared = np.unique(of_hub[(of_hub >= 0) & (of_site < 0)])
        unknown = unknown_rows(program, site, coarse)
        told_of = np.concatenate([np.flatnonzero(of_hub >= 0), unknown])
        sizes = np.unique(program.matrix[told_of].indices)
        sizes = sizes[site[sizes] < 0]
        self.names = [name(program, column) for column in sizes.tolist()]
        self.limits = Limits.of(program, unknown, sizes)
        silent = replace(control, log=None, on_progress=lambda *_: None)
        self.keys = sites + [hubs[at] for at in shared.tolist()]
        self.parts = [
            Part.of(program, np.flatnonzero(of_row == at), owner == at, sizes, silent)
            for of_row, owner, all_of_them in (
                (of_site, site, range(len(sites))),
                (of_hub, hub, shared.tolist()),
            )
            for at in all_of_them
        ]

    def cuts(self, sizes: np.ndarray, known: np.ndarray, worth: float) -> list[Cut]:
        """Cuts that tell of more than is known.

        Parameters
        ----------
        sizes : (sizes,) where to look.
        known : (parts,) cost of their hours, as far as it is known.
        worth : what a cut has to tell more.
        """
        found = (part.cut(at, sizes, known[at], worth) for at, part in enumerate(self.parts))
        return self.limits.cuts(sizes) + [cut for cut in found if cut is not None]


def owners(program: Program, node: dict[str, str]) -> list[tuple[np.ndarray, list[Key]]]:
    """Which site and stage, and which node and stage, columns by the slice belong to.

    Returns
    -------
    list
        For sites, then for nodes: (columns,) positions in a list, -1 for other columns; the list.
    """
    found = []
    for kind, group in (("site", {site: site for site in node}), ("node", node)):
        owner = np.full(len(program.cost), -1)
        keys: dict[Key, int] = {}
        for column in range(len(program.cost)):
            component, index = name(program, column)
            if component in BY_SLICE or component == BEYOND:
                stage = index[-1] if component == BEYOND else index[-2]
                owner[column] = keys.setdefault(((kind, group[index[0]]), stage), len(keys))
        found.append((owner, list(keys)))
    return found


def part_of_rows(program: Program, owner: np.ndarray) -> np.ndarray:
    """Part that a row is about, (rows,); -1 for none, and where several share it."""
    entries = program.matrix.tocoo()
    row, part = entries.coords[0], owner[entries.coords[1]]
    row, part = row[part >= 0], part[part >= 0]
    first = np.full(program.matrix.shape[0], len(owner))
    last = np.full(program.matrix.shape[0], -1)
    np.minimum.at(first, row, part)
    np.maximum.at(last, row, part)
    return np.where(first == last, last, -1)


def unknown_rows(program: Program, owner: np.ndarray, coarse: Program) -> np.ndarray:
    """Rows that speak of nothing by the slice, and that are in no program by blocks."""
    entries = program.matrix.tocoo().coords
    by_slice = np.zeros(program.matrix.shape[0], dtype=bool)
    by_slice[entries[0][owner[entries[1]] >= 0]] = True
    known = {row_name(coarse, row) for row in range(len(coarse.row_lower))}
    rows = np.flatnonzero(~by_slice)
    return rows[[row_name(program, row) not in known for row in rows.tolist()]]


def name(program: Program, column: int) -> tuple[str, tuple]:
    """Name of a column's component, and its index there."""
    variable = program.variables[column]
    return variable.parent_component().name, variable.index()


def row_name(program: Program, row: int) -> tuple:
    """Name of a row's component and the parts of its index, a slice last."""
    constraint = program.constraints[row]
    index = constraint.index()
    return constraint.parent_component().name, *(index if isinstance(index, tuple) else (index,))
