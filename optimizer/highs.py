"""The one file that talks to HiGHS: hand-over, options, limits, progress, interruption, starts."""

import math
from copy import copy
from typing import Self

import highspy
import numpy as np

from optimizer.errors import SolverFailure
from optimizer.outcome import Control, Outcome, Status
from optimizer.program import Program
from optimizer.scaling import cost_scale, row_scale

__all__ = ["Control", "Outcome", "Solver", "Status", "version"]

# Part of a plan's cost that its cost may differ from what HiGHS says of it.
MISJUDGED = 1e-6
# Where no plan comes to a target, one is near enough that misses the best by this part of what the
# best misses the target by, or by so many times the gap.
NEAR_MISS, NEAR_GAPS = 0.25, 10.0
OK = highspy.HighsStatus.kOk
# Versions that returned wrong optima as optimal; pyproject.toml excludes them, too.
WRONG_VERSIONS = frozenset({"1.14.0"})
# HiGHS leaves out coefficients below this, and knows no lower limit; its own is 1e-9, which a
# demand in MW may be.
SMALLEST = 1e-12
Statuses = highspy.HighsModelStatus
BASIS_STATUS = {status.value: status for status in highspy.HighsBasisStatus.__members__.values()}


class QuietHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS that does not print its banner on standard output, where results go."""

    def enableCallbacks(self) -> None:  # noqa: N802, the name is HiGHS'
        """Switch the output off before the first call that prints."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


