"""When requests come and what may wait, and who follows which profile over the hours."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from europe_hourly.assumptions import (
    CAMPAIGN,
    CUT_COST,
    CUT_SHARE,
    DAILY_LOAD,
    FLAT_WORKLOAD,
    MOVABLE_SHARE,
    MOVE_COST,
)

DIGITS = 4


def workloads(europe: pd.DataFrame) -> pd.DataFrame:
    """Workloads, of which batches may wait."""
    movable = europe.workload == FLAT_WORKLOAD
    return europe.assign(
        movable_share=np.where(movable, MOVABLE_SHARE.value, 0.0),
        move_cost_per_mwh=np.where(movable, MOVE_COST.value, 0.0),
        cut_share=np.where(movable, CUT_SHARE.value, 0.0),
        cut_cost_per_mwh=np.where(movable, CUT_COST.value, 0.0),
    )


def local_profiles(europe: pd.DataFrame) -> pd.DataFrame:
    """Load by local hour, with the means that europe's workloads state."""
    rows = []
    for workload in europe.itertuples():
        shape = with_mean(np.array(DAILY_LOAD[workload.workload]), workload.load_factor)
        rows += [(f"load_{workload.workload}", hour, value) for hour, value in enumerate(shape)]
    return pd.DataFrame(rows, columns=["profile", "hour", "value"])


def with_mean(shape: np.ndarray, mean: float) -> np.ndarray:
    """Shape raised to the power that gives a mean; one that is even in all hours is scaled."""
    if np.ptp(shape) == 0:
        return np.full(shape.shape, mean)
    power = brentq(lambda p: (shape**p).mean() - mean, 0.01, 50)
    return np.round(shape**power, DIGITS)


def demand_profiles(europe: pd.DataFrame) -> pd.DataFrame:
    """Every workload follows its own profile, in all regions."""
    names = europe.workload
    return pd.DataFrame({"region": "*", "workload": names, "profile": "load_" + names})


def place_profiles(profiles: Collection[str], countries: Collection[str]) -> pd.DataFrame:
    """Prices, carbon and temperature by country, where there are curves."""
    quantities = {"price": "energy_price", "carbon": "carbon", "temperature": "temperature"}
    rows = [
        (country, quantity, f"{kind}_{country}")
        for country in sorted(countries)
        for kind, quantity in quantities.items()
        if f"{kind}_{country}" in profiles
    ]
    return pd.DataFrame(rows, columns=["place", "quantity", "profile"])


def technology_profiles(countries: dict[str, Collection[str]]) -> pd.DataFrame:
    """Availability of sun and wind in the countries where they may be used."""
    kinds = {"solar": "solar", "wind_contract": "wind"}
    rows = [
        (technology, country, f"{kind}_{country}")
        for technology, kind in kinds.items()
        for country in sorted(countries[technology])
    ]
    return pd.DataFrame(rows, columns=["technology", "place", "profile"])


def campaigns() -> pd.DataFrame:
    """One training run."""
    return pd.DataFrame([{**CAMPAIGN, "it_mw": CAMPAIGN["it_mw"].value}])  # type: ignore[attr-defined]
