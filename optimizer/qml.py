"""Styles as QGIS reads them: symbols by rule, labels, names of columns, stages in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

# The oldest QGIS that these are tried with.
VERSION = "3.22.16"
CATEGORIES = "Symbology|Labeling|Fields|MapTips|Temporal"
# By kind of geometry: QGIS' number of it, kind of symbol, class of its layer, QGIS' name of it.
KINDS = {
    "Point": ("0", "marker", "SimpleMarker", "Point"),
    "MultiLineString": ("1", "line", "SimpleLine", "Line"),
    "MultiPolygon": ("2", "fill", "SimpleFill", "Polygon"),
}
EXPRESSION = "3"
FROM_START_TO_END = "2"
AROUND_POINT = "6"
FROM_SYMBOL = "1"


@dataclass(frozen=True)
class Look:
    """How the features look that an expression holds for.

    Parameters
    ----------
    label : for the legend.
    where : expression of QGIS.
    options : of the symbol layer, by QGIS' names.
    by_feature : options that an expression gives for each feature.
    """

    label: str
    where: str
    options: Mapping[str, str]
    by_feature: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Style:
    """How a layer looks.

    Parameters
    ----------
    geometry : kind of geometry.
    looks : a feature is drawn as each of these that holds for it.
    largest_first : expression; small features are drawn on large ones.
    text : expression that gives the label of a feature; "" for none.
    tip : expressions by label, shown where a feature is pointed at.
    """

    geometry: str
    looks: Sequence[Look]
    largest_first: str = ""
    text: str = ""
    tip: Mapping[str, str] = field(default_factory=dict)


def style_elements(
    style: Style, aliases: Mapping[str, str], *, staged: bool
) -> tuple[dict[str, str], list[ET.Element]]:
    """Attributes and elements that tell of a style, the same in a style and in a project.

    Parameters
    ----------
    aliases : label by column.
    staged : whether features last from `starts` to `ends`.
    """
    elements = [renderer(style)]
    if staged:
        elements.append(
            ET.Element(
                "temporal",
                {
                    "enabled": "1",
                    "mode": FROM_START_TO_END,
                    "limitMode": "0",
                    "startField": "starts",
                    "endField": "ends",
                    "durationUnit": "min",
                },
            )
        )
    if style.text:
        elements.append(labelling(style))
    elements.append(ET.Element("aliases"))
    for index, (column, alias) in enumerate(aliases.items()):
        attributes = {"index": str(index), "field": column, "name": alias}
        ET.SubElement(elements[-1], "alias", attributes)
    if style.tip:
        elements.append(ET.Element("mapTip"))
        elements[-1].text = "<br/>".join(
            f"{name} [% {escaped(what)} %]".strip() for name, what in style.tip.items()
        )
    return {"labelsEnabled": str(int(bool(style.text)))}, elements


def as_qml(style: Style, aliases: Mapping[str, str], *, staged: bool) -> str:
    """Style as a document of its own."""
    attributes, elements = style_elements(style, aliases, staged=staged)
    document = ET.Element("qgis", {"version": VERSION, "styleCategories": CATEGORIES, **attributes})
    document.extend(elements)
    ET.SubElement(document, "layerGeometryType").text = KINDS[style.geometry][0]
    return ET.tostring(document, encoding="unicode")


def renderer(style: Style) -> ET.Element:
    """Symbols, each with the rule for where it is drawn."""
    ordered = str(int(bool(style.largest_first)))
    element = ET.Element(
        "renderer-v2",
        {"type": "RuleRenderer", "symbollevels": "0", "forceraster": "0", "enableorderby": ordered},
    )
    rules = ET.SubElement(element, "rules", {"key": "root"})
    symbols = ET.SubElement(element, "symbols")
    _, kind, layer_class, _ = KINDS[style.geometry]
    for number, look in enumerate(style.looks):
        key = str(number)
        ET.SubElement(
            rules,
            "rule",
            {"key": f"look-{key}", "filter": look.where, "symbol": key, "label": look.label},
        )
        symbol = ET.SubElement(
            symbols, "symbol", {"name": key, "type": kind, "alpha": "1", "clip_to_extent": "1"}
        )
        layer = ET.SubElement(
            symbol, "layer", {"class": layer_class, "enabled": "1", "pass": "0", "locked": "0"}
        )
        layer.append(option_map(look.options))
        if look.by_feature:
            layer.append(by_feature(look.by_feature))
    if style.largest_first:
        orders = ET.SubElement(element, "orderby")
        clause = ET.SubElement(orders, "orderByClause", {"asc": "0", "nullsFirst": "0"})
        clause.text = style.largest_first
    return element


def labelling(style: Style) -> ET.Element:
    """Labels around points, the largest feature's first, as far as there is room."""
    element = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(element, "settings")
    text = ET.SubElement(
        settings,
        "text-style",
        {
            "fieldName": style.text,
            "isExpression": "1",
            "allowHtml": "0",
            "fontFamily": "Sans Serif",
            "fontSize": "7",
            "fontSizeUnit": "Point",
            "textColor": "40,40,40,255",
            "textOpacity": "1",
        },
    )
    ET.SubElement(
        text,
        "text-buffer",
        {
            "bufferDraw": "1",
            "bufferSize": "0.7",
            "bufferSizeUnits": "MM",
            "bufferColor": "255,255,255,255",
            "bufferOpacity": "0.8",
        },
    )
    ET.SubElement(
        settings,
        "placement",
        {
            "placement": AROUND_POINT,
            "predefinedPositionOrder": "TR,BR,R,TL,BL,L",
            "offsetType": FROM_SYMBOL,
            "dist": "0.4",
        },
    )
    ET.SubElement(
        settings, "rendering", {"drawLabels": "1", "obstacle": "1", "fontMinPixelSize": "3"}
    )
    return element


def option_map(options: Mapping[str, str], **attributes: str) -> ET.Element:
    """Options of a symbol layer."""
    element = ET.Element("Option", {"type": "Map", **attributes})
    for name, value in options.items():
        ET.SubElement(element, "Option", {"type": "QString", "name": name, "value": value})
    return element


def by_feature(expressions: Mapping[str, str]) -> ET.Element:
    """Options that an expression gives for each feature."""
    element = ET.Element("data_defined_properties")
    whole = ET.SubElement(element, "Option", {"type": "Map"})
    ET.SubElement(whole, "Option", {"type": "QString", "name": "name", "value": ""})
    properties = ET.SubElement(whole, "Option", {"type": "Map", "name": "properties"})
    for name, expression in expressions.items():
        one = ET.SubElement(properties, "Option", {"type": "Map", "name": name})
        for kind, key, value in (
            ("bool", "active", "true"),
            ("QString", "expression", expression),
            ("int", "type", EXPRESSION),
        ):
            ET.SubElement(one, "Option", {"type": kind, "name": key, "value": value})
    ET.SubElement(whole, "Option", {"type": "QString", "name": "type", "value": "collection"})
    return element


def quoted(text: str) -> str:
    """Text as a literal of an expression."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def escaped(expression: str) -> str:
    """Expression whose text a map tip, which is HTML, shows as it is."""
    return f"replace(to_string({expression}), map('&', '&amp;', '<', '&lt;', '>', '&gt;'))"
