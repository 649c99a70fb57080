"""Sites, nodes and grid as `europe` has them, with what power through the hours needs besides."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from europe.assumptions import PUE_PER_DEGREE

from europe_hourly.assumptions import (
    BATTERY_SHARE,
    CAMPUS_HA,
    CONNECTION_FEE,
    COOLING_FROM_C,
    CORRIDORS,
    CURTAILED_HOURS,
    DEMAND_CHARGE,
    DEMAND_CHARGE_HOURS,
    DUTCH_CURTAILED_HOURS,
    DUTCH_EVENT_HOURS,
    EMBODIED_T_PER_IT_MW,
    EVENT_HOURS,
    EXISTING_SOLAR_MW,
    EXPORT_MW,
    EXPORT_SHARE,
    EXPORTING,
    FLEXIBLE_MW,
    GAS_SHARE,
    HALLS,
    IDLE_SHARE,
    RETROFIT_GAS_MW,
    SECOND_BAY_EUR_PER_MW,
    SECOND_BAYS,
    SOLAR_HA_PER_MW,
    WAITING_HALL,
)
from europe_hourly.weather import Mix

HOURS_PER_YEAR = 8760
DIGITS = 3


def sites(europe: pd.DataFrame, mean_heat_c: Mapping[str, float]) -> pd.DataFrame:
    """Sites, with a PUE that rises with the temperature and has europe's as its mean.

    Parameters
    ----------
    mean_heat_c : mean over the year of the °C above the point from which cooling needs help, by
        country; none where there is no temperature.
    """
    heat = europe.country.map(mean_heat_c)
    per_c = pd.Series(PUE_PER_DEGREE.value, europe.index).where(heat.notna(), 0.0)
    with_land = europe.site.isin(HALLS["solar"])
    return europe.assign(
        pue=(europe.pue - per_c * heat.fillna(0.0)).round(DIGITS),
        idle_share=np.where(europe.site == WAITING_HALL, 0.0, IDLE_SHARE.value),
        pue_per_c=per_c,
        pue_from_c=COOLING_FROM_C.value,
        land_ha=np.where(with_land, CAMPUS_HA.value, np.nan),
        embodied_t_per_it_mw=EMBODIED_T_PER_IT_MW.value,
    )


def nodes(europe: pd.DataFrame, sites: pd.DataFrame, mix: Mapping[str, Mix]) -> pd.DataFrame:
    """Nodes; where the grid is full, part of the charges is due on the highest draw."""
    exporting = europe.node.isin(EXPORTING)
    full = europe.node.isin({*FLEXIBLE_MW, *sites.node[sites.site.isin(hosts())]})
    price = europe.energy_price_per_mwh
    yearly = round(DEMAND_CHARGE.value * HOURS_PER_YEAR * DEMAND_CHARGE_HOURS)
    return europe.assign(
        energy_price_per_mwh=price.where(~full, price - DEMAND_CHARGE.value).round(DIGITS),
        clean_share=europe.country.map(lambda c: round(mix[c].clean, DIGITS)),
        export_mw=np.where(exporting, EXPORT_MW.value, 0.0),
        export_price_share=np.where(exporting, EXPORT_SHARE.value, 0.0),
        demand_charge_per_mw_year=np.where(full, yearly, 0),
        connection_fee_per_mw=np.where(full, CONNECTION_FEE.value, 0.0),
    )


def upgrades(europe: pd.DataFrame) -> pd.DataFrame:
    """Upgrades, and a second bay that follows the first at some nodes."""
    first = europe[(europe.upgrade == "bay") & europe.node.isin(SECOND_BAYS)]
    second = first.assign(
        upgrade="second bay", cost=first.mw * SECOND_BAY_EUR_PER_MW.value, after="bay"
    )
    return pd.concat([europe.assign(after=""), second]).sort_values(
        ["node", "upgrade"], ignore_index=True
    )


def flexible_grid() -> pd.DataFrame:
    """Power that may be cut, by node and year."""
    rows = []
    for node, by_year in FLEXIBLE_MW.items():
        dutch = node == "amsterdam"
        hours = (DUTCH_CURTAILED_HOURS if dutch else CURTAILED_HOURS).value
        event = (DUTCH_EVENT_HOURS if dutch else EVENT_HOURS).value
        rows += [(node, year, mw, hours, event) for year, mw in by_year.items()]
    columns = ["node", "year", "flexible_mw", "curtailed_hours_per_year", "event_hours"]
    return pd.DataFrame(rows, columns=columns)


def corridors() -> pd.DataFrame:
    """Transfer limits by year."""
    rows = [(name, y, mw) for name, (by_year, _) in CORRIDORS.items() for y, mw in by_year.items()]
    return pd.DataFrame(rows, columns=["corridor", "year", "max_mw"])


def corridor_nodes() -> pd.DataFrame:
    """Nodes behind each limit."""
    rows = [(name, node, 1.0) for name, (_, nodes) in CORRIDORS.items() for node in nodes]
    return pd.DataFrame(rows, columns=["corridor", "node", "factor"])


def site_technologies(sites: pd.DataFrame) -> pd.DataFrame:
    """What may stand at the halls where the grid is full, and what stands there already."""
    by_site = sites.set_index("site")
    hall_mw = by_site.max_it_mw * by_site.pue
    most_mw = {
        "gas_turbine": GAS_SHARE.value * hall_mw,
        "fuel_cell": GAS_SHARE.value * hall_mw,
        "battery": BATTERY_SHARE.value * hall_mw,
        "solar": by_site.land_ha / SOLAR_HA_PER_MW.value,
        "wind_contract": hall_mw,
    }
    standing = {
        "gas_turbine": RETROFIT_GAS_MW,
        "solar": EXISTING_SOLAR_MW,
    }
    rows = [
        (site, name, round(most_mw[name][site]), existing.value if existing else 0.0)
        for name, halls in HALLS.items()
        for site in halls
        for existing in [standing.get(name, {}).get(site)]
    ]
    for site in hosts():
        engines = round(float(by_site.existing_it_mw[site] * by_site.pue[site]), 1)
        if engines:
            rows.append((site, "diesel_backup", engines, engines))
    columns = ["site", "technology", "max_mw", "existing_mw"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["site", "technology"], ignore_index=True
    )


def hosts() -> list[str]:
    """Halls where anything may stand."""
    return sorted({site for halls in HALLS.values() for site in halls})
