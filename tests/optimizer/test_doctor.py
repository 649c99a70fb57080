"""What is legal but odd is found, and a sound instance has no finding but that it is made up."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.doctor import CHECKS, Finding, examine, in_words
from optimizer.instance import read_instance
from optimizer.power_doctor import POWER_CHECKS
from optimizer.routes import find_routes
from tests.optimizer.folder_of_files import SOUND, Files, write_files


def findings(folder: Path, files: Files) -> list[Finding]:
    """What the doctor says, but for assumptions: everything in two_sites is assumed."""
    instance = read_instance(write_files(folder, files))
    found = examine(instance, find_routes(instance))
    return [finding for finding in found if finding.check != "assumptions"]


def with_rows(name: str, *rows: str) -> Files:
    """Sound files with rows added to one of them."""
    return {**SOUND, name: SOUND[name] + "".join(f"{row}\n" for row in rows)}


def with_edits(*edits: tuple[str, str, str]) -> Files:
    """Sound files with texts replaced: file, old, new."""
    files = dict(SOUND)
    for name, old, new in edits:
        assert files[name].count(old), f"{name} has no {old!r}"
        files[name] = files[name].replace(old, new)
    return files


# Name of the case: the check that finds it, files, and what its finding says.
CASES: dict[str, tuple[str, Files, str]] = {
    "node without sites": (
        "nodes_without_sites",
        with_rows("nodes.csv", "bergen,Bergen substation,60.4,5.3,NO,40,20"),
        "nodes: no site draws from: bergen",
    ),
    "upgrade at a node without sites": (
        "upgrades_at_unused_nodes",
        with_edits(
            ("nodes.csv", "oslo,Oslo", "bergen,Bergen substation,60.4,5.3,NO,40,20\noslo,Oslo"),
            ("upgrades.csv", "frankfurt,second", "bergen,line,5,1,1\nfrankfurt,second"),
        ),
        "upgrades: no site draws from the node of: bergen/line",
    ),
    "group nobody names": (
        "groups_nobody_names",
        with_rows("groups.csv", "EEA,NO"),
        "groups: no rule names the group: EEA",
    ),
    "workload without demand": (
        "workloads_without_demand",
        with_rows("workloads.csv", "video,50,0,1"),
        "workloads: nobody asks for: video",
    ),
    "region without demand": (
        "regions_without_demand",
        with_rows("regions.csv", "tromso,Tromsø,69.6,18.9,NO,Europe/Oslo"),
        "regions: there is no demand in: tromso",
    ),
    "rule without users": (
        "rules_without_users",
        with_edits(("rules.csv", "chat,DE", "batch,NO")),
        "rules: no demand is governed by: chat_stays_in_eu",
    ),
    "node without power": (
        "dead_end_nodes",
        with_edits(("grid.csv", "oslo,2026,50", "oslo,2026,0")),
        "grid: 0 MW in every stage at: oslo",
    ),
    "node with power after the horizon": (
        "dead_end_nodes",
        with_edits(("grid.csv", "oslo,2026,50", "oslo,2028,50")),
        "grid: 0 MW in every stage at: oslo",
    ),
    "site nobody reaches": (
        "sites_nobody_reaches",
        with_edits(
            ("sites.csv", "oslo,Oslo", "far,Far,59.9,10.7,NO,fjord,NO,oslo,20,1,1,1\noslo,Oslo")
        ),
        "sites: no demand may be served from: far",
    ),
    "capacity without power": (
        "capacity_without_power",
        with_edits(
            ("sites.csv", "max_it_mw,", "max_it_mw,existing_it_mw,"),
            ("sites.csv", ",20,10000000,10000000", ",20,9,10000000,10000000"),
            ("sites.csv", ",20,10000000,8000000", ",20,,10000000,8000000"),
        ),
        # 9 × 1.3 = 11.7 MW of 6.5 + 3.9 = 10.4 MW.
        "sites: existing_it_mw can never run all at once at the node: frankfurt",
    ),
    "more demand than there are sites for": (
        "demand_above_capacity",
        with_edits(("demand.csv", "batch,2026,2", "batch,2026,30")),
        # Frankfurt's 6.5 MW at a PUE of 1.3, and Oslo's hall.
        "demand: 35 IT MW are asked for in 2026, and all sites together can serve 25 at most",
    ),
    "kW for MW": (
        "looks_like_kw",
        with_edits(("grid.csv", "oslo,2026,50", "oslo,2026,50000")),
        "grid: firm_mw is above 5,000 MW, is that in kW? At: oslo",
    ),
    "price per kWh": (
        "looks_like_per_kwh",
        with_edits(("nodes.csv", "DE,90,", "DE,0.09,"), ("nodes.csv", "NO,40,", "NO,0.04,")),
        "nodes: energy_price_per_mwh is at most 0.09 currency/MWh, is that per kWh?",
    ),
    "hardware per kW": (
        "looks_like_per_kw",
        with_edits(("sites.csv", ",10000000,1.3", ",10000,1.3"), ("sites.csv", "8000000", "8000")),
        "sites: it_cost_per_mw is at most 10,000, is that per kW?",
    ),
    "nine decades": (
        "magnitudes_far_apart",
        with_edits(("demand.csv", "batch,2026,2", "batch,2026,0.000000004")),
        "demand: it_mw goes from 4e-09 to 6, in one unit?",
    ),
    "latitude for longitude": (
        "coordinates_swapped",
        with_edits(("regions.csv", "60.39,5.32", "5.32,60.39")),
        "regions: latitude and longitude look swapped at: bergen",
    ),
    "site far from its node": (
        "sites_far_from_their_node",
        with_edits(("sites.csv", "59.91,10.75", "63.43,10.39")),
        "sites: over 300 km from its node lies: oslo",
    ),
    "site in another country than its node": (
        "countries_unlike_their_node",
        with_edits(("nodes.csv", "10.70,NO", "10.70,SE")),
        "sites: in another country than its node lies: oslo",
    ),
    "stale source": (
        "stale_sources",
        with_edits(("sources.csv", "demand,*", "demand,it_mw,measured,x,x,2020,\ndemand,*")),
        "sources: more than 5 years older than base_year 2026 is the source of: demand.it_mw",
    ),
    "column without a source": (
        "columns_without_source",
        with_edits(("sources.csv", "grid,*", "grid,year")),
        "sources: nothing is said of: grid.firm_mw, policies.value",
    ),
    "no sources": (
        "columns_without_source",
        {name: text for name, text in SOUND.items() if name != "sources.csv"},
        "sources: nothing is said of where figures come from",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_oddity_is_found(tmp_path: Path, name: str) -> None:
    check, files, said = CASES[name]
    found = [str(finding) for finding in findings(tmp_path, files) if finding.check == check]
    assert found == [said]


def test_every_check_has_a_case() -> None:
    tested = {check for check, _files, _said in CASES.values()}
    elsewhere = {check.__name__ for check in POWER_CHECKS} | {"assumptions"}
    assert {check.__name__ for check in CHECKS} == tested | elsewhere


def test_sound_instance_has_nothing_odd(tmp_path: Path) -> None:
    files = {name: text for name, text in SOUND.items() if name != "policies.csv"}
    assert findings(tmp_path, files) == []


def test_power_that_comes_with_an_upgrade_counts(tmp_path: Path) -> None:
    late = with_edits(("grid.csv", "frankfurt,2026,6.5", "frankfurt,2026,0"))
    assert "dead_end_nodes" not in {finding.check for finding in findings(tmp_path / "a", late)}
    too_late = {**late, "upgrades.csv": late["upgrades.csv"].replace("2000000,1", "2000000,2")}
    assert "dead_end_nodes" in {finding.check for finding in findings(tmp_path / "b", too_late)}


def test_own_supply_powers_a_node_that_the_grid_does_not(tmp_path: Path) -> None:
    """The quay gets its grid in the last stage, and has a turbine before."""
    bridge = Path(__file__).parents[2] / "instances" / "bridge"
    files = {path.name: path.read_text() for path in bridge.iterdir() if path.suffix != ".md"}
    files["grid.csv"] = files["grid.csv"].replace("quay,2028,12", "quay,2028,0")
    assert findings(tmp_path / "turbine", files) == []
    files["flexible_grid.csv"] = "node,year,flexible_mw,curtailed_hours_per_year,event_hours\n"
    files["site_technologies.csv"] = "site,technology,max_mw\nquay,battery,20\n"
    found = [str(finding) for finding in findings(tmp_path / "battery", files)]
    assert "grid: 0 MW in every stage at: quay" in found


def test_assumptions_are_listed_by_name_and_long_lists_are_cut(tmp_path: Path) -> None:
    instance = read_instance(write_files(tmp_path, SOUND))
    (finding,) = [
        finding
        for finding in examine(instance, find_routes(instance))
        if finding.check == "assumptions"
    ]
    assert finding.names[:2] == ["sites.*", "nodes.*"]
    assert in_words(list("abcdefghij")) == ": a, b, c, d, e, f, g, h and 2 more (all with --json)"


def test_validate_warns_and_ends_with_0(tmp_path: Path) -> None:
    check, files, said = CASES["kW for MW"]
    folder = write_files(tmp_path, files)
    plain = CliRunner().invoke(main, ["validate", str(folder)])
    assert plain.exit_code == 0
    assert f"warning: {said}\n" in plain.stderr
    assert "warning" not in plain.stdout
    told = json.loads(CliRunner().invoke(main, ["validate", str(folder), "--json"]).stdout)
    (warning,) = [found for found in told["warnings"] if found["check"] == check]
    assert warning["names"] == ["oslo"]
