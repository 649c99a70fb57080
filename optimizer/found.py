"""What a search has found so far."""

import math
from dataclasses import dataclass, field

import numpy as np

from optimizer.cuts import Cut
from optimizer.highs import Solver
from optimizer.outcome import Outcome, Status
from optimizer.relaxation import Relaxation
from optimizer.root import Root


@dataclass
class Found:
    """Best plan and best bound so far.

    Parameters
    ----------
    values : (columns,) of the program, None before the first plan.
    status : of the last run.
    links : how many strong links were written, of how many.
    relaxation : the last one solved, whose duals prove its bound; None before the first.
    solver : holds that relaxation and its basis.
    cuts : true of every plan, and kept by the solver's relaxation.
    root : the ascent that took a relaxation's place, if one did.
    """

    values: np.ndarray | None = None
    objective: float = math.inf
    bound: float = -math.inf
    status: Status = Status.OPTIMAL
    links: tuple[int, int] = (0, 0)
    relaxation: Relaxation | None = None
    solver: Solver | None = None
    cuts: list[Cut] = field(default_factory=list)
    root: Root | None = None

    @property
    def gap(self) -> float:
        """(objective - bound) / |objective|, infinite without a plan."""
        if self.values is None:
            return math.inf
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-9)

    def enough(self, gap: float) -> float:
        """What a plan may cost for the bound to prove the gap."""
        return self.bound + gap * abs(self.bound)

    def take(self, outcome: Outcome) -> None:
        """Keep a plan that is better than the best so far."""
        self.status = outcome.status
        if outcome.values is not None and outcome.objective < self.objective:
            self.values, self.objective = outcome.values, outcome.objective
