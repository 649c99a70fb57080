"""The bound of a run, derived again in exact arithmetic from a dual solution saved with it.

What is trusted: the reading of the instance, its routes and `PlanInputs`; `models`, that its rows
and strong links hold for every plan and its costs are a plan's, up to the rounding of each
coefficient to a float; Pyomo, which writes it out as arrays; and that regions no row can tell apart
may be pooled. Not trusted: HiGHS, the search, and the multipliers themselves, for any multipliers
give a valid bound.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from models import PlanInputs, build_model
from optimizer.audit.exact import audit_exactly
from optimizer.audit.exact_report import TOLERANCE, ExactReport, decimal_text, exact_report_text
from optimizer.errors import SitewattError
from optimizer.implied_bounds import implied_bounds, repaired
from optimizer.instance import Instance, read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import Program, compile_program
from optimizer.routes import find_routes
from optimizer.run_files import Unreadable, read_cells
from optimizer.search import Links, Relaxation

FILE = "certificate.csv"
COLUMNS = ["constraint", "index", "multiplier"]
STRONG_LINK = "strong_links"
# Bounds that differ by less, relative to the objective, are the same.
SAME = 1e-12


@dataclass(frozen=True)
class Certificate:
    """What a dual solution proves.

    Parameters
    ----------
    bound : no plan costs less; None where a column without a bound spoils the proof.
    multipliers : how many were used.
    projected : how many were set to 0, for they had the wrong sign for their row.
    unknown : how many name no row of the model, or are no finite number.
    """

    bound: Fraction | None
    multipliers: int
    projected: int
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "bound": None if self.bound is None else float(self.bound),
            "bound_exact": None if self.bound is None else str(self.bound),
            "multipliers": self.multipliers,
            "projected": self.projected,
            "unknown": self.unknown,
        }


def certificate_table(program: Program, links: Links, relaxation: Relaxation) -> pd.DataFrame:
    """Multipliers of a relaxation's rows that are not 0, each with the name of its row."""
    names = [*row_names(program), *link_names(program, links, relaxation.written)]
    multipliers = np.concatenate([relaxation.row_dual, relaxation.link_dual])
    rows = [(*names[i], multipliers[i]) for i in np.flatnonzero(multipliers)]
    return pd.DataFrame(rows, columns=COLUMNS)


def row_names(program: Program) -> Iterator[tuple[str, str]]:
    """Constraint and index, as JSON, of each row."""
    for row in program.constraints:
        yield row.parent_component().name, index_text(row.index())


def link_names(program: Program, links: Links, positions: np.ndarray) -> Iterator[tuple[str, str]]:
    """The same of some strong links, which bear the index of what they limit."""
    for column in links.column[positions]:
        yield STRONG_LINK, index_text(program.variables[column].index())


def index_text(index: Any) -> str:
    """Index of a component as JSON."""
    parts = index if isinstance(index, tuple) else (index,)
    return json.dumps([p if isinstance(p, str) else int(p) for p in parts], ensure_ascii=False)


def certify_run(run: Path) -> Certificate | None:
    """Derive the bound of a run's linear relaxation from its certificate; None if it has none.

    Raises
    ------
    SitewattError
        The certificate is no table of multipliers.
    """
    path = run / FILE
    if not os.path.lexists(path):
        return None
    try:
        table = read_cells(path)[COLUMNS]
    except (Unreadable, KeyError) as error:
        raise SitewattError(f"{path} is no certificate: {error}") from error
    return certify(read_instance(run / "instance"), table)


def certify(instance: Instance, table: pd.DataFrame) -> Certificate:
    """Derive a bound from multipliers by weak duality, over a model built anew."""
    inputs = pool_regions(prepare(instance, find_routes(instance)))
    model = build_model(inputs)
    program = compile_program(model)
    links = Links.of(model, inputs, program)
    names = [*row_names(program), *link_names(program, links, np.arange(len(links.column)))]
    row_of = {name: row for row, name in enumerate(names)}
    multipliers = np.zeros(len(names))
    keys = zip(table.constraint, table["index"], strict=True)
    numbers = pd.to_numeric(table.multiplier, errors="coerce").to_numpy(dtype=float)
    unknown = 0
    for key, multiplier in zip(keys, numbers, strict=True):
        if key in row_of and np.isfinite(multiplier):
            multipliers[row_of[key]] = multiplier
        else:
            unknown += 1
    own, of_links = np.split(multipliers, [len(program.constraints)])
    used = np.flatnonzero(of_links)
    whole = links.joined_to(program, used)
    multipliers, projected = with_right_signs(whole, np.concatenate([own, of_links[used]]))
    whole = replace(whole, upper=useful_storage(whole, model, inputs))
    lower, upper = implied_bounds(whole)
    multipliers = repaired(whole, multipliers, lower, upper)
    whole = replace(whole, lower=lower, upper=upper)
    bound = weak_duality(whole, multipliers)
    return Certificate(bound, int(np.count_nonzero(multipliers)), projected, unknown)


