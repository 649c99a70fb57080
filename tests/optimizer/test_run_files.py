"""Files of a run folder that somebody made to do harm: each is told, none is waited for."""

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from optimizer import run_files
from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.files import MOST_BYTES_OF_PLAN, Size
from optimizer.rerun import differing_tables, recorded
from optimizer.run_files import Unreadable, read_cells, read_record
from tests.optimizer.hand_made_run import write_run

SECRET = "site,secret\nx,1\n"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A sound run, and beside it a file that is none of its business."""
    (tmp_path / "secret.csv").write_text(SECRET)
    return write_run(tmp_path / "run")


def sitewatt(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def link(table: Path) -> None:
    table.unlink()
    table.symlink_to("../../secret.csv")


def pipe(table: Path) -> None:
    table.unlink()
    os.mkfifo(table)


def folder(table: Path) -> None:
    table.unlink()
    table.mkdir()


def commas(table: Path) -> None:
    table.write_text("," * 2**20 + "\n")


def binary(table: Path) -> None:
    table.write_bytes(b"site,\0\n")


def parquet_bomb(table: Path) -> None:
    table.unlink()
    row = pa.DictionaryArray.from_arrays(pa.array([0] * 5000), pa.array(["x" * 1000]))
    pq.write_table(pa.table({"site": row}), table.with_suffix(".parquet"))


# How the table capacity is spoilt, and what is said of it.
HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "link": (link, "is a link"),
    "folder": (folder, "is not a file"),
    "commas": (commas, "has 1,048,577 columns"),
    "binary": (binary, "row 1 holds a NUL byte"),
    "bomb": (parquet_bomb, "is too large once unpacked"),
    **({"pipe": (pipe, "is not a file")} if hasattr(os, "mkfifo") else {}),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_table_is_told_by_audit_and_export(
    run: Path, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, message = HOSTILE[how]
    spoil(run / "tables" / "capacity.csv")
    monkeypatch.setattr(run_files, "MOST_OF_A_TABLE", Size(rows=10_000, bytes=2**22))
    audit = sitewatt("audit", run)
    assert audit.exit_code == 7
    assert f"table capacity cannot be read: {message}" in audit.stderr
    export = sitewatt("export", run, "--out", tmp_path / "map.gpkg")
    assert export.exit_code == 1
    assert message in export.stderr
    assert not (tmp_path / "map.gpkg").exists()


@pytest.mark.parametrize("how", ["link", "folder", "pipe"])
def test_copies_are_of_files_alone(run: Path, how: str, tmp_path: Path) -> None:
    if how not in HOSTILE:
        pytest.skip("there are no named pipes")
    spoil, _ = HOSTILE[how]
    spoil(run / "tables" / "capacity.csv")
    result = sitewatt("export", run, "--format", "csv", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "capacity.csv" in result.stderr
    assert not (tmp_path / "out").exists()


def test_table_of_too_many_rows_is_refused(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = run / "tables" / "capacity.csv"
    assert len(read_cells(file)) == 4
    monkeypatch.setattr(run_files, "MOST_OF_A_TABLE", Size(rows=3, bytes=2**20))
    with pytest.raises(Unreadable, match="has more than 3 rows"):
        read_cells(file)
    monkeypatch.setattr(run_files, "MOST_OF_A_TABLE", Size(rows=4, bytes=100))
    with pytest.raises(Unreadable, match="is larger than 100 bytes"):
        read_cells(file)


def test_cells_are_text_or_numbers(tmp_path: Path) -> None:
    columns = {
        "text": pa.array(["NA", None]),
        "nothing": pa.nulls(2),
        "whole": pa.array([1, None]),
        "exact": pa.array([Decimal("1.5"), None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    cells = read_cells(tmp_path / "t.parquet")
    assert cells.text.tolist() == ["NA", ""]
    assert cells.nothing.tolist() == ["", ""]
    assert cells.whole.tolist()[0] == 1
    assert cells.exact.tolist()[0] == 1.5
    assert cells.isna().sum().tolist() == [0, 0, 1, 1]


def test_dates_and_doubled_columns_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"year": pa.array([0], pa.date32())}), tmp_path / "t.parquet")
    with pytest.raises(Unreadable, match=r"year holds date32\[day\], neither text nor numbers"):
        read_cells(tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("a,a\n1,2\n")
    with pytest.raises(Unreadable, match="a column is there twice"):
        read_cells(tmp_path / "t.csv")


# Keys of plan.json that no run writes.
RECORDS: dict[str, dict[str, Any]] = {
    "text": {"objective": "much"},
    "no number": {"bound": float("nan")},
    "too many digits": {"objective": 10**400},
    "no object": {"versions": []},
    "no options": {"options": None},
    "gap of options": {"options": {"gap": True}},
    "letters for a terminal": {"currency": "\x1b[2J"},
}


@pytest.mark.parametrize("how", RECORDS)
def test_damaged_record_is_told(run: Path, how: str) -> None:
    record = json.loads((run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps({**sound_record(record), **RECORDS[how]}))
    with pytest.raises(SitewattError, match=r"plan\.json is damaged"):
        read_record(run)
    # The audit recomputes the plan: it has no use for versions, and for options little.
    assert sitewatt("audit", run).exit_code == (
        7 if {"objective", "bound", "currency"} & {*RECORDS[how]} else 0
    )
    assert sitewatt("why", run, "--site", "north").exit_code == 1


def sound_record(record: dict[str, Any]) -> dict[str, Any]:
    return {"versions": {}, "options": {"gap": 0.001}, **record}


@pytest.mark.parametrize(
    "options",
    [
        {"gap": 2},
        {"gap": 0, "threads": -1},
        {"gap": 0, "threads": 10**9},
        {"gap": 0, "seed": 2**31},
        {"gap": 0, "time_limit": 0},
        {"gap": 0, "time_limit": "1"},
        {"gap": 0, "method": "luck"},
        {"gap": 0, "check": 1},
    ],
)
def test_options_that_nobody_could_ask_for_are_not_solved_with(
    run: Path, options: dict[str, Any]
) -> None:
    record = sound_record(json.loads((run / "plan.json").read_text()))
    (run / "plan.json").write_text(json.dumps({**record, "options": options}))
    with pytest.raises(SitewattError, match=rf"damaged: options: {list(options)[-1]}"):
        recorded(run)


def test_record_is_no_book(run: Path) -> None:
    (run / "plan.json").write_text(" " * (MOST_BYTES_OF_PLAN + 1))
    with pytest.raises(SitewattError, match="is larger than"):
        read_record(run)


def test_tables_that_cannot_be_read_differ(run: Path, tmp_path: Path) -> None:
    again = write_run(tmp_path / "again")
    assert list(differing_tables(run, again)) == []
    for folder_of_tables in (run / "tables", again / "tables"):
        (folder_of_tables / "capacity.csv").unlink()
        (folder_of_tables / "capacity.csv").mkdir()
    assert list(differing_tables(run, again)) == ["capacity"]


def test_infinite_excess_is_null_in_json(run: Path) -> None:
    """Found by spoiling runs at random: without an objective, nothing is near it."""
    (run / "plan.json").write_text("{}")
    result = sitewatt("audit", run, "--json")
    assert result.exit_code == 7
    families = {family["family"]: family for family in json.loads(result.stdout)["families"]}
    assert families["objective"]["broken"] > 0
    assert families["objective"]["worst"] is None


def test_rows_of_the_same_key_are_told_by_export(run: Path, tmp_path: Path) -> None:
    """Found by spoiling runs at random: a site that stands in two rows has two countries."""
    sites = run / "tables" / "sites.csv"
    sites.write_text(sites.read_text() + sites.read_text().splitlines()[1] + "\n")
    result = sitewatt("export", run, "--out", tmp_path / "map.gpkg")
    assert result.exit_code == 1
    assert "two rows have the same site" in result.stderr
