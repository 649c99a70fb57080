"""Map layers as KML, for globes: a folder per layer, with stages on the time slider.

Written here: GDAL drops digits and knows no styles. Texts and numbers stand as they are, but for
control characters, which XML has no place for.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from optimizer.about import About
from optimizer.layer_columns import DESCRIPTIONS, TITLES, label, layer_columns
from optimizer.palette import BLUE, CATEGORIES, COLOURS, GREEN, ORANGE, PURPLE, VERMILLION, YELLOW
from optimizer.results import BINDING

GREY = COLOURS["grid"]

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A tenth of a centimetre.
DIGITS = 7
# Icons and lines come in a few sizes, from small to large.
SCALES = (0.4, 0.6, 0.8, 1.1)
WIDTHS = (1, 2, 4, 6)
OPACITY = "b0"
KINDS = {"i": "int", "f": "double"}

# Colour of each row, by what it tells, and the column that its size stands for.
LOOKS: dict[str, tuple[Callable[[gpd.GeoDataFrame], np.ndarray], str]] = {
    "sites": (lambda t: np.where(t.opened_year.notna(), BLUE, GREY), "max_it_mw"),
    "site_stages": (
        lambda t: np.where(t.country == t.operator_country, BLUE, ORANGE),
        "installed_it_mw",
    ),
    "nodes": (
        lambda t: np.where(t.utilisation.fillna(0) < 1 - BINDING, GREY, VERMILLION),
        "firm_mw",
    ),
    "regions": (
        lambda t: np.where(t.abroad_share.fillna(0) > 0.5, PURPLE, GREEN),
        "demand_it_mw",
    ),
    "flows": (lambda t: np.where(t.user_country == t.site_country, GREEN, PURPLE), "it_mw"),
    "supply": (
        lambda t: t.role.map({"own": GREEN, "bridge": VERMILLION}).fillna(YELLOW).to_numpy(),
        "mw",
    ),
}
SHOWN = {"site_stages", "flows", "supply"}


def write_kml(
    layers: Mapping[str, gpd.GeoDataFrame], path: Path, about: About | None = None
) -> None:
    """One KML file with a folder for each layer."""
    about = about or About()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n')
        file.write(element("name", about.title) + element("description", about.description) + "\n")
        file.writelines(styles())
        file.writelines(schema(name, layer, about.currency) for name, layer in layers.items())
        for name, layer in layers.items():
            file.write(f"<Folder>{element('name', TITLES[name])}")
            file.write(f"{element('description', DESCRIPTIONS[name])}\n")
            file.writelines(placemarks(name, layer))
            file.write("</Folder>\n")
        file.write("</Document>\n</kml>\n")


def styles() -> Iterator[str]:
    """A style for each colour and size."""
    for colour in (*CATEGORIES, GREY):
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        tint = f"<color>{OPACITY}{blue}{green}{red}</color>"
        for step, (scale, width) in enumerate(zip(SCALES, WIDTHS, strict=True)):
            yield (
                f'<Style id="{style_id(colour, step)}">'
                f"<IconStyle>{tint}<scale>{scale}</scale></IconStyle>"
                f"<LabelStyle><scale>0</scale></LabelStyle>"
                f"<LineStyle>{tint}<width>{width}</width></LineStyle></Style>\n"
            )


def style_id(colour: str, step: int) -> str:
    """Name of a style."""
    return f"c{colour[1:]}-{step}"


def schema(name: str, layer: gpd.GeoDataFrame, currency: str) -> str:
    """Types of a layer's columns, with labels for people."""
    known = layer_columns(name)
    fields = "".join(
        f'<SimpleField name="{column}" type="{KINDS.get(layer[column].dtype.kind, "string")}">'
        f"{element('displayName', label(known[column], currency))}</SimpleField>"
        for column in layer.columns.drop("geometry")
    )
    return f'<Schema name="{name}" id="{name}">{fields}</Schema>\n'


def placemarks(name: str, layer: gpd.GeoDataFrame) -> Iterator[str]:
    """Rows of a layer."""
    colour_of, size = LOOKS[name]
    part = layer[size] / max(layer[size].max(), 1e-9) if len(layer) else layer[size]
    steps = np.clip((np.sqrt(part.clip(lower=0)) * len(SCALES)).astype(int), 0, len(SCALES) - 1)
    drawn = layer["open"] == 1 if "open" in layer else pd.Series(True, index=layer.index)
    columns = [column for column in layer.columns if column != "geometry"]
    cells = [texts(layer[column]) for column in columns]
    # Many rows share a geometry: who is served from where, workload by workload and year by year.
    geometries: dict[int, str] = {}
    for geometry, colour, step, seen, *row in zip(
        layer.geometry, colour_of(layer), steps, drawn, *cells, strict=True
    ):
        if id(geometry) not in geometries:
            geometries[id(geometry)] = geometry_text(geometry)
        told = dict(zip(columns, row, strict=True))
        data = "".join(
            f'<SimpleData name="{column}">{text}</SimpleData>'
            for column, text in told.items()
            if text is not None
        )
        visible = "" if seen and name in SHOWN else "<visibility>0</visibility>"
        yield (
            f"<Placemark><name>{told.get('name', row[0])}</name>{visible}{span(told)}"
            f"<styleUrl>#{style_id(str(colour), int(step))}</styleUrl>"
            f'<ExtendedData><SchemaData schemaUrl="#{name}">{data}</SchemaData></ExtendedData>'
            f"{geometries[id(geometry)]}</Placemark>\n"
        )


def texts(column: pd.Series) -> list[str | None]:
    """Cells as XML has them; None where there is nothing."""
    if column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    present = column.notna()
    return [
        escaped(str(cell)) if there else None
        for cell, there in zip(column.tolist(), present, strict=True)
    ]


def span(told: Mapping[str, str | None]) -> str:
    """Time in which a row of a stage is shown."""
    if "starts" not in told:
        return ""
    end = f"<end>{told['ends']}</end>" if told["ends"] else ""
    return f"<TimeSpan><begin>{told['starts']}</begin>{end}</TimeSpan>"


def geometry_text(geometry: shapely.Geometry | None) -> str:
    """Point or lines; nothing where there is no place."""
    if geometry is None:
        return ""
    if geometry.geom_type == "Point":
        return f"<Point>{coordinates(geometry)}</Point>"
    lines = "".join(
        f"<LineString><tessellate>1</tessellate>{coordinates(line)}</LineString>"
        for line in shapely.get_parts(geometry)
    )
    return f"<MultiGeometry>{lines}</MultiGeometry>"


def coordinates(geometry: shapely.Geometry) -> str:
    """Places of a point or line."""
    places = shapely.get_coordinates(geometry).tolist()
    text = " ".join(f"{east:.{DIGITS}f},{north:.{DIGITS}f}" for east, north in places)
    return f"<coordinates>{text}</coordinates>"


def element(name: str, text: str) -> str:
    """Element of text."""
    return f"<{name}>{escaped(text)}</{name}>"


def escaped(text: str) -> str:
    """Text as XML shows it."""
    return escape(NO_XML.sub("\ufffd", text), {"\r": "&#13;"})
