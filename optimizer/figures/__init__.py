"""Figures of a plan for papers, slides and the report: PNG, SVG or PDF."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.figures.capacity import draw_capacity, draw_energy
from optimizer.figures.costs import draw_costs
from optimizer.figures.dispatch import choose_sites, draw_dispatch
from optimizer.figures.grid import draw_grid
from optimizer.figures.maps import draw_map
from optimizer.figures.style import save, style
from optimizer.figures.users import draw_latency, draw_sovereignty
from optimizer.finished import Finished, read_finished
from optimizer.folders import written_aside

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: dict[str, Callable[[Finished], "Figure"]] = {
    "capacity": draw_capacity,
    "energy": draw_energy,
    "costs": draw_costs,
    "grid": draw_grid,
    "latency": draw_latency,
    "sovereignty": draw_sovereignty,
}


def write_figures(
    run: Path,
    out: Path,
    *,
    file_format: str = "svg",
    sites: Sequence[str] = (),
    overwrite: bool = False,
) -> list[str]:
    """Draw a finished run into a new folder.

    Parameters
    ----------
    file_format : `svg`, `png` or `pdf`.
    sites : whose dispatch to draw; by default the largest.

    Returns
    -------
    list
        Names of the files.

    Raises
    ------
    SitewattError
        The run is not whole, or it has no such site.
    """
    finished = read_finished(run)
    chosen = choose_sites(finished, sites)
    with written_aside(out, overwrite=overwrite) as folder:
        folder.mkdir()
        return draw_into(folder, finished, chosen, file_format)


def draw_into(
    folder: Path, run: Finished, sites: Sequence[str], file_format: str = "svg"
) -> list[str]:
    """Draw a run into a folder that is there, and give the names of the files."""
    files = []
    with style():
        for name, figure in draw(run, sites):
            files.append(f"{name}.{file_format}")
            save(figure, folder / files[-1])
    return files


def draw(run: Finished, sites: Sequence[str]) -> Iterator[tuple[str, "Figure"]]:
    """Each figure with its name, one at a time: they take memory."""
    for year in run.stages:
        yield f"map-{year}", draw_map(run, year)
    for name, draw_one in FIGURES.items():
        yield name, draw_one(run)
    for number, site in enumerate(sites, start=1):
        slug = re.sub(r"[^\w.-]+", "-", site)[:60]
        yield f"dispatch-{number:02}-{slug}", draw_dispatch(run, site)
