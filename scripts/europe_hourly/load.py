"""When requests come and what may wait, and who follows which profile over the hours."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from europe_hourly.assumptions import (
    CAMPAIGN,
    CUT_COST,
    CUT_SHARE,
    DAILY_LOAD,
    MOVABLE_SHARE,
    MOVE_COST,
    OVERNIGHT_BASIS,
    OVERNIGHT_COUNTRIES,
    OVERNIGHT_SHARE,
)

DIGITS = 4
BATCH, OVERNIGHT, HOSTS = "batch", "overnight", "overnight_hosts"


def workloads(europe: pd.DataFrame) -> pd.DataFrame:
    """Workloads, and the part of batches that may wait as one of its own."""
    overnight = europe[europe.workload == BATCH].assign(workload=OVERNIGHT)
    both = pd.concat([europe, overnight], ignore_index=True)
    movable = both.workload == OVERNIGHT
    return both.assign(
        movable_share=np.where(movable, MOVABLE_SHARE.value, 0.0),
        move_cost_per_mwh=np.where(movable, MOVE_COST.value, 0.0),
        cut_share=np.where(movable, CUT_SHARE.value, 0.0),
        cut_cost_per_mwh=np.where(movable, CUT_COST.value, 0.0),
    )


def demand(europe: pd.DataFrame) -> pd.DataFrame:
    """Demand, with a part of each batch overnight."""
    batch = europe.workload == BATCH
    share = OVERNIGHT_SHARE.value
    rest = europe.assign(it_mw=europe.it_mw.where(~batch, europe.it_mw * (1 - share)))
    waits = europe[batch].assign(workload=OVERNIGHT, it_mw=europe.it_mw * share)
    return pd.concat([rest, waits], ignore_index=True)


def groups(europe: pd.DataFrame) -> pd.DataFrame:
    """Groups, and the countries in which overnight load may run."""
    hosts = pd.DataFrame({"group": HOSTS, "country": sorted(OVERNIGHT_COUNTRIES)})
    return pd.concat([europe, hosts], ignore_index=True)


def rules(europe: pd.DataFrame) -> pd.DataFrame:
    """Rules, and the one that keeps overnight load there."""
    rule = {
        "rule": "overnight-by-the-sea",
        "workload": OVERNIGHT,
        "applies_to": "*",
        "kind": "site_in",
        "group": HOSTS,
        "basis": OVERNIGHT_BASIS,
    }
    return pd.concat([europe, pd.DataFrame([rule])], ignore_index=True)


def local_profiles(europe: pd.DataFrame) -> pd.DataFrame:
    """Load by local hour, with the means that europe's workloads state."""
    rows = []
    for workload in europe[~is_even(europe)].itertuples():
        shape = with_mean(np.array(DAILY_LOAD[workload.workload]), workload.load_factor)
        rows += [(f"load_{workload.workload}", hour, value) for hour, value in enumerate(shape)]
    return pd.DataFrame(rows, columns=["profile", "hour", "value"])


def even_profiles(europe: pd.DataFrame, slices: pd.DataFrame) -> pd.DataFrame:
    """Load that is the same at every hour, and so by no place's clock."""
    rows = [
        (f"load_{workload.workload}", name, workload.load_factor)
        for workload in europe[is_even(europe)].itertuples()
        for name in slices.slice
    ]
    return pd.DataFrame(rows, columns=["profile", "slice", "value"])


def is_even(europe: pd.DataFrame) -> pd.Series:
    """Which workloads come evenly over the day."""
    return europe.workload.map(lambda name: len(set(DAILY_LOAD[name])) == 1)


def with_mean(shape: np.ndarray, mean: float) -> np.ndarray:
    """Shape raised to the power that gives a mean, so that its peak stays 1."""
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


def technology_profiles(countries: Mapping[str, Collection[str]]) -> pd.DataFrame:
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
