"""A plan as a GeoPackage that opens styled: layers, how QGIS draws them, what their columns mean.

GDAL writes the layers. What it has no way to write is added after the standard: names and units
of columns (schema extension) and what plan it is in Dublin Core (metadata extension; GDAL's own is
for GDAL alone); and `layer_styles`, the table that QGIS looks for styles in.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd

from optimizer.about import About
from optimizer.gdal_files import gdal_options, write_layer
from optimizer.layer_columns import DESCRIPTIONS, TITLES, label, layer_columns
from optimizer.layer_styles import qml_of

ET.register_namespace("dc", "http://purl.org/dc/elements/1.1/")
Layers = Mapping[str, gpd.GeoDataFrame]

# GeoPackages carry the time of their last change; one for all makes equal plans equal files.
LAST_CHANGE = "1970-01-01T00:00:00.000Z"
GEOPACKAGE_OPTIONS = {
    "OGR_CURRENT_DATE": LAST_CHANGE,
    # Waiting for the disk after every layer takes ten times as long, and saves nothing: what is
    # cut short is thrown away.
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}
# Programs of some years ago warn of 1.4, which has nothing that is needed here.
VERSION = {"VERSION": "1.3"}

# Tables as the standard has them (OGC 12-128r18, F.8 and F.9), and as QGIS has its own.
TABLES = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
);
"""
SCHEMA = ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema")
METADATA = ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata")
EXTENSIONS = {
    "gpkg_data_columns": SCHEMA,
    "gpkg_data_column_constraints": SCHEMA,
    "gpkg_metadata": METADATA,
    "gpkg_metadata_reference": METADATA,
}
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


def write_gpkg(layers: Layers, path: Path, about: About | None = None) -> None:
    """One GeoPackage with every layer; the same layers give the same bytes.

    Parameters
    ----------
    about : what is known of the plan.
    """
    about = about or About()
    with gdal_options(GEOPACKAGE_OPTIONS):
        for name, layer in layers.items():
            described = {"IDENTIFIER": TITLES[name], "DESCRIPTION": DESCRIPTIONS[name]}
            write_layer(name, layer, path, "GPKG", VERSION, **described)
    with closing(sqlite3.connect(path)) as database, database:
        # As above: nothing to wait for, and nothing to take back.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA journal_mode = OFF")
        database.executescript(f"BEGIN; {TABLES}")
        add_columns(database, layers, about.currency)
        add_metadata(database, about)
        add_styles(database, layers, about.currency)
        database.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
            [(table, *extension) for table, extension in EXTENSIONS.items()],
        )


def add_columns(database: sqlite3.Connection, layers: Layers, currency: str) -> None:
    """Say what each column of a layer holds."""
    rows = []
    for layer, table in layers.items():
        known = layer_columns(layer)
        for name in table.columns.drop("geometry"):
            title = label(known[name], currency)
            rows.append((layer, name, name, title, known[name].description))
    database.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)",
        rows,
    )


def add_metadata(database: sqlite3.Connection, about: About) -> None:
    """Say what plan this is, in Dublin Core."""
    document = ET.Element("metadata")
    for term in ("title", "description", "creator", "identifier"):
        if text := getattr(about, term):
            ET.SubElement(document, f"{{{DUBLIN_CORE}}}{term}").text = text
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)",
        (DUBLIN_CORE, ET.tostring(document, encoding="unicode")),
    )
    database.execute(
        "INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)",
        (LAST_CHANGE,),
    )


def add_styles(database: sqlite3.Connection, layers: Layers, currency: str) -> None:
    """Say how QGIS draws each layer."""
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
        "update_time) VALUES ('', '', ?, 'geom', 'Sitewatt', ?, '', 1, ?, '', ?)",
        [
            (name, qml, DESCRIPTIONS[name], LAST_CHANGE)
            for name, qml in qml_of(layers, currency).items()
        ],
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
        "VALUES ('layer_styles', 'attributes', 'Styles', 'How QGIS draws the layers', ?)",
        (LAST_CHANGE,),
    )
