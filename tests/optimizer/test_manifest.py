"""The manifest: what each key may hold, and what is said of one that does not."""

from pathlib import Path
from typing import Any

import pytest

from optimizer.manifest import MANIFEST, Latency, parse_manifest
from tests.optimizer.folder_of_files import SOUND, assert_only, edited, problems_of

KEYS: dict[str, Any] = {
    "name": "small",
    "title": "A small one",
    "currency": "EUR",
    "base_year": 2026,
    "discount_rate": 0.07,
    "stages": [2026, 2028],
    "horizon_end": 2030,
}
# A manifest with these keys changed: the key it is about, the value shown, message and remedy.
BAD = {
    "swapped stages": (
        {"stages": [2028, 2026]}, "stages", "[2028, 2026]",
        "stages must increase, and 2026 comes after 2028", "stages = [2026, 2028]",
    ),
    "a stage twice": (
        {"stages": [2026, 2026]}, "stages", "[2026, 2026]", "must increase", "stages = [2026]",
    ),
    "no stage": ({"stages": []}, "stages", "[]", "there is no stage", "name the years"),
    "no list": ({"stages": 2026}, "stages", "2026", "is not a list", "stages = [2026, 2028]"),
    "half a year": ({"stages": [2026.5]}, "stages", "2026.5", "valid integer", "stages ="),
    "a year in text": ({"base_year": "2026"}, "base_year", "2026", "valid integer", "= 2026"),
    "a year too far": ({"base_year": 20260}, "base_year", "20260", "equal to 2200", "= 2026"),
    "horizon before the last stage": (
        {"horizon_end": 2028}, "horizon_end", "2028", "2028, would end", "horizon_end = 2029",
    ),
    "rate in percent": (
        {"discount_rate": 7}, "discount_rate", "7", "less than or equal to 1", "= 0.07",
    ),
    "rate of -100 %": ({"discount_rate": -1}, "discount_rate", "-1", "greater than -1", "0.07"),
    "rate not a number": ({"discount_rate": float("nan")}, "discount_rate", "nan", "finite", ""),
    "rate true": ({"discount_rate": True}, "discount_rate", "True", "valid number", "0.07"),
    "a century of discounting": (
        {"base_year": 1900, "discount_rate": 0.9}, "horizon_end", "2030", "over 1e9", "base_year",
    ),
    "no currency": ({"currency": "Euro"}, "currency", "Euro", "three capitals", '"EUR"'),
    "empty name": ({"name": ""}, "name", "", "is empty", "give it a name"),
    "hidden text": ({"name": "a\u202eb"}, "name", "a\u202eb", "hidden character", "remove"),
    "formula": ({"name": "=1+1"}, "name", "=1+1", "as formulas do", "another character"),
    "long name": ({"name": "x" * 201}, "name", "x" * 201, "200 characters", "shorten"),
    "empty title": ({"title": ""}, "title", "", "is empty", "title = "),
    "line break": ({"title": "a\nb"}, "title", "a\nb", "line break", "remove it"),
    "unserved mistyped": ({"unserved": "forbiden"}, "unserved", "forbiden", "'forbidden'", "="),
    "unserved a number": ({"unserved": 5000}, "unserved", "5000", "no table of keys", "{ penalty"),
    "penalty mistyped": (
        {"unserved": {"penalty_per_mwh": 1, "penalty": 1}}, "unserved.penalty", "1",
        "unknown key", "did you mean penalty_per_mwh?",
    ),
    "penalty negative": (
        {"unserved": {"penalty_per_mwh": -1}}, "unserved.penalty_per_mwh", "-1",
        "greater than or equal to 0", "5000",
    ),
    "penalty infinite": (
        {"unserved": {"penalty_per_mwh": float("inf")}}, "unserved.penalty_per_mwh", "inf",
        "finite", "5000",
    ),
    "half a fit": (
        {"latency": {"base_ms": 5}}, "latency.ms_per_km", "", "is missing", "ms_per_km = 0.0194",
    ),
    "key mistyped": ({"horizon": 2030}, "horizon", "2030", "unknown key", "mean horizon_end?"),
    "thousands of digits": (
        {"base_year": 16**5000}, "base_year", "a number of thousands of digits", "2200", "2026",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_key_is_named_with_its_remedy(name: str) -> None:
    change, key, value, message, remedy = BAD[name]
    manifest, problems = parse_manifest(KEYS | change)
    assert manifest is None
    assert_only(problems, (MANIFEST, None, key, value), message, remedy)


@pytest.mark.parametrize("key", KEYS)
def test_key_without_default_is_needed(key: str) -> None:
    _, problems = parse_manifest({name: value for name, value in KEYS.items() if name != key})
    assert_only(problems, (MANIFEST, None, key, ""), "is missing", f"{key} = ")


def test_defaults_forbid_unserved_demand_and_pairs_not_listed() -> None:
    manifest, problems = parse_manifest(KEYS)
    assert problems == []
    assert manifest is not None
    assert manifest.unserved_penalty_per_mwh is None
    assert manifest.latency is None
    assert manifest.stages == (2026, 2028)


def test_penalty_and_fit_are_read() -> None:
    extra = {"unserved": {"penalty_per_mwh": 5000}, "latency": {"base_ms": 5, "ms_per_km": 0.02}}
    manifest, _ = parse_manifest(KEYS | extra)
    assert manifest is not None
    assert manifest.unserved_penalty_per_mwh == 5000
    assert manifest.latency == Latency(base_ms=5, ms_per_km=0.02)


# Manifests that are no keys at all: the row named, and what is said. Nothing else is complained
# of: no key is missing where none could be read.
UNREADABLE = {
    "no TOML": (b"name = two sites", None, "is not TOML"),
    "a key twice": (b'name = "a"\nname = "b"', None, "is not TOML"),
    "Latin-1": (b'name = "a"\ntitle = "Z\xfcrich"', 2, "is not UTF-8"),
    "nested without end": (b"name = " + b"[" * 5000, None, "is not TOML"),
    "digits without end": (b"base_year = " + b"9" * 5000, None, "is not TOML"),
    "too large": (b"#" * (2**16 + 1), None, "is larger than 65,536 bytes"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_manifest_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    content, row, message = UNREADABLE[name]
    (problem,) = problems_of(tmp_path / "i", {**SOUND, MANIFEST: content})
    assert (problem.table, problem.row) == (MANIFEST, row)
    assert message in problem.message


def test_missing_manifest_is_the_only_complaint_of_it(tmp_path: Path) -> None:
    files = {name: content for name, content in SOUND.items() if name != MANIFEST}
    place = (MANIFEST, None, "", "")
    assert_only(problems_of(tmp_path / "i", files), place, "missing", "a folder with this file")


def test_bad_key_does_not_keep_tables_from_being_checked(tmp_path: Path) -> None:
    files = edited(MANIFEST, "discount_rate = 0.25", "discount_rate = 25")
    files["demand.csv"] += "bergen,chat,2031,1\n"
    problems = problems_of(tmp_path / "i", files)
    assert [(p.table, p.column) for p in problems] == [
        (MANIFEST, "discount_rate"),
        ("demand", "year"),
    ]


def test_bad_stages_are_not_blamed_on_demand(tmp_path: Path) -> None:
    files = edited(MANIFEST, "[2026, 2027]", "[2027, 2026]")
    (problem,) = problems_of(tmp_path / "i", files)
    assert problem.column == "stages"
