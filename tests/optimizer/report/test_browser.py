"""The page in a real browser: no request, no complaint, tables sorted by keys, hostile names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optimizer.figures import draw_into
from optimizer.report import read_facts
from optimizer.report.page import write_page
from tests.browser import axe, browser, needs_chromium
from tests.optimizer.report.runs import LONG, SCRIPT, write_hostile_run, write_plain_run

__all__ = ["browser"]

pytestmark = needs_chromium
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SERVED = "#table-serving"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reports")
    for name, write in (("plain", write_plain_run), ("hostile", write_hostile_run)):
        facts = read_facts(write(folder / name))
        (folder / f"{name}-figures").mkdir()
        draw_into(folder / f"{name}-figures", facts.run, [])
        write_page(facts, folder / f"{name}-figures", folder / f"{name}.html", [])
    return {name: (folder / f"{name}.html").as_uri() for name in ("plain", "hostile")}


@pytest.fixture(params=SIZES)
def opened(request: Any, browser: Any, pages: dict[str, str]) -> Iterator[Any]:
    """Opens a page; it asks for nothing but itself, and complains of nothing."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    said: list[str] = []
    asked: list[str] = []

    def open_page(name: str) -> Any:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asks: asked.append(asks.url))
        page.goto(pages[name])
        return page

    yield open_page
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [*{*asked} & {*pages.values()}]
    context.close()


def column(page: Any, table: str, name: str) -> list[str]:
    """Texts of a column by its heading."""
    heads = page.locator(f"{table} thead th").all_inner_texts()
    place = next(i for i, head in enumerate(heads, 1) if head.startswith(name))
    return page.locator(f"{table} tbody tr > :nth-child({place})").all_inner_texts()


def test_tables_are_sorted_by_keys(opened: Any) -> None:
    page = opened("plain")
    assert column(page, SERVED, "IT") == ["6.00", "2.40", "1.00", "1.00"]
    head = page.locator(f"{SERVED} thead th", has_text=re.compile("^IT"))
    button = head.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, SERVED, "IT") == ["1.00", "1.00", "2.40", "6.00"]
    assert "sorted by IT" in page.locator("#said").text_content()


def test_one_column_at_a_time_words_from_their_first_letter(opened: Any) -> None:
    page = opened("plain")
    for name in ("Workload", "Round trip"):
        page.locator(f"{SERVED} thead th", has_text=name).get_by_role("button").click()
    sorted_by = page.locator(f"{SERVED} thead th[aria-sort]").all_inner_texts()
    assert [head.split()[0] for head in sorted_by] == ["Round"]
    assert column(page, SERVED, "Round trip") == ["25.0", "7.23", "7.23", "4.00"]
    page.locator(f"{SERVED} thead th", has_text="Workload").get_by_role("button").click()
    assert column(page, SERVED, "Workload") == ["batch", "batch", "chat", "chat"]


def test_sums_stay_below(opened: Any) -> None:
    page = opened("plain")
    page.locator("#costs thead th", has_text="Paid").get_by_role("button").click()
    page.locator("#costs thead th", has_text="Paid").get_by_role("button").click()
    assert page.locator("#costs tfoot th").inner_text() == "all"
    assert column(page, "#costs", "Cost")[-1] == "IT hardware"


def test_the_first_key_leads_to_the_summary(opened: Any) -> None:
    page = opened("plain")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the summary"


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_nothing_is_wider_than_the_page_and_all_pictures_are_drawn(opened: Any, name: str) -> None:
    page = opened(name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    widths = page.evaluate("[...document.images].map((image) => image.naturalWidth)")
    assert len(widths) == 7
    assert min(widths) > 100


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_axe_finds_nothing(opened: Any, name: str) -> None:
    found = axe.Axe().run(opened(name)).response["violations"]
    assert [(each["id"], each["impact"], each["nodes"][0]["html"][:200]) for each in found] == []


def test_hostile_names_are_shown_and_never_run(opened: Any) -> None:
    page = opened("hostile")
    assert page.title() == f"{SCRIPT}: report"
    assert page.locator("h1").inner_text() == SCRIPT
    assert column(page, "#sites", "Site") == [SCRIPT, LONG]
    assert page.locator("main script, main img[src=x]").count() == 0


def test_print_shows_every_table(browser: Any, pages: dict[str, str], tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(pages["plain"])
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("table").first.is_visible()
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    page.close()
