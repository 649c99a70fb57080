"""A plan as a project of QGIS: a GeoPackage and, beside it, what opens it as a map.

The project holds the styles as well, for it must open as it is meant to; its paths are relative,
so that both files can move together.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from optimizer.about import About
from optimizer.countries import countries
from optimizer.geopackage import write_gpkg
from optimizer.layer_columns import TITLES
from optimizer.layer_styles import STYLES, aliases
from optimizer.qml import KINDS, VERSION, style_elements

Layers = Mapping[str, gpd.GeoDataFrame]
Bounds = tuple[float, float, float, float]

GEOPACKAGE, PROJECT = "plan.gpkg", "plan.qgz"
# Seen when the project is opened; the others are a click away.
SHOWN = {"countries", "flows", "sites", "site_stages", "supply"}
# Further than this from west to east a map is one of the world.
WIDEST_DEGREES = 120.0
WORLD = gpd.GeoSeries([shapely.box(-180, -60, 180, 75)], crs="EPSG:4326")
EQUAL_EARTH = "EPSG:8857"
# Around what a plan has: land to draw, less of it in systems made for a part of the earth, and
# room to leave at the edge of the map.
LAND_DEGREES, LOCAL_LAND_DEGREES = 60.0, 15.0
EDGE = 0.06


def write_project(layers: Layers, folder: Path, about: About | None = None) -> None:
    """Write `plan.gpkg`, which has outlines of countries besides, and `plan.qgz` into a folder.

    Parameters
    ----------
    folder : may be there.
    """
    about = about or About()
    folder.mkdir(exist_ok=True)
    box = bounds(layers, "EPSG:4326")
    under = land(box, layers["sites"].crs)
    layers = {**layers, "countries": under}
    write_gpkg(layers, folder / GEOPACKAGE, about)
    text = ET.tostring(project(layers, map_crs(box, under.crs), about), encoding="unicode")
    # Archives carry times; one for all makes equal plans equal files.
    entry = zipfile.ZipInfo("plan.qgs", date_time=(1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(folder / PROJECT, "w") as archive:
        archive.writestr(entry, text, compress_type=zipfile.ZIP_DEFLATED)


def bounds(layers: Layers, crs: pyproj.CRS | str) -> Bounds:
    """West, south, east and north of sites and users; of the world where there are none."""
    places = [layers[name].geometry.dropna() for name in ("sites", "regions")]
    places = [layer for layer in places if len(layer)] or [WORLD]
    every = [place for layer in places for place in layer.to_crs(crs)]
    west, south, east, north = shapely.total_bounds(every)
    return west, south, east, north


def land(box: Bounds, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Countries around a plan: what lies on the other side of the earth has no place on its map."""
    west, south, east, north = box
    every = countries()
    if east - west < WIDEST_DEGREES:
        room = LAND_DEGREES if crs == "EPSG:4326" else LOCAL_LAND_DEGREES
        every = every.clip((west - room, south - room, east + room, north + room))
    every = every.sort_values(["name", "iso_a2"], kind="stable", ignore_index=True)
    # What is cut at an edge may leave lines and points there.
    polygons = [
        shapely.MultiPolygon([one for one in shapely.get_parts(outline) if one.area > 0])
        for outline in every.geometry
    ]
    drawn = every.set_geometry(polygons, crs=every.crs).to_crs(crs)
    return drawn[np.isfinite(drawn.bounds).all(axis=1) & ~drawn.is_empty].reset_index(drop=True)


def map_crs(box: Bounds, crs: pyproj.CRS) -> pyproj.CRS:
    """System to draw a map in: equal areas, in the middle of what is on it."""
    if crs != "EPSG:4326":
        return crs
    west, south, east, north = box
    if east - west >= WIDEST_DEGREES:
        return pyproj.CRS(EQUAL_EARTH)
    middle = f"+lat_0={(south + north) / 2:.4g} +lon_0={(west + east) / 2:.4g}"
    return pyproj.CRS(f"+proj=laea {middle} +datum=WGS84 +units=m +no_defs")


