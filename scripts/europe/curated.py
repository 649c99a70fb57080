"""Tables kept beside this code: places, operators, announced connections, country groups."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """A metropolitan area with one grid node.

    Parameters
    ----------
    connection : `closed`, `hub`, `dublin`, or empty where applications take the national time.
    stands_for : labels of providers' regions that this city stands for.
    """

    place: str
    city: str
    country: str
    geonameid: int
    latitude: float
    longitude: float
    connection: str
    stands_for: str


def places() -> list[Place]:
    """Every place, in the order of its key."""
    return [Place(*row) for row in table("places").itertuples(index=False, name=None)]


def group(name: str) -> frozenset[str]:
    """Countries of a typed group."""
    groups = table("groups")
    return frozenset(groups.country[groups.group == name])


def table(name: str) -> pd.DataFrame:
    """One of the tables: `places`, `operators`, `presence`, `connections` or `groups`."""
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False)
