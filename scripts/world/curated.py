"""Tables kept beside this code: places, Azure regions, country groups, and what stands in."""

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


def table(name: str) -> pd.DataFrame:
    """One of the tables: `places`, `azure`, `groups` or `stand_ins`."""
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False)


def places() -> pd.DataFrame:
    """Every place, by key."""
    return table("places").astype({"latitude": float, "longitude": float})


def stand_in(quantity: str, known: dict[str, float]) -> dict[str, float]:
    """Figures by country, with those of another country where a figure is missing."""
    rows = table("stand_ins")
    rows = rows[rows.quantity == quantity]
    return {**{row.country: known[row.like] for row in rows.itertuples()}, **known}
