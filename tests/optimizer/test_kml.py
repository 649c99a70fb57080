"""KML shows what its numbers say: colours and sizes, stages in time, and what is seen at first."""

from xml.etree import ElementTree as ET

import pytest

from optimizer.kml import write_kml
from optimizer.layer_columns import TITLES
from optimizer.layers import map_layers
from optimizer.palette import BLUE, GREEN, ORANGE, PURPLE
from tests.optimizer.plans import MadeUpPlan

KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> ET.Element:
    flows = [("r", "chat", site, 2026, 0.5, it_mw, 30.0) for site, it_mw in (("s", 1), ("t", 16))]
    plan = MadeUpPlan([("s", 1, 2), ("t", 2, 3)], [("r", 3, 4)], flows)
    plan.tables["sites"]["country"] = ["FJ", "WS"]
    plan.tables["capacity"].loc[0, "open"] = 0
    path = tmp_path_factory.mktemp("kml") / "plan.kml"
    write_kml(map_layers(plan.tables, plan.node_table, plan.region_table), path)
    return ET.parse(path).getroot()


def marks(document: ET.Element, layer: str) -> list[ET.Element]:
    (folder,) = (
        folder
        for folder in document.iter(f"{KML}Folder")
        if folder.findtext(f"{KML}name") == TITLES[layer]
    )
    return folder.findall(f"{KML}Placemark")


def looks(document: ET.Element, layer: str) -> list[tuple[str, float]]:
    """Colour and width of each row of a layer, by the style that it names."""
    styles = {f"#{style.get('id')}": style for style in document.iter(f"{KML}Style")}
    found = []
    for mark in marks(document, layer):
        line = styles[mark.findtext(f"{KML}styleUrl") or ""].find(f"{KML}LineStyle")
        assert line is not None
        tint = line.findtext(f"{KML}color") or ""
        found.append((f"#{tint[6:8]}{tint[4:6]}{tint[2:4]}", float(line.findtext(f"{KML}width"))))
    return found


def test_colours_and_sizes(document: ET.Element) -> None:
    # Operators are controlled from WS, and so are users. Areas stand for megawatts.
    assert looks(document, "flows") == [(PURPLE, 2), (GREEN, 6)]
    assert [colour for colour, _ in looks(document, "site_stages")] == [ORANGE] * 2 + [BLUE] * 2
    assert [colour for colour, _ in looks(document, "regions")] == [GREEN] * 2


def test_stages_last_until_the_next(document: ET.Element) -> None:
    spans = {
        (mark.findtext(f"{KML}TimeSpan/{KML}begin"), mark.findtext(f"{KML}TimeSpan/{KML}end"))
        for mark in marks(document, "site_stages")
    }
    assert spans == {("2026-01-01", "2028-01-01"), ("2028-01-01", None)}
    assert all(mark.find(f"{KML}TimeSpan") is None for mark in marks(document, "sites"))


def test_what_is_seen_at_first(document: ET.Element) -> None:
    seen = {
        layer: [mark.findtext(f"{KML}visibility") != "0" for mark in marks(document, layer)]
        for layer in ("sites", "site_stages", "flows")
    }
    assert seen == {
        "sites": [False] * 2,
        "site_stages": [False, True, True, True],
        "flows": [True] * 2,
    }
