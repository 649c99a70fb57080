"""What the public data files say, one function a fact; nothing here is assumed."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pycountry
from building.places import km

PRICE_YEAR = "2025"
LEAST_VOLTAGE_KV = 220
NEAR_KM = 50.0
# GridKit's own name for points where stations stand.
STATIONS = ("Substation", "Substations + Power Plants")


@dataclass(frozen=True)
class Facts:
    """Public data, by ISO 3166-1 alpha-2 country unless said otherwise.

    Parameters
    ----------
    wholesale_eur_per_mwh : mean of the monthly day-ahead prices of 2025.
    retail_eur_per_mwh : industrial price before tax, for countries without a wholesale price.
    carbon_g_per_kwh : of electricity generated, mostly 2023.
    summer_c : mean temperature of the hottest month.
    building_usd_per_w : cost of a data centre without its IT.
    datacentre_mw : installed data-centre IT.
    gdp_per_head : purchasing power parity, international dollars.
    substations : station points of 220 kV and more; latitude, longitude.
    cities : places of 100,000 and more, and the largest of smaller countries.
    azure_rtt_ms : median round trip by (region, region).
    """

    wholesale_eur_per_mwh: dict[str, float]
    retail_eur_per_mwh: dict[str, float]
    carbon_g_per_kwh: dict[str, float]
    summer_c: dict[str, float]
    building_usd_per_w: dict[str, float]
    datacentre_mw: dict[str, float]
    gdp_per_head: dict[str, float]
    substations: pd.DataFrame
    cities: pd.DataFrame
    azure_rtt_ms: dict[tuple[str, str], float]

    def substations_near(self, latitude: float, longitude: float) -> int:
        """Substations of 220 kV and more within 50 km."""
        distance = km(latitude, longitude, self.substations.latitude, self.substations.longitude)
        return int((distance <= NEAR_KM).sum())


def read_facts(data: Path) -> Facts:
    """Read the folder of public data.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    electricity = data / "electricity"
    return Facts(
        wholesale_eur_per_mwh=wholesale(electricity / "ember_wholesale_monthly_2015_2025.csv"),
        retail_eur_per_mwh={
            country: 1000 * price
            for country, price in by_country(
                electricity / "flops_export_country_electricity_prices.csv", "price_eur_kwh"
            ).items()
        },
        carbon_g_per_kwh=carbon(electricity / "codecarbon_global_energy_mix.json"),
        summer_c=by_country(
            electricity / "flops_export_country_temperatures.csv", "temp_summer_peak_C"
        ),
        building_usd_per_w=by_country(
            electricity / "flops_export_predicted_construction_costs.csv", "predicted_usd_per_watt"
        ),
        datacentre_mw=by_country(
            electricity / "flops_export_dc_capacity_estimates.csv", "capacity_mw"
        ),
        gdp_per_head=by_country(
            electricity / "flops_export_wb_gdp_per_capita_ppp_2023.csv", "gdp_pcap_ppp_2023"
        ),
        substations=substations(data / "grid" / "entsoegridkit_buses.csv"),
        cities=cities(data),
        azure_rtt_ms=azure(data / "latency" / "azure_rtt_p50_50x50.csv"),
    )


def alpha_2(alpha_3: str) -> str | None:
    """ISO 3166-1 alpha-2 code of an alpha-3 one, none for codes of regions."""
    country = pycountry.countries.get(alpha_3=alpha_3)
    return None if country is None else str(country.alpha_2)


def by_country(path: Path, column: str) -> dict[str, float]:
    """One column of a table keyed by `iso3`."""
    table = read(path)
    pairs = zip(table.iso3.map(alpha_2), table[column].astype(float), strict=True)
    return {country: value for country, value in pairs if country}


def wholesale(path: Path) -> dict[str, float]:
    """Plain mean of the months of 2025 that have a price: nine for Switzerland, else twelve."""
    table = read(path)
    table = table[table["Date"].str.startswith(PRICE_YEAR) & (table["Price (EUR/MWhe)"] != "")]
    price = table["Price (EUR/MWhe)"].astype(float)
    mean = price.groupby(table["ISO3 Code"]).mean()
    return {str(alpha_2(code)): float(value) for code, value in mean.items()}


def carbon(path: Path) -> dict[str, float]:
    """Grams of CO₂ a kWh generated."""
    mixes = pd.read_json(path, orient="index")
    return {
        country: float(value)
        for code, value in mixes.carbon_intensity.items()
        if (country := alpha_2(str(code)))
    }


def substations(path: Path) -> pd.DataFrame:
    """Distinct AC stations of 220 kV and more that were not under construction."""
    table = pd.read_csv(path, quotechar="'", keep_default_na=False, dtype=str)
    table = table[
        table.symbol.isin(STATIONS)
        & (pd.to_numeric(table.voltage) >= LEAST_VOLTAGE_KV)
        & (table.under_construction == "f")
        & (table.dc == "f")
    ].drop_duplicates("station_id")
    return pd.DataFrame(
        {"latitude": table.y.astype(float), "longitude": table.x.astype(float)}
    ).reset_index(drop=True)


def cities(data: Path) -> pd.DataFrame:
    """Cities of 100,000 people and more; for countries without one, their largest place."""
    large = read(data / "cities" / "geonames_cities_100k.csv")
    small = read(data / "prototype" / "europe_demand_cities.csv").rename(
        columns={"lat": "latitude", "lon": "longitude", "iso2": "countrycode"}
    )
    small = small[~small.countrycode.isin(large.countrycode)]
    kept = ["geonameid", "name", "latitude", "longitude", "countrycode", "population", "timezone"]
    both = pd.concat([large[kept], small[kept]], ignore_index=True)
    numbers = dict.fromkeys(("latitude", "longitude", "population"), float)
    return both.astype(numbers).rename(columns={"countrycode": "country"})


def azure(path: Path) -> dict[tuple[str, str], float]:
    """Median round trips between Azure regions, in milliseconds."""
    table = read(path).set_index("Source")
    return {
        (str(source), str(target)): float(value)
        for source, row in table.iterrows()
        for target, value in row.items()
        if value
    }


def read(path: Path) -> pd.DataFrame:
    """Read a table as text: NA is Namibia, and empty is empty."""
    return pd.read_csv(path, keep_default_na=False, dtype=str)
