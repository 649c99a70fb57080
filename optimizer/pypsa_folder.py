"""PyPSA's folders of CSV files, written without PyPSA."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# PyPSA whose format this is; it warns when it reads what an older one wrote.
PYPSA_VERSION = "1.4.0"


@dataclass
class Network:
    """Components of a network as PyPSA's folders hold them.

    Parameters
    ----------
    static : by list of components and name, what does not change over the hours.
    series : by list and attribute, values by name.
    """

    static: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    series: dict[tuple[str, str], dict[str, np.ndarray]] = field(default_factory=dict)

    def add(self, components: str, name: str, **attributes: Any) -> None:
        """Add a component; an array is a value for each snapshot."""
        varying = {key: value for key, value in attributes.items() if isinstance(value, np.ndarray)}
        for key, values in varying.items():
            self.series.setdefault((components, key), {})[name] = values
        fixed = {key: value for key, value in attributes.items() if key not in varying}
        self.static.setdefault(components, {})[name] = fixed

    def write(self, folder: Path) -> None:
        """Write a file for each list of components and each attribute that varies."""
        for components, rows in self.static.items():
            table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
            write_csv(table, folder / f"{components}.csv")
        for (components, attribute), columns in self.series.items():
            write_csv(pd.DataFrame(columns), folder / f"{components}-{attribute}.csv")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with its index and every digit."""
    table.to_csv(path, lineterminator="\n")
