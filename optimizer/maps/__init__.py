"""Map of a plan: one page with everything in it, which asks for nothing from anywhere."""

from pathlib import Path

from optimizer.finished import read_finished
from optimizer.folders import written_aside
from optimizer.maps.content import map_content
from optimizer.maps.page import page
from optimizer.run_files import read_record

__all__ = ["write_map"]


def write_map(run: Path, path: Path, *, overwrite: bool = False) -> None:
    """Write the map of a finished run, without solving again.

    Parameters
    ----------
    run : folder of a finished run.
    path : new HTML file; appears only when it is whole.

    Raises
    ------
    SitewattError
        The run is not whole, or `path` is there and must not be replaced.
    """
    text = page(map_content(read_finished(run), read_record(run)))
    with written_aside(path, overwrite=overwrite) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")
