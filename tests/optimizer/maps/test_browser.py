"""The page in a real browser: what it asks for, draws, opens and says, with mouse and keys."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from optimizer.maps import write_map
from tests.browser import axe, browser, needs_chromium
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.maps.runs import (
    ARABIC,
    FROM_RIGHT,
    LONG,
    SCRIPT,
    TEMPLATE,
    write_hostile_run,
    write_idle_run,
)

__all__ = ["browser"]

pytestmark = needs_chromium

SIZES = {"desktop": (1360, 840), "phone": (390, 844)}
SPOTS = "path.spot"
CANVASES = "[...document.querySelectorAll('canvas')].map((one) => one.toDataURL())"


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("maps")
    writers: dict[str, Callable[[Path], Path]] = {
        "plain": write_run,
        "hostile": write_hostile_run,
        "idle": write_idle_run,
    }
    for name, write in writers.items():
        write_map(write(folder / name), folder / f"{name}.html")
    return {name: (folder / f"{name}.html").as_uri() for name in writers}


@contextmanager
def opened(browser: Any, url: str, *, size: str = "desktop", **options: Any) -> Iterator[Any]:
    """A page that is drawn; nothing but itself is asked for, and it complains of nothing."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    asked: list[str] = []
    said: list[str] = []

    def let_through(route: Any) -> None:
        asked.append(route.request.url)
        if route.request.url == url:
            route.continue_()
        else:
            route.abort()

    context.route("**/*", let_through)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(url)
    page.wait_for_function("performance.getEntriesByName('drawn').length === 1")
    yield page
    assert asked == [url]
    assert said == []
    context.close()


@pytest.fixture
def page(browser: Any, maps: dict[str, str]) -> Iterator[Any]:
    with opened(browser, maps["plain"]) as found:
        yield found


def spots(page: Any) -> dict[str, str]:
    """Outlines of the sites that are drawn, by what they are called."""
    return {
        spot.get_attribute("aria-label"): spot.get_attribute("d")
        for spot in page.locator(SPOTS).all()
    }


def show(page: Any, year: int) -> None:
    page.locator("#stage").fill(str([2026, 2028].index(year)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "sites"), [("plain", 2), ("hostile", 2), ("idle", 0)])
def test_it_is_drawn_from_itself_alone(
    browser: Any, maps: dict[str, str], name: str, sites: int, size: str
) -> None:
    with opened(browser, maps[name], size=size) as page:
        width, height = SIZES[size]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        assert page.locator(SPOTS).count() == sites
        # Land; demand and nodes; lines, if there are any.
        assert len(page.evaluate(CANVASES)) == (3 if sites else 2)


def test_candidates_of_a_plan_that_builds_nothing_have_cards(
    browser: Any, maps: dict[str, str]
) -> None:
    with opened(browser, maps["idle"]) as page:
        page.locator("input[name=unused]").check()
        assert set(spots(page)) == {"south, not used in 2028"}
        said = page.locator("#left-out").inner_text()
        assert said.endswith("Without coordinates, and so not on the map: sites (1).")
        page.locator(SPOTS).first.press("Enter")
        assert "Not used in 2028." in page.locator("#card").inner_text()


