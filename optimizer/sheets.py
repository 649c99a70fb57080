"""Sheets of an Excel workbook: columns with formats and notes, and texts that stay texts.

A text is written as a text, whatever it looks like, and a number with the sixteen digits that a
workbook holds. Rows go to the disk as they come.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

# Limits of Excel.
MOST_ROWS = 1_048_576
MOST_UNITS_OF_TEXT = 32_767

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# Workbooks carry the time at which they were made; one for all makes equal plans equal files.
CREATED = datetime(1970, 1, 1)
A4 = 9
ROWS_PER_BLOCK = 10_000
# Columns are as wide as what is in them, within reason. An arrow of the filter takes some room.
NARROWEST, WIDEST, ARROW = 8, 44, 3
HEADING = {"bold": True, "bg_color": "#e8eef2", "bottom": 1, "valign": "top"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    name : heading.
    note : shown where the heading is pointed at; "" for none.
    number_format : of its numbers; None for text.
    """

    name: str
    note: str = ""
    number_format: str | None = None


class Book:
    """A workbook that is being written, with what its sheets share."""

    def __init__(self, path: Path, folder: str) -> None:
        self.file = xlsxwriter.Workbook(str(path), {**OPTIONS, "tmpdir": folder})
        self.file.use_zip64()
        self.file.set_properties({"title": "Plan of Sitewatt", "created": CREATED})
        self.formats: dict[tuple, Any] = {}

    def format(self, **looks: Any) -> Any:
        """Format of cells, made once. Quoted texts stay texts where somebody edits them."""
        key = tuple(looks.items())
        if key not in self.formats:
            self.formats[key] = self.file.add_format(looks)
        return self.formats[key]

    def cell_writer(self, sheet: Any, column: Column) -> Callable[[int, int, Any], None]:
        """What writes a cell of a column."""
        if column.number_format is None:
            text_format = self.format(quote_prefix=True)
            return lambda row, col, text: sheet.write_string(row, col, as_cell(text), text_format)
        number_format = self.format(num_format=column.number_format)
        return lambda row, col, number: sheet.write_number(row, col, number, number_format)

    def write_table(
        self, name: str, table: pd.DataFrame, columns: Sequence[Column]
    ) -> dict[str, int]:
        """Write a table on as many sheets as its rows need.

        Returns
        -------
        dict
            Rows by sheet.
        """
        widths = [width(column, table[column.name]) for column in columns]
        rows = cells(table[[column.name for column in columns]])
        sheets: dict[str, int] = {}
        while not sheets or sum(sheets.values()) < len(table):
            sheet = self.new_sheet(f"{name} ({len(sheets) + 1})" if sheets else name)
            self.write_heading(sheet, columns, widths)
            writers = [self.cell_writer(sheet, column) for column in columns]
            last = 0
            for last, row in enumerate(islice(rows, MOST_ROWS - 1), 1):
                for place, (write, cell) in enumerate(zip(writers, row, strict=True)):
                    if not pd.isna(cell):
                        write(last, place, cell)
            sheet.autofilter(0, 0, last, len(columns) - 1)
            sheets[sheet.name] = last
        return sheets

    def new_sheet(self, name: str) -> Any:
        """Sheet that prints on pages as wide as it is."""
        sheet = self.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def write_heading(self, sheet: Any, columns: Sequence[Column], widths: list[int]) -> None:
        """Headings that stay in sight and on every printed page, with notes."""
        for place, (column, wide) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(place, place, wide)
            sheet.write_string(0, place, column.name, self.format(**HEADING))
            if column.note:
                sheet.write_comment(0, place, column.note, {"x_scale": 2, "font_size": 9})
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    def close(self) -> None:
        """Write the file.

        Raises
        ------
        OSError
            It cannot be written.
        """
        try:
            self.file.close()
        except FileCreateError as error:
            raise error.args[0] from error


def cells(table: pd.DataFrame) -> Iterator[tuple]:
    """Rows of a table as Python's own numbers and texts."""
    for start in range(0, len(table), ROWS_PER_BLOCK):
        block = table.iloc[start : start + ROWS_PER_BLOCK]
        yield from zip(*(block[name].tolist() for name in block), strict=True)


def width(column: Column, shown: pd.Series) -> int:
    """Width of a column, in characters."""
    longest = 0
    if column.number_format is None:
        longest = shown.str.len().max()
    elif column.number_format != "0" and shown.notna().any():
        longest = len(f"{shown.abs().max():,.2f}")
    longest = 0 if pd.isna(longest) else int(longest) + 1
    return min(max(longest, len(column.name) + ARROW, NARROWEST), WIDEST)


def as_cell(text: str) -> str:
    """Text as a cell can hold it.

    What XlsxWriter takes for a text with fonts of its own, it would write as XML: a space behind it
    makes it a text again.
    """
    if 2 * len(text) > MOST_UNITS_OF_TEXT:
        units = text.encode("utf-16-le")[: 2 * (MOST_UNITS_OF_TEXT - 1)]
        text = units.decode("utf-16-le", errors="ignore")
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
