"""Parquet files that lie about themselves: refused before anything is set aside for them."""

import io
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import parquet_pages
from optimizer.files import Size
from optimizer.parquet_pages import pages_of
from optimizer.parse import parse_parquet
from optimizer.reading import Reading

MOST = Size(rows=200_000, bytes=2**26)
LONG = "x" * 5_000_000


def written(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    options = {"compression": "zstd", "write_statistics": False, **options}
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def varint(number: int, length: int = 0) -> bytes:
    """Whole number as Thrift's compact protocol has it, in at least so many bytes."""
    number = (number << 1) ^ (number >> 63)
    parts = []
    while number > 127 or len(parts) < length - 1:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def with_lie(content: bytes, kind: int, truth: int, lie: int, *, last: bool = False) -> bytes:
    """File in which a number of a Thrift type is another, of the same length in bytes."""
    old = bytes([kind]) + varint(truth)
    new = bytes([kind]) + varint(lie, len(old) - 1)
    assert len(old) == len(new), "the lie needs more room"
    place = content.rindex(old) if last else content.index(old)
    return content[:place] + new + content[place + len(old) :]


def message_of(content: bytes) -> str:
    """What is said of a table that is refused, within the memory that it may take."""
    reading = Reading("grid", "grid")
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    try:
        assert parse_parquet(reading, content, MOST) is None
        assert tracemalloc.get_traced_memory()[1] < 2 * MOST.bytes
    finally:
        tracemalloc.stop()
    assert pool.bytes_allocated() - before < MOST.bytes
    (problem,) = reading.problems
    return problem.message


def test_sizes_are_those_that_the_footer_states_where_it_is_true() -> None:
    table = pa.table(
        {"node": [f"n{i % 7}" for i in range(3000)], "mw": [float(i) for i in range(3000)]}
    )
    for options in (
        {},
        {"use_dictionary": False},
        {"data_page_version": "2.0"},
        {"row_group_size": 1000, "data_page_size": 100, "compression": "gzip"},
        {"compression": "none", "write_statistics": True, "write_page_checksum": True},
    ):
        content = written(table, **options)
        metadata = pq.ParquetFile(io.BytesIO(content)).metadata
        stated = sum(
            metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)
        )
        pages = pages_of(content)
        # The footer counts the headers, too.
        assert 0.5 * stated < pages.unpacked_bytes <= stated
        assert not pages.by_prefixes
        reading = Reading("grid", "grid")
        cells = parse_parquet(reading, content, MOST)
        assert cells is not None
        assert cells.columns[0].to_pylist() == table["node"].to_pylist()


def test_page_that_unpacks_to_more_than_the_footer_says_is_refused() -> None:
    texts = pa.table({"node": ["x" * 50_000_000, "y" * 50_000_000]})
    bomb = written(texts, use_dictionary=False)
    metadata = pq.ParquetFile(io.BytesIO(bomb)).metadata
    column = metadata.row_group(0).column(0)
    small = with_lie(bomb, 0x16, column.total_uncompressed_size, 2**25 // 2, last=True)
    small = with_lie(small, 0x16, metadata.row_group(0).total_byte_size, 2**25 // 2, last=True)
    stated = pq.ParquetFile(io.BytesIO(small)).metadata.row_group(0).total_byte_size
    assert stated < MOST.bytes
    assert message_of(small) == "is too large once unpacked"


def test_page_that_claims_gigabytes_is_refused() -> None:
    content = written(pa.table({"node": [LONG]}), use_dictionary=False)
    truth = pages_of(content).unpacked_bytes
    for lie in (2**27 - 1, -1):
        said = message_of(with_lie(content, 0x15, truth, lie))
        assert said.startswith("is too large once unpacked" if lie > 0 else "is no Parquet file")


def test_rows_of_groups_count_whatever_the_file_says_of_all() -> None:
    content = written(pa.table({"node": pa.nulls(300_000, pa.string())}))
    footer = int.from_bytes(content[-8:-4], "little") + 8
    body, end = content[:-footer], content[-footer:]
    lie = body + with_lie(end, 0x16, 300_000, 3)
    assert pq.ParquetFile(io.BytesIO(lie)).metadata.num_rows == 3
    assert message_of(lie) == "has more than 200,000 rows"


def test_values_that_a_page_only_claims_are_not_read() -> None:
    content = written(pa.table({"node": ["a"] * 10_000}), use_dictionary=False)
    reading = Reading("grid", "grid")
    cells = parse_parquet(reading, with_lie(content, 0x15, 10_000, 1_000_000), MOST)
    assert cells is not None
    assert len(cells.lines) == 10_000


def test_texts_by_what_they_share_are_refused() -> None:
    """A megabyte, and then rows that add a letter to it, are gigabytes once written out."""
    prefixes = pa.table({"node": [LONG + letter for letter in "abcdefgh"]})
    options = {"use_dictionary": False, "column_encoding": {"node": "DELTA_BYTE_ARRAY"}}
    for version in ("1.0", "2.0"):
        content = written(prefixes, data_page_version=version, **options)
        assert message_of(content).startswith("packs texts by what they share")


def test_flood_of_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "MOST_PAGES", 10)
    table = pa.table({"node": [str(i) for i in range(2000)]})
    content = written(table, use_dictionary=False, data_page_size=10, write_batch_size=10)
    assert "more than 10 pages" in message_of(content)


def test_column_that_ends_the_process_where_arrow_is_asked_for_it_is_told() -> None:
    """Found by changing bytes at random: a C++ exception that nobody catches."""
    content = bytearray(SOUND)
    content[160] = 8
    reading = Reading("grid", "grid")
    cells = parse_parquet(reading, bytes(content), MOST)
    assert (cells is None) == bool(reading.problems)


COLUMNS = pa.table({"node": ["a", "b", None] * 50, "year": [2026, None, 2027] * 50})
SOUND = written(pa.table({"node": ["a", "b"] * 50, "mw": [1.0, 2.0] * 50}), compression="none")
WAYS_OF_WRITING: list[dict] = [
    {},
    {"data_page_version": "2.0"},
    {"use_dictionary": False, "compression": "gzip", "write_statistics": True},
    {"row_group_size": 20, "data_page_size": 50, "compression": "none"},
    {"compression": "brotli", "write_page_checksum": True, "store_schema": False},
    {
        "use_dictionary": False,
        "column_encoding": {"node": "DELTA_LENGTH_BYTE_ARRAY", "year": "DELTA_BINARY_PACKED"},
    },
]
FILES = [SOUND, *(written(COLUMNS, **options) for options in WAYS_OF_WRITING)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_any_bytes_are_read_or_refused(sound: bytes, data: st.DataObject) -> None:
    content = bytearray(sound)
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.sampled_from([0, footer]))
        content[data.draw(st.integers(first, len(content) - 1))] = data.draw(st.integers(0, 255))
    reading = Reading("grid", "grid")
    cells = parse_parquet(reading, bytes(content), MOST)
    assert (cells is None) == bool(reading.problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_header_or_none(content: bytes) -> None:
    try:
        _, end = parquet_pages.struct(content, 0, parquet_pages.DEEPEST)
    except ValueError:
        return
    assert end > 0
