"""Draw a plan's GeoPackage, a panel a stage, for somebody to look at.

    python scripts/draw_geopackage.py runs/europe/plan.gpkg europe.png --countries countries.geojson

Sites are as large as their installed IT capacity, flows as thick as their load; nodes turn from
blue to red as their power is drawn, and regions from white to black as their demand goes abroad.
"""

import math
from pathlib import Path

import click
import geopandas as gpd
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def draw_stage(axes: Axes, layers: dict[str, gpd.GeoDataFrame], year: int) -> None:
    """Draw one stage, from the ground up."""
    flows, regions, nodes, sites = (
        layer[(layer.year == year) & layer.geometry.notna()]
        for layer in (layers[name] for name in ("flows", "regions", "nodes", "site_stages"))
    )
    if len(flows):
        width = 0.3 + 3 * flows.it_mw / flows.it_mw.max()
        home = (flows.user_country == flows.site_country).map({True: "#4477aa", False: "#ee6677"})
        flows.plot(ax=axes, linewidth=width.tolist(), color=home.tolist(), alpha=0.5, zorder=1)
    regions = regions[regions.demand_it_mw > 0]
    axes.scatter(
        regions.geometry.x,
        regions.geometry.y,
        c=regions.abroad_share.astype(float),
        s=12,
        cmap="Greys",
        vmin=0,
        vmax=1,
        edgecolors="black",
        linewidths=0.4,
        zorder=2,
    )
    axes.scatter(
        nodes.geometry.x,
        nodes.geometry.y,
        c=nodes.utilisation.astype(float).fillna(1),
        s=30,
        marker="s",
        cmap="coolwarm",
        vmin=0,
        vmax=1,
        zorder=3,
    )
    standing = sites[sites.installed_it_mw > 0]
    size = 40 + 400 * standing.installed_it_mw / layers["site_stages"].installed_it_mw.max()
    axes.scatter(
        standing.geometry.x,
        standing.geometry.y,
        s=size,
        facecolors="none",
        edgecolors="#228833",
        linewidths=1.5,
        zorder=4,
    )
    axes.set_title(f"{year}: {sites.installed_it_mw.sum():,.1f} MW of IT", fontsize=10)


@click.command()
@click.argument("geopackage", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("picture", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--countries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Outlines to draw below.",
)
def main(geopackage: Path, picture: Path, countries: Path | None) -> None:
    """Draw the plan in GEOPACKAGE to PICTURE (.png, .svg or .pdf)."""
    names = ("flows", "regions", "nodes", "site_stages")
    layers = {name: gpd.read_file(geopackage, layer=name) for name in names}
    years = sorted(layers["site_stages"].year.unique())
    columns = min(len(years), 3)
    rows = math.ceil(len(years) / columns)
    figure = Figure(figsize=(6 * columns, 6 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(years) :]:
        axes.set_axis_off()
    for axes, year in zip(grid.flat, years, strict=False):
        draw_stage(axes, layers, year)
    # Outlines don't widen the view, and places in a row don't narrow it to a line.
    places = pd.concat([layers["regions"].geometry, layers["site_stages"].geometry])
    west, south, east, north = places.total_bounds
    grid.flat[0].set(xlim=(west - 2, east + 2), ylim=(south - 2, north + 2))
    if countries is not None:
        outlines = gpd.read_file(countries)
        for axes in grid.flat[: len(years)]:
            outlines.plot(
                ax=axes,
                color="#eeeeee",
                edgecolor="#bbbbbb",
                linewidth=0.5,
                zorder=0,
                autolim=False,
            )
    figure.savefig(picture, dpi=120)
    click.echo(f"Wrote {picture}")


if __name__ == "__main__":
    main()
