"""Result tables that tests make up: not of any solve, but of the right shape."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from optimizer.results import RESULT_TABLES
from optimizer.run_tables import typed

YEARS = (2026, 2028)
Place = tuple[str, float | None, float | None]  # name, latitude, longitude


@dataclass
class MadeUpPlan:
    """Every site in each stage, every node of the same name, and the flows asked for.

    Parameters
    ----------
    flows : region, workload, site, year, share, it_mw, rtt_ms.
    """

    sites: Sequence[Place]
    regions: Sequence[Place]
    flows: Sequence[tuple] = ()
    name: str = "a name"
    tables: dict[str, pd.DataFrame] = field(init=False)
    node_table: pd.DataFrame = field(init=False)
    region_table: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        keys = [site for site, *_ in self.sites]
        stages = [(site, year) for site in keys for year in YEARS]
        rows: dict[str, list[tuple]] = {
            "sites": [
                (site, self.name, north, east, "FJ", "op", "WS", site, 10.5, 0.1 + 0.2, 2026)
                for site, north, east in self.sites
            ],
            "capacity": [(site, year, 1, 1 / 3, 2 / 3, 0.1, 0.12) for site, year in stages],
            "energy": [(site, year, 1e-9, 1e9, 1 / 7) for site, year in stages],
            "serving": list(self.flows),
            "unserved": [],
            "grid_use": [(node, year, 5.5, 0, 1 / 3, 5.5 - 1 / 3, 0) for node, year in stages],
        }
        self.tables = {
            name: typed(
                name, pd.DataFrame(content, columns=[column.name for column in RESULT_TABLES[name]])
            )
            for name, content in rows.items()
        }
        places = ["name", "latitude", "longitude"]
        self.node_table = self.tables["sites"][["node", *places, "country"]]
        self.region_table = pd.DataFrame(self.regions, columns=["region", *places[1:]]).assign(
            name=self.name, country="WS"
        )
