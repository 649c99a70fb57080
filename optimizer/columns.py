"""Kinds of column: pandera columns that also carry what a reference says of them."""

from collections.abc import Callable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pandas as pd
import pandera.pandas as pa
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

Explanation = Callable[[str], tuple[str, str] | None]


@cache
def country_codes() -> frozenset[str]:
    """Countries of ISO 3166-1 by their two letters."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


def name(description: str, *, default: Any = REQUIRED) -> pa.Column:
    """Name that results show and other tables may refer to: what `fault_of_name` lets pass."""
    checks = [sound(FAULTS_OF_NAME, LONGEST_NAME)]
    return column(str, "name", description, checks, default=default, explain=fault_of_name)


def reference(description: str, of: str, *, default: Any = REQUIRED) -> pa.Column:
    """Name of a row of the table `of`; `optimizer.checks` looks it up, so it needs no other."""
    return column(str, "name", description, [], default=default, of=of)


def text(description: str, *, default: Any = "") -> pa.Column:
    """Free text."""
    checks = [sound(FAULTS_OF_TEXT, LONGEST_TEXT)]
    return column(str, "text", description, checks, default=default, explain=fault_of_text)


def country(description: str) -> pa.Column:
    """Country by its two letters."""
    check = pa.Check.isin(
        sorted(country_codes()),
        name="iso_3166_1",
        error="is not a country of ISO 3166-1",
        description="write its alpha-2 code, such as DE or NO",
    )
    return column(str, "country", description, [check])


def timezone(description: str, *, default: str) -> pa.Column:
    """Time zone of the IANA database."""
    check = pa.Check(
        lambda zones: zones.isin(available_timezones()),
        name="iana",
        error="is not a time zone of the IANA database",
        description="write for example Europe/Berlin",
    )
    return column(str, "text", description, [check], default=default)


def choice(description: str, known: tuple[str, ...], later: tuple[str, ...] = ()) -> pa.Column:
    """One of a closed list of names; a later version will know more of them."""

    def explain(value: str) -> tuple[str, str]:
        if value in later:
            return "is not read by this version yet", "remove the row"
        return "is not known", nearest(value, known)

    check = pa.Check.isin(known, name="choice")
    return column(str, "name", description, [check], explain=explain)


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
    remedy = f"check the unit{f', which is {unit}' if unit else ''}"

    def explain(value: str) -> tuple[str, str]:
        if abs(float(value)) >= TOO_LARGE:
            return f"is not below {TOO_LARGE:g} in size", remedy
        return f"is not 0, and nearer to it than {TOO_SMALL:g}", f"write 0, or {remedy}"

    check = pa.Check(
        lambda values: (values.abs() < TOO_LARGE) & ((values.abs() >= TOO_SMALL) | (values == 0)),
        name="sane_size",
    )
    checks = [check, *bounds(at_least, above, at_most)]
    return column(
        float, "number", description, checks, default=default, unit=unit, explain=explain, **also
    )


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
    checks = bounds(at_least, None, at_most)
    return column(dtype, "whole", description, checks, default=default, unit=unit)


def year(description: str, *, default: Any = REQUIRED) -> pa.Column:
    """Calendar year."""
    return whole(description, default=default, at_least=FIRST_YEAR, at_most=LAST_YEAR)


def column(
    dtype: Any,
    kind: str,
    description: str,
    checks: list[pa.Check],
    *,
    default: Any = REQUIRED,
    unit: str = "",
    of: str = "",
    empty: str = "",
    explain: Explanation | None = None,
) -> pa.Column:
    """Column with its metadata.

    Parameters
    ----------
    kind : how cells are read: name, text, country, number or whole.
    default : of missing columns and empty cells; None where they stay empty.
    of : table whose rows the values name.
    empty : what an empty cell means where it has no default.
    explain : message and remedy for a cell that fails a check without words of its own.
    """
    required = default is REQUIRED
    return pa.Column(
        dtype,
        checks,
        nullable=default is None,
        required=required,
        description=description,
        metadata={
            "kind": kind,
            "unit": unit,
            "default": None if required else default,
            "of": of,
            "empty": empty,
            "explain": explain,
        },
    )


def sound(faults: dict[str, tuple[str, str]], longest: int) -> pa.Check:
    """Check that text is not too long and matches no pattern of a fault."""
    pattern = "|".join(faults)
    return pa.Check(
        lambda values: ~values.str.contains(pattern, regex=True) & (values.str.len() <= longest),
        name="sound",
        statistics={"max_value": longest},
    )


def bounds(at_least: float | None, above: float | None, at_most: float | None) -> list[pa.Check]:
    """Limits on numbers, those that are given."""
    checks = []
    if at_least is not None:
        checks.append(
            pa.Check.ge(
                at_least,
                error=f"is below {at_least:g}",
                description=f"write a number from {at_least:g} up",
            )
        )
    if above is not None:
        checks.append(
            pa.Check.gt(
                above,
                error=f"is not above {above:g}",
                description=f"write a number above {above:g}, or leave the cell empty",
            )
        )
    if at_most is not None:
        checks.append(
            pa.Check.le(
                at_most,
                error=f"is above {at_most:g}",
                description=f"write a number up to {at_most:g}",
            )
        )
    return checks
