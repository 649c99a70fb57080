"""Kinds of column: pandera columns that also carry what a reference says of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc
import pycountry

from optimizer.manifest import FIRST_YEAR, LAST_YEAR, TOO_LARGE
from optimizer.names import (
    FAULTS_OF_NAME,
    FAULTS_OF_TEXT,
    LONGEST_NAME,
    LONGEST_TEXT,
    fault_of_name,
    fault_of_text,
    nearest,
)

REQUIRED = object()
# A number that is smaller, and not 0, is a slip of units, too.
TOO_SMALL = 1e-9
# Defaults that are worked out from the instance.
FIRST_STAGE = "the first stage"
OWN_KEY = "the key"

Mask = npt.NDArray[np.bool_]
Explanation = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True)
class Limit:
    """What the cells of a column must keep to.

    Pandera can check it, too; asking the limit itself takes a tenth of the time.

    Parameters
    ----------
    name : as other programs know it, where they do.
    keeps : from cells, text in Arrow or floats in numpy, to a truth value for each.
    explain : from a cell that does not keep to it, as written, to message and remedy.
    statistics : the limit in numbers or names, by pandera's names.
    """

    name: str
    keeps: Callable[[Any], Mask]
    explain: Explanation
    statistics: dict[str, Any] = field(default_factory=dict)

    def as_check(self) -> pa.Check:
        """The limit as pandera has it."""

        def check(column: pd.Series) -> pd.Series:
            cells = pyarrow.array(column) if column.dtype == "str" else column.to_numpy(float)
            return pd.Series(self.keeps(cells), index=column.index)

        return pa.Check(check, name=self.name, statistics=self.statistics)


def said(message: str, remedy: str) -> Explanation:
    """Explanation that does not depend on the cell."""
    return lambda _: (message, remedy)


@cache
def country_codes() -> frozenset[str]:
    """Countries of ISO 3166-1 by their two letters."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def time_zones() -> frozenset[str]:
    """Time zones of the IANA database; looking for them takes longer than reading a table."""
    return frozenset(available_timezones())


def among(cells: pd.Series | pyarrow.ChunkedArray, known: Collection[str]) -> Mask:
    """Which cells of text are among known ones."""
    if isinstance(cells, pd.Series):
        cells = pyarrow.array(cells)
    names = known if isinstance(known, pd.Series) else list(known)
    found = pc.is_in(cells, value_set=pyarrow.array(names, cells.type))
    return found.to_numpy(zero_copy_only=False)


def name(description: str, *, default: Any = REQUIRED) -> pa.Column:
    """Name that results show and other tables may refer to: what `fault_of_name` lets pass."""
    limits = [sound(FAULTS_OF_NAME, LONGEST_NAME, fault_of_name)]
    return column(str, "name", description, limits, default=default)


def reference(description: str, of: str, *, default: Any = REQUIRED) -> pa.Column:
    """Name of a row of the table `of`; `optimizer.checks` looks it up, so it needs no other."""
    return column(str, "name", description, [], default=default, of=of)


def text(description: str, *, default: Any = "") -> pa.Column:
    """Free text."""
    limits = [sound(FAULTS_OF_TEXT, LONGEST_TEXT, fault_of_text)]
    return column(str, "text", description, limits, default=default)


def country(description: str) -> pa.Column:
    """Country by its two letters."""
    limit = Limit(
        "iso_3166_1",
        lambda cells: among(cells, country_codes()),
        said("is not a country of ISO 3166-1", "write its alpha-2 code, such as DE or NO"),
        {"allowed_values": sorted(country_codes())},
    )
    return column(str, "country", description, [limit])


def timezone(description: str, *, default: str) -> pa.Column:
    """Time zone of the IANA database."""
    limit = Limit(
        "iana",
        lambda cells: among(cells, time_zones()),
        said("is not a time zone of the IANA database", "write for example Europe/Berlin"),
    )
    return column(str, "text", description, [limit], default=default)


def choice(description: str, known: tuple[str, ...]) -> pa.Column:
    """One of a closed list of names."""
    limit = Limit(
        "choice",
        lambda cells: among(cells, known),
        lambda value: ("is not known", nearest(value, known)),
        {"allowed_values": list(known)},
    )
    return column(str, "name", description, [limit])


