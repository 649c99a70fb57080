"""One colour for each source of power, the same in every figure and network.

Okabe and Ito's colours, which readers tell apart whatever their eyes, with two lighter ones for
what is rarely beside its dark sibling.
"""

COLOURS = {
    "AC": "#333333",
    "grid": "#8c8c8c",
    "flexible": "#c9c9c9",
    "ppa": "#56b4e9",
    "wind": "#0072b2",
    "solar": "#f0e442",
    "battery": "#cc79a7",
    "nuclear": "#009e73",
    "fuel_cell": "#a3d9c5",
    "gas": "#d55e00",
    "diesel": "#7a3b00",
    "export": "#e69f00",
    "corridor": "#bbbbbb",
}
