"""One colour for each source of power, the same in every figure and network.

Okabe and Ito's colours, which readers tell apart whatever their eyes, with lighter and darker
ones for what is seldom beside its sibling.
"""

COLOURS = {
    "AC": "#333333",
    "grid": "#8f9499",
    "flexible": "#c9cdd1",
    "ppa": "#56b4e9",
    "wind": "#0072b2",
    "solar": "#f0e442",
    "battery": "#cc79a7",
    "nuclear": "#009e73",
    "fuel_cell": "#8fd3bd",
    "gas": "#d55e00",
    "diesel": "#7a3b00",
    "export": "#e69f00",
    "corridor": "#bbbbbb",
}
NAMES = {
    "grid": "grid, firm",
    "flexible": "grid, flexible",
    "ppa": "contract",
    "fuel_cell": "fuel cell",
    "export": "sold",
}
# From the bottom of a stack to its top: what comes all day, then what the weather gives.
SOURCES = (
    *("nuclear", "grid", "flexible", "fuel_cell", "gas", "diesel"),
    *("ppa", "wind", "solar", "battery"),
)
# How energy arrives, by column of `power_sources`.
ENERGY = {
    "firm_mwh": ("grid, firm", COLOURS["grid"]),
    "flexible_mwh": ("grid, flexible", COLOURS["flexible"]),
    "contract_mwh": ("contracts", COLOURS["ppa"]),
    "bridge_mwh": ("own, until the grid comes", COLOURS["gas"]),
    "own_mwh": ("own, for good", COLOURS["nuclear"]),
}
# For what has no colour of its own: countries, sites.
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442")
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW = CATEGORIES
OTHERS = "#c9cdd1"
# Kinds of cost for people.
COST_NAMES = {
    "opening": "opening sites",
    "it": "IT hardware",
    "upgrade": "grid upgrades",
    "fixed": "running sites",
    "energy": "energy from the grid",
    "carbon": "price of carbon",
    "network": "network",
    "unserved": "demand not served",
    "supply": "own supply and storage",
    "resale": "resale of supply",
    "supply_fixed": "running own supply",
    "supply_energy": "fuel and contracts",
    "moving": "load moved",
    "cutting": "load cut",
    "export": "power sold",
    "events": "cuts ridden through",
    "demand_charge": "demand charges",
    "connection": "connection fees",
}
