"""Every assumed number that is not europe's too, with its range and the reason for it."""

from building.assumed import Assumed
from europe.assumptions import Workload

# Round trips

ACCESS_MS = Assumed(
    5, 2, 15, "ms", "from a user's device to the network of the city; mobile access takes longer"
)

# Sites. One a place: the halls of all operators there together.

NATIONAL_HALL_MW = Assumed(
    400, 100, 1000, "MW of IT",
    "a national campus where the package has no cloud region; some exist, most are made up",
)  # fmt: skip
EXPANSION = Assumed(
    6, 3, 12, "times what runs today", "halls in the countries that lead hold more than the sum of "
    "usual halls; the world's data centres grow 2.3-fold to 2030 and inference's share 2.6-fold"
)  # fmt: skip
LEAST_EXISTING_MW = Assumed(
    10, 2, 30, "MW of IT", "what is less than a hall is left out: the site opens anew"
)
BLOCK_MW = Assumed(40, 10, 100, "MW of IT", "a building phase, at places with a hyperscaler")

# Grid

GRID_SHARE_PER_YEAR = Assumed(
    0.12, 0.05, 0.2, "of a place's halls a year",
    "so that what opens in 2026 could be full eight years later; connections, not halls, are "
    "what is short",
)  # fmt: skip
GRID_MW_PER_YEAR = (
    Assumed(20, 10, 40, "MW a year", "the least that a place adds once connections open"),
    Assumed(150, 75, 400, "MW a year", "the most that a place adds"),
)
UPGRADES = {
    "bay": (
        Assumed(80, 40, 160, "MW", "more transformers at substations that stand"),
        Assumed(0.3e6, 0.1e6, 0.6e6, "EUR per MW", "deep reinforcement is dearer"),
        0,
    ),
    "substation": (
        Assumed(300, 150, 600, "MW", "new substations of 220 kV or more, with their lines"),
        Assumed(0.6e6, 0.3e6, 1.5e6, "EUR per MW", "depends on the length of line"),
        2,
    ),
}

# Demand

DATACENTRE_TWH = {2024: 415.0, 2030: 945.0}  # IEA, Energy and AI, April 2025
WORKLOAD_SHARE = {
    "interactive": (0.50, 0.47, 0.43, 0.40, 0.37),
    "agents": (0.22, 0.26, 0.31, 0.35, 0.39),
    "batch": (0.28, 0.27, 0.26, 0.25, 0.24),
}
WORKLOAD_SHARE_WHY = (
    "shares of inference TWh by stage, as in europe with health counted to conversation; each may "
    "be a third off"
)
WORKLOADS = {
    "interactive": Workload(
        300, 215, 0.45,
        "a reply should start within 200 to 300 ms; prompt and first token as in europe, which "
        "leaves 85 ms of round trip. People sleep: load factor 0.35 to 0.6",
    ),
    "agents": Workload(
        700, 540, 0.6,
        "a step of a chain of calls; 160 ms of round trip each keeps six steps within a second of "
        "delay. Load factor 0.5 to 0.8",
    ),
    "batch": Workload(None, 0, 0.9, "documents overnight; no limit. Load factor 0.8 to 0.95"),
}  # fmt: skip
LISTED_MS = max(w.slo_ms - w.service_ms for w in WORKLOADS.values() if w.slo_ms)

# Policies

CARBON_PRICE = {2026: 25.0, 2028: 35.0, 2030: 50.0}
CARBON_PRICE_WHY = "EUR a tonne, an internal price everywhere alike; no forecast. Range 0 to 150"
