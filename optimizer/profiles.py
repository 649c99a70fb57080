"""Reduce a year of hours to a few representative days, and say what error that makes.

The days are real ones of the year, so that what belongs together stays together: cold with calm,
sun with low prices. Days of the highest value of chosen profiles stand for themselves. The others
are grouped by tsam (Ward's method over all profiles, each from 0 to 1), and of each group the day
in its middle stands for all.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from optimizer.errors import SitewattError
from optimizer.folders import written_aside
from optimizer.names import nearest

HOURS_PER_DAY = 24
SIGNIFICANT_DIGITS = 7
FILES = ("slices", "profiles", "profiles_error")

Numbers = npt.NDArray[np.float64]


class WrongChoice(SitewattError):
    """Days or profiles were asked for that the hours do not have."""

    exit_code = 2


@dataclass(frozen=True)
class Reduced:
    """Representative days of a year.

    Attributes
    ----------
    slices, profiles : tables of an instance.
    profiles_error : by profile, what its days keep of the year: mean, highest value, and the
        duration curve, which is all hours sorted by value.
    """

    slices: pd.DataFrame
    profiles: pd.DataFrame
    profiles_error: pd.DataFrame


def reduce_hours(hours: pd.DataFrame, days: int, peaks: Sequence[str] = ()) -> Reduced:
    """Reduce the hours of a year to representative days.

    Parameters
    ----------
    hours : a column for each profile, a row for each hour of 365 days.
    days : how many are wanted.
    peaks : profiles whose day of the highest value is among them.

    Raises
    ------
    WrongChoice
        There are fewer days than peaks, more than the year has, or no such profile.
    """
    values = hours.to_numpy(float).reshape(-1, HOURS_PER_DAY, hours.shape[1])
    chosen, stands_for, fixed = choose_days(values, days, peak_days(hours, peaks))
    weights = np.repeat(stands_for, HOURS_PER_DAY)
    movable = ~np.repeat(fixed, HOURS_PER_DAY)
    kept = values[chosen].reshape(-1, hours.shape[1])
    for column, name in enumerate(hours):
        stretched = with_mean_of(hours[name].to_numpy(float), kept[:, column], weights, movable)
        kept[:, column] = rounded(stretched)
    starts = hours.index.to_numpy().reshape(-1, HOURS_PER_DAY)[chosen].ravel()
    slices = slice_table(pd.DatetimeIndex(starts), weights)
    return Reduced(
        slices,
        pd.DataFrame(
            {
                "profile": np.repeat(hours.columns, len(slices)),
                "slice": np.tile(slices.slice, hours.shape[1]),
                "value": kept.T.ravel(),
            }
        ),
        error_table(hours, kept, weights),
    )


def peak_days(hours: pd.DataFrame, peaks: Sequence[str]) -> list[int]:
    """Days of the highest values, each once."""
    for name in peaks:
        if name not in hours:
            raise WrongChoice(f"No profile is called {name}: {nearest(name, list(hours))}")
    return sorted({int(hours[name].to_numpy().argmax()) // HOURS_PER_DAY for name in peaks})


def choose_days(
    values: Numbers, days: int, peaks: list[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Choose days of a year.

    Returns
    -------
    tuple
        The days in their order, how many days of the year each stands for, and which of them are
        peaks.
    """
    rest = np.setdiff1d(np.arange(len(values)), peaks)
    wanted = days - len(peaks)
    if wanted < 1 or wanted > len(rest):
        asked = f"{days} day{'s' if days > 1 else ''} with {len(peaks)} of a peak among them"
        room = f"{len(peaks) + 1} to {len(values)}"
        raise WrongChoice(f"{asked} cannot stand for a year of {len(values)}: ask for {room}.")
    centres, counts = grouped(values[rest], wanted)
    chosen = np.concatenate([peaks, rest[centres]]).astype(np.int64)
    stands_for = np.concatenate([np.ones(len(peaks)), counts]).astype(np.int64)
    order = np.argsort(chosen)
    return chosen[order], stands_for[order], np.isin(chosen[order], peaks)


