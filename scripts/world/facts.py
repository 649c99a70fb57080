"""What the public data say about the world, one function a fact; nothing here is assumed."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from europe.facts import Facts as Shared
from europe.facts import by_country, read, read_facts


@dataclass(frozen=True)
class Facts(Shared):
    """Public data, by ISO 3166-1 alpha-2 country unless said otherwise.

    Parameters
    ----------
    population : people, in 2023.
    """

    population: dict[str, float]


def read_world_facts(data: Path) -> Facts:
    """Read the folder of public data.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    shared = vars(read_facts(data)) | {"cities": cities(data)}
    people = by_country(
        data / "electricity" / "flops_export_wb_population_2023.csv", "population_2023"
    )
    return Facts(**shared, population=people)


def cities(data: Path) -> pd.DataFrame:
    """Cities of 100,000 people and more."""
    table = read(data / "cities" / "geonames_cities_100k.csv")
    numbers = dict.fromkeys(("latitude", "longitude", "population"), float)
    kept = ["geonameid", "name", "latitude", "longitude", "countrycode", "population", "timezone"]
    return table[kept].astype(numbers).rename(columns={"countrycode": "country"})
