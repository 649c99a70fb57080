"""What each map layer looks like in QGIS.

Sizes are areas: a disc of twice the megawatts has twice the area. Sites, nodes, flows and supply
show the last stage, unless QGIS plays through time; then they show the stage that it is in.
"""

from collections.abc import Callable, Iterable, Mapping

import geopandas as gpd

from optimizer.errors import printable
from optimizer.layer_columns import label, layer_columns
from optimizer.palette import CATEGORIES, COLOURS, GREEN, ORANGE, PURPLE, SKY, VERMILLION, YELLOW
from optimizer.qml import Look, Style, as_qml, quoted
from optimizer.results import BINDING

Layers = Mapping[str, gpd.GeoDataFrame]

GREY, DARK = COLOURS["grid"], COLOURS["AC"]
# In millimetres on paper: what is largest on a layer, and what the smallest must be to be seen.
LARGEST_MM, WIDEST_MM = 11.0, 2.0
# Demand lies pale under the sites, and may take more room.
LARGEST_DEMAND_MM = 14.0
SMALLEST_MM, THINNEST_MM = 1.0, 0.1

# The last stage has no end; what plays through time chooses features itself.
NOW = '("ends" IS NULL OR @map_start_time IS NOT NULL)'
# Long names would cover the map.
SHORT_NAME = """if(length("name") > 32, left("name", 31) || '…', "name")"""


def rgba(colour: str, opacity: float = 1.0) -> str:
    """Colour as QGIS writes it."""
    red, green, blue = bytes.fromhex(colour[1:])
    return f"{red},{green},{blue},{round(255 * opacity)}"


def largest(layer: gpd.GeoDataFrame, *columns: str) -> float:
    """Largest value of a layer, the sum of some columns; 1 where it has none above 0."""
    most = layer[list(columns)].sum(axis=1).max() if len(layer) else 0.0
    return float(most) if most > 0 else 1.0


def size_mm(megawatts: str, most_mw: float, largest_mm: float = LARGEST_MM) -> str:
    """Expression for the diameter of a disc whose area stands for megawatts."""
    scale = largest_mm / most_mw**0.5
    return f"max({SMALLEST_MM}, {scale:.6g} * sqrt(max(0, {megawatts})))"


def disc(
    fill: str, *, line: str = rgba("#ffffff"), width_mm: float = 0.2, shape: str = "circle"
) -> dict[str, str]:
    """Options of a marker; colours as QGIS writes them."""
    return {
        "name": shape,
        "color": fill,
        "outline_color": line,
        "outline_width": str(width_mm),
        "outline_width_unit": "MM",
        "size": "2",
        "size_unit": "MM",
        "scale_method": "diameter",
    }


def stage_looks(
    kinds: Iterable[tuple[str, str, str]],
    options: Callable[[str], Mapping[str, str]],
    by_feature: Mapping[str, str],
) -> list[Look]:
    """Looks of features of the stage that is shown.

    Parameters
    ----------
    kinds : of features: label, expression and colour.
    options : of the symbol layer, by colour.
    """
    return [
        Look(text, f"{NOW} AND {where}", options(colour), by_feature)
        for text, where, colour in kinds
    ]


def sites(layers: Layers) -> Style:
    """Rings as large as a hall is when it is full."""
    size = {"size": size_mm('"max_it_mw"', largest(layers["sites"], "max_it_mw"))}
    no_fill = rgba("#ffffff", 0)
    return Style(
        "Point",
        (
            Look("Hall of a site in use, when full", '"opened_year" IS NOT NULL',
                 disc(no_fill, line=rgba(DARK), width_mm=0.25), size),
            Look("Hall of a site that is not used", '"opened_year" IS NULL',
                 disc(no_fill, line=rgba(GREY, 0.8), width_mm=0.2), size),
        ),
        largest_first='"max_it_mw"',
        tip={
            "": '"name"',
            "Operator:": '"operator"',
            "Hall, MW:": 'round("max_it_mw", 1)',
            "In use from:": """coalesce("opened_year", 'never')""",
        },
    )  # fmt: skip


def site_stages(layers: Layers) -> Style:
    """Discs as large as what is installed, by who controls the operator."""
    layer = layers["site_stages"]
    size = {"size": size_mm('"installed_it_mw"', largest(layers["sites"], "max_it_mw"))}
    last = layer[layer.ends.isna()].groupby("operator_country").installed_it_mw.sum()
    ranked = last[last > 0].sort_values(ascending=False, kind="stable").index
    ranked = [country for country in ranked if country and country == printable(country)]
    own = len(CATEGORIES) - (len(ranked) > len(CATEGORIES))
    operated = '"open" = 1 AND "operator_country"'
    kinds = [
        (f"Operator controlled from {country}", f"{operated} = {quoted(country)}", colour)
        for country, colour in zip(ranked[:own], CATEGORIES, strict=False)
    ]
    named = ", ".join(quoted(country) for country in ranked[:own]) or "''"
    kinds.append(("Operator controlled from elsewhere", f"{operated} NOT IN ({named})", GREY))
    return Style(
        "Point",
        stage_looks(kinds, lambda colour: disc(rgba(colour, 0.9)), size),
        largest_first='"installed_it_mw"',
        text=f'if({NOW} AND "open" = 1, {SHORT_NAME}, NULL)',
        tip={
            "": '"name"',
            "Stage:": '"year"',
            "Operator:": '"operator"',
            "Controlled from:": '"operator_country"',
            "Installed, MW:": 'round("installed_it_mw", 1)',
            "Served at peak, MW:": 'round("served_it_mw", 1)',
        },
    )


