"""Pictures of a study: which there are depends on its design."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.backends.backend_svg  # noqa: F401 — else loaded by the first picture
import pandas as pd

from optimizer.figures.style import save, style
from optimizer.finished import Finished
from optimizer.folders import written_aside
from optimizer.study.alone import draw_spider, draw_tornado
from optimizer.study.cases import Plot
from optimizer.study.results import planned
from optimizer.study.together import draw_coordinates, draw_heat_map, draw_site_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = "figures"


def write_pictures(plot: Plot, tables: dict[str, pd.DataFrame], out: Path) -> list[str]:
    """Draw a study into a folder `figures`, in place of those before; returns names of files."""
    with written_aside(out / FOLDER, overwrite=True) as folder, style():
        folder.mkdir()
        names = []
        for name, draw in pictures(plot, tables).items():
            names.append(f"{name}.svg")
            save(draw(), folder / names[-1])
    return [f"{FOLDER}/{name}" for name in names]


def pictures(plot: Plot, tables: dict[str, pd.DataFrame]) -> dict[str, "Callable[[], Figure]"]:
    """What a study has a picture of, by name."""
    run, table = Finished(plot.base, {}), tables["results"]
    factors, done = list(plot.study.factors), planned(tables["results"])
    if done.empty:
        return {}
    found: dict[str, Callable[[], Figure]] = {
        "coordinates": lambda: draw_coordinates(run, table, factors),
        "site-frequency": lambda: draw_site_frequency(run, tables["capacity"], len(done)),
    }
    if plot.study.design.kind == "one_at_a_time" and not pd.isna(table.objective[0]):
        found["tornado"] = lambda: draw_tornado(run, table, factors)
        found["spider"] = lambda: draw_spider(run, table, factors)
    if plot.study.design.kind == "grid" and len(factors) == 2:
        found["heat-map"] = lambda: draw_heat_map(run, table, factors[0], factors[1])
    return found
