"""Slices make a year, and profiles have a value for each: what they lack is told once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.profile_checks import is_utc_time
from tests.optimizer.folder_of_files import HOURLY, Files, assert_only, edited, problems_of


def hourly(name: str, old: str, new: str) -> Files:
    """Sound files with slices, and one text in one of them replaced."""
    return edited(name, old, new, HOURLY)


# Files with one thing that does not fit: (table, row, column, value), message, remedy.
BAD = {
    "weights that are no year": (
        hourly("slices.csv", ",2190,", ",2190.1,"),
        ("slices", None, "weight_hours", ""), "add up to 8,760.4 hours, not to the 8760", "correct",
    ),
    "slices that occur more often than their day": (
        hourly("slices.csv", "summer_day,summer,2190,12", "summer_day,summer,2190,11"),
        ("slices", 5, "weight_hours", "2190"), "what it is for the first slice of the day",
        "2007.5 would fit",
    ),
    "day in two pieces": (
        hourly("slices.csv", "summer_day,summer,", "summer_day,winter,"),
        ("slices", 5, "day", "winter"), "another day stands between", "one after the other",
    ),
    "no time": (
        hourly("slices.csv", "2026-07-15T12:00", "2026-07-15 noon"),
        ("slices", 5, "starts_utc", "2026-07-15 noon"), "is no UTC time", "2026-01-15T13:00",
    ),
    "time that a local profile needs": (
        hourly("slices.csv", "2026-07-15T12:00", ""),
        ("slices", 5, "starts_utc", ""), "names a local profile", "2026-01-15T13:00 in UTC",
    ),
    "slice of no hours": (
        hourly("slices.csv", "summer_day,summer,2190,12", "summer_day,summer,2190,0"),
        ("slices", 5, "hours", "0"), "is not above 0", "a number above 0",
    ),
    "value of no slice": (
        hourly("profiles.csv", "sun,summer_day", "sun,sumer_day"),
        ("profiles", 9, "slice", "sumer_day"), "is not in slices.slice", "mean summer_day?",
    ),
    "profile that misses a slice": (
        hourly("profiles.csv", "sun,winter_day,0.25\n", ""),
        ("profiles", 6, "profile", "sun"), "has no value for slice winter_day", "add them",
    ),
    "local profile that misses hours": (
        {**HOURLY, "local_profiles.csv": "profile,hour,value\n"
         + "".join(f"clock,{hour},1\n" for hour in range(0, 24, 2))},
        ("local_profiles", 2, "profile", "clock"),
        "has no value for hour 1, 3, 5, 7, 9 and 7 more", "one row for each hour",
    ),
    "hour that no clock shows": (
        hourly("local_profiles.csv", "clock,23,", "clock,24,"),
        ("local_profiles", 25, "hour", "24"), "is above 23", "up to 23",
    ),
    "local value above 1": (
        hourly("local_profiles.csv", "clock,23,1", "clock,23,1.5"),
        ("local_profiles", 25, "value", "1.5"), "is above 1", "up to 1",
    ),
    "slice there twice": (
        hourly("profiles.csv", "sun,summer_day", "sun,winter_day"),
        ("profiles", 9, "slice", "winter_day"), "the same profile, slice as in row 7", "keep one",
    ),
    "one name for two profiles": (
        {**HOURLY, "local_profiles.csv": HOURLY["local_profiles.csv"].replace("clock", "celsius"),
         "demand_profiles.csv": "region,workload,profile\n*,chat,load\n"},
        ("local_profiles", 2, "profile", "celsius"), "of a profile by slice, too", "otherwise",
    ),
    "more load than the peak": (
        hourly("profiles.csv", "load,winter_day,1", "load,winter_day,1.2"),
        ("profiles", 3, "value", "1.2"), "is above 1, and load", "0.4 for 40 %",
    ),
    "less than no sun": (
        hourly("profiles.csv", "sun,winter_night,0", "sun,winter_night,-0.1"),
        ("profiles", 6, "value", "-0.1"), "is below 0", "from 0 up",
    ),
    "emissions below nothing": (
        hourly("place_profiles.csv", "DE,temperature", "DE,carbon"),
        ("profiles", 10, "value", "-5"), "is below 0", "from 0 up",
    ),
    "profile of load": (
        hourly("demand_profiles.csv", "batch,clock", "batch,clok"),
        ("demand_profiles", 3, "profile", "clok"), "is in neither profiles nor local_profiles",
        "did you mean clock?",
    ),
    "profile of a place": (
        hourly("place_profiles.csv", ",celsius", ",celcius"),
        ("place_profiles", 2, "profile", "celcius"), "is not in profiles", "mean celsius?",
    ),
    "profile of a technology": (
        hourly("technologies.csv", "25,sun", "25,sum"),
        ("technologies", 2, "profile", "sum"), "is not in profiles", "did you mean sun?",
    ),
    "profile of a technology at a place": (
        hourly("technology_profiles.csv", "oslo,sun", "oslo,wind"),
        ("technology_profiles", 2, "profile", "wind"), "is not in profiles", "known are load, sun",
    ),
    "place that follows the clock": (
        hourly("place_profiles.csv", ",celsius", ",clock"),
        ("place_profiles", 2, "profile", "clock"), "only load follows the local clock", "by slice",
    ),
    "technology that follows the clock": (
        hourly("technologies.csv", "1,30,", "1,30,clock"),
        ("technologies", 3, "profile", "clock"), "only load follows the local clock", "by slice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_told_once(tmp_path: Path, name: str) -> None:
    files, place, message, remedy = BAD[name]
    assert_only(problems_of(tmp_path / "i", files), place, message, remedy)


GOOD = {
    "rounded weights": hourly("slices.csv", ",2190,", ",2190.02,"),
    "no times where nobody follows the clock": {
        **{name: text for name, text in HOURLY.items() if name != "local_profiles.csv"},
        "demand_profiles.csv": "region,workload,profile\n*,*,load\n",
        "slices.csv": "".join(
            line.rsplit(",", 1)[0] + "\n" for line in HOURLY["slices.csv"].splitlines()
        ),
    },
    "days of different length": hourly("slices.csv", "winter,2190,12", "winter,2190,1"),
    "one slice": {
        **{name: text for name, text in HOURLY.items()
           if "profile" not in name and "technolog" not in name},
        "workloads.csv": HOURLY["workloads.csv"].replace("0.7", "1"),
        "slices.csv": "slice,weight_hours\nyear,8760\n",
    },
    "profiles that nobody follows": {**HOURLY, "profiles.csv": HOURLY["profiles.csv"]
        + "odd,winter_night,-9\nodd,winter_day,9\nodd,summer_night,0\nodd,summer_day,0\n"},
    "prices below nothing": hourly("place_profiles.csv", "DE,temperature", "DE,energy_price"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_fits(tmp_path: Path, name: str) -> None:
    assert problems_of(tmp_path / "i", GOOD[name]) == []


@pytest.mark.parametrize("text", ["2026-01-15T13:00", "2026-02-28T23:59:59", "2024-02-29T00:00Z"])
def test_times(text: str) -> None:
    assert is_utc_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-29T00:00", "2026-01-15T24:00", "2026-01-15", "13:00", "2026-1-15T13:00"),
        *("2026-01-15 13:00", "2026-01-15T13:00+01:00", "15.1.2026T13:00", "0001-01-01T00:00"),
        *("2026-01-15T13:00z", "٢٠٢٦-01-15T13:00", " 2026-01-15T13:00"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert not is_utc_time(text)


@given(
    slices=st.integers(1, 12),
    there=st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=4),
    mixed=st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_profile_is_whole_or_told_with_all_that_it_misses(
    tmp_path_factory: pytest.TempPathFactory, slices: int, there: list[set[int]], mixed: object
) -> None:
    """Whatever the order of rows: one problem for each profile with a gap, on its first row."""
    names = [f"s{number}" for number in range(slices)]
    kept = {f"p{number}": {one for one in own if one < slices} for number, own in enumerate(there)}
    rows = [(profile, names[one]) for profile, own in kept.items() for one in own]
    mixed.shuffle(rows)
    files = {
        **GOOD["one slice"],
        "slices.csv": "slice,weight_hours\n"
        + "".join(f"{name},{8760 / slices!r}\n" for name in names),
        "profiles.csv": "profile,slice,value\n" + "".join(f"{p},{s},0\n" for p, s in rows),
    }
    expected = {}
    for profile, own in kept.items():
        missing = [name for number, name in enumerate(names) if number not in own]
        if own and missing:
            first = next(line for line, row in enumerate(rows, 2) if row[0] == profile)
            expected[first] = (profile, missing)
    problems = problems_of(tmp_path_factory.mktemp("i"), files)
    assert [problem.row for problem in problems] == sorted(expected)
    for problem in problems:
        profile, missing = expected[problem.row]
        told = problem.message.removeprefix("has no value for slice ").split(" and ")
        assert (problem.table, problem.column, problem.value) == ("profiles", "profile", profile)
        assert told[0].split(", ") == missing[:5]
        assert told[1:] == ([f"{len(missing) - 5} more"] if len(missing) > 5 else [])
