"""The columns of the map layers: every one with its unit, its meaning and a label for people."""

from optimizer.layers import LAYERS, POWER_LAYERS
from optimizer.results import ResultColumn, columns
from optimizer.run_tables import ALL_TABLES

# Result tables that the columns of a layer come from; the first that has a column describes it.
COME_FROM = {
    "sites": ("sites",),
    "site_stages": ("sites", "capacity", "energy", "power_sources", "footprint", "levelised"),
    "nodes": ("grid_use", "node_hours", "idle_hardware"),
    "regions": ("serving",),
    "flows": ("serving", "sites"),
    "supply": ("standing", "sites"),
}
# What layers have besides.
OWN = columns(
    ("starts", "", "first day of the stage"),
    ("ends", "", "day after the last of the stage; empty in the last stage"),
    ("latitude", "degrees", "latitude, WGS84"),
    ("longitude", "degrees", "longitude, WGS84"),
    ("name", "", "name of the place"),
    ("country", "", "country of the place, ISO 3166-1 alpha-2"),
    ("utilisation", "", "part of firm and added power that is drawn, 0 to 1"),
    ("demand_it_mw", "MW", "IT load of the region's users at peak"),
    ("home_it_mw", "MW", "part of it served in the users' country"),
    ("abroad_it_mw", "MW", "part of it served in other countries"),
    ("unserved_it_mw", "MW", "part of it that nobody serves"),
    ("home_share", "", "share of the demand served in the users' country, 0 to 1"),
    ("abroad_share", "", "share of the demand served in other countries, 0 to 1"),
    ("mean_rtt_ms", "ms", "mean round trip to the sites that serve, by load"),
    ("user_country", "", "country of the users, ISO 3166-1 alpha-2"),
    ("site_country", "", "country of the site, ISO 3166-1 alpha-2"),
    ("length_km", "km", "length of the great circle"),
    ("iso_a2", "", "ISO 3166-1 alpha-2; empty where there is none"),
)
# At the end of a name, units that a label has in brackets.
UNIT_WORDS = ("mw", "mwh", "t", "ms", "km", "m3")
CAPITALS = {"it": "IT", "rtt": "RTT", "mw": "MW", "mwh": "MWh", "iso": "ISO"}


def layer_columns(layer: str) -> dict[str, ResultColumn]:
    """Columns that a layer may have, by name."""
    known = {column.name: column for column in OWN}
    for table in reversed(COME_FROM.get(layer, ())):
        known |= {column.name: column for column in ALL_TABLES[table]}
    return known


def label(column: ResultColumn, currency: str = "") -> str:
    """Name of a column for people, with its unit.

    Parameters
    ----------
    currency : of the plan, where it is known.
    """
    unit = column.unit.replace("currency", currency or "currency")
    words = column.name.split("_")
    if unit and len(words) > 1 and words[-1] in UNIT_WORDS and "/" not in unit:
        words.pop()
    words = [CAPITALS.get(word, word) for word in words]
    text = " ".join(words)
    text = text[:1].upper() + text[1:]
    return text if unit.lower() in ("", text.lower()) else f"{text} ({unit})"


TITLES = {
    "sites": "Sites",
    "site_stages": "Sites by stage",
    "nodes": "Grid nodes by stage",
    "regions": "Demand by stage",
    "flows": "Who is served from where, by stage",
    "supply": "Supply and storage by stage",
    "countries": "Countries",
}
DESCRIPTIONS = {name: layer.description for name, layer in (LAYERS | POWER_LAYERS).items()}
DESCRIPTIONS["countries"] = "Outlines of countries, thinned from Natural Earth (public domain)"