class Solver:
    """A program inside HiGHS: solve it, change it, solve it again from where it was.

    Parameters
    ----------
    program : what to solve; it is scaled inside, and all results are in its own units.
    control : limits shared with other runs.
    phase : name under which progress is reported.
    relaxed : drop integrality.
    proves : its bound holds for the whole problem; if not, only plans are reported.
    """

    def __init__(
        self,
        program: Program,
        control: Control,
        phase: str,
        *,
        relaxed: bool = False,
        proves: bool = True,
    ) -> None:
        self.program, self.control = program, control
        self.phase, self.proves = phase, proves
        self.is_mip = bool(program.integer.any()) and not relaxed
        self.cost, self.offset = program.cost, program.offset
        self.started = self.gave_up = False
        self.target, self.gap = -math.inf, 0.0
        self.cost_scale = cost_scale(program.cost)
        self.row_scale = row_scale(program.matrix.data, program.matrix.indptr)
        self.start_highs()
        self.pass_program()

    def start_highs(self) -> None:
        """Begin with a HiGHS that has our options and no program, and can be stopped."""
        self.highs = QuietHighs()
        refuse_wrong(self.highs.version())
        self.set_option("log_to_console", False)
        self.set_option("log_file", str(self.control.log or ""))
        self.set_option("output_flag", self.control.log is not None)
        self.set_option("random_seed", self.control.seed)
        self.set_option("threads", self.control.threads)
        self.set_option("small_matrix_value", SMALLEST)
        self.highs.cbMipInterrupt += self.stop_if_asked
        self.highs.cbMipInterrupt += self.give_up
        self.highs.cbSimplexInterrupt += self.stop_if_asked
        self.highs.cbIpmInterrupt += self.stop_if_asked
        self.highs.cbMipLogging += self.report

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

    def solve(
        self,
        gap: float = 0.0,
        seconds: float = math.inf,
        target: float = -math.inf,
        cutoff: float = math.inf,
        exact: bool = True,  # noqa: ARG002 — for those that leave columns out
    ) -> Outcome:
        """Solve to a relative gap, within the limits of `control` and at most some seconds.

        Parameters
        ----------
        target : a plan that costs no more is enough; where there is none, so is one that is not
            far from the best.
        cutoff : of a linear program; one that costs more may end as infeasible, and sooner.
        exact : of one that leaves columns out; whether it is infeasible only if it is with all.

        Raises
        ------
        SolverFailure
            If HiGHS ends in any way that proves nothing and is no limit.
        """
        stop = self.control.must_stop()
        if stop:
            return Outcome(stop, None, math.inf, -math.inf)
        limit = max(0.0, min(seconds, self.control.seconds_left()))
        # HiGHS' clock runs on over the runs of one object.
        self.set_option("time_limit", min(limit + self.highs.getRunTime(), 1e9))
        if self.is_mip:
            self.set_option("mip_rel_gap", gap)
            self.set_option("mip_abs_gap", 0.0)
            self.set_option("objective_target", max(target / self.cost_scale, -highspy.kHighsInf))
            self.target, self.gap, self.gave_up = target, gap, False
        else:
            self.set_option("objective_bound", min(cutoff / self.cost_scale, highspy.kHighsInf))
        outcome = self.run()
        if self.started and self.is_misjudged(outcome):
            self.check(self.highs.clearSolver(), "to forget the starting point")
            self.started = False
            return self.solve(gap, limit, target)
        return outcome

    def estimate(self, steps: int = highspy.kHighsIInf) -> float:
        """Cost that a linear program has come to after so many steps; infinite for no solution."""
        self.set_option("objective_bound", highspy.kHighsInf)
        self.set_option("simplex_iteration_limit", steps)
        self.highs.run()
        self.set_option("simplex_iteration_limit", highspy.kHighsIInf)
        if STATUS.get(self.highs.getModelStatus()) is Status.INFEASIBLE:
            return math.inf
        return float(self.highs.getInfo().objective_function_value) * self.cost_scale

    def ray(self) -> np.ndarray | None:
        """Weights of rows, (rows,), whose sum no point keeps: why a linear program is infeasible.

        Rows with a positive weight count with their lower limit. None where HiGHS has none, as
        after presolve.
        """
        _, known, weights = self.highs.getDualRay()
        return np.array(weights) / self.row_scale if known else None

    def run(self) -> Outcome:
        """Run HiGHS once; a linear program where it gives up, once more by other means.

        Raises
        ------
        SolverFailure
            See `solve`.
        """
        Threads.use(self.control.threads)
        answered = self.answers()
        usual = []
        for option, value in () if self.is_mip else OTHER_MEANS:
            if answered:
                break
            self.check(self.highs.clearSolver(), "to forget what failed")
            usual.append((option, self.highs.getOptionValue(option)[1]))
            self.set_option(option, value)
            answered = self.answers()
        for option, value in usual:  # The next program may well be an easy one again.
            self.set_option(option, value)
        if answered is None:
            raise SolverFailure(f"HiGHS failed in phase {self.phase}.")
        return self.outcome()

    def answers(self) -> bool | None:
        """Run HiGHS; None for an error, false where it ends without knowing what it has."""
        if self.highs.run() == highspy.HighsStatus.kError:
            return None
        return bool(self.highs.getModelStatus() != Statuses.kUnknown)

    def is_misjudged(self, outcome: Outcome) -> bool:
        """Whether HiGHS thinks that its best plan costs less than it does.

        Its presolve takes a starting point to columns that it has left, and may then give it a
        cost below the least there is (1.16.0). Nothing better is found, and it is called optimal.
        """
        if outcome.values is None:
            return False
        claimed = self.highs.getInfo().objective_function_value * self.cost_scale
        return outcome.objective - claimed > MISJUDGED * max(1.0, abs(claimed))

    def outcome(self) -> Outcome:
        """Read the result of a run."""
        model_status = self.highs.getModelStatus()
        status = STATUS.get(model_status)
        if status is None:
            raise SolverFailure(
                f"HiGHS ended phase {self.phase} with status "
                f"{self.highs.modelStatusToString(model_status)!r}."
            )
        if self.gave_up and status is Status.INTERRUPTED:
            status = Status.OPTIMAL
        info = self.highs.getInfo()
        solution = self.highs.getSolution()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = None
        if (feasible and self.is_mip) or status is Status.OPTIMAL:
            values = np.array(solution.col_value)
        # One that was cut off has prices of its rows, too, and they prove it.
        cut_off = model_status == Statuses.kObjectiveBound
        priced = not self.is_mip and (status is Status.OPTIMAL or cut_off)
        row_dual = np.array(solution.row_dual)
        objective = info.objective_function_value * self.cost_scale
        if self.is_mip and values is not None:
            objective = float(self.cost @ values) + self.offset
        bound = -math.inf
        if self.is_mip:
            bound = info.mip_dual_bound * self.cost_scale
        elif priced:
            bound = objective
        return Outcome(
            status=status,
            values=values,
            objective=objective if values is not None else math.inf,
            bound=bound if abs(bound) < highspy.kHighsInf else -math.inf,
            row_dual=row_dual * self.cost_scale / self.row_scale if priced else None,
            column_dual=np.array(solution.col_dual) * self.cost_scale if priced else None,
        )

    def stop_if_asked(self, event: object) -> None:
        """Pass a wish to stop on to HiGHS, which asks often."""
        if self.control.interrupted.is_set():
            event.interrupt()  # type: ignore[attr-defined]

    def give_up(self, event: object) -> None:
        """Stop where no plan can come to the target and the best one is near enough."""
        out = event.data_out  # type: ignore[attr-defined]
        plan, bound = out.mip_primal_bound * self.cost_scale, out.mip_dual_bound * self.cost_scale
        if not math.isfinite(self.target) or plan >= highspy.kHighsInf:
            return
        missed = bound - self.target
        near = max(NEAR_MISS * missed, NEAR_GAPS * self.gap * abs(plan))
        if missed > 0 and plan - bound <= near:
            self.gave_up = True
            event.interrupt()  # type: ignore[attr-defined]

    def report(self, event: object) -> None:
        """Pass HiGHS' plan and bound on."""
        out = event.data_out  # type: ignore[attr-defined]
        self.control.on_progress(
            self.phase,
            out.mip_primal_bound * self.cost_scale,
            out.mip_dual_bound * self.cost_scale if self.proves else -math.inf,
        )


