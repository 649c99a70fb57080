"""From a file's bytes to cells as written, in CSV and in Parquet, whatever the bytes may be."""

import codecs
import re
from array import array
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pyarrow import types

from optimizer.files import Size
from optimizer.parquet_pages import Pages, pages_of
from optimizer.reading import MOST_LISTED, Reading

# Arrow reads CSV in blocks of this size; no row may be longer.
BLOCK = 2**20
MOST_COLUMNS = 1000
# Writers put a million rows in a group; a file of groups of one row takes a minute to read.
MOST_ROW_GROUPS = 1000
MOST_BYTES_OF_FOOTER = 2**20
DECODED_AT_ONCE = 2**24
# Arrow must not guess what cells hold.
TEXT_ALONE = pa_csv.ConvertOptions(
    strings_can_be_null=False,
    column_types={f"f{number}": pa.string() for number in range(MOST_COLUMNS)},
)


@dataclass
class Cells:
    """Cells of a file.

    Attributes
    ----------
    header : names of the columns.
    columns : their cells in the same order: text in CSV, whatever type in Parquet.
    lines : line that each row stands on, the header being line 1.
    """

    header: list[str]
    columns: list[pa.ChunkedArray]
    lines: npt.NDArray[np.int64]


@dataclass
class Ragged:
    """Rows of a CSV file that have more or fewer cells than the header."""

    lines: array = field(default_factory=lambda: array("q"))
    described: list[str] = field(default_factory=list)

    def skip(self, row: pa_csv.InvalidRow) -> str:
        """Note a row, and let Arrow go on with the next."""
        self.lines.append(row.number)
        if len(self.lines) <= MOST_LISTED:
            cells = f"{row.actual_columns} cell{'s' if row.actual_columns > 1 else ''}"
            self.described.append(f"has {cells} where the header has {row.expected_columns}")
        return "skip"


