"""Map of a stage: countries, sites by size and operators' control, and the largest flows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box, segmentize

from optimizer.countries import countries
from optimizer.digits import digits
from optimizer.figures.style import caption, name_of, new_figure
from optimizer.finished import NOTHING_MW, Finished
from optimizer.great_circles import great_circles
from optimizer.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WGS84 = "EPSG:4326"
LAND, BORDER, FLOW = "#eceeef", "#c4c8cb", "#5b6b7a"
OTHERS = COLOURS["grid"]  # Darker than in stacks, to stand out from the land.
# Wider than this, a map shows the whole world in Equal Earth; else its own part in Lambert's
# projection, which keeps areas, too.
WORLD_DEGREES = 150
MARGIN_DEGREES = 2.5
# Height of a map by its width.
FLATTEST, TALLEST = 0.5, 0.95
MOST_FLOWS = 400
WIDTH_INCHES, LEGEND_INCHES = 9.2, 1.75
# Area in square points of a site of the most MW; others in proportion.
LARGEST_MARK = 420
LEAST_MARK = 4
SCALES_M = tuple(factor * 10**power for power in range(3, 7) for factor in (1, 2, 5))


@dataclass(frozen=True)
class View:
    """The part of the earth that a map shows.

    Parameters
    ----------
    crs : projection, in metres.
    frame : west, south, east and north in degrees; countries are cut there before they are drawn.
    limits : left, bottom, right and top in metres.
    world : whether it is all of it.
    """

    crs: str
    frame: tuple[float, float, float, float]
    limits: tuple[float, float, float, float]
    world: bool = False


def draw_map(run: Finished, year: int) -> "Figure":
    """Sites of a stage on a map: area by MW installed, colour by who controls the operator."""
    sites = placed(run, year)
    view = view_of(run)
    left, bottom, right, top = view.limits
    height = (WIDTH_INCHES - LEGEND_INCHES) * (top - bottom) / (right - left)
    mw = sites.installed_it_mw.sum()
    title = f"Where capacity stands in {year}: {len(sites)} sites, {digits(mw)} MW of IT"
    figure = new_figure(run, title, WIDTH_INCHES, height + 0.75)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    draw_land(axes, view)
    shown = draw_flows(axes, run, year, view)
    draw_sites(axes, run, sites, view)
    draw_scale(axes, view)
    flows = f"Lines: from users to their sites, {shown} of the largest. " if shown else ""
    caption(figure, run, f"{flows}Countries: Natural Earth.", LEGEND_INCHES)
    return figure


def draw_land(axes: "Axes", view: View) -> None:
    """Draw the countries, on a map of the world within its edge."""
    if view.world:
        edge = gpd.GeoSeries([segmentize(box(*view.frame), 1.0)], crs=WGS84).to_crs(view.crs)
        edge.plot(ax=axes, color="#ffffff", edgecolor=BORDER, linewidth=0.6, aspect=None)
    land = gpd.clip(countries(), box(*view.frame)).geometry.to_crs(view.crs)
    # What nobody sees takes place in a file; cut edges stay out of sight.
    left, bottom, right, top = view.limits
    rim = 0.02 * (right - left)
    land = land.clip_by_rect(left - rim, bottom - rim, right + rim, top + rim)
    land = land[~land.is_empty]
    if len(land):
        land.plot(ax=axes, color=LAND, edgecolor=BORDER, linewidth=0.4, aspect=None)


def placed(run: Finished, year: int) -> pd.DataFrame:
    """Sites that stand in a stage and have a place, the largest first."""
    capacity = run.tables["capacity"]
    stands = capacity[(capacity.year == year) & (capacity.installed_it_mw > NOTHING_MW)]
    sites = stands.set_index("site").join(run.sites)
    sites = sites[sites.latitude.notna() & sites.longitude.notna()]
    return sites.sort_values("installed_it_mw", ascending=False, kind="stable")


def view_of(run: Finished) -> View:
    """What to show: all sites and users, with a margin."""
    places = pd.concat([run.tables["sites"], run.instance.tables["regions"]])
    places = places.dropna(subset=["latitude", "longitude"])
    if places.empty:
        west, south, east, north = -180.0, -60.0, 180.0, 80.0
    else:
        west, east = places.longitude.min(), places.longitude.max()
        south, north = places.latitude.min(), places.latitude.max()
    if east - west > WORLD_DEGREES:
        frame, crs = (-180.0, -57.0, 180.0, 84.0), "+proj=eqearth +datum=WGS84"
        edges = gpd.GeoSeries.from_xy([-180, 180, 0, 0], [0, 0, -57, 84], crs=WGS84).to_crs(crs)
        return View(crs, frame, tuple(edges.total_bounds), world=True)
    middle = ((south + north) / 2, (west + east) / 2)
    crs = f"+proj=laea +lat_0={middle[0]:.4f} +lon_0={middle[1]:.4f} +datum=WGS84"
    # A degree of longitude is short in the north: the margin is one of latitude.
    margin = max(MARGIN_DEGREES, 0.06 * (north - south))
    points = gpd.GeoSeries.from_xy(places.longitude, places.latitude, crs=WGS84).to_crs(crs)
    bounds = points.total_bounds if len(points) else (0.0, 0.0, 1.0, 1.0)
    metres = margin * 111_195
    limits = evened(np.array(bounds) + np.array([-1, -1, 1, 1]) * metres)
    # Far enough for a view that is evened.
    more = 12 + 0.3 * (east - west)
    frame = (
        max(west - 40, -180),
        max(south - more, -89),
        min(east + 40, 180),
        min(north + more, 89),
    )
    return View(crs, frame, tuple(limits))


def evened(limits: np.ndarray) -> np.ndarray:
    """Limits of a view, widened or heightened until its shape fits a page."""
    left, bottom, right, top = limits
    width, height = right - left, top - bottom
    wider = max(height / TALLEST - width, 0.0) / 2
    higher = max(height, width * FLATTEST) / 2 - height / 2
    return limits + np.array([-wider, -higher, wider, higher])


def draw_flows(axes: "Axes", run: Finished, year: int, view: View) -> int:
    """Draw the largest flows of a stage as thin great circles; give how many."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 — heavy

    serving = run.serving[run.serving.year == year]
    flows = serving.groupby(["region", "site"]).it_mw.sum()
    flows = flows.sort_values(ascending=False, kind="stable").head(MOST_FLOWS).reset_index()
    ends = [
        table.loc[flows[key], ["longitude", "latitude"]].to_numpy(float).T
        for key, table in (
            ("region", run.instance.tables["regions"].set_index("region")),
            ("site", run.sites),
        )
    ]
    lines, _ = great_circles(*ends[0], *ends[1])
    drawn = gpd.GeoSeries(lines, crs=WGS84).to_crs(view.crs)
    has_way = drawn.notna().to_numpy()
    parts = drawn[has_way].explode(index_parts=False)
    width = 0.25 + 1.25 * np.sqrt(flows.it_mw / max(flows.it_mw.max(), NOTHING_MW))
    axes.add_collection(
        LineCollection(
            [np.asarray(part.coords) for part in parts],
            linewidths=width[parts.index],
            colors=FLOW,
            alpha=0.28,
            zorder=2,
        ),
        autolim=False,
    )
    return int(has_way.sum())


