"""The command: what it writes, what it refuses, and that it leaves the run as it was."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from optimizer.audit import audit_run
from optimizer.cli import main
from optimizer.figures import FIGURES
from optimizer.report import read_facts
from optimizer.report.page import write_page
from tests.optimizer.report.runs import plain, say, swap, write_hostile_run, write_hourly_run

__all__ = ["plain"]

FILES = {"map.html", "plan.xlsx", "plan.gpkg", "plan.qgz", "figures"}


def report(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["report", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def run(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its report in it."""
    run = tmp_path_factory.mktemp("told") / "run"
    copytree(plain, run)
    code, output = report(run)
    assert code == 0, output
    assert re.search("figures.*map.*workbook.*GIS.*page.*Wrote", output, re.DOTALL)
    return run


def test_it_writes_all_that_people_look_at_into_the_run(run: Path) -> None:
    found = {path.name for path in (run / "report").iterdir()}
    assert found == {*FILES, "report.html"}
    figures = {path.name for path in (run / "report" / "figures").iterdir()}
    names = {*FIGURES, "map-2026", "map-2028"}
    assert figures == {f"{name}.svg" for name in names}


def test_the_run_with_its_report_in_it_is_audited_and_reported_as_before(run: Path) -> None:
    assert audit_run(run).passed
    code, output = report(run, "--quiet")
    assert code == 2
    assert "--overwrite" in output
    before = (run / "report" / "report.html").read_bytes()
    code, output = report(run, "--overwrite", "--quiet", "--json")
    assert code == 0
    assert "report.html" in json.loads(output)["files"]
    assert (run / "report" / "report.html").read_bytes() == before


def test_a_plan_that_fails_its_audit_has_no_report(plain: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    copytree(plain, run)
    swap(run / "tables" / "capacity.csv", "north,2026,1,4,6,5,6", "north,2026,1,4,6,4,6")
    code, output = report(run, "--quiet")
    assert code == 7
    assert "sitewatt audit" in output
    assert not (run / "report").exists()


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("plan.json", 1, "no run of sitewatt"),
        ("tables/costs.csv", 7, "costs"),
        ("instance/sites.csv", 3, "sites"),
    ],
)
def test_a_run_that_is_not_whole_is_refused(
    plain: Path, tmp_path: Path, file: str, code: int, words: str
) -> None:
    run = tmp_path / "run"
    copytree(plain, run)
    (run / file).unlink()
    ended, output = report(run, "--quiet")
    assert ended == code
    assert words in output
    assert not (run / "report").exists()


def test_another_instance_than_the_one_solved_is_refused(plain: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    copytree(plain, run)
    say(run, instance_sha256="0" * 64)
    code, output = report(run, "--quiet")
    assert code == 1
    assert "not the instance that was solved" in output


class Tags(HTMLParser):
    """Tags of a page with their attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def test_the_page_asks_for_nothing_and_tells_what_its_pictures_show(run: Path) -> None:
    tags = Tags((run / "report" / "report.html").read_text(encoding="utf-8"))
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in tags.of("img"))
    assert all(len(image["alt"]) > 20 for image in tags.of("img"))
    assert len(tags.of("img")) == 7
    assert all("src" not in script for script in tags.of("script"))
    assert {link["href"] for link in tags.of("link")} == {"data:,"}
    ids = {attributes["id"] for _, attributes in tags.found if "id" in attributes}
    anchors = {a["href"] for a in tags.of("a")}
    assert {anchor[1:] for anchor in anchors if anchor.startswith("#")} <= ids
    assert {a for a in anchors if not a.startswith("#")} == FILES
    policy = next(meta["content"] for meta in tags.of("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert all(head.get("scope") in ("col", "row") for head in tags.of("th"))


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    facts = read_facts(write_hostile_run(tmp_path / "run"))
    for name in (*FIGURES, "map-2028"):
        (tmp_path / f"{name}.svg").write_text('<svg width="9pt" height="9pt"/>', encoding="utf-8")
    write_page(facts, tmp_path, tmp_path / "report.html", [])
    tags = Tags((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(tags.of("script")) == 1
    assert not any("onerror" in attributes for _, attributes in tags.found)
    words = "".join(tags.texts)
    assert "<img src=x onerror=alert(1)>" in words
    assert "{{ 7 * 7 }} &lt;b&gt;" in words


def test_a_plan_with_hours_has_its_dispatch_drawn(tmp_path: Path) -> None:
    run = write_hourly_run(tmp_path)
    assert report(run, "--quiet")[0] == 0
    assert (run / "report" / "figures" / "dispatch-01-a.svg").exists()
    tags = Tags((run / "report" / "report.html").read_text(encoding="utf-8"))
    assert len(tags.of("img")) == 8
    assert {"table-supply", "table-levelised"} <= {t["id"] for t in tags.of("table")}
