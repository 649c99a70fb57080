"""Every assumed number of the instance in one place, with its range and the reason for it."""

from dataclasses import dataclass

from building.assumed import Assumed

STAGES = (2026, 2027, 2028, 2029, 2030)
HORIZON_END = 2035
EARTH_BASE_MS, EARTH_MS_PER_KM = 5.35, 0.0194

# Money

USD_PER_EUR = Assumed(
    1.08, 1.04, 1.17, "USD per EUR", "about the ECB's average of 2024, 1.0824, from memory"
)
ACCELERATOR_EUR_PER_MW = Assumed(
    28e6, 20e6, 40e6, "EUR per MW of IT",
    "servers, accelerators and network; no list price is public. All in, Stargate Norway's first "
    "20 MW cost about 1 billion USD and Nebius' 310 MW at Lappeenranta about 10 billion, 32 to "
    "50 million USD a MW, of which buildings are 10 to 14 (CBRE)",
)  # fmt: skip
ENERGY_ADDER_EUR_PER_MWH = Assumed(
    20, 5, 55, "EUR per MWh",
    "network charges and levies on top of wholesale; the gap between industrial ex-tax prices "
    "(Eurostat) and wholesale runs from 5 (NO, PL) to 55 (DE), Ireland 96. One figure for all, "
    "because the gaps mix years and exemptions for large users are national",
)  # fmt: skip

# Buildings. By kind of operator: hall, opening, upkeep and purchasing.

HALL_MW = {
    "hyperscaler": Assumed(
        160, 50, 400, "MW of IT", "a campus of a few 30 to 60 MW halls set aside for AI inference"
    ),
    "large": Assumed(60, 20, 150, "MW of IT", "one or two halls"),
    "regional": Assumed(30, 5, 60, "MW of IT", "one hall"),
    "eurohpc": Assumed(
        24, 10, 40, "MW of IT", "the part of an AI factory's machine hall that may serve inference"
    ),
    "campus": Assumed(150, 50, 500, "MW of IT", "replaced by what each campus announced"),
}
OPENING_EUR = {
    "hyperscaler": Assumed(60e6, 20e6, 120e6, "EUR", "land, permits, fibre, a team"),
    "large": Assumed(25e6, 10e6, 60e6, "EUR", "land, permits, fibre, a team"),
    "regional": Assumed(10e6, 3e6, 25e6, "EUR", "fit-out of a rented hall"),
    "eurohpc": Assumed(5e6, 1e6, 15e6, "EUR", "the host stands; access and billing are new"),
    "campus": Assumed(40e6, 15e6, 100e6, "EUR", "land, permits, fibre, a team"),
}
FIXED_EUR_PER_YEAR = {
    "hyperscaler": Assumed(10e6, 5e6, 20e6, "EUR a year", "staff, security, leases"),
    "large": Assumed(5e6, 2e6, 10e6, "EUR a year", "staff, security, leases"),
    "regional": Assumed(2.5e6, 1e6, 5e6, "EUR a year", "staff, security, leases"),
    "eurohpc": Assumed(2e6, 1e6, 5e6, "EUR a year", "shared with the host"),
    "campus": Assumed(8e6, 4e6, 16e6, "EUR a year", "staff, security, leases"),
}
PURCHASING = {
    "hyperscaler": Assumed(0.95, 0.85, 1.0, "of the reference cost", "volume purchase"),
    "large": Assumed(1.0, 0.95, 1.05, "of the reference cost", "reference"),
    "regional": Assumed(1.05, 1.0, 1.15, "of the reference cost", "small lots"),
    "eurohpc": Assumed(1.0, 0.95, 1.1, "of the reference cost", "public tenders"),
    "campus": Assumed(0.97, 0.9, 1.0, "of the reference cost", "one large order"),
}
BLOCK_MW = {
    "hyperscaler": Assumed(10, 5, 40, "MW of IT", "a data hall at a time"),
    "campus": Assumed(20, 10, 50, "MW of IT", "a building phase at a time"),
}
PUE_COOL = Assumed(
    1.15, 1.08, 1.25, "", "new halls where the summer peak averages 15 °C or less; Scaleway aims "
    "at 1.15, Riga's Delska at 1.3, Nebius reports 1.08",
)  # fmt: skip
PUE_PER_DEGREE = Assumed(
    0.012, 0.005, 0.02, "per °C above 15 °C", "0.015 in the literature that flops_export cites"
)
PUE_OLD_HALL = Assumed(
    0.05, 0.0, 0.2, "more in halls that stand", "the EU's reported mean over 776 sites is 1.36"
)
WATER_COOL = Assumed(0.1, 0.0, 0.5, "L per kWh", "dry or closed-loop cooling")
WATER_PER_DEGREE = Assumed(
    0.03, 0.0, 0.1, "L per kWh per °C above 15 °C", "adiabatic cooling on warm days"
)
EXISTING_SHARE = Assumed(
    0.05, 0.02, 0.1, "of a country's data-centre MW",
    "what serves AI inference at the end of 2025. Shared out over the country's large operators, "
    "3 parts to a hyperscaler's site and 1 to another's",
)  # fmt: skip
WAITING_MW = Assumed(
    20, 5, 60, "MW of IT",
    "a hall at Dublin whose accelerators are there before its connection: hardware waiting for "
    "power. Which hall that might be is not public",
)  # fmt: skip

# Grid