def draw_sites(axes: "Axes", run: Finished, sites: pd.DataFrame, view: View) -> None:
    """Draw sites as discs, with what their colours and sizes mean."""
    colours = run.control_colours
    most = max(run.tables["capacity"].installed_it_mw.max(), NOTHING_MW)
    places = gpd.GeoSeries.from_xy(sites.longitude, sites.latitude, crs=WGS84).to_crs(view.crs)
    axes.scatter(
        *(places.x, places.y, LARGEST_MARK * sites.installed_it_mw / most + LEAST_MARK),
        color=[colours.get(country, OTHERS) for country in sites.operator_country],
        edgecolors="white",
        linewidths=0.6,
        alpha=0.9,
        zorder=3,
    )
    used = [country for country in colours if country in set(run.sites.operator_country)]
    legends = axes.figure.legend
    legends(
        handles=[disc(colours[country], 36, name_of(run.country(country), 26)) for country in used]
        + (
            [disc(OTHERS, 36, "others")] if run.sites.operator_country.nunique() > len(used) else []
        ),
        title="operator\ncontrolled from",
        loc="outside right upper",
        alignment="left",
    )
    sizes = {f"{mw:,.0f} MW": LARGEST_MARK * mw / most + LEAST_MARK for mw in round_sizes(most)}
    legends(
        handles=[disc("#888888", size, name) for name, size in sizes.items()],
        title="IT installed",
        loc="outside right lower",
        labelspacing=1.0,
        handletextpad=1.2,
        borderpad=1.0,
        alignment="left",
    )


def disc(colour: str, area: float, label: str) -> Any:
    """Entry of a legend: a disc of an area in square points."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 — heavy

    return Line2D(
        *([], []), linestyle="", marker="o", color=colour, markersize=area**0.5, label=label
    )


def round_sizes(most: float) -> list[float]:
    """Three round numbers below a largest one, each some four times the one before."""
    decade = 10 ** np.floor(np.log10(most))
    largest = max(factor * decade for factor in (1, 2, 5) if factor * decade <= most)
    return [largest / 20, largest / 4, largest] if largest >= 20 else [largest]


def draw_scale(axes: "Axes", view: View) -> None:
    """Draw a bar of round length; on a map of the world no length holds everywhere."""
    if view.world:
        return
    left, bottom, right, top = view.limits
    metres = max(step for step in SCALES_M if step <= max((right - left) / 4, SCALES_M[0]))
    x, y = left + 0.03 * (right - left), bottom + 0.04 * (top - bottom)
    axes.plot([x, x + metres], [y, y], color="#444444", linewidth=1.5, solid_capstyle="butt")
    axes.annotate(
        f"{metres / 1000:,.0f} km",
        (x + metres / 2, y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
    )
