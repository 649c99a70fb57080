"""A finished run as figures and reports see it: its instance, and its tables when asked for."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from optimizer.countries import countries
from optimizer.instance import Instance, read_instance
from optimizer.palette import CATEGORIES
from optimizer.run_tables import read_table

# Less than this is what a solver's tolerances leave behind.
NOTHING_MW = 1e-6


class Tables(dict[str, pd.DataFrame]):
    """Result tables of a run, each read when it is first asked for."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self.run = run

    def __missing__(self, name: str) -> pd.DataFrame:
        self[name] = read_table(self.run, name)
        return self[name]


@dataclass(frozen=True)
class Finished:
    """A run that is there.

    Parameters
    ----------
    instance : as the run keeps it.
    tables : result tables by name; those of the hours only where there are slices.
    """

    instance: Instance
    tables: dict[str, pd.DataFrame]

    @property
    def title(self) -> str:
        """Title of the instance."""
        return self.instance.manifest.title

    @property
    def stages(self) -> list[int]:
        """Investment years."""
        return list(self.instance.manifest.stages)

    @property
    def slices(self) -> pd.DataFrame:
        """Slices by name, in their order; none where the plan knows no hours."""
        return self.instance.tables["slices"].set_index("slice")

    @property
    def hourly(self) -> bool:
        """Whether the plan knows hours."""
        return len(self.instance.tables["slices"]) > 0

    @property
    def kind(self) -> pd.Series:
        """Kind by technology."""
        return self.instance.tables["technologies"].set_index("technology").kind

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Sites by key."""
        return self.tables["sites"].set_index("site")

    @cached_property
    def node_names(self) -> pd.Series:
        """Grid nodes' names by key."""
        return self.instance.tables["nodes"].set_index("node").name

    @cached_property
    def country_names(self) -> dict[str, str]:
        """Countries' names by code."""
        table = countries()
        return dict(zip(table.iso_a2, table.name, strict=True))

    def country(self, code: str) -> str:
        """Name of a country; the code where nobody has a name for it."""
        return self.country_names.get(code, code).removesuffix(" of America")

    @cached_property
    def control_colours(self) -> dict[str, str]:
        """Colour of each country that controls much of what is installed, the same everywhere."""
        capacity = self.tables["capacity"]
        control = capacity.site.map(self.sites.operator_country)
        total = capacity.installed_it_mw.groupby(control).sum()
        order = total[total > NOTHING_MW].sort_values(ascending=False, kind="stable").index
        return dict(zip(order, CATEGORIES, strict=False))

    @cached_property
    def serving(self) -> pd.DataFrame:
        """Who is served from where, with the countries of users, site and operator's control."""
        users = self.instance.tables["regions"].set_index("region").country
        serving = self.tables["serving"]
        return serving.assign(
            user_country=serving.region.map(users),
            site_country=serving.site.map(self.sites.country),
            operator_country=serving.site.map(self.sites.operator_country),
        )

    def years_of(self, stage: int) -> range:
        """Calendar years in which a stage stands."""
        ends = [*self.stages[1:], self.instance.manifest.horizon_end]
        return range(stage, ends[self.stages.index(stage)])

    def of(self, name: str, site: str, year: int) -> pd.DataFrame:
        """Rows of a result table about a site in a stage."""
        table = self.tables[name]
        return table[(table.site == site) & (table.year == year)]


def read_finished(run: Path) -> Finished:
    """Read a run folder: its instance now, its tables as they are asked for.

    Raises
    ------
    InvalidInstance, SitewattError
        The folder holds no instance; a table that is asked for later is missing or damaged.
    """
    return Finished(read_instance(run / "instance"), Tables(run))