def number(
    description: str,
    unit: str = "",
    *,
    default: Any = REQUIRED,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    **also: Any,
) -> pa.Column:
    """Finite number of a sane size. With None as default a cell may stay empty."""
    limits = [sane_size(unit), *bounds(at_least, above, at_most)]
    return column(float, "number", description, limits, default=default, unit=unit, **also)


def whole(
    description: str,
    unit: str = "",
    *,
    default: Any = REQUIRED,
    at_least: int | None = None,
    at_most: int | None = None,
) -> pa.Column:
    """Whole number. With None as default a cell may stay empty."""
    dtype = pd.Int64Dtype() if default is None else int
    limits = bounds(at_least, None, at_most)
    return column(dtype, "whole", description, limits, default=default, unit=unit)


def year(description: str, *, default: Any = REQUIRED) -> pa.Column:
    """Calendar year."""
    return whole(description, default=default, at_least=FIRST_YEAR, at_most=LAST_YEAR)


def column(
    dtype: Any,
    kind: str,
    description: str,
    limits: list[Limit],
    *,
    default: Any = REQUIRED,
    unit: str = "",
    of: str = "",
    empty: str = "",
) -> pa.Column:
    """Column with its metadata.

    Parameters
    ----------
    kind : how cells are read: name, text, country, number or whole.
    default : of missing columns and empty cells; None where they stay empty.
    of : table whose rows the values name.
    empty : what an empty cell means where it has no default.
    """
    required = default is REQUIRED
    return pa.Column(
        dtype,
        [limit.as_check() for limit in limits],
        nullable=default is None,
        required=required,
        description=description,
        metadata={
            "kind": kind,
            "unit": unit,
            "default": None if required else default,
            "of": of,
            "empty": empty,
            "limits": tuple(limits),
        },
    )


def table(
    description: str, columns: dict[str, pa.Column], *, key: tuple[str, ...], needed: bool = False
) -> pa.DataFrameSchema:
    """Table of an instance.

    Parameters
    ----------
    key : columns that tell its rows apart; none where rows may repeat.
    needed : whether every instance has rows of it.
    """
    return pa.DataFrameSchema(
        columns,
        strict=True,
        description=description,
        # Pandera's own test of uniqueness takes minutes where a million rows fail it.
        metadata={"key": key, "needed": needed},
    )


def sound(faults: dict[str, tuple[str, str]], longest: int, explain: Explanation) -> Limit:
    """Text that is not too long and matches no pattern of a fault."""
    pattern = "|".join(faults)

    def keeps(cells: pyarrow.ChunkedArray) -> Mask:
        short = pc.less_equal(pc.utf8_length(cells), longest)
        faulty = pc.match_substring_regex(cells, pattern)
        return pc.and_not(short, faulty).to_numpy(zero_copy_only=False)

    return Limit("sound", keeps, explain, {"max_value": longest})


def sane_size(unit: str) -> Limit:
    """Numbers neither so large nor so small that their unit must be wrong."""
    remedy = f"check the unit{f', which is {unit}' if unit else ''}"

    def keeps(cells: npt.NDArray[np.float64]) -> Mask:
        size = np.abs(cells)
        return (size < TOO_LARGE) & ((size >= TOO_SMALL) | (size == 0))

    def explain(value: str) -> tuple[str, str]:
        if abs(float(value)) >= TOO_LARGE:
            return f"is not below {TOO_LARGE:g} in size", remedy
        return f"is not 0, and nearer to it than {TOO_SMALL:g}", f"write 0, or {remedy}"

    return Limit("sane_size", keeps, explain)


def bounds(at_least: float | None, above: float | None, at_most: float | None) -> list[Limit]:
    """Limits on numbers, those that are given."""
    limits = []
    if at_least is not None:
        limits.append(
            Limit(
                "greater_than_or_equal_to",
                lambda cells: cells >= at_least,
                said(f"is below {at_least:g}", f"write a number from {at_least:g} up"),
                {"min_value": at_least},
            )
        )
    if above is not None:
        limits.append(
            Limit(
                "greater_than",
                lambda cells: cells > above,
                said(
                    f"is not above {above:g}",
                    f"write a number above {above:g}, or leave the cell empty",
                ),
                {"min_value": above},
            )
        )
    if at_most is not None:
        limits.append(
            Limit(
                "less_than_or_equal_to",
                lambda cells: cells <= at_most,
                said(f"is above {at_most:g}", f"write a number up to {at_most:g}"),
                {"max_value": at_most},
            )
        )
    return limits
