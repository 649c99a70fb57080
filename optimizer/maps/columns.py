"""Tables as short lists: numbers rounded to what a reader sees, whole ones without a point."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd


def short(values: Iterable[float], decimals: int) -> list[float | int | None]:
    """Numbers for JSON; None where there is none."""
    rounded = np.round(np.asarray(values, dtype=float), decimals)
    return [
        None if np.isnan(value) else int(value) if value == np.trunc(value) else float(value)
        for value in rounded
    ]


def by_stage(
    table: pd.DataFrame, key: str, order: Sequence[str], years: Sequence[int], **decimals: int
) -> dict[str, list[list[Any]]]:
    """Columns of a table of `key` and `year` as a list by key of lists by stage.

    Parameters
    ----------
    order : keys in the order in which they are asked for; one without a row has zeros.
    decimals : digits to keep after the point, by column.
    """
    every = pd.MultiIndex.from_product([order, years], names=[key, "year"])
    rows = pd.DataFrame(table).set_index([key, "year"])[list(decimals)].reindex(every, fill_value=0)
    return {
        column: nested(short(rows[column].astype(float), digits), len(years))
        for column, digits in decimals.items()
    }


def nested(values: list[Any], length: int) -> list[list[Any]]:
    """One list as many, each of a length."""
    return [values[start : start + length] for start in range(0, len(values), length)]


def texts(column: pd.Series) -> list[str]:
    """Texts, "" where there is none."""
    return [str(value) for value in column.fillna("")]
