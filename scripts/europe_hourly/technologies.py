"""Ways to make, buy and store power: what PyPSA's technology data say, in this format's columns."""

from pathlib import Path

import pandas as pd

from europe_hourly.assumptions import (
    BATTERY_LEAD,
    BATTERY_LIFE,
    CONTRACT_INTEREST,
    CONTRACT_LEAD,
    CONTRACT_YEARS,
    DIESEL_LEAD,
    DIESEL_PERMIT,
    EMBODIED_T_PER_MW,
    FUEL_CELL_LEAD,
    GAS_LEAD,
    RESALE,
    SOLAR_HA_PER_MW,
    SOLAR_LEAD,
)

FILED_YEARS = (2025, 2030, 2035)
COST_YEARS = (2026, 2027, 2028, 2029, 2030)
FUEL_YEARS = (*COST_YEARS, 2031, 2032, 2033, 2034)
SIGNIFICANT = 4


class TechnologyData:
    """Values by technology and parameter, interpolated between the years that are filed."""

    def __init__(self, data: Path) -> None:
        tables = {}
        for year in FILED_YEARS:
            path = data / "techcost" / f"pypsa_technology_data_costs_{year}.csv"
            tables[year] = pd.read_csv(path).set_index(["technology", "parameter"]).value
        self.values = tables

    def __call__(self, technology: str, parameter: str, year: int) -> float:
        """Value of a parameter in a year."""
        before = max(y for y in FILED_YEARS if y <= year)
        after = min(y for y in FILED_YEARS if y >= year)
        first, last = (float(self.values[y][technology, parameter]) for y in (before, after))
        part = 0.0 if after == before else (year - before) / (after - before)
        return first + part * (last - first)


def technologies(data: TechnologyData, network_charge: float) -> pd.DataFrame:
    """The table of that name, at costs of the first stage.

    Parameters
    ----------
    network_charge : EUR per MWh that is due on what comes through the grid.
    """
    first = COST_YEARS[0]

    def fixed(source: str) -> float:
        share = data(source, "FOM", first) / 100
        return rounded(share * data(source, "investment", first) * 1000)

    def burner(name: str, kind: str, source: str, fuel: str, lead: float) -> dict[str, object]:
        efficiency = data(source, "efficiency", first)
        carbon = data(fuel, "CO2 intensity", first) * 1000 / efficiency
        # The fuel cell has no variable cost on file.
        has_variable = (source, "VOM") in data.values[FILED_YEARS[0]].index
        return {
            "technology": name,
            "kind": kind,
            "cost_per_mw": cost_per_mw(data, source, first),
            "fixed_cost_per_mw_year": fixed(source),
            "variable_cost_per_mwh": rounded(data(source, "VOM", first)) if has_variable else 0,
            "fuel_price_per_mwh": rounded(data(fuel, "fuel", first)),
            "efficiency": rounded(efficiency),
            "carbon_kg_per_mwh": rounded(carbon),
            "lead_years": int(lead),
            "life_years": rounded(data(source, "lifetime", first)),
            "resale_share": RESALE[name].value if name in RESALE else 0,
        }

    diesel = burner("diesel_backup", "diesel", "oil", "oil", DIESEL_LEAD.value)
    diesel["variable_cost_per_mwh"] = rounded(data("oil", "VOM", first) + DIESEL_PERMIT.value)
    rows = [
        burner("gas_turbine", "gas", "OCGT", "gas", GAS_LEAD.value),
        burner("fuel_cell", "fuel_cell", "fuel cell", "gas", FUEL_CELL_LEAD.value),
        diesel,
        {
            "technology": "battery",
            "kind": "battery",
            "cost_per_mw": cost_per_mw(data, "battery inverter", first),
            "cost_per_mwh_storage": cost_per_mw(data, "battery storage", first),
            "fixed_cost_per_mw_year": fixed("battery inverter"),
            "efficiency": rounded(data("battery inverter", "efficiency", first)),
            "embodied_t_per_mwh": EMBODIED_T_PER_MW["battery"].value,
            "lead_years": int(BATTERY_LEAD.value),
            "life_years": BATTERY_LIFE.value,
            "resale_share": RESALE["battery"].value,
        },
        {
            "technology": "solar",
            "kind": "solar",
            "cost_per_mw": cost_per_mw(data, "solar-utility", first),
            "fixed_cost_per_mw_year": fixed("solar-utility"),
            "embodied_t_per_mw": EMBODIED_T_PER_MW["solar"].value,
            "clean": 1,
            "lead_years": int(SOLAR_LEAD.value),
            "life_years": rounded(data("solar-utility", "lifetime", first)),
            "land_ha_per_mw": SOLAR_HA_PER_MW.value,
        },
        {
            "technology": "wind_contract",
            "kind": "ppa",
            "fixed_cost_per_mw_year": contract_per_mw_year(data, first),
            "variable_cost_per_mwh": rounded(data("onwind", "VOM", first) + network_charge),
            "clean": 1,
            "lead_years": int(CONTRACT_LEAD.value),
            "life_years": CONTRACT_YEARS.value,
        },
    ]
    return pd.DataFrame(rows)


def technology_costs(data: TechnologyData) -> pd.DataFrame:
    """Costs and fuel prices that change over the years."""
    sources = {
        "gas_turbine": ("OCGT", "gas"),
        "fuel_cell": ("fuel cell", "gas"),
        "diesel_backup": ("oil", "oil"),
        "solar": ("solar-utility", None),
        "battery": ("battery inverter", None),
    }
    rows = []
    for name, (source, fuel) in sources.items():
        for year in FUEL_YEARS[1:] if fuel else COST_YEARS[1:]:
            # Nothing is ordered after the last stage's first year.
            ordered = min(year, COST_YEARS[-1])
            row: dict[str, object] = {"technology": name, "year": year}
            row["cost_per_mw"] = cost_per_mw(data, source, ordered)
            if name == "battery":
                row["cost_per_mwh_storage"] = cost_per_mw(data, "battery storage", ordered)
            if fuel:
                row["fuel_price_per_mwh"] = rounded(data(fuel, "fuel", year))
            rows.append(row)
    columns = ["technology", "year", "cost_per_mw", "cost_per_mwh_storage", "fuel_price_per_mwh"]
    return pd.DataFrame(rows, columns=columns)


def cost_per_mw(data: TechnologyData, source: str, year: int) -> float:
    """Cost of an MW, or of an MWh, of what is filed per kW or kWh."""
    return rounded(data(source, "investment", year) * 1000)


def contract_per_mw_year(data: TechnologyData, year: int) -> float:
    """What the owner of a wind park has to earn a year for each MW."""
    interest, life = CONTRACT_INTEREST.value, data("onwind", "lifetime", year)
    annuity = interest / (1 - (1 + interest) ** -life)
    share = annuity + data("onwind", "FOM", year) / 100
    return rounded(share * data("onwind", "investment", year) * 1000)


def rounded(value: float) -> float:
    """Value to as many digits as the source is good for."""
    return float(f"{value:.{SIGNIFICANT}g}")