# Where the dual simplex method ends in an error or without an answer: an interior point, nothing
# simplified, and the primal simplex method (4) for what is left.
OTHER_MEANS = (("solver", "ipm"), ("presolve", "off"), ("simplex_strategy", 4))

STATUS = {
    Statuses.kOptimal: Status.OPTIMAL,
    Statuses.kObjectiveTarget: Status.OPTIMAL,
    Statuses.kInfeasible: Status.INFEASIBLE,
    Statuses.kObjectiveBound: Status.INFEASIBLE,
    # Every column of our models is bounded below in cost, so it can't be unbounded.
    Statuses.kUnboundedOrInfeasible: Status.INFEASIBLE,
    Statuses.kTimeLimit: Status.TIME_LIMIT,
    Statuses.kSolutionLimit: Status.GAP_MISSED,  # or that of nodes
    Statuses.kInterrupt: Status.INTERRUPTED,
    Statuses.kHighsInterrupt: Status.INTERRUPTED,
}


class Threads:
    """The threads that all runs of HiGHS in this process share, which it sets up once by itself."""

    count = 0

    @classmethod
    def use(cls, count: int) -> None:
        """Set them up anew for another number; 0 is content with any."""
        if count not in (0, cls.count):
            highspy.Highs.resetGlobalScheduler(True)
            cls.count = count


def version() -> str:
    """HiGHS' version, unless it is one to refuse."""
    installed = str(QuietHighs().version())
    refuse_wrong(installed)
    return installed


def refuse_wrong(version: str) -> None:
    """Refuse a version of HiGHS that is known to return wrong optima as optimal.

    Raises
    ------
    SolverFailure
        Before anything is solved.
    """
    if version in WRONG_VERSIONS:
        raise SolverFailure(f"HiGHS {version} returns wrong optima. Install another version.")
