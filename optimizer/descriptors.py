"""What an instance may hold, for programs: JSON Schema and Frictionless data package."""

from typing import Any

import pandera.pandas as pandera

from optimizer.columns import FIRST_STAGE, OWN_KEY
from optimizer.manifest import MANIFEST, Manifest
from optimizer.schema import TABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES = {"number": "number", "whole": "integer"}
# Names of the limits of pandera's checks in JSON Schema and Table Schema.
LIMITS = {
    "greater_than_or_equal_to": ("min_value", "minimum"),
    "greater_than": ("min_value", "exclusiveMinimum"),
    "less_than_or_equal_to": ("max_value", "maximum"),
    "sound": ("max_value", "maxLength"),
    "choice": ("allowed_values", "enum"),
    "iso_3166_1": ("allowed_values", "enum"),
}


def constraints(column: pandera.Column) -> dict[str, Any]:
    """Limits of a column by their names in JSON Schema."""
    found: dict[str, Any] = {}
    for check in column.checks:
        if check.name in LIMITS:
            statistic, constraint = LIMITS[check.name]
            value = check.statistics[statistic]
            found[constraint] = list(value) if constraint == "enum" else value
    if column.required and column.metadata["kind"] not in TYPES:
        found["minLength"] = 1
    return found


def json_schema() -> dict[str, Any]:
    """JSON Schema of an instance: an object of the manifest and, by name, tables of rows."""
    manifest = manifest_schema()
    rows = {name: row_schema(name) for name in TABLES}
    tables = {
        name: {
            "type": "array",
            "items": {"$ref": f"#/$defs/{name}"},
            **({"minItems": 1} if schema.metadata["needed"] else {}),
        }
        for name, schema in TABLES.items()
    }
    return {
        "$schema": DIALECT,
        "title": "Instance",
        "description": "An instance folder: its manifest and its tables, rows as objects.",
        "type": "object",
        "properties": {MANIFEST: manifest, **tables},
        "required": [MANIFEST, *(n for n, s in TABLES.items() if s.metadata["needed"])],
        "additionalProperties": False,
        "$defs": {**manifest.pop("$defs"), **rows},
    }


def manifest_schema() -> dict[str, Any]:
    """JSON Schema of the manifest; one that extends another may leave out any key."""
    schema = Manifest.model_json_schema()
    whole = {"required": schema.pop("required")}
    return {**schema, "anyOf": [{"required": ["extends"]}, whole]}


def row_schema(table: str) -> dict[str, Any]:
    """JSON Schema of a row of a table; a cell that may be empty may be null."""
    schema = TABLES[table]
    properties = {}
    for name, column in schema.columns.items():
        kind = TYPES.get(column.metadata["kind"], "string")
        properties[name] = {
            "type": [kind, "null"] if column.nullable else kind,
            **constraints(column),
            **extras(column),
        }
    return {
        "title": table,
        "description": schema.description,
        "type": "object",
        "properties": properties,
        "required": [name for name, column in schema.columns.items() if column.required],
        "additionalProperties": False,
    }


def extras(column: pandera.Column) -> dict[str, Any]:
    """Description, and unit and default where a column has them."""
    unit, default = column.metadata["unit"], column.metadata["default"]
    described: dict[str, Any] = {"description": column.description}
    if unit:
        described["unit"] = unit
    if default in (FIRST_STAGE, OWN_KEY):
        described["description"] += f"; {default} where it is empty"
    elif default is not None:
        described["default"] = default
    return described


def frictionless() -> dict[str, Any]:
    """Frictionless descriptor of an instance folder that has every table as CSV."""
    return {
        "profile": "tabular-data-package",
        "name": "instance",
        "title": "Instance of Sitewatt",
        "resources": [resource(table) for table in TABLES],
    }


def resource(table: str) -> dict[str, Any]:
    """Frictionless descriptor of a table."""
    return {
        "name": table,
        "path": f"{table}.csv",
        "profile": "tabular-data-resource",
        "description": TABLES[table].description,
        "encoding": "utf-8",
        "schema": table_schema(table),
    }


def table_schema(table: str) -> dict[str, Any]:
    """Frictionless Table Schema of a table."""
    schema = TABLES[table]
    described: dict[str, Any] = {
        "fields": [field(name, column) for name, column in schema.columns.items()],
        "missingValues": [""],
    }
    if schema.metadata["key"]:
        described["primaryKey"] = list(schema.metadata["key"])
    keys = [
        {"fields": [name], "reference": {"resource": of, "fields": [TABLES[of].metadata["key"][0]]}}
        for name, column in schema.columns.items()
        # A reference with a default may also be a sign, as * is.
        if (of := column.metadata["of"]) and column.required
    ]
    if keys:
        described["foreignKeys"] = keys
    return described


def field(name: str, column: pandera.Column) -> dict[str, Any]:
    """Frictionless descriptor of a column."""
    limits = constraints(column)
    # Table Schema knows no open interval; the description says it.
    limits.pop("exclusiveMinimum", None)
    return {
        "name": name,
        "type": TYPES.get(column.metadata["kind"], "string"),
        "constraints": {"required": column.required, **limits},
        **extras(column),
    }
