"""The program behind a run, with the run's own plan in it, to be asked for other things."""

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, build_model, size_of
from optimizer.errors import Interrupted, NoPlan, SitewattError
from optimizer.highs import Control, Outcome, Status
from optimizer.instance import Instance
from optimizer.polish import fixed_choices
from optimizer.pooling import pool_regions
from optimizer.program import Program, compile_program
from optimizer.room import refuse_too_large
from optimizer.run_tables import read_table
from optimizer.search import Links
from optimizer.why import Run


@dataclass(frozen=True)
class Problem:
    """A planning problem as a program.

    Parameters
    ----------
    inputs : the whole problem.
    pooled : the same with regions pooled, which `model`, `program` and `links` state.
    """

    instance: Instance
    inputs: PlanInputs
    pooled: PlanInputs
    model: pyo.ConcreteModel
    program: Program
    links: Links

    @classmethod
    def of(cls, instance: Instance, inputs: PlanInputs, *, pool: bool = True) -> "Problem":
        """Build and compile a problem.

        Parameters
        ----------
        pool : treat regions that no row and no cost can tell apart as one.

        Raises
        ------
        OutOfMemory
            There is no room for it.
        """
        pooled = pool_regions(inputs) if pool else inputs
        refuse_too_large(size_of(pooled))
        model = build_model(pooled)
        program = compile_program(model)
        links = Links.of(model, pooled, program)
        return cls(instance, inputs, pooled, model, program, links)

    def presence(self) -> pd.Series:
        """Column that says whether a site is open in the last stage, by site; those with a choice.

        A site with existing capacity has none, nor has one that cannot open in time.
        """
        last, column_of = self.pooled.stages[-1], self.program.column_of()
        opening = self.model.siting.open
        columns = {
            s: column
            for s in self.pooled.sites.index
            if (s, last) in opening and (column := column_of.get(id(opening[s, last]))) is not None
        }
        return pd.Series(columns, dtype=int)

    def choices_at(self) -> dict[str, np.ndarray]:
        """Columns of whole numbers that a closed site has at 0, by site."""
        siting, hosts = self.model.siting, []
        if self.pooled.power is not None:
            hosts = [(site, own) for (_, site), own in self.model.loads.host.items()]
        places = [(key[0], own) for key, own in [*siting.open.items(), *siting.blocks.items()]]
        return self.by_site([*places, *hosts])

    def loads_at(self) -> dict[str, np.ndarray]:
        """Columns of the load of each stage, by site."""
        loads = self.model.demand.load_mw.items()
        return self.by_site([(site, own) for (site, _), own in loads])

    def by_site(self, places: list[tuple[str, Any]]) -> dict[str, np.ndarray]:
        """Columns of variables, each given with its site, by site; where they have one."""
        column_of = self.program.column_of()
        columns: dict[str, list[int]] = {site: [] for site in self.pooled.sites.index}
        for site, variable in places:
            if (column := column_of.get(id(variable))) is not None:
                columns[site].append(column)
        return {site: np.array(own, dtype=int) for site, own in columns.items()}

    def plan_of(self, run: Run, control: Control | None = None) -> Outcome:
        """Cheapest plan with a run's choices.

        Raises
        ------
        SitewattError
            The run's tables make no plan of its instance.
        NoPlan, Interrupted
            A limit or an interruption came before it was stated.
        """
        outcome = fixed_choices(self.program, self.choices(run), control)
        refuse_none(outcome, run)
        return outcome

    def choices(self, run: Run) -> np.ndarray:
        """Whole numbers that a run's tables state, by column; 0 where a column is none."""
        chosen: dict[int, float] = {}
        siting, grid = self.model.siting, self.model.grid
        capacity = read_table(run.folder, "capacity").set_index(["site", "year"])
        for key, variable in siting.open.items():
            chosen[id(variable)] = float(capacity.open[key])
        sites = self.pooled.sites
        for (s, t), variable in siting.blocks.items():
            new_mw = capacity.installed_it_mw[s, t] - sites.existing_it_mw[s]
            chosen[id(variable)] = float(round(new_mw / sites.block_mw[s]))
        ordered = read_table(run.folder, "upgrades").set_index(["node", "upgrade"]).ordered_year
        for (g, u, t), variable in grid.ordered.items():
            chosen[id(variable)] = float((g, u) in ordered.index and ordered[g, u] <= t)
        if self.pooled.power is not None:
            hosts = read_table(run.folder, "campaign_sites")
            for campaign, site in zip(hosts.campaign, hosts.site, strict=True):
                chosen[id(self.model.loads.host[campaign, site])] = 1.0
        return np.array([chosen.get(id(variable), 0.0) for variable in self.program.variables])


def with_rows(program: Program, rows: list[tuple[np.ndarray, float, float]]) -> Program:
    """Program with further rows, each (columns,) coefficients, a lower and an upper limit."""
    if not rows:
        return program
    coefficients, lower, upper = zip(*rows, strict=True)
    added = sparse.csr_array(np.vstack(coefficients))
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, added])),
        row_lower=np.append(program.row_lower, lower),
        row_upper=np.append(program.row_upper, upper),
    )


def with_objective(program: Program, cost: np.ndarray) -> Program:
    """Program that minimises something else."""
    return replace(program, cost=cost, offset=0.0)


def held(program: Program, columns: np.ndarray, values: np.ndarray | float) -> Program:
    """Program with some columns held at values."""
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[columns] = upper[columns] = values
    return replace(program, lower=lower, upper=upper)


def refuse_none(outcome: Outcome, run: Run) -> None:
    """Raise what `plan_of` does where a run's choices were solved without a plan."""
    if outcome.status is Status.INFEASIBLE:
        raise SitewattError(f"The choices in {run.folder} leave no plan: audit the run.")
    if outcome.values is None:
        why = f"The run's own plan was not stated in time ({outcome.status.value})."
        if outcome.status is Status.INTERRUPTED:
            raise Interrupted(why)
        raise NoPlan(f"{why} A longer --time-limit may help.")


def known_plan(program: Program, values: np.ndarray) -> Outcome:
    """Plan for a search to start from."""
    return Outcome(Status.OPTIMAL, values, program.objective(values), -np.inf)


def share(control: Control, parts: float) -> Control:
    """Control of one of so many parts that are yet to come: its part of the time that is left."""
    left = control.seconds_left()
    limit = None if math.isinf(left) else left / parts
    return replace(control, time_limit=limit, started=time.monotonic())