def nodes(layers: Layers) -> Style:
    """Squares as large as a node's power, by what is left of it."""
    most = largest(layers["nodes"], "firm_mw", "upgrade_mw")
    size = {"size": size_mm('"firm_mw" + "upgrade_mw"', most)}
    part, full = 'coalesce("utilisation", 0)', 1 - BINDING
    return Style(
        "Point",
        stage_looks(
            (
                ("Node without headroom", f"{part} >= {full}", VERMILLION),
                ("Less than a fifth left", f"{part} >= 0.8 AND {part} < {full}", ORANGE),
                ("More left", f"{part} > 0 AND {part} < 0.8", SKY),
                ("Nothing drawn", f"{part} <= 0", GREY),
            ),
            lambda colour: disc(
                rgba(colour, 0.55), line=rgba(colour), width_mm=0.3, shape="square"
            ),
            size,
        ),
        largest_first='"firm_mw" + "upgrade_mw"',
        tip={
            "": '"name"',
            "Stage:": '"year"',
            "Firm and added, MW:": 'round("firm_mw" + "upgrade_mw", 1)',
            "Drawn, MW:": 'round("drawn_mw", 1)',
            "Left, MW:": 'round("headroom_mw", 1)',
        },
    )


def regions(layers: Layers) -> Style:
    """Discs as large as the demand, by where it is served."""
    most = largest(layers["regions"], "demand_it_mw")
    size = {"size": size_mm('"demand_it_mw"', most, LARGEST_DEMAND_MM)}
    # A thousandth is what a solver leaves.
    some, unserved = '"demand_it_mw" > 0', '"unserved_it_mw" > 0.001 * "demand_it_mw"'
    abroad, served = 'coalesce("abroad_share", 0)', f"NOT ({unserved})"
    return Style(
        "Point",
        stage_looks(
            (
                ("Demand that is not all served", f"{some} AND {unserved}", VERMILLION),
                ("Mostly served at home", f"{some} AND {served} AND {abroad} <= 0.5", GREEN),
                ("Mostly served abroad", f"{some} AND {served} AND {abroad} > 0.5", PURPLE),
            ),
            lambda colour: disc(rgba(colour, 0.35), line=rgba(colour, 0.9)),
            size,
        ),
        largest_first='"demand_it_mw"',
        tip={
            "": '"name"',
            "Stage:": '"year"',
            "Demand, IT MW:": 'round("demand_it_mw", 1)',
            "Served abroad:": """round(100 * coalesce("abroad_share", 0)) || ' %'""",
            "Mean round trip, ms:": 'round("mean_rtt_ms", 1)',
        },
    )


def flows(layers: Layers) -> Style:
    """Lines as wide as what is served is large, by whether they leave the country."""
    scale = WIDEST_MM / largest(layers["flows"], "it_mw")
    width = {"outlineWidth": f'max({THINNEST_MM}, {scale:.6g} * "it_mw")'}

    def line(colour: str) -> dict[str, str]:
        return {
            "line_color": rgba(colour, 0.55),
            "line_width": "0.3",
            "line_width_unit": "MM",
            "capstyle": "round",
            "joinstyle": "round",
        }

    return Style(
        "MultiLineString",
        stage_looks(
            (
                ("Served in the users' country", '"user_country" = "site_country"', GREEN),
                ("Served abroad", '"user_country" <> "site_country"', PURPLE),
            ),
            line,
            width,
        ),
        largest_first='"it_mw"',
        tip={
            "": """"region" || ' → ' || "site\"""",
            "Stage:": '"year"',
            "Workload:": '"workload"',
            "IT MW:": 'round("it_mw", 2)',
            "Round trip, ms:": 'round("rtt_ms", 1)',
        },
    )


def supply(layers: Layers) -> Style:
    """Triangles beside the site, as large as what stands, by its role."""
    size = {"size": size_mm('"mw"', largest(layers["supply"], "mw"))}
    return Style(
        "Point",
        tuple(
            Look(text, f'{NOW} AND "role" = {quoted(role)}',
                 {**disc(rgba(colour, 0.95), line=rgba(DARK), shape="triangle"),
                  "offset": f"{east_mm},-3", "offset_unit": "MM"}, size)
            for role, text, colour, east_mm in (
                ("own", "Own supply and storage", GREEN, -3),
                ("bridge", "Until the grid comes", VERMILLION, 0),
                ("backup", "Backup, only held ready", YELLOW, 3),
            )
        ),
        largest_first='"mw"',
        tip={
            "": '"name"',
            "Stage:": '"year"',
            "Technology:": '"technology"',
            "Role:": '"role"',
            "MW:": 'round("mw", 1)',
            "MWh:": 'round("mwh", 1)',
        },
    )  # fmt: skip


def countries(_: Layers) -> Style:
    """Land in light grey, which leaves the colours to the plan."""
    land = {"color": rgba("#f3f1ec"), "outline_color": rgba("#c3bfb6"), "outline_width": "0.15"}
    return Style("MultiPolygon", (Look("Countries", "TRUE", land),), tip={"": '"name"'})


# From the bottom of the map to its top.
STYLES: dict[str, Callable[[Layers], Style]] = {
    "countries": countries,
    "regions": regions,
    "nodes": nodes,
    "flows": flows,
    "sites": sites,
    "site_stages": site_stages,
    "supply": supply,
}


def aliases(layer: str, table: gpd.GeoDataFrame, currency: str) -> dict[str, str]:
    """Label of each column of a layer."""
    known = layer_columns(layer)
    return {name: label(known[name], currency) for name in table.columns if name != "geometry"}


def qml_of(layers: Layers, currency: str = "") -> dict[str, str]:
    """Style of every layer, as QGIS reads it."""
    return {
        name: as_qml(STYLES[name](layers), aliases(name, layer, currency), staged="starts" in layer)
        for name, layer in layers.items()
    }
