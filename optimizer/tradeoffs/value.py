"""What a little more of what limits a plan is worth: a megawatt, a millisecond, a point of a share.

Two answers, each labelled. With the run's choices fixed (what opens, whole blocks, upgrades, hosts)
what is left is a linear program: its duals say what a unit saves at most, and it is solved again
with a whole unit more where they are not 0. And the instance can be solved again with a whole unit
more and every choice free; both plans have gaps, so the saving is an interval then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.grid import upgrades_in_time
from optimizer.errors import NoPlan, SitewattError
from optimizer.explain.changes import Change, later, more_grid, other_value
from optimizer.highs import Control
from optimizer.outcome import NO_GAP
from optimizer.polish import with_choices
from optimizer.prepare import prepare
from optimizer.routes import find_routes
from optimizer.tradeoffs.compare import records, write_tables
from optimizer.tradeoffs.problem import Problem, refuse_none, share
from optimizer.why import Run
from optimizer.why.answer import Interval, span
from optimizer.why.ask import dearer, solved_again

DUAL, RESOLVE = "dual, choices fixed", "re-solve"
COLUMNS = ["kind", "name", "year", "unit", "how", "saves_least", "saves_most"]
# A point of a share.
POINT = 0.01
MOST_SHOWN = 15
NOTHING = Interval(0.0, 0.0)


@dataclass(frozen=True)
class Unit:
    """A unit more of something.

    Parameters
    ----------
    kind : `node`, `workload` or `rule`.
    year : stage, None for what holds in all.
    unit : `1 MW`, `1 ms`, `1 point` or `1 site fewer`.
    fixed : present value that it saves with choices fixed, the dual at most; None where no dual
        says so.
    change : makes an instance that has it.
    """

    kind: str
    name: str
    year: int | None
    unit: str
    fixed: Interval | None
    change: Change

    def row(self, how: str, saved: Interval) -> tuple:
        """Row of the table."""
        place = (self.kind, self.name, self.year, self.unit)
        return (*place, how, saved.least, saved.most)


@dataclass(frozen=True)
class Values:
    """What units are worth; a row each for the dual and for what was solved again.

    Parameters
    ----------
    unknown : re-solves that ended without a plan.
    unproven : those that ended with one, before their gap was proven.
    unsolved : duals of which time left open what a whole unit saves at least; 0 stands for it.
    """

    currency: str
    table: pd.DataFrame
    unknown: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    unsolved: int = 0

    @property
    def complete(self) -> bool:
        """Whether all that was asked is known and proven; else a limit was reached."""
        return not (self.unknown or self.unproven or self.unsolved)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "currency": self.currency,
            "values": records(self.table),
            "unknown": list(self.unknown),
            "unproven": list(self.unproven),
            "unsolved": self.unsolved,
        }

    def write(self, out: Path, *, overwrite: bool = False) -> None:
        """Write value.csv into a folder."""
        write_tables({"value": self.table}, out, overwrite=overwrite)

    def lines(self) -> Iterator[str]:
        """Lines for a terminal: what is worth most, and what was solved again."""
        yield f"What one unit more saves, present value in {self.currency}"
        duals = self.table[(self.table.how == DUAL) & (self.table.saves_most > 0)]
        duals = duals.sort_values(["saves_least", "saves_most"], ascending=False, kind="stable")
        yield f"By {DUAL}: from what a whole unit saves then to the slope of cost"
        for row in duals.head(MOST_SHOWN).itertuples():
            saved = span(Interval(row.saves_least, row.saves_most))
            yield f"  {where(row)}: {saved} for {row.unit}"
        if duals.empty:
            yield "  nothing"
        if len(duals) > MOST_SHOWN:
            yield f"  and {len(duals) - MOST_SHOWN:,} more"
        if self.unsolved:
            yield f"  a limit came before a whole unit was tried at {self.unsolved} of them"
        again = self.table[self.table.how == RESOLVE]
        if len(again):
            yield f"By {RESOLVE}, every choice free: from the gaps of both plans"
        for row in again.itertuples():
            saved = span(Interval(row.saves_least, row.saves_most))
            yield f"  {where(row)}: {saved} for {row.unit}"
        for name in self.unknown:
            yield f"  {name}: not known, no plan was found in time"
        for name in self.unproven:
            yield f"  {name}: a limit came before the gap was proven, so the interval is wide"


def where(row: Any) -> str:
    """What a row is about."""
    return f"{row.kind} {row.name}" + ("" if pd.isna(row.year) else f" in {row.year:.0f}")


def value(
    folder: Path,
    exact: int,
    control: Control,
    *,
    gap: float | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Values:
    """Price units at a run.

    The time that `control` leaves is shared out; duals have half where plans are solved again.

    Parameters
    ----------
    exact : solve again for so many of the units that save most with choices fixed; where this is
        not 0, also for those that no dual can tell.
    gap : of each plan solved again; None for the run's.

    Raises
    ------
    SitewattError
        The folder is no run.
    NoPlan, Interrupted
        A limit or an interruption came before any dual.
    """
    run = Run.read(folder)
    told("duals")
    units, unsolved = priced_units(run, share(control, 2 if exact else 1))
    rows = [unit.row(DUAL, unit.fixed) for unit in units if unit.fixed is not None]
    worth = [(unit.fixed, unit) for unit in units if unit.fixed is not None and unit.fixed.most > 0]
    worth.sort(key=lambda pair: (-pair[0].least, -pair[0].most))
    again = [unit for _, unit in worth[:exact]]
    again += [unit for unit in units if unit.fixed is None and exact]
    gap = run.record["options"]["gap"] if gap is None else gap
    unknown, unproven = [], []
    for number, unit in enumerate(again):
        name = f"{unit.kind} {unit.name}"
        told(name)
        try:
            other = cost_with(run, unit, share(control, len(again) - number), gap)
        except NoPlan:
            unknown.append(name)
            continue
        if other.most - other.least > (gap + NO_GAP) * abs(other.most):
            unproven.append(name)
        saved = dearer(other, run.cost)
        assert saved is not None
        rows.append(unit.row(RESOLVE, saved))
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64"})
    return Values(run.record["currency"], table, tuple(unknown), tuple(unproven), unsolved)


def cost_with(run: Run, unit: Unit, control: Control, gap: float) -> Interval:
    """What the cheapest plan costs with a unit more."""
    changed = unit.change(run.instance)
    other = solved_again(prepare(changed, find_routes(changed)), control, gap)
    if other is None:
        # More of what limits a plan never leaves none.
        raise SitewattError(f"{run.folder} is no plan of its instance: audit it.")
    return other


def priced_units(run: Run, control: Control) -> tuple[list[Unit], int]:
    """Every unit that could be worth something, with its dual where there is one.

    Returns
    -------
    tuple
        Units, and of how many it was not tried in time what a whole one saves.
    """
    nodes, rules, unsolved = prices(Problem.of(run.instance, run.inputs), run, control)
    units = [
        Unit("node", g, t, "1 MW", saved, partial(more_grid, mw={(g, t): 1.0}))
        for (g, t), saved in nodes.items()
    ]
    workloads = run.instance.tables["workloads"]
    units += [
        Unit("workload", w, None, "1 ms", None, partial(later, workload=w, ms=1.0))
        for w in workloads.workload[workloads.latency_slo_ms.notna()]
    ]
    for rule in run.inputs.share_rules:
        if rule.kind == "min_sites_in":
            fewer = max(rule.value - 1, 0)
            change = partial(other_value, rule=rule.rule, value=fewer)
            units.append(Unit("rule", rule.rule, None, "1 site fewer", None, change))
            continue
        step = -POINT if rule.kind == "min_share_at_home" else POINT
        looser = min(max(rule.value + step, 0.0), 1.0)
        change = partial(other_value, rule=rule.rule, value=looser)
        units.append(
            Unit("rule", rule.rule, None, "1 point", rules.get(rule.rule, NOTHING), change)
        )
    return units, unsolved


def prices(
    problem: Problem, run: Run, control: Control
) -> tuple[dict[tuple[str, int], Interval], dict[str, Interval], int]:
    """What a MW at a node and stage, and a point of each share rule, save with choices fixed.

    A node's limit also bounds the load of each of its sites; those bounds are lifted, for they
    follow from its row and from what is installed, and would hide a part of its price. And what an
    upgrade brings beyond full halls, which its row leaves out, is added: or else the row of a node
    with power to spare would meet the halls', and have a price.

    Returns
    -------
    tuple
        By node and stage, and by rule: at least what a whole unit saves, at most the dual. And of
        how many a whole unit was not tried in time.
    """
    program, column_of = problem.program, problem.program.column_of()
    upper = program.upper.copy()
    for variable in problem.model.demand.load_mw.values():
        if (column := column_of.get(id(variable))) is not None:
            upper[column] = np.inf
    choices = problem.choices(run)
    row_upper = program.row_upper + spare_mw(problem, choices)
    program = replace(program, upper=upper, row_upper=row_upper)
    solver = with_choices(program, choices, control)
    outcome = solver.solve()
    refuse_none(outcome, run)
    solver.set_option("solver", "choose")
    # Rows that a unit loosens, and by how much; less than 0 where it is their lower limit.
    of_nodes: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    of_rules: dict[str, dict[int, float]] = defaultdict(dict)
    sovereignty = problem.model.sovereignty
    for position, row in enumerate(program.constraints):
        kind, index = row.parent_component().local_name, row.index()
        if kind == "node_limit":
            of_nodes[index[:2]][position] = 1.0
        # A region and its workload may be called like a rule and its subject elsewhere.
        elif row.parent_block() is sovereignty and index in sovereignty.governed_mw:
            sign = -1.0 if kind == "min_share_at_home" else 1.0
            of_rules[index[0]][position] = sign * POINT * sovereignty.governed_mw[index]

    unsolved = 0

    def price(loosened: dict[int, float]) -> Interval:
        nonlocal unsolved
        assert outcome.row_dual is not None
        rows, by = np.array(list(loosened)), np.array(list(loosened.values()))
        most = float(np.maximum(-outcome.row_dual[rows] * by, 0.0).sum())
        if most == 0:
            return NOTHING
        # Where several limits meet, the dual may be the price of a MW less: more may save nothing.
        lower, upper = program.row_lower[rows], program.row_upper[rows]
        solver.set_row_bounds(rows, lower + np.minimum(by, 0), upper + np.maximum(by, 0))
        again = solver.solve()
        unsolved += again.values is None
        saved = outcome.objective - again.objective
        solver.set_row_bounds(rows, lower, upper)
        return Interval(min(max(saved, 0.0), most), most)

    nodes = {key: price(rows) for key, rows in of_nodes.items()}
    rules = {rule: price(rows) for rule, rows in of_rules.items()}
    return nodes, rules, unsolved


def spare_mw(problem: Problem, choices: np.ndarray) -> np.ndarray:
    """MW that the upgrades of a plan bring and its nodes' rows leave out, (rows,)."""
    program, grid = problem.program, problem.model.grid
    column_of = problem.program.column_of()
    spare = np.zeros(len(program.constraints))
    for position, row in enumerate(program.constraints):
        if row.parent_component() is grid.component("node_limit"):
            most_mw = grid.lacking_mw[row.index()]
            spare[position] = sum(
                max(mw - most_mw, 0.0) * choices[column_of[id(ordered)]]
                for mw, ordered in upgrades_in_time(grid, *row.index())
            )
    return spare
