"""Every assumed number of the instance, with its range and the reason for it."""

from building.assumed import Assumed

DAYS = 4

# Prices and carbon over the hours

PRICE_SLOPE = Assumed(
    2.0, 1.0, 3.0, "of the mean price for each mean load that is left after sun and wind",
    "prices follow what sun and wind leave to others; on the chosen days Germany's then run from a "
    "third of their mean at noon in summer to nearly twice on a calm evening",
)  # fmt: skip
LEAST_CARBON = Assumed(
    0.2, 0.0, 0.5, "of the mean", "plants that run in every hour; carbon follows the rest"
)
# A country's load by hour of the local day, per mean: nights low, mornings and evenings high.
NATIONAL_LOAD = (
    *(0.82, 0.78, 0.76, 0.75, 0.77, 0.83, 0.93, 1.03, 1.08, 1.09, 1.09, 1.09),
    *(1.08, 1.06, 1.05, 1.05, 1.07, 1.12, 1.16, 1.15, 1.10, 1.03, 0.96, 0.89),
)

# Requests by hour of the local day, per highest hour. Each is raised to the power that gives the
# mean that `europe` states as load_factor, so that energy is the same.
DAILY_LOAD = {
    "interactive": (
        *(0.20, 0.12, 0.08, 0.06, 0.06, 0.08, 0.15, 0.28, 0.45, 0.62, 0.70, 0.70),
        *(0.66, 0.68, 0.72, 0.72, 0.72, 0.75, 0.85, 0.95, 1.00, 0.90, 0.65, 0.38),
    ),
    "agents": (
        *(0.35, 0.30, 0.30, 0.30, 0.30, 0.30, 0.40, 0.55, 0.80, 0.95, 1.00, 1.00),
        *(0.90, 0.95, 1.00, 0.98, 0.90, 0.80, 0.65, 0.60, 0.55, 0.50, 0.45, 0.40),
    ),
    "public_health": (
        *(0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.15, 0.40, 0.85, 1.00, 1.00, 0.95),
        *(0.70, 0.75, 0.90, 0.85, 0.70, 0.50, 0.35, 0.28, 0.22, 0.18, 0.12, 0.10),
    ),
    "batch": (1.0,) * 24,
    "overnight": (1.0,) * 24,
}
DAILY_LOAD_WHY = (
    "shapes assumed: chat peaks in the evening, agents and surgeries work in office hours, "
    "batches come evenly; the mean of each is the load_factor of europe"
)
OVERNIGHT_SHARE = Assumed(
    0.15, 0.1, 0.6, "of europe's batches", "may wait for hours: a workload of its own, overnight"
)
OVERNIGHT_COUNTRIES = ("IE", "PT")
OVERNIGHT_BASIS = (
    "no law: a buyer's choice of places by the sea with wind and water, and few enough that only "
    "some halls decide by the hour"
)
MOVABLE_SHARE = Assumed(0.8, 0.2, 1.0, "of overnight load", "documents may wait for some hours")
MOVE_COST = Assumed(2, 0, 20, "EUR per MWh", "scheduling, and memory kept warm")
CUT_SHARE = Assumed(0.02, 0, 0.05, "of overnight energy in a day", "what may be turned down")
CUT_COST = Assumed(
    5000, 1000, 20000, "EUR per MWh", "about ten times what hardware and power of an MWh cost"
)

# Halls

IDLE_SHARE = Assumed(
    0.25, 0.1, 0.4, "of installed IT power",
    "accelerators idle at a tenth of their power, hosts and network at half of theirs",
)  # fmt: skip
COOLING_FROM_C = Assumed(15, 10, 20, "°C", "outside air cools without help below it")
EMBODIED_T_PER_IT_MW = Assumed(
    400, 200, 1000, "t per MW", "boards and hosts, 1.3 to 3 t for eight accelerators of 10 kW"
)

# Grid

DEMAND_CHARGE_HOURS = 0.6
DEMAND_CHARGE = Assumed(
    12, 5, 20, "EUR per MWh of a site that runs at 0.6 of its peak",
    "part of the 20 EUR per MWh of charges in europe that is due on the highest draw instead",
)  # fmt: skip
CONNECTION_FEE = Assumed(
    60_000, 10_000, 150_000, "EUR per MW", "shallow fees; operators publish tens of EUR per kW"
)
EXPORT_MW = Assumed(20, 0, 100, "MW", "at nodes whose sites have supply to sell")
EXPORT_SHARE = Assumed(0.7, 0.3, 0.95, "of the node's price", "trading, and charges not refunded")
EXPORTING = ("sines", "zaragoza", "munich")
CURTAILED_HOURS = Assumed(
    88, 44, 400, "hours a year", "twice the 44 hours of Duke University's study of flexible load"
)
EVENT_HOURS = Assumed(4, 1, 12, "hours", "an evening peak; the study's events last two on average")
DUTCH_CURTAILED_HOURS = Assumed(
    400, 100, 1314, "hours a year", "TenneT may cut its flexible contract for 15 % of the hours"
)
DUTCH_EVENT_HOURS = Assumed(6, 2, 16, "hours", "a cold evening without wind")
# MW that may be cut, by node, from each year on.
FLEXIBLE_MW = {
    "amsterdam": {2026: 30, 2027: 60, 2029: 100},
    "dublin": {2026: 20, 2027: 40},
    "frankfurt": {2026: 20, 2027: 50, 2028: 80},
    "london": {2026: 30, 2027: 60, 2028: 90},
    "paris": {2026: 30, 2027: 80, 2028: 120},
    "stockholm": {2026: 25, 2027: 50, 2028: 80},
    "stavanger": {2027: 30, 2028: 50},
}
FLEXIBLE_WHY = (
    "Dutch, Irish and British operators offer power that may be cut where no firm power is left; "
    "how much at a node is public nowhere. From a fifth to as much again as is firm"
)
CORRIDORS = {
    # Sum over nodes of what their sites take, MW from each year on.
    "germany-south": ({2026: 125, 2028: 190, 2029: 260, 2030: 340},
                      ("frankfurt", "munich", "stuttgart")),
    "east-sweden": ({2026: 90, 2028: 180, 2030: 260}, ("stockholm", "gavle", "linkoping")),
}  # fmt: skip
CORRIDORS_WHY = (
    "the south of Germany waits for SuedLink, Stockholm for its new lines; what of it inference "
    "may take is assumed. Half to twice as much"
)
SECOND_BAYS = {"stockholm": 0, "stavanger": 0, "hamina": 0, "oslo": 0, "gavle": 0, "milan": 0}
SECOND_BAY_EUR_PER_MW = Assumed(
    0.35e6, 0.1e6, 0.8e6, "EUR per MW", "beside the first, and somewhat deeper into the grid"
)

