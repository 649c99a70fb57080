"""The power side of a finished plan, with what its instance says of prices and limits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Block, Numbers
from optimizer.audit.facts import Facts
from optimizer.audit.power_facts import PowerFacts
from optimizer.errors import SitewattError
from optimizer.instance import read_instance
from optimizer.run_tables import read_table

TABLES = ("dispatch", "standing", "connections", "grid_use", "costs", "footprint")
# What dispatch decides. Carbon is told apart: part of it is embodied in what is built.
OPERATING_COSTS = ("energy", "supply_energy", "export")


@dataclass
class PlanPower:
    """A plan's power side with what its instance says of prices and limits.

    Parameters
    ----------
    facts, power : the instance.
    tables : result tables by name.
    order : positions of the slices, day after day.
    """

    facts: Facts
    power: PowerFacts
    tables: dict[str, pd.DataFrame]
    order: np.ndarray

    def of(self, name: str, year: int) -> pd.DataFrame:
        """Rows of a result table in a stage."""
        table = self.tables[name]
        return table[table.year == year]

    def sites(self, year: int) -> list[str]:
        """Sites that need power in a stage, or have some of their own."""
        dispatch, standing = self.of("dispatch", year), self.of("standing", year)
        return sorted({*dispatch.site[dispatch.facility_mw > 0], *standing.site})

    def by_slice(self, block: Block, values: Numbers, year: int) -> dict[Any, Numbers]:
        """Rows of an array in a stage by their keys, in the order of the snapshots."""
        columns = [column for column in block.keys.columns if column != "year"]
        rows = block.keys[block.keys.year == year]
        names = rows[columns[0]] if len(columns) == 1 else zip(*rows[columns].T.values, strict=True)
        return dict(zip(names, values[rows.index][:, self.order], strict=True))

    def yearly(self, year: int) -> dict[int, float]:
        """Part of a stage's worth that each of its years has."""
        worth = {y: self.facts.discount(y) for y in self.facts.years(year)}
        return {y: value / sum(worth.values()) for y, value in worth.items()}

    def carbon_price(self, year: int) -> float:
        """Mean price of a tonne over a stage's years, each by its worth."""
        price = self.facts.policy("carbon_price", 0.0)
        return sum(part * price(y) for y, part in self.yearly(year).items())

    def operating_cost(self, year: int) -> float:
        """What energy and its carbon cost in a stage, discounted to the base year."""
        costs, footprint = self.of("costs", year), self.of("footprint", year)
        price = self.facts.policy("carbon_price", 0.0)
        of_a_tonne = sum(self.facts.discount(y) * price(y) for y in self.facts.years(year))
        tonnes = (footprint.grid_t + footprint.supply_t).sum()
        energy = costs.discounted_cost[costs.kind.isin(OPERATING_COSTS)].sum()
        return float(energy + of_a_tonne * tonnes)


def read_plan(run: Path) -> PlanPower:
    """Read the power side of a run folder.

    Raises
    ------
    SitewattError
        The run is not whole, or knows no slices.
    """
    facts = Facts(read_instance(run / "instance"))
    if not facts.hourly:
        raise SitewattError(
            f"{run} knows no hours: only a plan with slices has a power side to write."
        )
    power = PowerFacts(facts)
    return PlanPower(
        facts, power, {name: read_table(run, name) for name in TABLES}, np.concatenate(power.days)
    )