def project(layers: Layers, crs: pyproj.CRS, about: About) -> ET.Element:
    """Document of the project: layers from the top of the map to its bottom."""
    root = ET.Element("qgis", {"projectname": about.title, "version": VERSION})
    ET.SubElement(root, "title").text = about.title
    ET.SubElement(root, "projectCrs").append(reference_system(crs))
    tree = ET.SubElement(root, "layer-tree-group")
    shown = [name for name in reversed(STYLES) if name in layers]
    for name in shown:
        source = f"./{GEOPACKAGE}|layername={name}"
        ET.SubElement(
            tree,
            "layer-tree-layer",
            {
                "id": layer_id(name),
                "name": TITLES[name],
                "source": source,
                "providerKey": "ogr",
                "checked": "Qt::Checked" if name in SHOWN else "Qt::Unchecked",
                "expanded": "1" if name in SHOWN else "0",
            },
        )
    edges = view(layers, crs)
    root.extend([canvas(edges, crs), whole_view(edges, crs)])
    every = ET.SubElement(root, "projectlayers")
    every.extend(map_layer(name, layers, about.currency) for name in shown)
    root.append(properties())
    return root


def map_layer(name: str, layers: Layers, currency: str) -> ET.Element:
    """A layer of the project, with its style."""
    layer, style = layers[name], STYLES[name](layers)
    attributes, elements = style_elements(
        style, aliases(name, layer, currency), staged="starts" in layer
    )
    geometry = KINDS[style.geometry][3]
    element = ET.Element("maplayer", {"type": "vector", "geometry": geometry, **attributes})
    ET.SubElement(element, "id").text = layer_id(name)
    ET.SubElement(element, "datasource").text = f"./{GEOPACKAGE}|layername={name}"
    ET.SubElement(element, "layername").text = TITLES[name]
    ET.SubElement(element, "srs").append(reference_system(layer.crs))
    ET.SubElement(element, "provider", {"encoding": "UTF-8"}).text = "ogr"
    element.extend(elements)
    return element


def layer_id(name: str) -> str:
    """What the project calls a layer; QGIS takes no shorter names than eleven letters."""
    return f"sitewatt_{name}"


def view(layers: Layers, crs: pyproj.CRS) -> dict[str, str]:
    """Edges of what the project shows first: sites and users, with some room around."""
    west, south, east, north = bounds(layers, crs)
    room = EDGE * max(east - west, north - south, 1e-3)
    edges = {"xmin": west - room, "ymin": south - room, "xmax": east + room, "ymax": north + room}
    return {name: repr(float(edge)) for name, edge in edges.items()}


def canvas(edges: dict[str, str], crs: pyproj.CRS) -> ET.Element:
    """The map as it is when the project is opened."""
    element = ET.Element("mapcanvas", {"name": "theMapCanvas"})
    extent = ET.SubElement(element, "extent")
    for name, edge in edges.items():
        ET.SubElement(extent, name).text = edge
    ET.SubElement(element, "destinationsrs").append(reference_system(crs))
    return element


def whole_view(edges: dict[str, str], crs: pyproj.CRS) -> ET.Element:
    """What "zoom to everything" shows."""
    element = ET.Element("ProjectViewSettings", {"UseProjectScales": "0"})
    ET.SubElement(element, "DefaultViewExtent", edges).append(reference_system(crs))
    return element


def reference_system(crs: pyproj.CRS) -> ET.Element:
    """Reference system by its code, or in WKT where it has none."""
    element = ET.Element("spatialrefsys", {"nativeFormat": "Wkt"})
    code = crs.to_authority()
    ET.SubElement(element, "wkt").text = crs.to_wkt()
    ET.SubElement(element, "authid").text = ":".join(code) if code else ""
    return element


def properties() -> ET.Element:
    """Paths are relative to the project, and it has a reference system."""
    element = ET.Element("properties")
    for group, name, kind, value in (
        ("Paths", "Absolute", "bool", "false"),
        ("SpatialRefSys", "ProjectionsEnabled", "int", "1"),
    ):
        one = ET.SubElement(ET.SubElement(element, group), name, {"type": kind})
        one.text = value
    return element
