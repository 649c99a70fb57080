"""Representative days: which they are, what they stand for, and what they keep of the year."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.errors import SitewattError
from optimizer.folders import AlreadyThere
from optimizer.profiles import (
    WrongChoice,
    error_lines,
    reduce_hours,
    with_mean_of,
    write_reduced,
)

NIGHT, DAY = [0.0] * 12, [1.0] * 12


def hours_of(*days: list[float], name: str = "sun") -> pd.DataFrame:
    """A profile given day by day."""
    values = np.concatenate(days)
    times = pd.date_range("2025-01-01", periods=len(values), freq="h")
    return pd.DataFrame({name: values}, index=times)


def two_kinds(dull: int = 65) -> pd.DataFrame:
    """A year of dull days in winter and bright ones after it."""
    bright = [NIGHT + DAY] * (365 - dull)
    return hours_of(*[NIGHT + [0.25] * 12] * dull, *bright)


def test_a_year_of_two_kinds_of_days_is_two_days_without_an_error() -> None:
    reduced = reduce_hours(two_kinds(), 2)
    assert reduced.slices.groupby("day").weight_hours.first().tolist() == [65, 300]
    assert reduced.slices.weight_hours.sum() == 8760
    assert (reduced.slices.hours == 1).all()
    assert reduced.profiles.value.tolist() == NIGHT + [0.25] * 12 + NIGHT + DAY
    (error,) = reduced.profiles_error.to_dict("records")
    assert error["profile"] == "sun"
    assert error["mean"] == error["mean_kept"] == pytest.approx((65 * 3 + 300 * 12) / 8760)
    assert error["highest"] == error["highest_kept"] == 1
    assert error["duration_rmse"] == 0


def test_slices_say_when_they_start_and_profiles_name_them() -> None:
    reduced = reduce_hours(two_kinds(), 2)
    first = reduced.slices.iloc[13]
    assert first.starts_utc == f"{first.day}T13:00"
    assert first.slice == f"{first.day}T13"
    assert reduced.slices.slice.is_unique
    assert list(reduced.profiles.slice) == list(reduced.slices.slice)


def test_one_day_for_a_year_of_two_kinds_keeps_the_mean_and_tells_the_error() -> None:
    (error,) = reduce_hours(two_kinds(dull=73), 1).profiles_error.to_dict("records")
    # The bright day stands for all, at 0.8 × 1 + 0.2 × 0.25 = 0.85 of its height.
    assert error["mean_kept"] == pytest.approx(error["mean"])
    assert error["highest_kept"] == pytest.approx(0.85)
    # Half of the hours are night, 0.4 miss 0.15, and 0.1 are 0.6 too high.
    assert error["duration_rmse"] == pytest.approx(np.sqrt(0.4 * 0.15**2 + 0.1 * 0.6**2))


def test_the_day_of_a_peak_stands_for_itself_at_its_full_height() -> None:
    hours = two_kinds()
    hours["price"] = 50.0
    hours.iloc[100 * 24 + 18, 1] = 900.0
    without = reduce_hours(hours, 3).profiles_error.set_index("profile")
    peaks = reduce_hours(hours, 3, ["price"])
    assert peaks.profiles_error.set_index("profile").highest_kept.price == 900
    assert without.highest.price == 900
    day = peaks.slices[peaks.slices.day == "2025-04-11"]
    assert day.weight_hours.tolist() == [1] * 24
    assert peaks.slices.weight_hours.sum() == 8760


def test_two_peaks_on_one_day_take_one_day() -> None:
    hours = two_kinds()
    hours["price"] = hours.sun * 0
    hours.iloc[-1] = 2.0
    reduced = reduce_hours(hours, 2, ["price", "sun"])
    assert reduced.slices.groupby("day").weight_hours.first().tolist() == [364, 1]


def test_days_that_cannot_stand_for_the_others_are_refused() -> None:
    with pytest.raises(WrongChoice, match="ask for 2 to 365") as wrong:
        reduce_hours(two_kinds(), 1, ["sun"])
    assert wrong.value.exit_code == 2
    with pytest.raises(WrongChoice, match="did you mean sun"):
        reduce_hours(two_kinds(), 2, ["sum"])


def test_every_day_of_a_year_is_the_year() -> None:
    random = np.random.default_rng(1)
    hours = hours_of(*random.normal(size=(365, 24)).round(4).tolist())
    reduced = reduce_hours(hours, 365)
    assert np.array_equal(reduced.profiles.value, hours.sun)
    assert reduced.profiles_error.duration_rmse.tolist() == [0]


def test_stretching_leaves_the_lowest_alone_and_nothing_above_the_highest() -> None:
    year = np.array([0.0, 0.5, 1.0, 1.0])
    kept = with_mean_of(
        year, np.array([0.0, 0.5, 0.9]), np.array([1, 1, 2]), np.array([True, True, True])
    )
    # A stretch by 10/9 would bring (0 + 5/9 + 2) / 4, above the mean of 0.625.
    assert kept[0] == 0
    assert kept.max() <= 1
    assert np.average(kept, weights=[1, 1, 2]) == pytest.approx(0.625)


def test_what_no_stretch_can_mend_is_left_alone() -> None:
    year, still = np.array([0.0] * 9 + [1.0]), np.zeros(2)
    assert with_mean_of(year, still, np.array([5, 5]), np.full(2, True)).tolist() == [0, 0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.sampled_from(["normal", "sun", "flat"]))
def test_whatever_the_hours_the_days_are_real_and_stand_for_all(
    seed: int, days: int, kind: str
) -> None:
    random = np.random.default_rng(seed)
    shape = (9 * 24, 2)
    half_of_each_day = np.arange(9 * 24)[:, None] // 12 % 2
    values = {
        "normal": random.normal(0, 10, shape),
        "sun": random.uniform(0, 1, shape) * half_of_each_day,
        "flat": np.full(shape, 7.0),
    }[kind]
    times = pd.date_range("2025-03-01", periods=len(values), freq="h")
    hours = pd.DataFrame(values, index=times, columns=["a", "b"])
    reduced = reduce_hours(hours, days, ["a"])
    assert reduced.slices.weight_hours.sum() == len(hours)
    assert (reduced.slices.weight_hours >= 1).all()
    assert reduced.slices.day.nunique() == days
    assert set(reduced.slices.starts_utc) <= set(times.strftime("%Y-%m-%dT%H:%M"))
    kept = reduced.profiles.groupby("profile").value
    assert (kept.max() <= hours.max() * (1 + np.sign(hours.max()) * 1e-6)).all()
    assert (kept.min() >= hours.min() * (1 - np.sign(hours.min()) * 1e-6)).all()
    error = reduced.profiles_error.set_index("profile")
    assert error.highest_kept.a == pytest.approx(error.highest.a, rel=1e-6)
    assert np.allclose(error["mean"], error.mean_kept, atol=1e-5)


def test_tables_are_written_together_and_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    reduced = reduce_hours(two_kinds(), 2)
    write_reduced(reduced, tmp_path / "days")
    names = sorted(path.name for path in (tmp_path / "days").iterdir())
    assert names == ["profiles.csv", "profiles_error.csv", "slices.csv"]
    again = pd.read_csv(tmp_path / "days" / "profiles.csv")
    assert again.value.tolist() == reduced.profiles.value.tolist()
    with pytest.raises(AlreadyThere):
        write_reduced(reduced, tmp_path / "days")
    write_reduced(reduced, tmp_path / "days", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["days"]


def test_the_table_of_errors_is_one_line_a_profile() -> None:
    header, line = error_lines(reduce_hours(two_kinds(), 2).profiles_error)
    assert header.split() == [
        "profile", "mean", "mean_kept", "highest", "highest_kept", "duration_rmse",
    ]  # fmt: skip
    assert line.split()[0] == "sun"


def test_without_tsam_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.profiles.find_spec", lambda _: None)
    with pytest.raises(SitewattError, match=r"sitewatt\[profiles\]"):
        reduce_hours(two_kinds(), 2)
