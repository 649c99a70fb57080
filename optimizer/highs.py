"""HiGHS at work: limits, progress, interruption, and what comes of a run."""

import math

import highspy
import numpy as np

from optimizer.errors import SolverFailure
from optimizer.held import Held, Mark, QuietHighs
from optimizer.outcome import Control, Outcome, Status
from optimizer.program import Program
from optimizer.versions import refuse_wrong

__all__ = ["Control", "Mark", "Outcome", "Solver", "Status", "version"]

# Part of a plan's cost that its cost may differ from what HiGHS says of it.
MISJUDGED = 1e-6
# Where no plan comes to a target, one is near enough that misses the best by this part of what the
# best misses the target by, or by so many times the gap.
NEAR_MISS, NEAR_GAPS = 0.25, 10.0
Statuses = highspy.HighsModelStatus


class Solver(Held):
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
        self.phase, self.proves = phase, proves
        self.gave_up, self.target, self.gap = False, -math.inf, 0.0
        super().__init__(program, control, is_mip=bool(program.integer.any()) and not relaxed)

    def start_highs(self) -> None:
        """As of `Held`, with one that can be stopped and tells of its progress."""
        super().start_highs()
        self.highs.cbMipInterrupt += self.stop_if_asked
        self.highs.cbMipInterrupt += self.give_up
        if not self.is_light:
            self.highs.cbSimplexInterrupt += self.stop_if_asked
        self.highs.cbIpmInterrupt += self.stop_if_asked
        self.highs.cbMipLogging += self.report

    def start_lightly(self) -> None:
        """As of `Held`; from now on it can be stopped between linear programs only.

        They are short: 0.2 s is the longest at 1,000 × 10,000. HiGHS asks whether to stop fifty
        times in one of 5 ms, and waits for an answer while another tree has Python: a tree of
        those took 24 s on one core and 18 on two, 29 and 27 when asked.
        """
        super().start_lightly()
        self.highs.cbSimplexInterrupt.clear()

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
