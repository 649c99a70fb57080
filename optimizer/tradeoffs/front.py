"""What `sitewatt pareto` writes: the points of a front, their plans, and a picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from optimizer.digits import digits, money_unit
from optimizer.figures.style import FORMATS, new_figure, style
from optimizer.finished import Finished
from optimizer.folders import written_aside
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.palette import CATEGORIES
from optimizer.prepare import prepare
from optimizer.routes import check_reachable, find_routes
from optimizer.run import Options, Plan
from optimizer.tradeoffs.compare import records
from optimizer.tradeoffs.compare_text import shown
from optimizer.tradeoffs.measures import NAMES, measure
from optimizer.tradeoffs.objectives import Against, against
from optimizer.tradeoffs.pareto import Front, front
from optimizer.tradeoffs.plans import Writer
from optimizer.why.answer import Interval, span

# More limits than these help nobody on a terminal.
MOST = 6

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Traced:
    """A front with the plan of each point.

    Parameters
    ----------
    plans : in the order of the front's points.
    """

    traded: Against
    front: Front
    writer: Writer
    plans: tuple[Plan, ...]

    @property
    def currency(self) -> str:
        """Of costs."""
        return self.traded.problem.instance.manifest.currency

    @property
    def table(self) -> pd.DataFrame:
        """A row for each point, with all key figures of its plan."""
        rows = []
        for number, (point, plan) in enumerate(zip(self.front.points, self.plans, strict=True), 1):
            finished = Finished(self.traded.problem.instance, plan.tables)
            rows.append(
                {
                    "point": number,
                    "cost": point.cost,
                    "cost_bound": point.bound,
                    "gap": point.gap,
                    "limit": point.limit,
                    "figure": point.figure,
                    **measure(finished).as_dict(),
                }
            )
        return pd.DataFrame(rows)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "currency": self.currency,
            "against": self.traded.measure,
            "cost_bound": self.front.bound,
            "figure_bound": self.front.least if isfinite(self.front.least) else None,
            "solves": self.front.solves,
            "missed_limits": list(self.front.missed),
            "points": records(self.table),
        }

    def lines(self) -> Iterator[str]:
        """Lines for a terminal."""
        name, unit = NAMES[self.traded.measure]
        yield f"Cost in {self.currency} against {name} in {unit}; none of these is dominated"
        table = self.table
        for row in table.to_dict("records"):
            figure = digits(shown(row["figure"], unit), 4)
            cost = span(Interval(row["cost_bound"], row["cost"]))
            yield f"  {row['point']:3}  {figure:>12} {unit}  {cost}"
        yield "  costs from the bound of all plans that keep the limit to that of the plan found"
        if self.traded.unserved:
            yield f"  demand that goes unserved counts {self.traded.unserved}"
        least = digits(shown(self.front.least, unit), 4)
        if isfinite(self.front.least):
            yield f"  no plan has less than {least} {unit}, whatever it costs"
        overlap = table.cost.shift() > table.cost_bound
        if overlap.any():
            told = f"{overlap.sum()} of {len(table) - 1} pairs of neighbours"
            yield f"  {told} cannot be told apart by cost: ask for a smaller gap, or give more time"
        if self.front.missed:
            limits = ", ".join(digits(shown(limit, unit), 4) for limit in self.front.missed[:MOST])
            more = ", …" if len(self.front.missed) > MOST else ""
            yield f"  stopped before the gap was proven at {limits}{more} {unit} or less"

    def write(self, out: Path, *, overwrite: bool, told: Callable[[str], None]) -> bool:
        """Write front.csv, front.svg and a run folder for each point; whether all audits passed."""
        passed = True
        with written_aside(out, overwrite=overwrite) as folder:
            folder.mkdir()
            table = self.table
            table.to_csv(folder / "front.csv", index=False, lineterminator="\n")
            for number, plan in enumerate(self.plans, 1):
                told(f"writing point {number}")
                passed &= self.writer.write(plan, folder / f"point-{number}").passed
            with style():
                figure = draw_front(self)
                figure.savefig(folder / "front.svg", format="svg", **FORMATS["svg"])
        return passed


def trace(
    folder: Path,
    kind: str,
    points: int,
    gap: float,
    control: Control,
    *,
    told: Callable[[str], None] = lambda _: None,
) -> Traced:
    """Trace the front of an instance, and make the plan of each point; raises as `front`."""
    instance = read_instance(folder)
    routes = find_routes(instance)
    check_reachable(instance, routes)
    told("build")
    traded = against(kind, instance, prepare(instance, routes))
    found = front(traded, points, gap, control, told=told)
    writer = Writer(traded.problem, found.bound, Options(gap=gap))
    plans = tuple(writer.as_it_is(point.outcome) for point in found.points)
    return Traced(traded, found, writer, plans)


def draw_front(traced: Traced) -> "Figure":
    """Cost against the figure: a point for each plan, a bar down to the bound on its cost."""
    table, (name, unit) = traced.table, NAMES[traced.traded.measure]
    finished = Finished(traced.traded.problem.instance, {})
    figure = new_figure(finished, f"Cost against {name}", 6.5, 4.2)
    axes = figure.subplots()
    size, word = money_unit(float(table.cost.abs().max()))
    across = table.figure * shown(1.0, unit)
    below = (table.cost - table.cost_bound).clip(lower=0) / size
    axes.errorbar(
        *(across, table.cost / size),
        yerr=[below, 0 * below],
        fmt="o-",
        color=CATEGORIES[0],
        ecolor="#888888",
        capsize=3,
        linewidth=0.8,
        drawstyle="steps-post",
    )
    for row, x in zip(table.itertuples(), across, strict=True):
        axes.annotate(
            str(row.point), (x, row.cost / size), xytext=(4, 4), textcoords="offset points"
        )
    axes.set_xlabel(f"{name}, {unit}")
    axes.set_ylabel(" ".join(filter(None, ["present value,", word, traced.currency])))
    axes.xaxis.set_major_formatter("{x:,.10g}")
    axes.yaxis.set_major_formatter("{x:,.10g}")
    return figure
