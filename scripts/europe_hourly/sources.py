"""Where every column comes from: europe's own rows, and those of what is new or changed here."""

from collections.abc import Mapping

import pandas as pd
from building.origins import (
    KEY,
    Entries,
    assumed,
    derived,
    each,
    link,
    measured,
    noted,
    sources_table,
)

from europe_hourly import assumptions as a

ETM = ("Energy Transition Model, quintel/etsource at 54775b3, hourly weather curves", "MIT", 2024)
COSTS = (
    "PyPSA technology-data at 634cdc1, from the Danish Energy Agency's catalogues",
    "facts",
    2026,
)
MIX = ("package codecarbon 3.3.2, from Our World in Data and Ember", "MIT; CC BY 4.0", 2023)
DUKE = link("https://hdl.handle.net/10161/32077", 2025)
TENNET = link("https://www.gopacs.eu/en/products/tdtr", 2025)
CRU = link(
    "https://www.arthurcox.com/knowledge/new-connection-policy-for-data-centres-in-ireland", 2025
)
INTERPOLATED = (
    "2025, 2030 and 2035 as filed, straight lines between; currency years of the sources are mixed "
    "(2015 and 2020) and the values are used as filed, as euros of 2026"
)
CLOCK = (
    "the files' clock is taken as Central European winter time, because noon of all countries "
    "comes an hour late in UTC; weather year not stated. The Netherlands: mean of Belgium and "
    "Germany. Iceland: no curve"
)
REDUCED = "four real days of 365 by sitewatt profiles (tsam), stretched to keep each yearly mean"
ASSUMED_PLACE = assumed("who may build what where: halls at full nodes, and retrofits")


def technologies_notes() -> dict[str, Entries]:
    """Rows of the table of technologies."""
    filed = measured(COSTS, INTERPOLATED)
    return {
        "technology": derived(KEY),
        "kind": derived("as the format asks"),
        "cost_per_mw": filed
        + derived("nothing for wind contracts, whose park is somebody else's"),
        "cost_per_mwh_storage": filed,
        "fixed_cost_per_mw_year": measured(COSTS, "yearly share of the investment as filed")
        + assumed(f"wind contracts: annuity of the park at {a.CONTRACT_INTEREST}"),
        "variable_cost_per_mwh": measured(COSTS, "as filed; the fuel cell has none")
        + assumed(f"diesel: {a.DIESEL_PERMIT}", "wind contracts: network charge of the node added"),
        "fuel_price_per_mwh": measured(
            COSTS, "World Bank and TYNDP 2024: gas falls from 43 to 28 EUR per MWh by 2030"
        ),
        "efficiency": measured(COSTS, "as filed; the battery's is that of its direct current"),
        "carbon_kg_per_mwh": derived("carbon of the fuel over efficiency; no methane leaks", COSTS),
        "embodied_t_per_mw": assumed(f"solar {a.EMBODIED_T_PER_MW['solar']}"),
        "embodied_t_per_mwh": assumed(f"battery {a.EMBODIED_T_PER_MW['battery']}"),
        "clean": derived("sun and wind"),
        "lead_years": assumed(
            f"gas {a.GAS_LEAD}", f"fuel cell {a.FUEL_CELL_LEAD}", f"battery {a.BATTERY_LEAD}",
            f"solar {a.SOLAR_LEAD}", f"contract {a.CONTRACT_LEAD}", f"diesel {a.DIESEL_LEAD}",
        ),
        "life_years": measured(COSTS, "as filed")
        + assumed(f"battery {a.BATTERY_LIFE}", f"contract {a.CONTRACT_YEARS}"),
        "resale_share": assumed(each(a.RESALE)),
        "land_ha_per_mw": assumed(f"solar {a.SOLAR_HA_PER_MW}"),
    }  # fmt: skip