def useful_storage(program: Program, model: pyo.ConcreteModel, inputs: PlanInputs) -> np.ndarray:
    """Upper bounds of columns, with one for storage that is ordered in any amount.

    In a day a battery gains at most what it can charge, and holds ready at most twice its MW. What
    an order has beyond both can be left out of a plan: it does nothing, and is never sold for
    more than it cost. Only a capital budget could gain by it, in the stage in which it is sold.
    """
    upper = program.upper.copy()
    if inputs.power is None or np.isfinite(inputs.capital_budget).any():
        return upper
    column_of, power = program.column_of(), inputs.power
    day_hours = power.slices.groupby("day").hours.sum().max()
    one_way = np.sqrt(power.technologies.efficiency)
    useful_hours = day_hours * (2 / one_way + one_way)
    for (s, k, _), order in model.supply.order_mwh.items():
        column = column_of.get(id(order))
        if column is not None and np.isinf(upper[column]):
            upper[column] = 1.01 * power.allowed.max_mw[s, k] * useful_hours[k]
    return upper


def with_right_signs(program: Program, multipliers: np.ndarray) -> tuple[np.ndarray, int]:
    """Multipliers with 0 for those that would lean on a side where a row has no limit."""
    wrong = (multipliers > 0) & np.isinf(program.row_lower)
    wrong |= (multipliers < 0) & np.isinf(program.row_upper)
    return np.where(wrong, 0.0, multipliers), int(wrong.sum())


def weak_duality(program: Program, multipliers: np.ndarray) -> Fraction | None:
    r"""Bound that multipliers y of the rows prove, exactly.

    For every feasible x, $c x \ge c x - y (A x - b) = y b + \sum_j (c - A^T y)_j x_j$ with b the
    limit that each multiplier leans on, and the last sum is least where every $x_j$ is at one of
    its own bounds. Every float is a whole number of some power of two, so the sums are done in
    whole numbers of any size.

    Returns
    -------
    Fraction
        None if a column that pulls has no bound to hold it.
    """
    y, y_bits = whole_numbers(multipliers)
    entries, entry_bits = whole_numbers(program.matrix.data)
    cost, cost_bits = whole_numbers(program.cost)
    bits = max(cost_bits, y_bits + entry_bits)
    pull = cost << (bits - cost_bits)
    row_of_entry = np.repeat(np.arange(len(y)), np.diff(program.matrix.indptr))
    priced = np.flatnonzero(multipliers[row_of_entry])
    products = entries[priced] * y[row_of_entry[priced]] << (bits - y_bits - entry_bits)
    np.subtract.at(pull, program.matrix.indices[priced], products)

    rests_on = np.where(pull > 0, program.lower, program.upper)
    pulls = np.flatnonzero(pull != 0)
    if np.isinf(rests_on[pulls]).any():
        return None
    at, at_bits = whole_numbers(rests_on[pulls])
    columns = Fraction(int((pull[pulls] * at).sum()), 1 << (bits + at_bits))

    leans = np.flatnonzero(multipliers)
    limit = np.where(multipliers > 0, program.row_lower, program.row_upper)[leans]
    side, side_bits = whole_numbers(limit)
    rows = Fraction(int((y[leans] * side).sum()), 1 << (y_bits + side_bits))
    return Fraction(program.offset) + rows + columns


def whole_numbers(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Whole numbers n, of any size, and the bits b with which each value is exactly n / 2^b."""
    mantissa, exponent = np.frexp(values)
    exponent = exponent.astype(int) - 53
    exponent[values == 0] = 0
    bits = max(0, -int(exponent.min(initial=0)))
    return (mantissa * 2.0**53).astype(np.int64).astype(object) << (exponent + bits), bits


@dataclass(frozen=True)
class Certified:
    """The exact audit of a run together with what its certificate proves.

    Parameters
    ----------
    report : feasibility and cost, in fractions.
    certificate : None where the run has none.
    currency : of the instance.
    """

    report: ExactReport
    certificate: Certificate | None
    currency: str

    @property
    def bound(self) -> Fraction | None:
        """Bound that is proven exactly; None if nothing is."""
        return self.certificate.bound if self.certificate else None

    @property
    def passed(self) -> bool:
        """Whether the plan stands, and costs no less than what is proven of every plan."""
        objective = self.report.objective
        slack = TOLERANCE * max(Fraction(1), abs(objective))
        possible = self.bound is None or self.bound <= objective + slack
        return self.report.passed and possible

    def lines(self) -> Iterator[str]:
        """Lines for a terminal."""
        yield from exact_report_text(self.report, self.currency)
        if self.bound is None or self.certificate is None:
            why = "an unbounded column" if self.certificate else f"the run has no {FILE}"
            yield f"  bound, proven exactly: none, {why}; the bound as stated is not certified"
            return
        objective, stated = self.report.objective, self.report.bound
        yield (
            f"  bound, proven exactly: {decimal_text(self.bound)} {self.currency}, from"
            f" {self.certificate.multipliers:,} multipliers of the linear relaxation"
        )
        size = max(abs(objective), TOLERANCE)
        yield f"  gap to the bound proven exactly: {float((objective - self.bound) / size):.3e}"
        rest = float((stated - self.bound) / size)
        if rest > SAME:
            yield (
                f"  not certified: {rest:.3e} of the objective, the rest of the bound as stated,"
                " rests on branch and bound"
            )
        yield (
            "  trusted for the bound: reading, routes, models/ as Pyomo writes it out, pooling;"
            " not trusted: HiGHS, the search, the multipliers"
        )
        if not self.passed:
            yield "  the plan costs less than is proven of every plan, or is no plan"

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        bound = None if self.certificate is None else self.certificate.as_dict()
        return {**self.report.as_dict(), "certificate": bound, "passed": self.passed}


def certified(run: Path) -> Certified:
    """Audit a run exactly, and derive its bound from its certificate."""
    currency = read_instance(run / "instance").manifest.currency
    return Certified(audit_exactly(run), certify_run(run), currency)
