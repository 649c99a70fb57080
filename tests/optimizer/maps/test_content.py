"""What a map says of the run written by hand, and how."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.content_policy import hash_source
from optimizer.errors import SitewattError
from optimizer.finished import Finished, read_finished
from optimizer.folders import AlreadyThere
from optimizer.maps import write_map
from optimizer.maps.columns import by_stage, short
from optimizer.maps.content import map_content
from optimizer.maps.limits import GRID, HALL, RULE, binding, rules_of_sites
from optimizer.maps.page import as_json
from optimizer.run_files import read_record
from tests.optimizer.audit.bridge_run import write_bridge_run
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.maps.runs import write_hostile_run, write_idle_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run")


def changed(run: Path, name: str, column: str, values: list[float]) -> Finished:
    finished = read_finished(run)
    finished.tables[name] = finished.tables[name].assign(**{column: values})
    return finished


def limits(finished: Finished) -> list[list[int]]:
    return binding(finished, rules_of_sites(finished)).tolist()


def test_sites_nodes_and_regions_by_stage(run: Path) -> None:
    content = map_content(read_finished(run), read_record(run))
    sites = content["sites"]
    assert content["years"] == [2026, 2028]
    assert content["countries"] == {
        "FR": "France",
        "NL": "Netherlands",
        "US": "United States",
    }
    assert sites["key"] == ["north", "south"]
    assert sites["installed_it_mw"] == [[6, 8], [0, 3.4]]
    assert sites["node"] == [0, 1]
    assert sites["it_mwh"] == [[26280, 35040], [0, 19272]]
    assert sites["costs"]["IT hardware"] == {0: [4000000, 2000000], 1: [0, 6800000]}
    assert "grid upgrades" not in sites["costs"]
    # South serves lille's batch and chat: 1 and 2.4 MW.
    assert sites["serves"][1][0] == 0
    assert sites["serves"][1][1] == [
        1,
        7.2,
        [["FR", 3.4]],
        [["chat", 2.4], ["batch", 1]],
        [[1, 3.4]],
    ]
    assert content["nodes"]["headroom_mw"] == [[0, 0.6], [5, 1.6]]
    assert content["regions"]["unserved_it_mw"] == [[0, 0], [0, 0.6]]
    assert content["regions"]["abroad_it_mw"] == [[0, 0], [1, 1]]
    assert content["stages"]["abroad"] == [1, 1]
    assert content["stages"]["cost"] == [8385888, 20384320]


def test_rules_name_the_sites_they_speak_of(run: Path) -> None:
    rules = map_content(read_finished(run), read_record(run))["sites"]["rules"]
    names = [row[0] for row in rules["names"]]

    def said(site: int) -> set[tuple[str, str]]:
        return {
            (names[rules["rows"][row][0]], rules["rows"][row][1]) for row in rules["of_sites"][site]
        }

    # South is of an American operator, in the EU.
    both = {("r9", "*")}
    assert said(0) == both | {("r6", "NL"), ("r7", "aqua"), ("r8", "NL")}
    assert said(1) == both | {("r5", "*"), ("r6", "FR"), ("r7", "acme"), ("r8", "FR")}
    rows = {(names[rule], subject): by for rule, subject, by in rules["rows"]}
    assert rows["r7", "aqua"] == [[None] * 3, [7, 7.7, 0.7]]
    assert [[names[rule] for rule in own] for own in rules["barred"]] == [[], ["r4"]]


def test_a_limit_binds_where_nothing_is_left(run: Path) -> None:
    # Port is full in 2026. In 2028 as many sites are open as are asked for, and half of lille's
    # batch is served in each country, which is all that may be.
    assert limits(read_finished(run)) == [[GRID, RULE], [0, RULE]]
    margins = read_finished(run).tables["compliance"].margin + 1
    free = changed(run, "compliance", "margin", list(margins))
    assert limits(free) == [[GRID, 0], [0, 0]]
    free.tables["capacity"] = free.tables["capacity"].assign(installed_it_mw=[6, 10, 0, 8])
    free.tables["grid_use"] = free.tables["grid_use"].assign(headroom_mw=[1, 0, 0, 0])
    assert limits(free) == [[0, GRID | HALL], [0, GRID | HALL]]


def test_a_plan_with_slices_tells_of_power(tmp_path: Path) -> None:
    run = write_bridge_run(tmp_path / "run").folder
    finished = read_finished(run)
    content = map_content(finished, {"currency": "EUR", "status": "optimal", "gap": 0.0})
    sites = content["sites"]
    sources = [key for key, _, _ in sites["sources"]]
    for number, site in enumerate(sites["key"]):
        for stage, year in enumerate(content["years"]):
            own = finished.of("power_sources", site, year)
            assert [sites[key][number][stage] for key in sources] == [
                pytest.approx(own[key].sum(), abs=0.5) for key in sources
            ]
            stands = finished.of("standing", site, year)
            assert [row[0] for row in sites["standing"][number][stage]] == list(stands.technology)
    # A node that is full in some hour limits its sites.
    full = finished.tables["node_hours"].set_index(["node", "year"]).binding_hours > 0
    node = finished.tables["sites"].node
    for number, bits in enumerate(sites["binding"]):
        for stage, year in enumerate(content["years"]):
            in_use = sites["installed_it_mw"][number][stage] > 0
            assert bool(bits[stage] & GRID) == (in_use and full[node[number], year])


def test_a_plan_that_builds_nothing_has_a_map(tmp_path: Path) -> None:
    run = write_idle_run(tmp_path / "run")
    content = map_content(read_finished(run), read_record(run))
    assert content["flows"] == {"ways": [], "stages": [[], []], "drawn": [[0, 0, 0, 0]] * 2}
    assert content["sites"]["binding"] == [[0, 0], [0, 0]]
    assert content["sites"]["serves"] == [[0, 0], [0, 0]]
    assert content["stages"]["cost"] == [0, 0]


def test_sources_that_are_no_assumptions_are_named_once(run: Path) -> None:
    columns = "table,column,kind,source,licence,year,note"
    rows = [
        "sites,latitude,measured,GeoNames,CC BY 4.0,2025,",
        "regions,latitude,measured,GeoNames,CC BY 4.0,2025,",
        "nodes,latitude,derived,Ember,,,",
        "grid,firm_mw,assumed,Sitewatt,Apache-2.0,2026,",
    ]
    text = "\n".join([columns, *rows, ""])
    (run / "instance" / "sources.csv").write_text(text, encoding="utf-8")
    assert map_content(read_finished(run), read_record(run))["sources"] == {
        "named": [["GeoNames", "CC BY 4.0"], ["Ember", ""]],
        "assumed": 1,
        "all": 4,
    }


def test_a_site_without_coordinates_is_kept(run: Path) -> None:
    finished = read_finished(run)
    finished.tables["sites"] = finished.tables["sites"].assign(latitude=[float("nan"), 0.0])
    content = map_content(finished, read_record(run))
    assert content["sites"]["latitude"] == [None, 0]
    assert {site for _, site, _ in content["flows"]["ways"]} == {1}


def test_the_same_run_gives_the_same_page(run: Path, tmp_path: Path) -> None:
    write_map(run, tmp_path / "one.html")
    write_map(run, tmp_path / "two.html")
    one = (tmp_path / "one.html").read_bytes()
    assert one == (tmp_path / "two.html").read_bytes()
    assert len(one) < 500_000


def test_a_page_that_is_there_stays_unless_it_may_be_replaced(run: Path, tmp_path: Path) -> None:
    page = tmp_path / "map.html"
    page.write_text("mine")
    with pytest.raises(AlreadyThere):
        write_map(run, page)
    assert page.read_text() == "mine"
    write_map(run, page, overwrite=True)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_run_that_is_not_whole_is_told(run: Path, tmp_path: Path) -> None:
    (run / "tables" / "serving.csv").unlink()
    with pytest.raises(SitewattError, match="has no table serving"):
        write_map(run, tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()


def test_the_policy_names_every_script_and_style_and_nothing_else(tmp_path: Path) -> None:
    write_map(write_hostile_run(tmp_path / "run"), tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules.pop("default-src") == "'none'"
    for element in ("script", "style"):
        bodies = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert rules.pop(f"{element}-src").split() == [hash_source(body) for body in bodies]
    assert rules == {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}
    # No name of the instance begins an element, and no address is loaded.
    assert not re.search(r"<(img|iframe|object|link rel=\"?style|script src)", text)
    assert "unsafe" not in policy[1]


@given(st.text())
def test_no_text_ends_its_element(text: str) -> None:
    said = as_json({"text": text})
    assert not set(said) & set("<>&\u2028\u2029")
    assert json.loads(said) == {"text": text}


def test_numbers_are_short() -> None:
    assert json.dumps(short([1.0, 2.345678, float("nan"), -0.001, 1e9], 2)) == (
        "[1, 2.35, null, 0, 1000000000]"
    )


def test_what_a_table_leaves_out_is_zero() -> None:
    table = pd.DataFrame({"site": ["b", "a"], "year": [2028, 2026], "mw": [1.5, 2.0]})
    assert by_stage(table, "site", ["a", "b"], [2026, 2028], mw=1) == {"mw": [[2, 0], [0, 1.5]]}
