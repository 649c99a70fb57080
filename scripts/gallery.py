"""Draw the pictures of `docs/gallery.md` and the README from runs of the shipped instances.

    python -m scripts.gallery RUNS

RUNS holds run folders named after their instances: europe, europe_hourly, world and bridge. Pages
are photographed in a Chromium that is installed. Pictures have few colours, to stay small.
"""

import os
import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from PIL import Image

from optimizer.figures import draw, draw_into
from optimizer.figures.style import style
from optimizer.finished import read_finished
from optimizer.maps import write_map
from optimizer.report import read_facts
from optimizer.report.page import write_page

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
MOST_BYTES = 200_000
COLOURS = 256
DPI = 100
# Figures by instance: what each is called, the name it has in the gallery.
FIGURES = {
    "europe": {"map-2030": "europe-map", "sovereignty": "europe-sovereignty"}
    | {"costs": "europe-costs", "latency": "europe-latency"},
    "europe_hourly": {"capacity": "hourly-capacity", "energy": "hourly-energy"}
    | {"grid": "hourly-grid"},
    "world": {"map-2030": "world-map"},
    "bridge": {"dispatch-01-quay": "bridge-dispatch"},
}
PAGES = {"report": (1280, 1150), "map": (1280, 800)}


@click.command()
@click.argument("runs", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), default=GALLERY)
def main(runs: Path, out: Path) -> None:
    """Draw the gallery."""
    out.mkdir(parents=True, exist_ok=True)
    for instance, names in FIGURES.items():
        run = read_finished(runs / instance)
        sites = ["quay"] if instance == "bridge" else []
        with style():
            for name, figure in draw(run, sites):
                if name in names:
                    content = BytesIO()
                    figure.savefig(content, format="png", dpi=DPI)
                    keep(content, out / f"{names[name]}.png")
    photograph(runs / "europe", out)


def photograph(run: Path, out: Path) -> None:
    """Photograph the report and the map of a run, as a browser shows them."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 — of the tests

    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        write_pages(run, Path(folder))
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=arguments,
        )
        for name, (width, height) in PAGES.items():
            page: Any = browser.new_page(viewport={"width": width, "height": height})
            page.goto((Path(folder) / f"{name}.html").as_uri(), wait_until="load")
            page.wait_for_timeout(1000)
            keep(BytesIO(page.screenshot()), out / f"{name}.png")
        browser.close()


def write_pages(run: Path, folder: Path) -> None:
    """Write the pages that are photographed."""
    facts = read_facts(run)
    draw_into(folder, facts.run, [])
    write_page(facts, folder, folder / "report.html", [])
    write_map(run, folder / "map.html")


def keep(content: BytesIO, path: Path) -> None:
    """Write a picture with few colours, and refuse a large one."""
    picture = (
        Image.open(content)
        .convert("RGB")
        .quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    picture.save(path, optimize=True)
    size = path.stat().st_size
    click.echo(f"{path.name}  {size / 1e3:.0f} KB")
    if size > MOST_BYTES:
        raise click.ClickException(f"{path.name} is larger than {MOST_BYTES / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
