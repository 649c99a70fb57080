"""What a plan overloads in a network, and the limits on what nodes draw that would prevent it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.power_inputs import undominated
from optimizer.gridflow import Flows

Numbers = npt.NDArray[np.float64]

FLOW = ("year", "slice", "branch", "outage", "flow_mw", "limit_mw", "loading", "without_plan_mw")
COLUMNS = {
    "overloads": FLOW,
    "overloaded_before": FLOW,
    "corridors": ("corridor", "year", "max_mw"),
    "corridor_nodes": ("corridor", "node", "factor"),
    "cut_off": ("branch", "node"),
}
# Flows above their limit by less are round-off.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Case:
    """A branch in a direction, with what fails beside it.

    Parameters
    ----------
    outage : "" for nothing.
    sign : 1 or −1; flows count in this direction.
    limit_mw, base_mw : what it may carry, and what it carries without the plan.
    mw : what it carries with the plan, in each stage and slice.
    factor : MW on it per MW that each node draws.
    """

    branch: str
    outage: str
    sign: int
    limit_mw: float
    base_mw: float
    mw: Numbers
    factor: Numbers

    @property
    def name(self) -> str:
        """Name of the corridor that keeps the branch within its limit."""
        way = "" if self.sign > 0 else " backwards"
        return (f"{self.branch} without {self.outage}" if self.outage else self.branch) + way

    def row(self, at: int, when: pd.MultiIndex) -> tuple:
        """Row of overloads for one of the stages and slices."""
        flow_mw = self.mw[at]
        amounts = (self.sign * flow_mw, self.limit_mw, flow_mw / self.limit_mw)
        return (*when[at], self.branch, self.outage, *amounts, self.sign * self.base_mw)


@dataclass
class Overloads:
    """Rows of the tables, as overloads are found."""

    rows: dict[str, list[tuple]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    branches: int = 0

    def add_area(self, flows: Flows, draws: pd.DataFrame, *, exports: bool) -> None:
        """Check one synchronous area.

        Parameters
        ----------
        draws : MW by node, a column for each stage and slice.
        exports : whether nodes may give more than they draw.
        """
        self.branches += len(flows.branches)
        cut_off = [(branch, node) for branch, cut in flows.cut_off.items() for node in cut]
        self.rows["cut_off"] += cut_off
        caused: list[tuple[Case, int]] = []
        before: dict[str, tuple] = {}
        years = draws.columns.get_level_values("year").to_numpy()
        for case in overloaded(flows, draws.to_numpy(float)):
            over = case.mw > most(case.limit_mw)
            if case.base_mw > most(case.limit_mw):
                row = case.row(int(case.mw.argmax()), draws.columns)
                before[case.branch] = max(row, before.get(case.branch, row), key=lambda of: of[6])
                continue
            for year in np.unique(years[over]):
                worst = np.where(years == year, case.mw, -np.inf).argmax()
                self.rows["overloads"].append(case.row(int(worst), draws.columns))
            caused.append((case, int(years[over].min())))
        self.rows["overloaded_before"] += before.values()
        self.add_corridors(caused if exports else strictest(caused), flows.nodes)

    def add_corridors(self, cases: list[tuple[Case, int]], nodes: list[str]) -> None:
        """Add the limits on what nodes draw that keep branches within theirs."""
        for case, year in cases:
            self.rows["corridors"].append((case.name, year, case.limit_mw - case.base_mw))
            self.rows["corridor_nodes"] += [
                (case.name, node, each)
                for node, each in zip(nodes, case.factor, strict=True)
                if abs(each) > TOLERANCE
            ]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: pd.DataFrame(rows, columns=COLUMNS[name]) for name, rows in self.rows.items()}


def overloaded(flows: Flows, draws: Numbers) -> list[Case]:
    """Every branch that carries too much, and more than without the plan, whatever fails."""
    found = []
    limit_mw = flows.limit_mw
    for outage, base_mw, factor in flows.cases():
        added_mw = factor @ draws
        for sign in (1, -1):
            mw = sign * (base_mw[:, None] + added_mw)
            over = (mw > most(limit_mw)[:, None]) & (sign * added_mw > TOLERANCE)
            found += [
                Case(
                    *(flows.branches[at], outage, sign, float(limit_mw[at])),
                    *(float(sign * base_mw[at]), mw[at], sign * factor[at]),
                )
                for at in np.flatnonzero(over.any(axis=1))
            ]
    return found


def most(limit_mw: Any) -> Any:
    """A limit or limits with room for round-off."""
    return limit_mw * (1 + TOLERANCE) + TOLERANCE


def strictest(cases: list[tuple[Case, int]]) -> list[tuple[Case, int]]:
    """Cases whose limits hold all others, where nodes only draw.

    A limit holds another where it begins as early and asks as much of every node for each MW of
    its room.
    """
    if not cases:
        return []
    rows = [
        [*case.factor / max(case.limit_mw - case.base_mw, TOLERANCE), -year] for case, year in cases
    ]
    # What differs by round-off is the same.
    return [cases[at] for at in undominated(np.array(rows).round(9))]
