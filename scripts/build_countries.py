"""Build `optimizer/countries.topojson`, outlines of countries for maps, from Natural Earth.

    python scripts/build_countries.py --data ../shared/data

Natural Earth is in the public domain; its lines of 1:50,000,000 come from the npm package
world-atlas. Borders are thinned where they are shared, so that neighbours still fit, and islets
that no map of a continent shows are left out. The same input gives the same bytes.
"""

import json
from pathlib import Path

import click
import geopandas as gpd
import numpy as np
import pandas as pd
import pycountry
import shapely

SOURCE = Path("geo", "world-atlas_countries-50m.topojson")
TARGET = Path(__file__).parents[1] / "optimizer" / "countries.topojson"

# Corners whose triangle with their neighbours is smaller than a square of this side go: 14 km.
CORNER_DEGREES = 0.13
# Islands smaller than this go, but for each country's largest: 250 km².
SMALLEST_ISLAND_DEGREES2 = 0.02
# Steps of a hundred metres.
PER_DEGREE = 1000

ISLETS_OF_AUSTRALIA = "Ashmore and Cartier Is."
# Natural Earth draws who holds a territory; of these, ISO 3166-1 knows none. XK is in common use.
UNLISTED = {
    "Indian Ocean Ter.": ("", "Australian Indian Ocean Territories"),
    "Kosovo": ("XK", "Kosovo"),
    "N. Cyprus": ("", "Northern Cyprus"),
    "Siachen Glacier": ("", "Siachen Glacier"),
    "Somaliland": ("", "Somaliland"),
}
# Shorter than ISO's.
NAMES = {"CD": "DR Congo", "FK": "Falkland Islands", "VG": "British Virgin Islands"}
NAMES["VI"] = "US Virgin Islands"


def code_and_name(numeric: str, name: str) -> tuple[str, str]:
    """ISO 3166-1 alpha-2 code, "" where there is none, and a name without abbreviations."""
    country = pycountry.countries.get(numeric=numeric) if numeric else None
    if country is None:
        return UNLISTED[name]
    code: str = country.alpha_2
    return code, NAMES.get(code, country.name if "." in name else name)


def cut_at_180(outline: shapely.Geometry) -> shapely.Geometry:
    """Outline whose rings run across ±180°, and once around the pole, in parts that do not."""
    parts = []
    for polygon in shapely.get_parts(outline):
        places = shapely.get_coordinates(polygon)
        places[:, 0] = np.unwrap(places[:, 0], period=360)
        west, east = places[0, 0], places[-1, 0]
        if abs(east - west) > 180:
            places = np.vstack([places, [east, -90], [west, -90], places[0]])
        whole = shapely.polygons(places)
        for turns in (-1, 0, 1):
            band = shapely.box(360 * turns - 180, -90, 360 * turns + 180, 90)
            shift = np.array([360 * turns, 0])
            part = shapely.transform(whole & band, lambda places, by=shift: places - by)
            parts += [piece for piece in shapely.get_parts(part) if piece.area > 0]
    return shapely.multipolygons(shapely.get_parts(shapely.union_all(parts)))


def in_equal_areas(places: np.ndarray) -> np.ndarray:
    """Sinusoidal projection, in degrees of latitude."""
    return places * np.column_stack([np.cos(np.radians(places[:, 1])), np.ones(len(places))])


def in_degrees(places: np.ndarray) -> np.ndarray:
    """Inverse of `in_equal_areas`."""
    return places / np.column_stack([np.cos(np.radians(places[:, 1])), np.ones(len(places))])


def without_islets(outline: shapely.Geometry) -> shapely.Geometry:
    """Parts of a country that are worth drawing, at least its largest."""
    parts = sorted(shapely.get_parts(outline), key=shapely.area, reverse=True)
    return shapely.multipolygons(
        parts[:1] + [part for part in parts[1:] if part.area > SMALLEST_ISLAND_DEGREES2]
    )


def outlines(file: Path) -> gpd.GeoDataFrame:
    """Countries with iso_a2 and name, thinned as one coverage."""
    source = gpd.read_file(file, layer="countries")
    source = source[source.name != ISLETS_OF_AUSTRALIA]
    whole = [line if line.is_valid else cut_at_180(line) for line in source.geometry]
    even = shapely.transform(np.array(whole), in_equal_areas)
    large = np.array([without_islets(outline) for outline in even])
    thinned = shapely.transform(shapely.coverage_simplify(large, CORNER_DEGREES), in_degrees)
    named = list(map(code_and_name, source.id.fillna(""), source.name))
    table = pd.DataFrame(named, columns=["iso_a2", "name"])
    countries = gpd.GeoDataFrame(table, geometry=thinned, crs="EPSG:4326")
    return countries.sort_values("name", ignore_index=True)


def write(countries: gpd.GeoDataFrame, path: Path) -> None:
    """TopoJSON whose arcs are rings, in steps of whole thousandths of a degree."""
    arcs: list[list[list[int]]] = []
    geometries = []
    for row in countries.itertuples(index=False):
        polygons = []
        for polygon in row.geometry.geoms:
            rings = [polygon.exterior, *polygon.interiors]
            polygons.append([[len(arcs) + number] for number in range(len(rings))])
            arcs += [steps(ring) for ring in rings]
        properties = {"iso_a2": row.iso_a2, "name": row.name}
        geometries.append({"type": "MultiPolygon", "properties": properties, "arcs": polygons})
    topology = {
        "type": "Topology",
        "transform": {"scale": [1 / PER_DEGREE] * 2, "translate": [0, 0]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }
    text = json.dumps(topology, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def steps(ring: shapely.LinearRing) -> list[list[int]]:
    """First corner of a ring, then the way from each to the next; none is said twice."""
    places = np.rint(shapely.get_coordinates(ring) * PER_DEGREE).astype(int)
    moved = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=int))
    moved_at_all = moved.any(axis=1)
    moved_at_all[0] = True
    return moved[moved_at_all].tolist()


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=TARGET)
def main(data: Path, out: Path) -> None:
    """Write the outlines."""
    countries = outlines(data / SOURCE)
    write(countries, out)
    corners = shapely.get_num_coordinates(countries.geometry.to_numpy()).sum()
    click.echo(f"{len(countries)} countries, {corners} corners, {out.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
