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
# For what has no colour of its own: countries, sites.
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442")
OTHERS = "#c9cdd1"