def grouped(values: Numbers, groups: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Group days, and give the middle one and the size of each group."""
    if find_spec("tsam") is None:
        raise SitewattError(
            "Grouping days needs tsam. Install it: pip install 'sitewatt[profiles]'"
        )
    flat = values.reshape(-1, values.shape[-1])
    # tsam wants names and times, and none of the true ones matter to it.
    frame = pd.DataFrame(flat, columns=[f"p{number}" for number in range(flat.shape[1])])
    frame.index = pd.date_range("2001-01-01", periods=len(flat), freq="h")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of pandas, about tsam's ways.
        from tsam.timeseriesaggregation import TimeSeriesAggregation  # noqa: PLC0415 — an extra

        aggregation = TimeSeriesAggregation(
            frame,
            noTypicalPeriods=groups,
            hoursPerPeriod=HOURS_PER_DAY,
            clusterMethod="hierarchical",
            representationMethod="medoidRepresentation",
            rescaleClusterPeriods=False,
        )
        aggregation.createTypicalPeriods()
    group_of = np.asarray(aggregation.clusterOrder)
    centres = np.asarray(aggregation.clusterCenterIndices, dtype=np.int64)
    return centres, np.bincount(group_of, minlength=groups)[group_of[centres]]


def with_mean_of(
    year: Numbers, kept: Numbers, weights: npt.NDArray[np.int64], movable: npt.NDArray[np.bool_]
) -> Numbers:
    """Values of a profile, stretched from its lowest so that their mean is the year's.

    None goes beyond what the year has, so that a share stays a share, and an hour of the lowest
    value, such as a night without sun, stays one. Where no stretch gives the mean, they are left
    as they are.
    """
    low, high = year.min(), year.max()
    above = kept[movable] - low
    least = above[above > 0].min(initial=np.inf)

    def stretched(factor: float) -> Numbers:
        values = kept.copy()
        values[movable] = np.minimum(low + factor * above, high)
        return values

    def excess(factor: float) -> float:
        return float(np.average(stretched(factor), weights=weights) - year.mean())

    most = (high - low) / least
    if not excess(0.0) < 0 <= excess(most):
        return kept
    return stretched(brentq(excess, 0.0, most, xtol=1e-12, rtol=1e-12))


def rounded(values: Numbers) -> Numbers:
    """Values to as many digits as a profile is good for."""
    return np.array([float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values])


def slice_table(starts: pd.DatetimeIndex, weights: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The slices, named for when they start."""
    return pd.DataFrame(
        {
            "slice": starts.strftime("%Y-%m-%dT%H"),
            "day": starts.strftime("%Y-%m-%d"),
            "weight_hours": weights,
            "hours": 1,
            "starts_utc": starts.strftime("%Y-%m-%dT%H:%M"),
        }
    )


def error_table(hours: pd.DataFrame, kept: Numbers, weights: npt.NDArray[np.int64]) -> pd.DataFrame:
    """What the chosen days keep of each profile."""
    curves = np.sort(np.repeat(kept, weights, axis=0), axis=0)
    gaps = curves - np.sort(hours.to_numpy(float), axis=0)
    return pd.DataFrame(
        {
            "profile": hours.columns,
            "mean": hours.mean().to_numpy(),
            "mean_kept": np.average(kept, axis=0, weights=weights),
            "highest": hours.max().to_numpy(),
            "highest_kept": kept.max(axis=0),
            "duration_rmse": np.sqrt((gaps**2).mean(axis=0)),
        }
    )


def error_lines(error: pd.DataFrame) -> list[str]:
    """The table of errors for a terminal."""
    text = error.to_string(index=False, float_format=lambda value: f"{value:.4g}")
    return [line.rstrip() for line in text.splitlines()]


def write_reduced(reduced: Reduced, out: Path, *, overwrite: bool = False) -> None:
    """Write the three tables into a folder, which appears only when it is whole.

    Raises
    ------
    SitewattError
        The folder is there and must not be replaced, or the place cannot be written to.
    """
    with written_aside(out, overwrite=overwrite) as folder:
        folder.mkdir()
        for name in FILES:
            table: pd.DataFrame = getattr(reduced, name)
            text = table.to_csv(index=False, lineterminator="\n")
            (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
