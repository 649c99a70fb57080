"""What the pages of a Parquet file say they unpack to, without unpacking any.

The footer says it, too, but nothing holds it to that: Arrow sets aside what each page asks for.
Both are in Thrift's compact protocol, of which a few numbers matter. They are read here, for where
it is asked for a damaged column, Arrow ends the process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Arrow's writer makes pages of a megabyte; reading a header here takes tens of microseconds.
MOST_PAGES = 100_000
DEEPEST = 12
# Fields by their numbers, and an encoding, as parquet.thrift has them: of FileMetaData, RowGroup,
# ColumnChunk and PageHeader.
ROW_GROUPS = (4,)
COLUMNS = (1,)
DATA_OFFSET, DICTIONARY_OFFSET, COLUMN_SIZE = (3, 9), (3, 11), (3, 7)
UNPACKED_SIZE, PACKED_SIZE = (2,), (3,)
ENCODINGS = ((5, 2), (8, 4))
BY_PREFIXES = 7


@dataclass(frozen=True)
class Pages:
    """All pages of a file.

    Parameters
    ----------
    unpacked_bytes : what Arrow will set aside for them, one after the other.
    by_prefixes : whether any holds texts as what they share with the one before: a few bytes for
        a text of any length.
    """

    unpacked_bytes: int
    by_prefixes: bool


def pages_of(content: bytes) -> Pages:
    """Read the header of each page.

    Raises
    ------
    ValueError
        There is no header where there should be one, or there are too many.
    """
    unpacked, by_prefixes = 0, False
    for count, header in enumerate(headers(content)):
        if count >= MOST_PAGES:
            raise ValueError(f"it has more than {MOST_PAGES:,} pages")
        unpacked += number_at(header, UNPACKED_SIZE)
        by_prefixes |= BY_PREFIXES in (number_at(header, path) for path in ENCODINGS)
    return Pages(unpacked, by_prefixes)


def headers(content: bytes) -> Iterator[Any]:
    """Header of each page of each column."""
    length = int.from_bytes(content[-8:-4], "little")
    footer, _ = struct(content, max(0, len(content) - 8 - length), DEEPEST)
    for group in structs_at(footer, ROW_GROUPS):
        for column in structs_at(group, COLUMNS):
            at = number_at(column, DATA_OFFSET)
            if 0 < number_at(column, DICTIONARY_OFFSET) < at:
                at = number_at(column, DICTIONARY_OFFSET)
            end = at + number_at(column, COLUMN_SIZE)
            if not 0 <= at <= end <= len(content):
                raise ValueError("a column lies outside of the file")
            while at < end:
                header, at = struct(content, at, DEEPEST)
                if min(number_at(header, size) for size in (UNPACKED_SIZE, PACKED_SIZE)) < 0:
                    raise ValueError("a page has no size")
                yield header
                at += number_at(header, PACKED_SIZE)


def field_at(value: Any, path: tuple[int, ...]) -> Any:
    """Field of a struct, or of a struct within; None where there is none."""
    for number in path:
        value = value.get(number) if isinstance(value, dict) else None
    return value


def number_at(value: Any, path: tuple[int, ...]) -> int:
    """Number in a struct by its path; -1 where there is none."""
    found = field_at(value, path)
    return found if isinstance(found, int) else -1


def structs_at(value: Any, path: tuple[int, ...]) -> list[Any]:
    """List in a struct by its path; none where there is none."""
    found = field_at(value, path)
    return found if isinstance(found, list) else []


def struct(content: bytes, at: int, deepest: int) -> tuple[dict[int, Any], int]:
    """Fields of a struct by their numbers, and where it ends."""
    if not deepest:
        raise ValueError("a header is too deep")
    fields: dict[int, Any] = {}
    number = 0
    while kind := byte(content, at):
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = whole(content, at)
        fields[number], at = value_of(content, at, kind & 15, deepest)
    return fields, at + 1


def value_of(content: bytes, at: int, kind: int, deepest: int) -> tuple[Any, int]:
    """Number, struct or list of them, None for all else, and where it ends."""
    if kind in (1, 2):  # A truth value, which its type says.
        return None, at
    if kind in (4, 5, 6):
        return whole(content, at)
    if kind == 8:
        length, at = varint(content, at)
        return None, at + length
    if kind in (9, 10):
        return list_of(content, at, deepest - 1)
    if kind == 12:
        return struct(content, at, deepest - 1)
    if kind in (3, 7):
        return None, at + (1 if kind == 3 else 8)
    raise ValueError("a header holds what has no place there")


def list_of(content: bytes, at: int, deepest: int) -> tuple[list[Any], int]:
    """Items of a list, and where it ends."""
    if not deepest:
        raise ValueError("a header is too deep")
    head = byte(content, at)
    count, at = (head >> 4, at + 1) if head >> 4 < 15 else varint(content, at + 1)
    # Every item but a truth value takes a byte or more, and those take one in a list, too.
    if count > len(content) - at:
        raise ValueError("a list of a header does not end")
    items = []
    for _ in range(count):
        item, at = (
            (None, at + 1) if head & 15 in (1, 2) else value_of(content, at, head & 15, deepest)
        )
        items.append(item)
    return items, at


def whole(content: bytes, at: int) -> tuple[int, int]:
    """Whole number with its sign in the last bit, and where it ends."""
    number, at = varint(content, at)
    return (number >> 1) ^ -(number & 1), at


def varint(content: bytes, at: int) -> tuple[int, int]:
    """Whole number of seven bits a byte, and where it ends."""
    number = 0
    for shift in range(0, 70, 7):
        part = byte(content, at)
        at += 1
        number |= (part & 127) << shift
        if part < 128:
            return number, at
    raise ValueError("a number of a header does not end")


def byte(content: bytes, at: int) -> int:
    """A byte of the file."""
    if at >= len(content):
        raise ValueError("a header does not end")
    return content[at]
