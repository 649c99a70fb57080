"""Workbooks give every table back, show it well, and run nothing."""

import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from optimizer import sheets
from optimizer.errors import SitewattError
from optimizer.run_tables import read_table, typed
from optimizer.workbook import write_workbook
from tests.optimizer.audit.bridge_run import write_bridge_run
from tests.optimizer.hand_made_run import TABLES, write_run

HOSTILE = (
    '=HYPERLINK("http://example.org", "a name")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "https://example.org",
    "0123",
    "_x0041_",
    "<r><t>x</t></r></is></c><c><f>1+1</f></c><c><is><r></r>",
    "</script><script>alert(1)</script>",
    "مركز \u202eالبيانات",
    "two\nlines ",
    "𓀀" * 20_000,
)

RECORD = {
    "status": "gap_missed",
    "objective": 1234.5,
    "bound": 1200.0,
    "gap": 0.028,
    "options": {"gap": 0.01},
    "versions": {"sitewatt": "0.1.0"},
    "currency": "EUR",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(write_run(tmp_path_factory.mktemp("by-hand") / "run"))


def recorded(run: Path) -> Path:
    """Run with the plan.json that a solve leaves."""
    (run / "plan.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return run


def opened(run: Path, folder: Path) -> Workbook:
    write_workbook(run, folder / "plan.xlsx")
    return openpyxl.load_workbook(folder / "plan.xlsx")


def table_of(book: Workbook, name: str) -> pd.DataFrame:
    header, *rows = book[name].iter_rows(values_only=True)
    return typed(name, pd.DataFrame(rows, columns=header).astype(object).fillna(""))


def same(read: pd.DataFrame, table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(read, table, rtol=1e-15, atol=0)


def test_tables_come_back(run: Path, tmp_path: Path) -> None:
    book = opened(run, tmp_path)
    assert book.sheetnames == ["overview", *TABLES, "columns", "sources"]
    for name in TABLES:
        same(table_of(book, name), read_table(run, name))


def test_tables_of_the_hours_come_back(tmp_path: Path) -> None:
    hourly = recorded(write_bridge_run(tmp_path / "run").folder)
    book = opened(hourly, tmp_path)
    for name in ("dispatch", "standing", "levelised"):
        same(table_of(book, name), read_table(hourly, name))


def test_overview_says_what_plan_it_is(run: Path, tmp_path: Path) -> None:
    book = opened(run, tmp_path)
    rows = [row for row in book["overview"].iter_rows(values_only=True) if row[0]]
    assert rows[0][0] == "Two sites by hand"
    told = {label: (value, unit) for label, value, unit in rows[1:]}
    assert told["Status"] == ("gap missed", None)
    assert told["Cost, present value"] == (1234.5, "EUR")
    assert told["Least cost that is possible, proven"] == (1200.0, "EUR")
    assert told["Stages"][0] == "2026, 2028"
    assert told["capacity"] == (4, "IT capacity and load of each site, by stage")
    links = {
        cell.value: cell.hyperlink.location for (cell, *_) in book["overview"] if cell.hyperlink
    }
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames[1:]}


def test_sheets_are_made_to_be_read(run: Path, tmp_path: Path) -> None:
    book = opened(run, tmp_path)
    sheet = book["costs"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:E{sheet.max_row}"
    assert sheet["D1"].comment.text == "sum over the years of the stage, undiscounted\nUnit: EUR"
    assert [cell.number_format for cell in sheet[2]] == [
        "General",
        "0",
        "General",
        "#,##0",
        "#,##0",
    ]
    assert sheet["A1"].font.b
    assert book["serving"]["E2"].number_format == "0.0%"
    assert book["sites"].column_dimensions["A"].width > 8
    units = {row[:2]: row[2] for row in book["columns"].values}
    assert units["energy", "carbon_t"] == "t per year"


def test_text_stays_text(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (site, *_) = read_table(run, "sites").to_dict("records")
    sites = [site | {"site": f"s{number}", "name": text} for number, text in enumerate(HOSTILE)]
    pd.DataFrame(sites).to_csv(copy / "tables" / "sites.csv", index=False)
    names = [row[1] for row in opened(copy, tmp_path)["sites"].iter_rows(min_row=2)]
    *shown, longest = [unescape(cell.value).rstrip(" ") for cell in names]
    assert [*shown] == [text.rstrip(" ") for text in HOSTILE[:-1]]
    # Excel holds half as many signs where each takes two of its units.
    assert longest == HOSTILE[-1][:16_383]
    for cell in names:
        assert (cell.data_type, cell.quotePrefix, cell.hyperlink) == ("s", True, None)
    for name, content in parts(tmp_path / "plan.xlsx").items():
        assert b"<f>" not in content, name


def parts(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_more_rows_than_a_sheet_has_go_to_the_next(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = read_table(run, "costs")
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    monkeypatch.setattr(sheets, "ROWS_PER_BLOCK", 3)
    book = opened(run, tmp_path)
    names = [name for name in book.sheetnames if name.startswith("costs")]
    assert names[:2] == ["costs", "costs (2)"]
    assert len(names) == -(-len(table) // 4)
    assert book[names[1]].auto_filter.ref == "A1:E5"
    rows = [row for name in names for row in [*book[name].values][1:]]
    read = typed("costs", pd.DataFrame(rows, columns=list(table)).astype(object).fillna(""))
    same(read, table)


def test_same_plan_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    book = opened(run, tmp_path)
    assert book.properties.created == datetime(1970, 1, 1)
    first = (tmp_path / "plan.xlsx").read_bytes()
    opened(run, tmp_path)
    assert (tmp_path / "plan.xlsx").read_bytes() == first


def test_place_that_cannot_be_written_to_is_an_error_of_the_system(run: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_workbook(run, run / "no folder" / "plan.xlsx")


def test_unfinished_run_is_refused(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "tables" / "capacity.csv").unlink()
    with pytest.raises(SitewattError, match="no table capacity"):
        write_workbook(copy, tmp_path / "plan.xlsx")
