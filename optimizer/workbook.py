"""A finished run as an Excel workbook: an overview, and a sheet for each result table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from optimizer.instance import Instance, read_instance
from optimizer.layers import LAYER_TABLES
from optimizer.power_results import POWER_MEANINGS
from optimizer.results import RESULT_MEANINGS, ResultColumn
from optimizer.run_files import read_record, table_file
from optimizer.run_tables import ALL_TABLES, column_type, read_table
from optimizer.sheets import HEADING, Book, Column, as_cell

MEANINGS = {
    **RESULT_MEANINGS,
    **POWER_MEANINGS,
    "columns": "What each column holds, and its unit",
    "sources": "Where the figures of the instance come from, and how good they are",
}
# How numbers are shown, by unit; the digits are all there.
NUMBER_FORMATS = {
    "currency": "#,##0",
    "degrees": "0.0000",
    "ms": "#,##0.0",
    "MWh": "#,##0",
    "MWh per year": "#,##0",
    "m³ per year": "#,##0",
    "h/year": "#,##0",
    "t": "#,##0.0",
    "t per year": "#,##0.0",
}
OTHER_NUMBERS = "#,##0.00"


def write_workbook(run: Path, path: Path) -> None:
    """Write a finished run as a workbook for Excel.

    Parameters
    ----------
    run : folder of a finished run.
    path : new file.

    Raises
    ------
    SitewattError
        The run is not whole.
    OSError
        The file cannot be written.
    """
    record, instance = read_record(run), read_instance(run / "instance")
    names = [
        name for name in ALL_TABLES if name in LAYER_TABLES or table_file(run, name) is not None
    ]
    with TemporaryDirectory() as folder:
        book = Book(path, folder)
        # Tells how many rows the others have, and so is written last.
        overview = book.new_sheet("overview")
        rows, currency = {}, record["currency"]
        for name in names:
            table = read_table(run, name)
            rows[name] = book.write_table(name, table, result_columns(name, currency))
        for name, table in (
            ("columns", every_column(names, currency)),
            ("sources", instance.tables["sources"]),
        ):
            columns = [Column(key, number_format="0" if key == "year" else None) for key in table]
            rows[name] = book.write_table(name, table, columns)
        told = facts(record, instance, read_table(run, "sites"))
        write_overview(book, overview, instance.manifest.title, told, rows)
        book.close()


def facts(record: Mapping[str, Any], instance: Instance, sites: pd.DataFrame) -> Iterator[tuple]:
    """What the overview says of a plan: label, value, unit or format."""
    manifest, currency = instance.manifest, record["currency"]
    yield "Status", str(record.get("status", "")).replace("_", " "), ""
    yield "Cost, present value", record["objective"], currency
    yield "Least cost that is possible, proven", record["bound"], currency
    yield "Gap between the two", record["gap"], "%"
    yield "Gap asked for", record["options"]["gap"], "%"
    yield "Sites in use", f"{sites.opened_year.notna().sum():,} of {len(sites):,}", ""
    yield "Stages", ", ".join(map(str, manifest.stages)), ""
    yield "Last year", str(manifest.horizon_end - 1), ""
    yield "Costs are discounted to", str(manifest.base_year), ""
    yield "Discount rate, real", manifest.discount_rate, "%"
    yield "Instance", manifest.name, ""
    yield "SHA-256 of the instance", instance.sha256, ""
    yield "Solved by Sitewatt", str(record["versions"].get("sitewatt", "")), ""


def write_overview(
    book: Book,
    sheet: Any,
    title: str,
    told: Iterator[tuple],
    rows: Mapping[str, Mapping[str, int]],
) -> None:
    """Write the first sheet: what plan this is, how good it is, and what is on the other sheets.

    Parameters
    ----------
    told : label, value and unit of what is said of the plan.
    rows : by table and sheet.
    """
    text = book.cell_writer(sheet, Column(""))
    for place, wide in enumerate((36, 24, 64)):
        sheet.set_column(place, place, wide)
    sheet.write_string(0, 0, as_cell(title), book.format(bold=True, font_size=16))
    line = 2
    for label, value, unit in told:
        text(line, 0, label)
        if isinstance(value, str):
            text(line, 1, value)
        else:
            shown = "0.000%" if unit == "%" else "#,##0"
            sheet.write_number(line, 1, value, book.format(num_format=shown, align="left"))
            text(line, 2, unit.strip("%"))
        line += 1
    line += 1
    for place, heading in enumerate(("Sheet", "Rows", "What it holds")):
        sheet.write_string(line, place, heading, book.format(**HEADING))
    for name, sheets in rows.items():
        for own, count in sheets.items():
            line += 1
            sheet.write_url(line, 0, f"internal:'{own}'!A1", string=own)
            sheet.write_number(line, 1, count, book.format(num_format="#,##0", align="left"))
            text(line, 2, MEANINGS[name])


def result_columns(name: str, currency: str) -> list[Column]:
    """Columns of a result table, with what its description says of them."""
    return [
        Column(column.name, note(column, currency), number_format(name, column))
        for column in ALL_TABLES[name]
    ]


def note(column: ResultColumn, currency: str) -> str:
    """What a column holds, and its unit."""
    unit = column.unit.replace("currency", currency)
    return column.description + (f"\nUnit: {unit}" if unit else "")


def number_format(table: str, column: ResultColumn) -> str | None:
    """How the numbers of a column are shown; None where it holds text."""
    kind = column_type(table, column)
    if kind == "str":
        return None
    if kind == "Int64":
        return "0"
    return "0.0%" if not column.unit else NUMBER_FORMATS.get(column.unit, OTHER_NUMBERS)


def every_column(names: list[str], currency: str) -> pd.DataFrame:
    """Every column of some result tables with its unit and meaning."""
    rows = [
        (name, column.name, column.unit.replace("currency", currency), column.description)
        for name in names
        for column in ALL_TABLES[name]
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