def parse_csv(reading: Reading, content: bytes, most: Size) -> Cells | None:
    """Cells of a CSV file; None if nothing can be made of it."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content or content.isspace():
        reading.reject("the file is empty", "write a header and rows, or remove the file")
        return None
    if (
        not is_plain_text(reading, content)
        or too_long(reading, most, max(content.count(b"\n"), content.count(b"\r")))
        or too_wide(reading, content)
    ):
        return None
    content = content if content.endswith(b"\n") else content + b"\n"
    ragged = Ragged()
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            # In one thread, or else Arrow does not know the lines of the rows it skips.
            pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, autogenerate_column_names=True),
            pa_csv.ParseOptions(
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=ragged.skip,
            ),
            TEXT_ALONE,
        )
    except pa.ArrowInvalid:
        reading.reject(
            "is no CSV file: a quote is not closed, or a line has a million characters",
            "check the quotes and the ends of lines",
        )
        return None
    header = [column[0].as_py() for column in table.columns]
    if len(header) == 1 and ";" in header[0]:
        reading.reject("cells are separated by semicolons", "separate them by commas")
        return None
    lines = np.arange(2, len(table) + len(ragged.lines) + 1)
    lines = np.delete(lines, np.frombuffer(ragged.lines, dtype=np.int64) - 2)
    report_ragged(reading, ragged)
    return without_empty_rows(reading, Cells(header, table.slice(1).columns, lines))


def is_plain_text(reading: Reading, content: bytes) -> bool:
    """Whether bytes are UTF-8 without NUL; the first that is not is a problem."""
    place, wrong = content.find(b"\0"), "holds a NUL byte"
    if place < 0:
        decoder = codecs.getincrementaldecoder("utf-8")()
        for start in range(0, len(content), DECODED_AT_ONCE):
            end = start + DECODED_AT_ONCE
            try:
                decoder.decode(content[start:end], final=end >= len(content))
            except UnicodeDecodeError as error:
                place, wrong = start + error.start, "is not UTF-8"
                break
    if place >= 0:
        line = 1 + content.count(b"\n", 0, place)
        reading.reject(wrong, "save the file as UTF-8 text", row=line)
    return place < 0


def too_long(reading: Reading, most: Size, rows: int) -> bool:
    """Whether a table has more rows than may be read; that is a problem."""
    if rows > most.rows + 1:
        reading.reject(
            f"has more than {most.rows:,} rows",
            "take out what the question does not need, or merge rows",
        )
    return rows > most.rows + 1


def too_wide(reading: Reading, content: bytes) -> bool:
    """Whether the header of a CSV file is none, which Arrow would need gigabytes to find out."""
    end = re.search(rb"[\r\n]|\Z", content)
    header = content[: end.start()] if end else content
    if header.count(b'"') % 2:
        reading.reject("a quote in the header is not closed", "check the quotes", row=1)
        return True
    columns = header.count(b",") + 1
    if columns > MOST_COLUMNS:
        reading.reject(f"has {columns:,} columns", "separate rows by ends of lines")
    return columns > MOST_COLUMNS


def report_ragged(reading: Reading, ragged: Ragged) -> None:
    """Enter the rows that were skipped as problems."""
    for line, described in zip(ragged.lines, ragged.described, strict=False):
        reading.reject(described, "check its commas and quotes", row=line)
    more = len(ragged.lines) - len(ragged.described)
    if more:
        reading.reject(f"{more:,} more rows have too many or too few cells", "mend them likewise")
    reading.complete = not ragged.lines


def without_empty_rows(reading: Reading, cells: Cells) -> Cells:
    """Leave out rows without a character; a problem, unless they end the file."""
    empty = np.full(len(cells.lines), True)
    for column in cells.columns:
        empty &= pc.equal(column, "").to_numpy()
        if not empty.any():
            return cells
    filled = np.flatnonzero(~empty)
    last = filled[-1] if len(filled) else -1
    between = cells.lines[: last + 1][empty[: last + 1]]
    for line in between[:MOST_LISTED]:
        reading.reject("the row is empty", "remove it", row=int(line))
    keep = pa.array(~empty)
    columns = [column.filter(keep) for column in cells.columns]
    return Cells(cells.header, columns, cells.lines[~empty])


def parse_parquet(reading: Reading, content: bytes, most: Size) -> Cells | None:
    """Cells of a Parquet file; None if nothing can be made of it.

    What a file says of itself is checked before anything is unpacked: a few bytes can stand for
    billions of rows or for a text of a gigabyte.
    """
    try:
        if int.from_bytes(content[-8:-4], "little") > MOST_BYTES_OF_FOOTER:
            reading.reject("describes itself at too great a length", "write it in larger groups")
            return None
        file = pq.ParquetFile(pa.BufferReader(content))
        groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
        rows = max(file.metadata.num_rows, sum(group.num_rows for group in groups))
        if too_long(reading, most, rows) or too_intricate(reading, file):
            return None
        pages = pages_of(content)
        if too_large(reading, most, pages.unpacked_bytes) or refused_by_prefixes(reading, pages):
            return None
        text = [field.name for field in file.schema_arrow if is_text(field.type)]
        # A few long texts that stand in every row are a few bytes until somebody writes them out.
        table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=text).read()
        table.validate(full=True)
        if too_long(reading, most, len(table)) or too_large(reading, most, unpacked_bytes(table)):
            return None
        columns = [written_out(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        reading.reject(f"is no Parquet file: {error}"[:200], "write it again")
        return None
    return Cells(table.column_names, columns, np.arange(2, len(table) + 2))


def too_intricate(reading: Reading, file: pq.ParquetFile) -> bool:
    """Whether a file has more in it than a plain table, by what it says of itself."""
    count = len(file.schema_arrow)
    if count > MOST_COLUMNS:
        reading.reject(f"has {count:,} columns", "take out what is no column of it")
        return True
    if file.num_row_groups > MOST_ROW_GROUPS:
        groups = f"has {file.num_row_groups:,} groups of rows"
        reading.reject(groups, f"write it in at most {MOST_ROW_GROUPS:,}")
        return True
    for column in file.schema_arrow:
        if not is_plain(column.type):
            said = f"holds {column.type}, neither text nor numbers"[:200]
            reading.reject(said, "write the column as text or as numbers", column=column.name)
            return True
    return False


def refused_by_prefixes(reading: Reading, pages: Pages) -> bool:
    """Whether texts are packed so that a few bytes can be one of any length; that is a problem."""
    if pages.by_prefixes:
        reading.reject(
            "packs texts by what they share (DELTA_BYTE_ARRAY)", "write it with plain encodings"
        )
    return pages.by_prefixes


def is_plain(kind: pa.DataType) -> bool:
    """Whether an Arrow type is read, be it to say what is wrong with it: nothing within others."""
    numbers = (types.is_integer, types.is_floating, types.is_decimal)
    others = (types.is_null, types.is_boolean, types.is_temporal)
    return any(fits(kind) for fits in (is_text, *numbers, *others))


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type holds text."""
    if types.is_dictionary(kind):
        return is_text(kind.value_type)
    return types.is_string(kind) or types.is_large_string(kind)


def too_large(reading: Reading, most: Size, unpacked: int) -> bool:
    """Whether a table has more bytes than may be read; that is a problem."""
    if unpacked > most.bytes:
        reading.reject("is too large once unpacked", "take out what the question does not need")
    return unpacked > most.bytes


def unpacked_bytes(table: pa.Table) -> int:
    """Bytes of a table once its dictionaries are written out."""
    total = 0
    for chunk in (chunk for column in table.columns for chunk in column.chunks):
        if types.is_dictionary(chunk.type):
            lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
            total += pc.sum(pc.cast(lengths, pa.int64())).as_py() or 0
        else:
            total += chunk.nbytes
    return total


def written_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Column without a dictionary."""
    if not types.is_dictionary(column.type):
        return column
    chunks = [chunk.dictionary_decode() for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type.value_type)