def test_the_browser_lets_it_ask_for_nothing_and_run_nothing_else(
    browser: Any, maps: dict[str, str]
) -> None:
    page = browser.new_page()
    page.goto(maps["plain"])
    attempt = "fetch('https://example.org/').then(() => 'sent', () => 'refused')"
    assert page.evaluate(attempt) == "refused"
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const button = document.createElement("div");
            button.innerHTML = "<b onclick='window.ran = true'>x</b>";
            document.body.append(button);
            button.firstChild.click();
        }"""
    )
    assert page.evaluate("window.ran") is None
    page.close()


def test_the_slider_changes_what_is_drawn(page: Any) -> None:
    # It begins at the end.
    last, last_pixels = spots(page), page.evaluate(CANVASES)
    assert set(last) == {"north, 8 MW of IT in 2028", "south, 3.4 MW of IT in 2028"}
    show(page, 2026)
    first = spots(page)
    assert set(first) == {"north, 6 MW of IT in 2026"}
    assert first["north, 6 MW of IT in 2026"] != last["north, 8 MW of IT in 2028"]
    land, *others = page.evaluate(CANVASES)
    assert land == last_pixels[0]
    assert all(now != then for now, then in zip(others, last_pixels[1:], strict=True))
    assert page.locator("#year").inner_text() == "2026"
    assert page.locator("#stage").get_attribute("aria-valuetext") == "2026"
    assert "6 MW" in page.locator("#sums").inner_text()
    page.locator("#stage").press("ArrowRight")
    assert spots(page) == last


def test_play_goes_through_the_stages_and_stops(browser: Any, maps: dict[str, str]) -> None:
    with opened(browser, maps["plain"]) as page:
        page.clock.install()
        page.locator("#play").press("Enter")
        assert page.locator("#year").inner_text() == "2026"
        assert page.locator("#play").inner_text() == "Pause"
        page.clock.run_for(1600)
        assert page.locator("#year").inner_text() == "2028"
        page.clock.run_for(1600)
        assert page.locator("#play").inner_text() == "Play"
        page.locator("#play").click()
        page.locator("#play").click()
        page.clock.run_for(5000)
        assert page.locator("#year").inner_text() == "2026"


@pytest.mark.parametrize(
    ("layer", "canvas"), [("flows", 1), ("regions", 2), ("nodes", 2), ("sites", None)]
)
def test_layers_come_and_go(page: Any, layer: str, canvas: int | None) -> None:
    def state() -> list[Any]:
        return [spots(page), *page.evaluate(CANVASES)]

    before = state()
    page.locator(f"input[name={layer}]").uncheck()
    after = state()
    changed = [
        number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]
    ]
    assert changed == [0 if canvas is None else canvas + 1]
    page.locator(f"input[name={layer}]").check()
    assert state() == before


def test_sites_that_are_not_used_are_there_if_asked_for(page: Any) -> None:
    show(page, 2026)
    page.locator("input[name=unused]").check()
    assert set(spots(page)) == {"north, 6 MW of IT in 2026", "south, not used in 2026"}


def test_colours_tell_of_control_limits_and_carbon(page: Any) -> None:
    def colours() -> dict[str, str]:
        return {
            spot.get_attribute("aria-label").split(",")[0]: spot.get_attribute("fill")
            for spot in page.locator(SPOTS).all()
        }

    found = {"control": colours()}
    assert "Netherlands" in page.locator("#legend").inner_text()
    for mode, words in (("limit", "The hall is full"), ("carbon", "below 50 kg")):
        page.locator(f"input[value={mode}]").check()
        found[mode] = colours()
        assert words in page.locator("#legend").inner_text()
    # In 2028 neither hall nor node is full; all of its countries' demand north may take at home.
    assert found["control"]["north"] != found["control"]["south"]
    # 4204.8 t by 35,040 MWh are 120 kg; the other node's power is clean.
    assert found["carbon"] == {"north": "#fbb84c", "south": "#fde289"}


def test_a_card_opens_by_mouse_and_follows_the_stage(page: Any) -> None:
    card = page.locator("#card")
    assert not card.is_visible()
    page.locator(SPOTS).first.click()
    assert card.is_visible()
    assert page.locator("#card-title").inner_text() == "north"
    text = card.inner_text()
    for words in (
        "Run by aqua, controlled from Netherlands. Stands in Netherlands.",
        "8 of 10 MW",
        "6 MW firm, 3 MW added by upgrades, 8.4 MW drawn, 0.6 MW free",
        "42 GWh, all of it from the grid",
        "2 regions",
        "r7: at most a part with one operator (aqua). 7 against 7.7 MW, margin 0.7.",
        "IT hardware",
        "2 m EUR",
    ):
        assert words in text
    show(page, 2026)
    assert "6 of 10 MW" in card.inner_text()
    page.locator("#close").click()
    assert not card.is_visible()


def test_nodes_and_regions_have_cards_too(page: Any) -> None:
    for kind, place, words in (
        ("node", "nodes", "Grid node in Netherlands: 6 MW firm"),
        ("region", "regions", "Users in Netherlands."),
    ):
        # North stands in the middle of both; only one layer is left to be hit.
        for layer in ("sites", "nodes", "regions", "flows"):
            page.locator(f"input[name={layer}]").set_checked(layer == place)
        box = page.locator("#map").bounding_box()
        x, y = page.evaluate(f"Object.values(map.latLngToContainerPoint(at({place}, 0)))")
        page.mouse.click(box["x"] + x, box["y"] + y)
        assert words in page.locator("#card").inner_text(), kind
        page.keyboard.press("Escape")


def test_a_region_tells_where_it_is_served_from(page: Any) -> None:
    # Half of lille's batch, 1 MW, comes from the north; 0.6 MW of its 5 MW from nowhere.
    page.evaluate("openCard('region', 1, null)")
    text = page.locator("#card").inner_text()
    assert "served from abroad\n20 %" in text
    assert "not served\n0.6 MW" in text
    assert "south, France: 3.4 MW" in text
    assert "north, Netherlands: 1 MW" in text
    assert "not drawn" not in text


def test_a_tap_beside_a_small_mark_is_meant_for_it(page: Any) -> None:
    radius, x, y = page.evaluate(
        """() => {
            const spot = drawn.sites[1];
            const { x, y } = map.latLngToContainerPoint(spot.getLatLng());
            return [spot.getRadius(), x, y];
        }"""
    )
    for layer in ("nodes", "regions"):
        page.locator(f"input[name={layer}]").uncheck()
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + x + radius + 8, box["y"] + y)
    assert page.locator("#card-title").inner_text() == "south"
    page.mouse.click(box["x"] + x, box["y"] + y + 150)
    assert not page.locator("#card").is_visible()


def test_keys_alone_reach_every_site_and_its_card(page: Any) -> None:
    def focused() -> str:
        return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))

    page.locator("#map").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if focused().startswith("north"):
            break
    assert focused() == "north, 8 MW of IT in 2028"
    page.keyboard.press("ArrowRight")
    assert focused().startswith("south")
    page.keyboard.press("Enter")
    assert page.locator("#card-title").inner_text() == "south"
    assert page.evaluate("document.activeElement.id") == "card-title"
    page.keyboard.press("Escape")
    assert not page.locator("#card").is_visible()
    assert focused().startswith("south")
    page.locator("#list summary").press("Enter")
    page.locator("#list button").first.press("Enter")
    assert page.locator("#card-title").inner_text() == "north"


def test_hostile_names_are_text(browser: Any, maps: dict[str, str]) -> None:
    with opened(browser, maps["hostile"]) as page:
        assert page.locator("h1").inner_text() == SCRIPT + TEMPLATE
        assert page.title() == f"{SCRIPT}{TEMPLATE}: map"
        names = {
            spot.get_attribute("aria-label").rpartition(", ")[0]
            for spot in page.locator(SPOTS).all()
        }
        assert names == {SCRIPT, LONG}
        operators = (f"{FROM_RIGHT}{TEMPLATE}", "(constructor)")
        for number, (name, operator) in enumerate(zip((SCRIPT, LONG), operators, strict=True)):
            page.evaluate("(i) => openCard('site', i, null)", number)
            assert page.locator("#card-title").text_content() == name
            text = page.locator("#card-body").text_content()
            assert operator in text
            assert ARABIC in text  # a region that both serve
            assert page.evaluate("card.scrollWidth <= card.clientWidth")
        page.locator(SPOTS).first.hover()
        assert page.locator(".leaflet-tooltip bdi").text_content() in {SCRIPT, LONG}
        assert page.locator("script").count() == page.locator("head ~ body script").count() == 9
        assert page.locator("img, iframe, object").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_an_accessibility_engine_finds_nothing_serious(
    browser: Any, maps: dict[str, str], size: str
) -> None:
    with opened(browser, maps["plain"], size=size) as page:
        for state in ("panel", "card"):
            if state == "card":
                page.locator(SPOTS).first.press("Enter")
            found = axe.Axe().run(page).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in serious] == [], state


def test_those_who_want_no_motion_get_none(browser: Any, maps: dict[str, str]) -> None:
    animated = "[map.options.zoomAnimation, map.options.inertia, map.options.fadeAnimation]"
    with opened(browser, maps["plain"], reduced_motion="reduce") as page:
        assert page.evaluate(animated) == [False] * 3
    with opened(browser, maps["plain"], reduced_motion="no-preference") as page:
        assert page.evaluate(animated) == [True] * 3


def test_a_print_has_map_and_legend_and_no_controls(page: Any) -> None:
    page.emulate_media(media="print")
    for shown in ("#map", "#legend", "#sums", "#stage-title"):
        assert page.locator(shown).is_visible(), shown
    for hidden in ("#play", "#stage", "#modes", "#layers", ".leaflet-control-zoom"):
        assert not page.locator(hidden).is_visible(), hidden
    page.emulate_media(media="null")
    view = page.evaluate("[map.getCenter().lat, map.getCenter().lng, map.getZoom()]")
    assert sheets(page) == 1
    page.locator(SPOTS).first.press("Enter")
    assert sheets(page) == 2
    assert page.evaluate("[map.getCenter().lat, map.getCenter().lng, map.getZoom()]") == view


def sheets(page: Any) -> int:
    """Sheets of paper that a print takes."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))
