"""Hours of a year by country: sun, wind and temperature as filed, prices and carbon that follow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from europe.facts import alpha_2

from europe_hourly.assumptions import LEAST_CARBON, NATIONAL_LOAD, PRICE_SLOPE

# The weather year of the files is not stated; the calendar is the first stage's.
YEAR = 2026
# Countries without curves, and whose curves stand in; hours are the mean of the neighbours'.
NEIGHBOURS = {"NL": ("BE", "DE"), "IS": ()}
# Full-load hours that the source leaves as placeholders, and whose stand in.
PLACEHOLDERS = {"solar": {"NO": "SE", "RS": "RO"}, "wind": {"RS": "RO"}}
FILES = {
    "solar": "etm_solar_peaknorm_hourly.csv.gz",
    "wind": "etm_wind_inland_peaknorm_hourly.csv.gz",
    "temperature": "etm_air_temperature_c_hourly.csv.gz",
}
FULL_LOAD_HOURS = {"solar": "solar_full_load_hours", "wind": "wind_onshore_full_load_hours"}


@dataclass(frozen=True)
class Mix:
    """Shares of a country's generation in 2023."""

    solar: float
    wind: float
    clean: float


def mixes(data: Path) -> dict[str, Mix]:
    """Generation by source and country."""
    path = data / "electricity" / "codecarbon_global_energy_mix.json"
    found = {}
    for code, row in json.loads(path.read_text(encoding="utf-8")).items():
        country, total = alpha_2(code), row["total_TWh"]
        if country and total:
            found[country] = Mix(
                row["solar_TWh"] / total, row["wind_TWh"] / total, row["low_carbon_TWh"] / total
            )
    return found


def hours(data: Path, timezones: Mapping[str, str], mix: Mapping[str, Mix]) -> pd.DataFrame:
    """Every curve of every country that has one, by hour in UTC.

    Parameters
    ----------
    timezones : of each country that is wanted.
    """
    columns: dict[str, np.ndarray] = {}
    for kind, file in FILES.items():
        table = pd.read_csv(data / "profiles" / file, index_col=0)
        table.columns = [name.rsplit("_", 1)[1] for name in table]
        for country in timezones:
            stands_in = [c for c in NEIGHBOURS.get(country, (country,)) if c in table]
            if stands_in:
                # Noon comes an hour late: the files' clock is that of Central Europe in winter.
                columns[f"{kind}_{country}"] = np.roll(table[stands_in].mean(axis=1), -1)
    index = pd.date_range(f"{YEAR}-01-01", periods=8760, freq="h")
    frame = pd.DataFrame(columns, index=index)
    for country, timezone in timezones.items():
        if f"solar_{country}" in frame:
            rest = residual(frame, country, timezone, mix[country])
            price = np.maximum(1 + PRICE_SLOPE.value * (rest - rest.mean()), 0)
            carbon = np.maximum(rest / rest.mean(), LEAST_CARBON.value)
            columns[f"price_{country}"] = (price / price.mean()).to_numpy()
            columns[f"carbon_{country}"] = (carbon / carbon.mean()).to_numpy()
    return availability(data, pd.DataFrame(columns, index=index))


def residual(frame: pd.DataFrame, country: str, timezone: str, mix: Mix) -> pd.Series:
    """Load less sun and wind, per mean load."""
    clock = frame.index.tz_localize("UTC").tz_convert(timezone).hour
    load = np.array(NATIONAL_LOAD)[clock] / np.mean(NATIONAL_LOAD)
    sun, wind = frame[f"solar_{country}"], frame[f"wind_{country}"]
    return pd.Series(load - mix.solar * sun / sun.mean() - mix.wind * wind / wind.mean())


def availability(data: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Curves of sun and wind scaled to full-load hours, for a share of their peak is none."""
    path = data / "profiles" / "etm_full_load_hours.csv"
    table = pd.read_csv(path, keep_default_na=False).set_index("iso2")
    for kind, column in FULL_LOAD_HOURS.items():
        for name in [name for name in frame if name.startswith(f"{kind}_")]:
            country = name.rsplit("_", 1)[1]
            sources = [PLACEHOLDERS[kind].get(c, c) for c in NEIGHBOURS.get(country, (country,))]
            full_load = float(table.loc[sources, column].astype(float).mean())
            frame[name] = np.minimum(frame[name] * full_load / frame[name].sum(), 1.0)
    return frame
