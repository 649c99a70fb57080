"""A year of hours as its users write it, and everything that can be wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.hourly import InvalidHours, read_hours


def year(number: int = 2025) -> pd.DataFrame:
    """Hours of a year, each with its number and one more profile."""
    times = pd.date_range(f"{number}-01-01", f"{number}-12-31T23:00", freq="h")
    written = times.strftime("%Y-%m-%dT%H:%M")
    return pd.DataFrame({"time_utc": written, "n": np.arange(len(times)), "flat": 0.5})


def problems(tmp_path: Path, table: pd.DataFrame, **options: object) -> list[str]:
    path = tmp_path / "hours.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InvalidHours) as invalid:
        read_hours(path, **{"time": "time_utc", **options})
    assert invalid.value.exit_code == 3
    heading = f"in the file (hours.csv {len(invalid.value.problems)}):"
    assert invalid.value.lines()[0].endswith(heading)
    return [str(problem) for problem in invalid.value.problems]


def test_rows_are_put_in_order(tmp_path: Path) -> None:
    year().sample(frac=1, random_state=1).to_csv(tmp_path / "hours.csv", index=False)
    hours = read_hours(tmp_path / "hours.csv", time="time_utc")
    assert hours.n.tolist() == list(range(8760))
    assert hours.index[13] == pd.Timestamp("2025-01-01T13:00")
    assert list(hours) == ["n", "flat"]


@pytest.mark.parametrize(
    "written",
    [
        lambda times: times.dt.strftime("%Y-%m-%d %H:%M:%S"),
        lambda times: times.dt.strftime("%Y-%m-%dT%H:%MZ"),
        lambda times: (times + pd.Timedelta(hours=1)).dt.strftime("%Y-%m-%dT%H:%M+01:00"),
    ],
    ids=["space", "Z", "offset"],
)
def test_times_may_be_written_in_any_way_of_iso_8601(
    tmp_path: Path, written: Callable[[pd.Series], pd.Series]
) -> None:
    table = year()
    table.time_utc = written(pd.to_datetime(table.time_utc))
    table.to_csv(tmp_path / "hours.csv", index=False)
    hours = read_hours(tmp_path / "hours.csv", time="time_utc")
    assert hours.index[0] == pd.Timestamp("2025-01-01")
    assert hours.n.tolist() == list(range(8760))


def test_parquet_holds_times_as_such(tmp_path: Path) -> None:
    table = year()
    table.time_utc = pd.to_datetime(table.time_utc)
    table.to_parquet(tmp_path / "hours.parquet")
    assert read_hours(tmp_path / "hours.parquet", time="time_utc").n.sum() == 8759 * 4380


def test_without_times_the_rows_are_those_of_a_year(tmp_path: Path) -> None:
    year().drop(columns="time_utc").to_csv(tmp_path / "hours.csv", index=False)
    hours = read_hours(tmp_path / "hours.csv", time="time_utc", year=2024)
    assert hours.index[31 * 24 + 28 * 24] == pd.Timestamp("2024-03-01")
    assert len(hours) == 8760


@pytest.mark.parametrize("options", [{}, {"year": 2024}], ids=["times", "rows"])
def test_the_29_february_is_left_out(tmp_path: Path, options: dict[str, int]) -> None:
    table = year(2024)
    if options:
        table = table.drop(columns="time_utc")
    table.to_csv(tmp_path / "hours.csv", index=False)
    hours = read_hours(tmp_path / "hours.csv", time="time_utc", **options)
    assert len(hours) == 8760
    assert pd.Timestamp("2024-02-29T12:00") not in hours.index


def test_a_year_may_begin_on_any_day(tmp_path: Path) -> None:
    table = year()
    table.time_utc = (pd.to_datetime(table.time_utc) + pd.Timedelta(days=90)).astype(str)
    table.to_csv(tmp_path / "hours.csv", index=False)
    assert read_hours(tmp_path / "hours.csv", time="time_utc").index[0].month == 4


def test_missing_hours_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, year().drop(index=range(99, 109))) == [
        "hours.csv, time_utc: 10 of 8760 hours are missing, the first 2025-01-05T03:00; "
        "add them; a year begins at 00:00 UTC"
    ]


def test_each_bad_cell_is_named_in_one_report(tmp_path: Path) -> None:
    table = year().astype(str)
    table.loc[0, "flat"] = "nan"
    table.loc[1, "flat"] = ""
    table.loc[2, "n"] = "many"
    table.loc[3, "n"] = "1e400"
    table.loc[4, "time_utc"] = "noon"
    table.loc[5, "time_utc"] = "2025-01-01T05:30"
    table.loc[7, "time_utc"] = table.loc[6, "time_utc"]
    told = problems(tmp_path, table)
    assert len(told) == 7
    for row, words in enumerate(
        ["is not finite", "is empty", "is not a number", "is not finite", "is no time",
         "is not the start of an hour", "", "this hour is there already"], 2
    ):  # fmt: skip
        assert not words or any(f"row {row}, " in line and words in line for line in told)


def test_more_than_a_year_is_refused(tmp_path: Path) -> None:
    longer = pd.concat([year(), year(2026)[:2]])
    told = problems(tmp_path, longer)
    assert len(told) == 2
    assert "is after 2025-12-31, the last of 365 days" in told[0]


def test_a_year_needs_as_many_rows_as_hours(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, year()[["n"]][:8000], year=2025)
    assert "has 8,000 rows where the year has 8,760 hours" in told


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["hour", "n", "flat"], "there is no such column"),
        (["time_utc", "n", "n"], "the column is there more than once"),
        (["time_utc", "", "n"], "is empty"),
        (["time_utc", "=n", "flat"], "begins with ="),
    ],
)
def test_columns_need_sound_names(tmp_path: Path, columns: list[str], words: str) -> None:
    table = year()
    table.columns = pd.Index(columns)
    assert words in problems(tmp_path, table)[0]


def test_times_alone_are_no_profiles(tmp_path: Path) -> None:
    assert "no column holds a profile" in problems(tmp_path, year()[["time_utc"]])[0]


def test_numbers_are_no_times(tmp_path: Path) -> None:
    path = tmp_path / "hours.parquet"
    year().assign(time_utc=range(8760)).to_parquet(path)
    with pytest.raises(InvalidHours, match="no times"):
        read_hours(path, time="time_utc")


def profiles(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["profiles", *map(str, words)])
    return result.exit_code, result.output


def test_the_command_writes_days_and_tells_their_error(tmp_path: Path) -> None:
    year().to_csv(tmp_path / "hours.csv", index=False)
    out = tmp_path / "days"
    code, told = profiles(tmp_path / "hours.csv", "--days", 3, "--peak", "n", "--out", out)
    assert code == 0
    assert told.splitlines()[-1] == f"Wrote {out}"
    slices = pd.read_csv(out / "slices.csv")
    assert slices.weight_hours.sum() == 8760
    assert slices.day.iloc[-1] == "2025-12-31"
    assert profiles(tmp_path / "hours.csv", "--days", 3, "--out", out)[0] == 2


def test_the_command_answers_in_json_and_writes_nothing_unasked(tmp_path: Path) -> None:
    year().to_csv(tmp_path / "hours.csv", index=False)
    code, told = profiles(tmp_path / "hours.csv", "--days", 2, "--json")
    content = json.loads(told)
    assert (code, content["status"], content["out"]) == (0, "reduced", None)
    assert sum(content["days"].values()) == 365
    assert [row["profile"] for row in content["error"]] == ["n", "flat"]
    assert [path.name for path in tmp_path.iterdir()] == ["hours.csv"]


def test_the_command_ends_with_3_where_the_hours_are_no_year(tmp_path: Path) -> None:
    year()[:100].to_csv(tmp_path / "hours.csv", index=False)
    code, told = profiles(tmp_path / "hours.csv", "--days", 2)
    assert code == 3
    assert "hours are missing" in told