def new_notes() -> dict[str, dict[str, Entries]]:
    """Rows of what this instance adds or changes."""
    flexible = assumed(a.FLEXIBLE_WHY, origin=CRU)
    return {
        "instance.toml": {"title": derived("name of this instance")},
        "sites": {
            "idle_share": assumed(a.IDLE_SHARE, f"0 at {a.WAITING_HALL}: without power it is off"),
            "pue": derived(
                "europe's, less what the heat of the year adds, so that the mean stays: the value "
                "is that of cool hours"
            ),
            "pue_per_c": assumed("as in europe, from hour to hour; 0 in Iceland"),
            "pue_from_c": assumed(a.COOLING_FROM_C),
            "land_ha": assumed(f"campuses with solar: {a.CAMPUS_HA}"),
            "embodied_t_per_it_mw": assumed(a.EMBODIED_T_PER_IT_MW),
        },
        "nodes": {
            "energy_price_per_mwh": derived(
                "europe's; where the grid is full, less what is due as demand charge"
            ),
            "clean_share": measured(MIX, "low-carbon part of generation in 2023, nuclear included"),
            "export_mw": assumed(a.EXPORT_MW),
            "export_price_share": assumed(a.EXPORT_SHARE),
            "demand_charge_per_mw_year": assumed(a.DEMAND_CHARGE),
            "connection_fee_per_mw": assumed(a.CONNECTION_FEE),
        },
        "upgrades": {
            "after": assumed(f"a second bay follows the first; cost {a.SECOND_BAY_EUR_PER_MW}")
        },
        "workloads": {
            "movable_share": assumed(a.MOVABLE_SHARE),
            "move_cost_per_mwh": assumed(a.MOVE_COST),
            "cut_share": assumed(a.CUT_SHARE),
            "cut_cost_per_mwh": assumed(a.CUT_COST),
        },
        "demand": {"it_mw": assumed(f"overnight: {a.OVERNIGHT_SHARE}; batch keeps the rest")},
        "groups": {"country": assumed(f"overnight_hosts: {a.OVERNIGHT_BASIS}")},
        "policies": {"value": assumed(f"clean_share: {a.CLEAN_WHY}")},
        "slices": {
            "slice": derived(KEY),
            "day": derived(f"{REDUCED}; the day of the highest price in Europe is one", ETM),
            "weight_hours": derived("days that each stands for", ETM),
            "hours": derived("whole hours"),
            "starts_utc": derived(CLOCK, ETM),
        },
        "profiles": {
            "profile": derived(KEY),
            "slice": derived(KEY),
            "value": measured(
                ETM,
                f"temperature, and the shape of sun and wind, by country. {CLOCK}. {REDUCED}; "
                "errors stand in the README",
            )
            + derived(
                "availability: shape times full-load hours of the same source; solar of Norway and "
                "Serbia and wind of Serbia are placeholders there, and Sweden's and Romania's "
                "hours are used",
                ETM,
            )
            + assumed(
                f"prices: {a.PRICE_SLOPE}; national load by hour assumed",
                f"carbon: what sun and wind leave, at least {a.LEAST_CARBON}",
                origin=MIX,
            ),
        },
        "local_profiles": {
            "profile": derived(KEY),
            "hour": derived("the clock's"),
            "value": assumed(a.DAILY_LOAD_WHY),
        },
        "demand_profiles": {
            "region": derived("all"),
            "workload": derived(KEY),
            "profile": derived(KEY),
        },
        "place_profiles": {
            "place": derived("countries with curves"),
            "quantity": derived("as the format asks"),
            "profile": derived(KEY),
        },
        "technologies": technologies_notes(),
        "technology_profiles": {
            "technology": derived(KEY),
            "place": derived("countries in which it may be used"),
            "profile": derived(KEY),
        },
        "technology_costs": {
            "technology": derived(KEY),
            "year": derived("years of the stages, and for fuel those of the horizon"),
            "cost_per_mw": measured(COSTS, INTERPOLATED),
            "cost_per_mwh_storage": measured(COSTS, INTERPOLATED),
            "fuel_price_per_mwh": measured(COSTS, INTERPOLATED),
        },
        "site_technologies": {
            "site": ASSUMED_PLACE,
            "technology": ASSUMED_PLACE,
            "max_mw": assumed(f"gas and fuel cells: {a.GAS_SHARE}", f"batteries: {a.BATTERY_SHARE}",
                              "contracts: the hall's power; solar: its land",
                              "engines: those that are there"),
            "existing_mw": assumed(
                "engines for all that runs today, as is usual",
                each(a.EXISTING_SOLAR_MW), each(a.RETROFIT_GAS_MW),
            ),
        },
        "flexible_grid": {
            "node": flexible,
            "year": flexible,
            "flexible_mw": flexible,
            "curtailed_hours_per_year": assumed(a.CURTAILED_HOURS, origin=DUKE)
            + assumed(f"Amsterdam: {a.DUTCH_CURTAILED_HOURS}", origin=TENNET),
            "event_hours": assumed(a.EVENT_HOURS, origin=DUKE)
            + assumed(f"Amsterdam: {a.DUTCH_EVENT_HOURS}"),
        },
        "corridors": {
            "corridor": derived(KEY),
            "year": assumed(a.CORRIDORS_WHY),
            "max_mw": assumed(a.CORRIDORS_WHY),
        },
        "corridor_nodes": {
            "corridor": derived(KEY),
            "node": assumed(a.CORRIDORS_WHY),
            "factor": derived("the whole draw"),
        },
        "campaigns": {
            "campaign": derived(KEY),
            "workload": assumed("its rules are those of agents"),
            "country": assumed("France"),
            "it_mw": assumed(a.CAMPAIGN["it_mw"]),
            "year": assumed("made up"),
            "until_year": assumed("made up"),
        },
    }  # fmt: skip


def sources(europe: pd.DataFrame, built: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Europe's rows for what is taken from there, and one or more for every other column."""
    rows = europe.itertuples(index=False, name=None)
    return sources_table([*rows, *noted(new_notes())], built)
