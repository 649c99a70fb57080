"""Slices and profiles: the hours of a year are all there, and every profile has a value in each."""

import re
from collections.abc import Collection
from datetime import datetime
from itertools import islice

import numpy as np

from optimizer.columns import among
from optimizer.manifest import FIRST_YEAR, LAST_YEAR
from optimizer.names import remedies
from optimizer.reading import MOST_LISTED, Reading, Readings

HOURS_PER_YEAR = 8760
# Weights may be rounded by so much in all, and those of one day by so little each.
MOST_OFF_HOURS = 0.1
SAME = 1e-6
HOURS_OF_DAY = range(24)
MOST_NAMED = 5
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z?")

# Columns that name profiles by slice.
USES = (
    ("place_profiles", "profile"),
    ("technologies", "profile"),
    ("technology_profiles", "profile"),
)


def check_profiles(readings: Readings) -> None:
    """Enter what is wrong with slices, with profiles, and with who follows them."""
    slices = readings["slices"]
    check_weights(slices)
    check_days(slices)
    check_starts(slices, local_profiles_used(readings))
    check_names(readings)
    check_whole(readings["profiles"], "slice", of_all_slices(slices))
    check_whole(readings["local_profiles"], "hour", list(HOURS_OF_DAY))
    check_uses(readings)
    check_values(readings)


def check_weights(slices: Reading) -> None:
    """The slices stand for a year, and those of a day occur equally often."""
    frame, sound = slices.frame, slices.sound["weight_hours"]
    if slices.has_rows() and sound.all():
        total = frame.weight_hours.sum()
        if abs(total - HOURS_PER_YEAR) > MOST_OFF_HOURS:
            slices.reject(
                f"weights add up to {total:,.10g} hours, not to the {HOURS_PER_YEAR} of a year",
                "correct them, or add the hours that are missing",
                column="weight_hours",
            )
    both = slices.sound_rows("weight_hours", "hours", "day")
    often = (frame.weight_hours / frame.hours).where(both)
    first = often.groupby(frame.day).transform("first")
    other = both & ~np.isclose(often, first, rtol=SAME, atol=0.0)
    fitting = iter((first * frame.hours)[other])
    slices.blame(
        "weight_hours",
        other,
        "divided by hours is not what it is for the first slice of the day",
        lambda _: f"slices of a day occur equally often: {next(fitting):.10g} would fit",
    )


def check_days(slices: Reading) -> None:
    """Slices of a day stand together: their order is that of the hours."""
    day = slices.frame.day
    begins = day != day.shift()
    slices.blame(
        "day",
        begins & day.duplicated(),
        "another day stands between this slice and the others of its day",
        "put the slices of a day one after the other, in their order",
    )


def check_starts(slices: Reading, local: bool) -> None:
    """Times are times, and there where a local profile is read by them."""
    starts = slices.frame.starts_utc
    slices.blame(
        "starts_utc",
        [start != "" and not is_utc_time(start) for start in starts],
        "is no UTC time",
        "write for example 2026-01-15T13:00",
    )
    if local:
        slices.blame(
            "starts_utc",
            starts == "",
            "is empty, and demand_profiles names a local profile",
            "write when the slice starts, as 2026-01-15T13:00 in UTC",
        )


def is_utc_time(text: str) -> bool:
    """Whether a text is a date and a time that a calendar has."""
    if not UTC_TIME.fullmatch(text):
        return False
    try:
        return FIRST_YEAR <= datetime.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


def check_names(readings: Readings) -> None:
    """A name stands for one profile."""
    local = readings["local_profiles"]
    again = among(local.frame.profile, readings["profiles"].frame.profile)
    local.blame(
        "profile",
        again & ~local.frame.profile.duplicated().to_numpy(dtype=bool),
        "is the name of a profile by slice, too",
        "call one of the two otherwise",
    )


def of_all_slices(slices: Reading) -> list[str]:
    """Names of the slices; none where they cannot be relied on."""
    known = slices.has_rows() and slices.sound["slice"].all()
    return slices.frame.slice.tolist() if known else []


def check_whole(profiles: Reading, column: str, wanted: list) -> None:
    """Every profile has a row for each slice or hour, unless one of its rows is in doubt."""
    frame = profiles.frame
    if not profiles.complete or not len(frame) or not wanted:
        return
    doubtful = frame.profile[~profiles.sound_rows("profile", column)]
    rows = frame.profile.groupby(frame.profile).transform("size")
    first = (rows < len(wanted)) & ~frame.profile.duplicated() & ~among(frame.profile, doubtful)
    named = frame.profile[first][:MOST_LISTED]
    there = {
        name: set(own)
        for name, own in frame[column][among(frame.profile, named)].groupby(frame.profile)
    }
    profiles.blame(
        "profile",
        first,
        lambda name: f"has no value for {what_is_missing(column, wanted, there[name])}",
        f"a profile has one row for each {column}: add them",
    )


def what_is_missing(column: str, wanted: list, there: Collection) -> str:
    """The first few slices or hours that a profile misses, and how many more."""
    missing = (one for one in wanted if one not in there)
    told = ", ".join(map(str, islice(missing, MOST_NAMED)))
    more = len(wanted) - len(there) - MOST_NAMED
    return f"{column} {told}" + (f" and {more:,} more" if more > 0 else "")


def local_profiles_used(readings: Readings) -> bool:
    """Whether the load of anybody follows the local clock."""
    used = readings["demand_profiles"].frame.profile
    return bool(used.isin(readings["local_profiles"].frame.profile).any())


def check_uses(readings: Readings) -> None:
    """Whoever follows a profile follows one that there is; only load follows the local clock."""
    profiles, local = readings["profiles"], readings["local_profiles"]
    if not (profiles.complete and local.complete):
        return
    by_slice, by_hour = (reading.frame.profile.drop_duplicates() for reading in (profiles, local))
    demand = readings["demand_profiles"]
    named = demand.frame.profile
    demand.blame(
        "profile",
        ~among(named, by_slice) & ~among(named, by_hour),
        "is in neither profiles nor local_profiles",
        remedies(by_slice.tolist() + by_hour.tolist()),
    )
    remedy = remedies(by_slice.tolist())
    for table, column in USES:
        reading = readings[table]
        named = reading.frame[column]
        unknown = np.asarray(named != "") & ~among(named, by_slice)
        reading.blame(
            column,
            unknown & among(named, by_hour),
            "is a local profile, and only load follows the local clock",
            "write its values by slice into profiles",
        )
        reading.blame(column, unknown, "is not in profiles", remedy)


def check_values(readings: Readings) -> None:
    """Parts of a whole are from 0 to 1, and nothing emits less than nothing."""
    profiles, places = readings["profiles"], readings["place_profiles"].frame
    of_parts = ("demand_profiles", "technologies", "technology_profiles")
    parts = {name for table in of_parts for name in readings[table].frame.profile.unique()}
    carbon = set(places.profile[places.quantity == "carbon"])
    value, name = profiles.frame.value, profiles.frame.profile
    profiles.blame(
        "value",
        among(name, parts) & (value > 1),
        "is above 1, and load or availability follows it",
        "write parts of the peak: 0.4 for 40 %",
    )
    profiles.blame(
        "value",
        among(name, parts | carbon) & (value < 0),
        "is below 0, and load, availability or carbon follows it",
        "write a number from 0 up",
    )
