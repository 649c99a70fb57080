"""What an instance may hold, told from the schema."""

import json
import textwrap
from dataclasses import dataclass
from typing import Any

import pandera.pandas as pandera

from optimizer.descriptors import (
    constraints,
    frictionless,
    json_schema,
    manifest_schema,
    resource,
    row_schema,
)
from optimizer.errors import SitewattError
from optimizer.manifest import MANIFEST, SECTIONS, toml
from optimizer.names import nearest
from optimizer.schema import TABLES

WIDTH = 88
MOST_CHOICES = 12
WORDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


class UnknownTable(SitewattError):
    """No table has this name."""

    exit_code = 2


@dataclass(frozen=True)
class Entry:
    """A column of a table or a key of the manifest, in words.

    Parameters
    ----------
    default : "required" where it has none.
    limits : what values are allowed; "" where any of the type are.
    """

    name: str
    kind: str
    unit: str
    default: str
    limits: str
    description: str


def describe(kind: str, table: str | None = None) -> str:
    """Describe the manifest and all tables, or one of them.

    Parameters
    ----------
    kind : `text`, `markdown`, `json-schema` or `frictionless`.
    table : its name, or `instance.toml`; None for all.

    Raises
    ------
    UnknownTable
        The message names the nearest known one.
    """
    known = [MANIFEST, *TABLES]
    if table is not None and table not in known:
        raise UnknownTable(f"There is no table {table}: {nearest(table, known)}")
    chosen = known if table is None else [table]
    if kind == "text":
        return "\n\n".join(text(name) for name in chosen)
    if kind == "markdown":
        return "\n\n".join(markdown(name) for name in chosen)
    return json.dumps(descriptor(kind, table), indent=2, ensure_ascii=False)


def descriptor(kind: str, table: str | None) -> dict[str, Any]:
    """Describe for programs."""
    if kind == "json-schema":
        if table is None:
            return json_schema()
        return manifest_schema() if table == MANIFEST else row_schema(table)
    if table == MANIFEST:
        raise UnknownTable("Frictionless describes tables only. Try json-schema for the manifest.")
    return frictionless() if table is None else resource(table)


def text(table: str) -> str:
    """A table in plain text."""
    lines = [table, *wrapped(about(table), 2)]
    for entry in entries(table):
        facts = [entry.kind, entry.unit, entry.limits, entry.default]
        lines.append("")
        lines += wrapped(f"{entry.name}: {', '.join(filter(None, facts))}", 2, 6)
        lines += wrapped(entry.description, 6)
    return "\n".join(lines)


def markdown(table: str) -> str:
    """A table as a section of Markdown."""
    rows = [("column", "type", "unit", "default", "meaning"), ("---",) * 5]
    if table == MANIFEST:
        rows[0] = ("key", *rows[0][1:])
    for entry in entries(table):
        meaning = entry.description + (f"; {entry.limits}" if entry.limits else "")
        rows.append((f"`{entry.name}`", entry.kind, entry.unit, entry.default, meaning))
    body = "\n".join(f"| {' | '.join(row)} |".replace("*", r"\*") for row in rows)
    return f"## {table}\n\n{about(table)}\n\n{body}"


def about(table: str) -> str:
    """What a table is, whether it is needed, and its key."""
    if table == MANIFEST:
        return "What holds for a whole instance. Every instance has this file."
    schema = TABLES[table]
    said = [schema.description]
    if schema.metadata["needed"]:
        said.append("Every instance needs rows.")
    if schema.metadata["key"]:
        said.append(f"Key: {', '.join(schema.metadata['key'])}.")
    return " ".join(said)


def entries(table: str) -> list[Entry]:
    """Columns of a table or keys of the manifest."""
    if table == MANIFEST:
        return manifest_entries(manifest_schema())
    return [column_entry(name, column) for name, column in TABLES[table].columns.items()]


def column_entry(name: str, column: pandera.Column) -> Entry:
    """A column in words."""
    limits = constraints(column)
    kind, of, default = (column.metadata[key] for key in ("kind", "of", "default"))
    words = bounds(limits)
    if "enum" in limits and len(limits["enum"]) <= MOST_CHOICES:
        words.append("one of " + ", ".join(limits["enum"]))
    if of and of != "groups":  # Where a group may stand, a country may, too.
        words.append(f"row of {of}")
    if column.required:
        told = "required"
    elif default is None or default == "":
        told = (
            f"may be empty: {column.metadata['empty']}"
            if column.metadata["empty"]
            else "may be empty"
        )
    else:
        told = f"default {default:g}" if isinstance(default, float) else f"default {default}"
    kinds = {"name": "text", "whole": "whole number"}
    unit = column.metadata["unit"]
    return Entry(name, kinds.get(kind, kind), unit, told, ", ".join(words), column.description)


def bounds(limits: dict[str, Any]) -> list[str]:
    """Limits of a number in words."""
    if {"minimum", "maximum"} <= limits.keys():
        return [f"{limits['minimum']:g} to {limits['maximum']:g}"]
    return [WORDS[name].format(f"{limits[name]:g}") for name in WORDS if name in limits]


def manifest_entries(schema: dict[str, Any], prefix: str = "") -> list[Entry]:
    """Keys of the manifest in words, those of sections under dotted names."""
    found = []
    needed = schema.get("required") or schema["anyOf"][-1]["required"]
    for name, described in schema["properties"].items():
        kinds = [described, *described.get("anyOf", []), *described.get("oneOf", [])]
        told_kinds = [KINDS[kind["type"]] for kind in kinds if kind.get("type") in KINDS]
        told_kinds += ["section"] if name in SECTIONS else []
        default = described.get("default")
        told = f"default {toml(default)}" if default else "may be left out"
        found.append(
            Entry(
                prefix + name,
                " or ".join(told_kinds),
                described["unit"],
                "required" if name in needed else told,
                ", ".join(bounds(described)),
                f"{described['description']}; example: {toml(described['examples'][0])}",
            )
        )
        if name in SECTIONS:
            found += manifest_entries(SECTIONS[name].model_json_schema(), f"{prefix}{name}.")
    return found


KINDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "array": "list of whole numbers",
}


def wrapped(paragraph: str, indent: int, hanging: int | None = None) -> list[str]:
    """Lines of a paragraph."""
    return textwrap.wrap(
        paragraph,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hanging is None else hanging),
    )