GRID_MW_PER_SUBSTATION = Assumed(
    2.5, 1, 5, "MW a year for each substation of 220 kV or more within 50 km",
    "so that a node adds 10 to 60 MW a year, about Terna's mean request of 140 MW over the "
    "stages. The map says where the grid is strong, not where it has room",
)  # fmt: skip
GRID_MW_PER_YEAR = (
    Assumed(10, 5, 20, "MW a year", "the least that a node adds once connections open"),
    Assumed(60, 30, 150, "MW a year", "the most that a node adds"),
)
CONNECTION_MARGIN = Assumed(
    1.25, 1.0, 1.5, "of what runs today", "connections are contracted above their first load"
)
ANNOUNCED_SHARE = Assumed(
    0.6, 0.3, 1.0, "of announced MW", "projects slip, and share their MW with training"
)
APPLICATION_YEAR = 2024
LEAD_YEARS = {
    "DE": Assumed(4, 3, 5, "years", "36 to 60 months for a transmission connection"),
    "GB": Assumed(3, 2, 4, "years", "24 to 48 months"),
    "FR": Assumed(2, 1, 3, "years", "12 to 30 months, brownfield"),
}
LEAD_YEARS_ELSEWHERE = Assumed(
    2, 1, 4, "years", "no figure found; below Germany and the United Kingdom, which are known slow"
)
HUB_FIRST_YEAR = Assumed(
    2029, 2027, 2032, "", "Frankfurt, London and Paris: 7 to 10 years from applications of 2021"
)
DUBLIN_FIRST_YEAR = 2028  # EirGrid, a dated fact
CLOSED_LEAD_YEARS = Assumed(
    10, 8, 13, "years", "Amsterdam: no permits in the city before 2035; legacy hubs wait up to 13"
)
HUB_LEAD_YEARS = Assumed(8, 7, 10, "years", "mean wait in the legacy hubs (Ember)")
UPGRADES = {
    "bay": (
        Assumed(40, 20, 80, "MW", "one more transformer bay at a substation that stands"),
        Assumed(0.3e6, 0.1e6, 0.6e6, "EUR per MW", "deep reinforcement is dearer"),
        0,
    ),
    "substation": (
        Assumed(150, 80, 300, "MW", "a new 220 kV or 380 kV substation with its line"),
        Assumed(0.6e6, 0.3e6, 1.5e6, "EUR per MW", "depends on the length of line"),
        2,
    ),
}

# Demand

DATACENTRE_TWH = {2024: 96.0, 2030: 168.0}  # Ember, June 2025
AI_INFERENCE_SHARE = {
    2026: Assumed(0.07, 0.04, 0.11, "of data-centre TWh", "AI is a minority of load today"),
    2027: Assumed(0.09, 0.05, 0.14, "of data-centre TWh", "interpolated"),
    2028: Assumed(0.115, 0.06, 0.18, "of data-centre TWh", "interpolated"),
    2029: Assumed(0.145, 0.08, 0.22, "of data-centre TWh", "interpolated"),
    2030: Assumed(
        0.18, 0.1, 0.3, "of data-centre TWh",
        "the IEA has AI's electricity triple from 2025 to 2030, three quarters of it inference",
    ),
}  # fmt: skip
DEMAND_PUE = Assumed(1.2, 1.1, 1.36, "", "turns data-centre TWh into IT TWh")
WORKLOAD_SHARE = {
    "interactive": (0.44, 0.41, 0.38, 0.35, 0.32),
    "agents": (0.20, 0.24, 0.28, 0.32, 0.35),
    "batch": (0.26, 0.25, 0.24, 0.23, 0.23),
    "public_health": (0.10, 0.10, 0.10, 0.10, 0.10),
}
WORKLOAD_SHARE_WHY = (
    "shares of inference TWh by stage, assumed: chat leads today, agents grow past it, documents "
    "in batches stay a quarter, health and public services a tenth; each may be a third off"
)


@dataclass(frozen=True)
class Workload:
    """What a class of requests asks for; milliseconds, and mean over peak load."""

    slo_ms: float | None
    service_ms: float
    load_factor: float
    why: str


WORKLOADS = {
    "interactive": Workload(
        250, 215, 0.45,
        "a spoken reply should start within 200 to 300 ms; reading the prompt and the first token "
        "take most of it (ML.ENERGY measures 50 to 270 ms between tokens where energy a token is "
        "least), which leaves 35 ms of round trip. People sleep: load factor 0.35 to 0.6",
    ),
    "agents": Workload(
        600, 540, 0.6,
        "a step of a chain of calls; 60 ms of round trip each keeps ten steps within a second of "
        "delay. Load factor 0.5 to 0.8",
    ),
    "batch": Workload(None, 0, 0.9, "documents overnight; no limit. Load factor 0.8 to 0.95"),
    "public_health": Workload(
        400, 355, 0.4,
        "triage and dictation in surgeries' hours; 45 ms of round trip. Load factor 0.3 to 0.5",
    ),
}  # fmt: skip

# Policies

CARBON_PRICE = {2026: 40.0, 2028: 60.0, 2030: 80.0}
CARBON_PRICE_WHY = (
    "an internal price that planners put on top: wholesale prices already carry the EU's "
    "allowances (60 to 90 EUR a tonne), so this is no forecast of them. Range 0 to 150"
)
CAPITAL_BUDGET = {2026: 40e9}
CAPITAL_BUDGET_WHY = (
    "EUR a stage; InvestAI means to mobilise 200 billion EUR, about 40 billion a year over five. "
    "Range 30 to 80 billion"
)
DISCOUNT_RATE = Assumed(
    0.07, 0.04, 0.1, "a year, real", "a usual figure for digital infrastructure"
)
