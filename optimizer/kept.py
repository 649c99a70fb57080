"""The models of the last problem, changed into those of the next where only money differs.

What comes of it is what a fresh model would be, number by number: nobody can tell from a plan what
was solved before it in the same process.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyomo.environ as pyo

from models import MONEY_BLOCKS, PlanInputs, build_model, differ_in_money_alone, renew_money
from optimizer.program import Program, Rows, compile_program
from optimizer.relaxation import Links

# Together, of models that are kept between two cases: they take 400 bytes each.
MOST_NONZEROS = 1_500_000
# The memory of so many is looked for by itself: it takes a sixth of a second.
MANY_NONZEROS = 100_000


class Stated:
    """A problem as a Pyomo model and as a program.

    Parameters
    ----------
    inputs : what the model is told.
    """

    def __init__(self, inputs: PlanInputs) -> None:
        self.inputs = inputs
        self.model = build_model(inputs)
        self.columns: list[int] | None = None

    @cached_property
    def rows(self) -> Rows:
        """Rows that money has no part in."""
        blocks = self.model.component_objects(pyo.Block, descend_into=False)
        return Rows.of(*(block for block in blocks if block.local_name not in MONEY_BLOCKS))

    @cached_property
    def program(self) -> Program:
        """The model as arrays."""
        money = Rows.of(*(getattr(self.model, name) for name in MONEY_BLOCKS))
        program = compile_program(self.model, self.rows.then(money))
        columns = list(map(id, program.variables))
        # Links are stated by their columns, and those without one keep their values.
        assert self.columns in (None, columns), "a price has moved columns"
        self.columns = columns
        return program

    @cached_property
    def links(self) -> Links:
        """Its strong links."""
        return Links.of(self.model, self.inputs, self.program)

    def change(self, inputs: PlanInputs) -> None:
        """Turn it into a problem that differs in money alone."""
        if inputs is not self.inputs:
            renew_money(self.model, self.inputs, inputs)
            self.inputs = inputs
            vars(self).pop("program", None)


@dataclass
class Kept:
    """Models of the last problem.

    Parameters
    ----------
    pooled : of what is searched.
    whole : of what is told of the plan; the same where nothing was pooled.
    """

    pooled: Stated | None = None
    whole: Stated | None = None

    def state(self, inputs: PlanInputs, fit: Callable[[], None] = lambda: None) -> Stated:
        """State the problem that is searched.

        Parameters
        ----------
        fit : called before a model is built; raises where there is no memory for it.
        """
        if self.pooled and differ_in_money_alone(self.pooled.inputs, inputs):
            self.pooled.change(inputs)
        else:
            self.forget()  # First: there may not be memory for both.
            fit()
            self.pooled = Stated(inputs)
        return self.pooled

    def state_whole(self, inputs: PlanInputs) -> Stated:
        """State it before anything was pooled."""
        if self.pooled and self.pooled.inputs is inputs:
            self.whole = self.pooled
        elif self.whole and differ_in_money_alone(self.whole.inputs, inputs):
            self.whole.change(inputs)
        else:
            self.whole = None
            self.whole = Stated(inputs)
        return self.whole

    @property
    def nonzeros(self) -> int:
        """Size of all that is kept."""
        models = {id(stated): stated for stated in (self.pooled, self.whole) if stated}
        return sum(stated.program.matrix.nnz for stated in models.values())

    def forget(self) -> None:
        """Keep nothing, and if it is much, have its memory back at once."""
        many = self.nonzeros > MANY_NONZEROS
        self.pooled = self.whole = None
        if many:
            gc.collect()

    def forget_large(self) -> None:
        """Keep nothing that leaves too little memory to whoever comes next."""
        if self.nonzeros > MOST_NONZEROS:
            self.forget()