# Supply

GAS_LEAD = Assumed(1, 1, 4, "years", "small turbines come in a year, large ones are sold out")
FUEL_CELL_LEAD = Assumed(1, 0, 2, "years", "makers promise months; gas mains take longer")
BATTERY_LEAD = Assumed(1, 1, 2, "years", "containers on a prepared site")
SOLAR_LEAD = Assumed(2, 1, 4, "years", "permits")
CONTRACT_LEAD = Assumed(1, 0, 3, "years", "from a call for tenders to a park that is ready")
DIESEL_LEAD = Assumed(1, 1, 2, "years", "engines are sold out, too")
CONTRACT_YEARS = Assumed(10, 5, 15, "years", "usual terms of corporate contracts")
CONTRACT_INTEREST = Assumed(0.07, 0.04, 0.1, "a year", "of the wind park's owner")
BATTERY_LIFE = Assumed(
    15, 10, 22, "years", "between the converter's 10 and the store's 22; the format knows one"
)
RESALE = {
    "gas_turbine": Assumed(0.5, 0.2, 0.8, "of cost", "mobile sets are traded, and scarce"),
    "fuel_cell": Assumed(0.4, 0.1, 0.6, "of cost", "modular, leased by makers"),
    "battery": Assumed(0.4, 0.1, 0.6, "of cost", "containers move; cells age and get cheaper"),
}
DIESEL_PERMIT = Assumed(
    200, 50, 500, "EUR per MWh",
    "permits let backup run for some fifty to two hundred hours a year, and the format limits "
    "no hours: so a price keeps it for hours of need",
)  # fmt: skip
SOLAR_HA_PER_MW = Assumed(1.2, 0.9, 2.0, "ha per MW", "modules on the ground")
EMBODIED_T_PER_MW = {
    "solar": Assumed(900, 500, 1500, "t per MW", "life-cycle inventories of modules"),
    "battery": Assumed(100, 50, 200, "t per MWh of storage", "60 to 150 kg per kWh of cells"),
}
GAS_SHARE = Assumed(
    0.6, 0.2, 1.0, "of a hall's power", "room, air quality and gas mains in a city allow for less"
)
BATTERY_SHARE = Assumed(0.5, 0.2, 1.0, "of a hall's power", "room, and fire distances")
CAMPUS_HA = Assumed(60, 10, 300, "ha", "land of a campus that modules may stand on")
EXISTING_SOLAR_MW = {
    "sines-start-campus": Assumed(
        20, 0, 60, "MW", "a retrofit: on the land of the coal plant that closed in 2021"
    ),
    "zaragoza-aws": Assumed(
        25, 0, 100, "MW", "a retrofit: modules whose power the grid cannot always take"
    ),
}
RETROFIT_GAS_MW = {
    "munich-deutsche-telekom": Assumed(
        6, 0, 20, "MW", "a retrofit: a heat and power plant that an industrial park left"
    ),
}
# Who may build what: halls where the grid is full, and retrofits. Gas needs a main and clean air,
# batteries need room, solar needs the land of a campus. Every hall has engines for what runs today.
HALLS = {
    "gas_turbine": (
        *("amsterdam-microsoft", "frankfurt-ovhcloud", "frankfurt-ionos", "london-nscale"),
        *("paris-ovhcloud", "paris-microsoft", "munich-deutsche-telekom", "stuttgart-stackit"),
        *("julich-ai-factory-jaif", "stockholm-bahnhof", "dublin-microsoft", "sines-start-campus"),
    ),
    "fuel_cell": ("london-ovhcloud", "paris-outscale", "dublin-aws"),
    "battery": (
        *("amsterdam-scaleway", "frankfurt-ovhcloud", "london-ovhcloud", "paris-outscale"),
        *(
            "stockholm-bahnhof",
            "stavanger-microsoft",
            "dublin-microsoft",
            "munich-deutsche-telekom",
        ),
    ),
    "solar": ("sines-start-campus", "zaragoza-aws", "dublin-aws"),
    "wind_contract": ("amsterdam-microsoft", "frankfurt-ionos", "stockholm-bahnhof"),
}
WAITING_HALL = "dublin-microsoft"

# Training and policy

CAMPAIGN = {
    "campaign": "frontier-2028",
    "workload": "agents",
    "country": "FR",
    "it_mw": Assumed(60, 20, 200, "MW of IT", "a European model of 2028, on 40,000 accelerators"),
    "year": 2028,
    "until_year": 2030,
}
CLEAN_SHARE = {2026: 0.6, 2028: 0.7, 2030: 0.75}
CLEAN_WHY = (
    "a mild buyer's policy by year; the Climate Neutral Data Centre Pact asks for 100 % in 2030 "
    "by certificates, which is another matter. Range 0 to 1"
)
