"""The reference says what the reader does: for people, and in two formats for programs."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.descriptors import frictionless, json_schema, manifest_schema, row_schema
from optimizer.instance import read_instance
from optimizer.manifest import MANIFEST, Manifest
from optimizer.reference import UnknownTable, describe, entries
from optimizer.schema import TABLES
from tests.optimizer.folder_of_files import FIT, SOUND, write_files


def as_document(folder: Path) -> dict[str, Any]:
    """An instance as one JSON document; empty cells are null."""
    instance = read_instance(folder)
    tables = {
        name: json.loads(table.to_json(orient="records"))
        for name, table in instance.tables.items()
        if len(table)
    }
    keys = instance.manifest.model_dump(mode="json", exclude_none=True)
    return {MANIFEST: keys, **tables}


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_reference_names_every_table_column_and_key(kind: str) -> None:
    everything = describe(kind)
    for table, schema in TABLES.items():
        described = describe(kind, table)
        assert described in everything
        assert schema.description.split(".")[0][:40] in described
        for name in schema.columns:
            assert f"`{name}`" in described or f"  {name}: " in described
    for name in Manifest.model_fields:
        assert name in describe(kind, MANIFEST)


def test_entry_tells_unit_default_limits_and_meaning() -> None:
    sites = {entry.name: entry for entry in entries("sites")}
    assert sites["max_it_mw"].default == "required"
    assert (sites["max_it_mw"].unit, sites["max_it_mw"].limits) == ("MW", "at least 0")
    assert (sites["pue"].default, sites["pue"].limits) == ("default 1", "1 to 10")
    assert sites["earliest_year"].default == "default the first stage"
    assert sites["block_mw"].default == "may be empty: any amount can be bought"
    assert sites["node"].limits == "row of nodes"
    rules = {entry.name: entry for entry in entries("rules")}
    assert rules["kind"].limits.startswith("one of site_in, site_not_in")
    keys = {entry.name: entry for entry in entries(MANIFEST)}
    assert keys["discount_rate"].limits == "above -1, at most 1"
    assert keys["unserved"].default == 'default "forbidden"'
    assert keys["unserved.penalty_per_mwh"].unit == "currency/MWh"
    assert keys["latency"].default == "may be left out"


def test_lines_of_text_fit_a_terminal() -> None:
    assert max(map(len, describe("text").splitlines())) <= 88


def test_markdown_tables_are_whole() -> None:
    rows = [line for line in describe("markdown").splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}


@pytest.mark.parametrize("kind", ["text", "markdown", "json-schema", "frictionless"])
def test_unknown_table_is_named_with_the_nearest(kind: str) -> None:
    with pytest.raises(UnknownTable, match="no table site: did you mean sites"):
        describe(kind, "site")


def test_frictionless_knows_no_manifest() -> None:
    with pytest.raises(UnknownTable, match="json-schema"):
        describe("frictionless", MANIFEST)


def test_descriptions_for_programs_are_json() -> None:
    assert json.loads(describe("json-schema")) == json.loads(json.dumps(json_schema()))
    assert json.loads(describe("json-schema", MANIFEST)) == manifest_schema()
    assert json.loads(describe("json-schema", "sites"))["title"] == "sites"
    assert len(json.loads(describe("frictionless"))["resources"]) == len(TABLES)
    assert json.loads(describe("frictionless", "sites"))["path"] == "sites.csv"


def test_json_schema_describes_rows() -> None:
    sites = row_schema("sites")
    assert sites["properties"]["pue"] == {
        "type": "number",
        "minimum": 1,
        "maximum": 10,
        "description": "facility power per IT power",
        "unit": "MW/MW",
        "default": 1.0,
    }
    assert sites["properties"]["block_mw"]["type"] == ["number", "null"]
    assert "NA" in sites["properties"]["country"]["enum"]
    assert set(sites["required"]) == {
        *("site", "country", "operator", "operator_country", "node", "max_it_mw")
    }


def test_table_schema_has_keys_and_references() -> None:
    described = {resource["name"]: resource["schema"] for resource in frictionless()["resources"]}
    assert described["demand"]["primaryKey"] == ["region", "workload", "year"]
    assert described["latency"]["foreignKeys"] == [
        {"fields": ["region"], "reference": {"resource": "regions", "fields": ["region"]}},
        {"fields": ["site"], "reference": {"resource": "sites", "fields": ["site"]}},
    ]
    assert "primaryKey" not in described["sources"]


# What the reader refuses in one table, the schema refuses, too.
BAD = {
    "site": "",
    "max_it_mw": -1,
    "pue": 0.5,
    "latitude": 123,
    "country": "XX",
    "block_mw": 0,
    "earliest_year": 2026.5,
    "operator": "x" * 201,
    "sitee": "unknown",
}


def test_json_schema_accepts_what_is_sound_and_refuses_what_is_not(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    files = {**SOUND, MANIFEST: SOUND[MANIFEST] + FIT}
    document = as_document(write_files(tmp_path / "i", files))
    validator(schema).validate(document)
    for column, value in BAD.items():
        sites = [{**document["sites"][0], column: value}]
        assert not validator(schema).is_valid({**document, "sites": sites}), column
    for key, value in {"stages": 2026, "base_year": "2026", "discount_rate": 7, "nme": 1}.items():
        manifest = {**document[MANIFEST], key: value}
        assert not validator(schema).is_valid({**document, MANIFEST: manifest}), key
    for key in ("stages", "name"):
        manifest = {k: v for k, v in document[MANIFEST].items() if k != key}
        assert not validator(manifest_schema()).is_valid(manifest), key
        assert validator(manifest_schema()).is_valid({**manifest, "extends": "base"}), key


def test_frictionless_accepts_what_is_sound_and_refuses_what_is_not(tmp_path: Path) -> None:
    frictionless_package = pytest.importorskip("frictionless")
    folder = write_files(tmp_path / "i", SOUND)
    instance = read_instance(folder)
    # The package knows no optional columns: it is given all of them.
    for name, table in instance.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "datapackage.json").write_text(json.dumps(frictionless()))

    def errors() -> list[tuple[str, str]]:
        package = frictionless_package.Package(str(folder / "datapackage.json"))
        report = package.validate()
        assert not report.errors
        return [(task.name, error.type) for task in report.tasks for error in (task.errors)]

    assert errors() == []
    sites = instance.tables["sites"]
    sites.assign(pue=0.5, node="nowhere").to_csv(folder / "sites.csv", index=False)
    twice = pd.concat([instance.tables["demand"]] * 2)
    twice.to_csv(folder / "demand.csv", index=False)
    assert set(errors()) == {
        ("sites", "constraint-error"),
        ("sites", "foreign-key"),
        ("demand", "primary-key"),
    }
