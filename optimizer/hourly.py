"""Read a year of hours: a table with a column for each profile, whole and finite, or a report."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa

from optimizer.cells import is_numeric, numbers
from optimizer.errors import InvalidInstance
from optimizer.files import most_of, read_bytes
from optimizer.names import fault_of_name
from optimizer.parse import Cells, parse_csv, parse_parquet
from optimizer.reading import Reading

HOURS_PER_YEAR = 8760
TABLE = "hourly"


class InvalidHours(InvalidInstance):
    """A file of hourly values that no year can be made of, and all that is wrong with it."""

    of: ClassVar[str] = "file"


def read_hours(path: Path, *, time: str, year: int | None = None) -> pd.DataFrame:
    """Read a CSV or Parquet file with a row for each hour of a year.

    29 February is left out where it is there: all years have 365 days.

    Parameters
    ----------
    time : column that says when each hour starts, in UTC unless it names another offset; its rows
        may come in any order.
    year : calendar year of the rows where there is no such column; they are in order.

    Returns
    -------
    DataFrame
        A column for each profile, a row for each of 8760 hours, by their start in UTC.

    Raises
    ------
    InvalidHours
        Hours are missing or there twice, or a cell is no finite number.
    """
    reading = Reading(TABLE, path.name)
    content, reading.problems = read_bytes(path, path.name, most_of(TABLE).bytes)
    parse = parse_parquet if path.suffix == ".parquet" else parse_csv
    cells = None if content is None else parse(reading, content, most_of(TABLE))
    if cells is None or not check_header(reading, cells, None if year else time):
        raise InvalidHours(reading.problems)
    reading.lines = cells.lines
    reading.written = dict(zip(cells.header, cells.columns, strict=True))
    reading.sound = {name: np.full(len(cells.lines), True) for name in cells.header}
    profiles = [name for name in cells.header if year or name != time]
    values = {name: profile(reading, name) for name in profiles}
    hours = hours_of(reading, year) if year else moments(reading, time)
    if reading.problems:
        raise InvalidHours(reading.problems)
    frame = pd.DataFrame(values, index=hours).sort_index()
    return frame[~is_leap_day(frame.index)]


def check_header(reading: Reading, cells: Cells, time: str | None) -> bool:
    """Whether every column has a name of its own and there is one to take the time from."""
    before = len(reading.problems)
    for name in cells.header:
        if fault := fault_of_name(name):
            reading.reject(*fault, column=name)
    for name in sorted({name for name in cells.header if cells.header.count(name) > 1}):
        reading.reject("the column is there more than once", "keep one", column=name)
    if time is not None and time not in cells.header:
        remedy = "name the column that says when each hour starts, or the year of the rows"
        reading.reject("there is no such column", f"{remedy} (--time, --year)", column=time)
    if not set(cells.header) - {time}:
        reading.reject("no column holds a profile", "add one")
    return len(reading.problems) == before


def profile(reading: Reading, name: str) -> np.ndarray:
    """Values of a column; every hour needs one."""
    values, empty = numbers(reading, name, reading.written[name], whole=False)
    reading.blame(name, empty, "is empty", "every hour needs a value")
    return values


def moments(reading: Reading, name: str) -> pd.DatetimeIndex:
    """When each row's hour starts; what is wrong with the column as a year is entered."""
    cells = reading.written[name]
    if is_numeric(cells.type) or pa.types.is_boolean(cells.type):
        reading.blame_column(name, f"holds {cells.type}, no times", "write 2025-01-31T13:00")
        return pd.DatetimeIndex([])
    read = pd.to_datetime(cells.to_pandas(), format="ISO8601", errors="coerce", utc=True)
    times = pd.Series(read).dt.tz_localize(None).reset_index(drop=True)
    reading.blame(name, times.isna(), "is no time", "write it as 2025-01-31T13:00")
    broken = times != times.dt.floor("h")
    reading.blame(name, broken, "is not the start of an hour", "give a row for each hour")
    reading.blame(name, times.duplicated(), "this hour is there already", "keep one of its rows")
    hours = pd.DatetimeIndex(times)
    if reading.complete and len(hours) and reading.sound[name].all():
        check_whole(reading, name, hours)
    return hours


def check_whole(reading: Reading, name: str, hours: pd.DatetimeIndex) -> None:
    """Hold hours to the 365 days that begin with the first of them."""
    year = year_from(hours.min().normalize())
    last = f"{year[-1]:%Y-%m-%d}"
    beyond = ~hours.isin(year) & ~is_leap_day(hours)
    reading.blame(name, beyond, f"is after {last}, the last of 365 days", "give one year")
    missing = year.difference(hours)
    if len(missing):
        first = f"{missing[0]:%Y-%m-%dT%H:%M}"
        number = f"{len(missing):,} of {HOURS_PER_YEAR} hours are missing, the first {first}"
        reading.reject(number, "add them; a year begins at 00:00 UTC", column=name)


def year_from(first: pd.Timestamp) -> pd.DatetimeIndex:
    """Hours of the 365 days from one on, 29 February not counted."""
    hours = pd.date_range(first, periods=HOURS_PER_YEAR + 24, freq="h")
    return hours[~is_leap_day(hours)][:HOURS_PER_YEAR]


def hours_of(reading: Reading, year: int) -> pd.DatetimeIndex:
    """Hours of a calendar year, as many as there are rows."""
    calendar = pd.date_range(f"{year}-01-01", f"{year}-12-31T23:00", freq="h")
    if len(reading.lines) != len(calendar):
        calendar = calendar[~is_leap_day(calendar)]
    if len(reading.lines) != len(calendar):
        rows = f"has {len(reading.lines):,} rows where the year has {len(calendar):,} hours"
        reading.reject(rows, "give a row for each hour, in their order")
    return calendar


def is_leap_day(times: pd.DatetimeIndex) -> np.ndarray:
    """Which times are on 29 February."""
    return np.asarray((times.month == 2) & (times.day == 29))
