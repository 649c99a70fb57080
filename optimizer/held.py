"""A program inside HiGHS: handing it over, changing it, and where to start."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Self

import highspy
import numpy as np

from optimizer.basis import BASIC
from optimizer.errors import SolverFailure
from optimizer.outcome import Control
from optimizer.program import Program
from optimizer.scaling import cost_scale, row_scale
from optimizer.versions import refuse_wrong

OK = highspy.HighsStatus.kOk
# HiGHS leaves out coefficients below this, and knows no lower limit; its own is 1e-9, which a
# demand in MW may be.
SMALLEST = 1e-12
# Which row leaves a basis next; what HiGHS chooses by itself needs a weight of every row first.
DEVEX = "simplex_dual_edge_weight_strategy", 1
AT_LOWER = 0
BASIS_STATUS = {status.value: status for status in highspy.HighsBasisStatus.__members__.values()}


@dataclass
class Mark:
    """Where a solver's linear program has ended, for it to go on from there.

    Parameters
    ----------
    size : rows and columns of the basis.
    owner, narrowings : whose basis it is, and how often that had left out columns.
    """

    basis: highspy.HighsBasis
    size: tuple[int, int]
    owner: "Held"
    narrowings: int


class QuietHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS that does not print its banner on standard output, where results go."""

    def enableCallbacks(self) -> None:  # noqa: N802, the name is HiGHS'
        """Switch the output off before the first call that prints."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


class Held:
    """A program inside HiGHS.

    Parameters
    ----------
    program : it is scaled inside.
    control : threads, seed and log.
    is_mip : some of its columns are whole.
    """

    def __init__(self, program: Program, control: Control, *, is_mip: bool) -> None:
        self.program, self.control, self.is_mip = program, control, is_mip
        self.cost, self.offset = program.cost, program.offset
        self.cost_scale = cost_scale(program.cost)
        self.row_scale = row_scale(program.matrix.data, program.matrix.indptr)
        self.is_light, self.started, self.narrowings = False, False, 0
        self.start_highs()
        self.pass_program()

    def start_highs(self) -> None:
        """Begin with a HiGHS that has our options and no program, and prints nothing."""
        self.highs = QuietHighs()
        refuse_wrong(self.highs.version())
        self.set_option("log_to_console", False)
        self.set_option("log_file", str(self.control.log or ""))
        self.set_option("output_flag", self.control.log is not None)
        self.set_option("random_seed", self.control.seed)
        self.set_option("threads", self.control.threads)
        self.set_option("small_matrix_value", SMALLEST)
        if self.is_light:
            self.set_option(*DEVEX)

    def twin(self) -> Self:
        """A solver of the same linear program, where this one is, that goes its own way."""
        other = copy(self)
        other.start_highs()
        other.check(other.highs.passModel(self.highs.getLp()), "the model of a twin")
        other.check_size(*self.size())
        other.check(other.highs.setBasis(self.highs.getBasis()), "the basis of a twin")
        return other

    def set_option(self, name: str, value: object) -> None:
        """Set an option of HiGHS, and fail loudly where HiGHS would not.

        Raises
        ------
        SolverFailure
            If HiGHS does not know the option or its value.
        """
        self.check(self.highs.setOptionValue(name, value), f"option {name} = {value!r}")

    def check(self, status: highspy.HighsStatus, what: str) -> None:
        """Raise SolverFailure unless HiGHS accepted what it was told."""
        if status != OK:
            raise SolverFailure(f"HiGHS refused {what}: {status}.")

    def pass_program(self) -> None:
        """Hand the arrays over, and make sure that all of them arrived."""
        program = self.program
        rows, columns = program.matrix.shape
        matrix = program.matrix
        self.check(
            self.highs.passModel(
                columns,
                rows,
                matrix.nnz,
                int(highspy.MatrixFormat.kRowwise),
                int(highspy.ObjSense.kMinimize),
                program.offset / self.cost_scale,
                program.cost / self.cost_scale,
                program.lower,
                program.upper,
                program.row_lower / self.row_scale,
                program.row_upper / self.row_scale,
                matrix.indptr.astype(np.int32),
                matrix.indices.astype(np.int32),
                matrix.data / np.repeat(self.row_scale, np.diff(matrix.indptr)),
                (program.integer if self.is_mip else np.zeros(columns)).astype(np.int32),
            ),
            "the model",
        )
        self.check_size(rows, columns, matrix.nnz)

    def check_size(self, rows: int, columns: int, nonzeros: int) -> None:
        """Raise SolverFailure unless HiGHS holds exactly this many rows, columns and nonzeros."""
        held = self.size()
        if held != (rows, columns, nonzeros):
            raise SolverFailure(
                f"HiGHS holds {held} rows, columns and nonzeros of a model with "
                f"{(rows, columns, nonzeros)}."
            )

    def size(self) -> tuple[int, int, int]:
        """Rows, columns and nonzeros that HiGHS holds."""
        return self.highs.getNumRow(), self.highs.getNumCol(), self.highs.getNumNz()

    def placed(self, columns: np.ndarray) -> np.ndarray:
        """Where columns of the program stand in the solver."""
        return columns

    def holds(self, columns: np.ndarray) -> np.ndarray:
        """Mask of columns of the program that the solver holds; the others are 0 in it."""
        return np.ones(len(columns), dtype=bool)

    def hold(self, columns: np.ndarray) -> None:
        """Make sure that the solver holds some columns."""

    def tableau(self, columns: np.ndarray) -> Iterator[np.ndarray]:
        """Weights of rows, (rows,), whose sum tells one column by others that are at a limit.

        Parameters
        ----------
        columns : those of them that are free to move where the last linear program has ended.
        """
        status, basic = self.highs.getBasicVariables()
        if status != OK:
            return
        for place in np.flatnonzero(np.isin(basic, self.placed(columns))).tolist():
            status, weights = self.highs.getBasisInverseRow(place)
            if status == OK:
                yield weights / self.row_scale

    def add_rows(
        self,
        lower: np.ndarray,
        upper: np.ndarray,
        starts: np.ndarray,
        indices: np.ndarray,
        values: np.ndarray,
    ) -> None:
        """Add rows given as compressed sparse rows; `starts` without the closing entry."""
        rows, columns, nonzeros = self.size()
        ends = np.append(starts, len(values))
        scale = row_scale(values, ends)
        self.row_scale = np.concatenate([self.row_scale, scale])
        self.check(
            self.highs.addRows(
                len(lower),
                lower / scale,
                upper / scale,
                len(indices),
                starts.astype(np.int32),
                self.placed(indices).astype(np.int32),
                values / np.repeat(scale, np.diff(ends)),
            ),
            "new rows",
        )
        self.check_size(rows + len(lower), columns, nonzeros + len(indices))

    def set_bounds(self, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Replace the bounds of some columns."""
        places = self.placed(columns).astype(np.int32)
        self.check(self.highs.changeColsBounds(len(columns), places, lower, upper), "new bounds")

    def set_row_bounds(self, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Replace the bounds of some rows."""
        self.check(
            self.highs.changeRowsBounds(
                len(rows),
                rows.astype(np.int32),
                lower / self.row_scale[rows],
                upper / self.row_scale[rows],
            ),
            "new row bounds",
        )

    def set_cost(self, cost: np.ndarray) -> None:
        """Replace the objective by another without offset."""
        self.cost, self.offset = cost, 0.0
        self.cost_scale = cost_scale(cost)
        self.check(
            self.highs.changeColsCost(
                len(cost), np.arange(len(cost), dtype=np.int32), cost / self.cost_scale
            ),
            "new costs",
        )
        self.check(self.highs.changeObjectiveOffset(0.0), "no offset")

    def start_from(self, values: np.ndarray) -> None:
        """Give a point to start from; HiGHS ignores it where it is not feasible."""
        solution = highspy.HighsSolution()
        solution.col_value = values.tolist()
        solution.value_valid = True
        self.check(self.highs.setSolution(solution), "a starting point")
        self.started = True

    def start_lightly(self) -> None:
        """From now on begin linear programs at once where they go on from another's basis.

        That pays where few steps follow: after new rows or another basis HiGHS weighs every row
        first, which takes as long as 200 steps.
        """
        self.is_light, basis = True, self.highs.getBasis()
        self.set_option(*DEVEX)
        self.check(self.highs.clearSolver(), "to look at its options again")
        self.check(self.highs.setBasis(basis), "the basis that it had")

    def mark(self) -> Mark:
        """Mark where a linear program has ended."""
        rows, columns, _ = self.size()
        return Mark(self.highs.getBasis(), (rows, columns), self, self.narrowings)

    def go_to(self, mark: Mark) -> bool:
        """Start from where this linear program has ended; rows added since are left as they come.

        Not, and false, where columns were left out since, or where another solver has ended.
        """
        if mark.owner is not self or mark.narrowings != self.narrowings:
            return False
        basis, (rows, columns, _) = mark.basis, self.size()
        if mark.size != (rows, columns):
            more_rows, more_columns = rows - mark.size[0], columns - mark.size[1]
            basis.row_status = list(basis.row_status) + more_rows * [BASIS_STATUS[BASIC]]
            basis.col_status = list(basis.col_status) + more_columns * [BASIS_STATUS[AT_LOWER]]
            mark.size = rows, columns
        self.check(self.highs.setBasis(basis), "a basis to start from")
        return True

    def ended_at(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each column and each row of a solved linear program is, as HiGHS' numbers."""
        basis = self.highs.getBasis()
        columns, rows = ([at.value for at in side] for side in (basis.col_status, basis.row_status))
        return np.array(columns, np.uint8), np.array(rows, np.uint8)

    def start_at(self, columns: np.ndarray, rows: np.ndarray) -> None:
        """Start a linear program from a basis; HiGHS mends one that is singular."""
        basis = highspy.HighsBasis()
        basis.col_status = [BASIS_STATUS[at] for at in columns.tolist()]
        basis.row_status = [BASIS_STATUS[at] for at in rows.tolist()]
        basis.valid = True
        self.check(self.highs.setBasis(basis), "a basis to start from")
