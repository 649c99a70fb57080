"""A valid instance as the doctor looks at it, and what a check finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from optimizer.instance import Instance
from optimizer.prepare import firm_mw
from optimizer.routes import Routes

# Table, message, and the rows or columns that it concerns.
Found = Iterator[tuple[str, str, list[str]]]


def named(table: str, message: str, names: Iterable[object]) -> Found:
    """A finding about the rows or columns of these names, if there are any."""
    listed = [str(name) for name in dict.fromkeys(names)]
    if listed:
        yield table, message, listed


@dataclass
class Patient:
    """What the checks look at.

    Parameters
    ----------
    instance : a valid one.
    routes : its eligible pairs.
    """

    instance: Instance
    routes: Routes

    def table(self, name: str) -> pd.DataFrame:
        """Table of the instance."""
        return self.instance.tables[name]

    @cached_property
    def demand(self) -> pd.DataFrame:
        """Rows of demand that ask for something."""
        demand = self.table("demand")
        return demand[demand.it_mw > 0]

    @cached_property
    def node_mw(self) -> pd.DataFrame:
        """Most MW that each node can have by stage, everything ordered as soon as may be.

        What may stand at its sites counts, too; batteries and contracts bring nothing of their own.
        """
        stages = self.instance.manifest.stages
        most = firm_mw(self.instance).unstack("stage").reindex(columns=list(stages))
        for upgrade in self.table("upgrades").itertuples():
            ordered = [stage for stage in stages if stage >= upgrade.earliest_year]
            for stage in stages:
                if ordered and ordered[0] + upgrade.lead_years <= stage:
                    most.loc[upgrade.node, stage] += upgrade.mw
        return most.add(self.supply_mw, axis="index", fill_value=0.0)

    @cached_property
    def supply_mw(self) -> pd.Series:
        """Most MW of a node's own supply and of what the utility may cut there."""
        kind = self.table("technologies").set_index("technology").kind
        node = self.table("sites").set_index("site").node
        allowed = self.table("site_technologies")
        makes = allowed[~allowed.technology.map(kind).isin(["battery", "ppa"])]
        own = makes.max_mw.groupby(makes.site.map(node)).sum()
        flexible = self.table("flexible_grid").groupby("node").flexible_mw.max()
        return own.add(flexible, fill_value=0.0)
