"""Europe: the builder reproduces the shipped tables, and they hold together without any data.

The folder of public data is named by SITEWATT_DATA, by default ../shared/data.
"""

import math
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
DATA = Path(os.environ.get("SITEWATT_DATA", ROOT.parent / "shared" / "data"))
sys.path.insert(0, str(SCRIPTS))

from building.assumed import Assumed  # noqa: E402
from building.places import km, slug  # noqa: E402
from building.writing import as_text  # noqa: E402
from europe import assumptions  # noqa: E402
from europe.assumptions import (  # noqa: E402
    AI_INFERENCE_SHARE,
    DEMAND_PUE,
    LEAD_YEARS,
    STAGES,
    UPGRADES,
    WORKLOAD_SHARE,
    WORKLOADS,
)
from europe.curated import group, places, table  # noqa: E402
from europe.demand import datacentre_twh, peak_it_mw  # noqa: E402
from europe.facts import read_facts  # noqa: E402
from europe.grid import connected, first_year, national_lead  # noqa: E402

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no public data in {DATA}; set SITEWATT_DATA"
)


@needs_data
def test_builder_reproduces_every_shipped_table_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPTS / "build_europe.py", "--data", DATA, "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {
        path.name: path.read_bytes()
        for path in (ROOT / "instances" / "europe").iterdir()
        if path.name != "README.md"
    }
    assert built.keys() == shipped.keys()
    assert [name for name in built if built[name] != shipped[name]] == []


@needs_data
def test_facts_are_those_of_the_files() -> None:
    facts = read_facts(DATA)
    assert facts.wholesale_eur_per_mwh["SE"] == pytest.approx(43.27, abs=0.01)
    assert "IS" not in facts.wholesale_eur_per_mwh
    assert facts.carbon_g_per_kwh["DE"] == pytest.approx(380.95)
    assert facts.azure_rtt_ms["West Europe", "France Central"] == 15
    assert facts.gdp_per_head["NL"] > facts.gdp_per_head["PL"]
    amsterdam, kajaani = (p for p in places() if p.place in ("amsterdam", "kajaani"))
    assert facts.substations_near(amsterdam.latitude, amsterdam.longitude) > (
        facts.substations_near(kajaani.latitude, kajaani.longitude)
    )


@needs_data
def test_a_place_stands_where_geonames_has_its_city() -> None:
    cities = read_facts(DATA).cities.astype({"geonameid": int}).set_index("geonameid")
    known = [place for place in places() if place.geonameid in cities.index]
    assert len(known) > 40
    for place in known:
        city = cities.loc[place.geonameid]
        assert (place.latitude, place.longitude) == (city.latitude, city.longitude)
        assert place.country == city.country


def test_assumptions_lie_in_their_ranges_and_say_why() -> None:
    def all_assumed(value: object) -> list[Assumed]:
        if isinstance(value, Assumed):
            return [value]
        if isinstance(value, dict):
            return [found for part in value.values() for found in all_assumed(part)]
        if isinstance(value, tuple):
            return [found for part in value for found in all_assumed(part)]
        return []

    figures = [found for value in vars(assumptions).values() for found in all_assumed(value)]
    assert len(figures) > 50
    for figure in figures:
        assert figure.low <= figure.value <= figure.high, figure
        assert figure.low < figure.high, figure
        assert figure.why, figure


def test_workload_shares_of_a_stage_add_up_to_one() -> None:
    for stage in range(len(STAGES)):
        assert sum(shares[stage] for shares in WORKLOAD_SHARE.values()) == pytest.approx(1)


def test_electricity_grows_at_one_rate_between_the_years_of_the_source() -> None:
    assert datacentre_twh(2024) == 96
    assert datacentre_twh(2030) == pytest.approx(168)
    assert datacentre_twh(2027) == pytest.approx(math.sqrt(96 * 168))


def test_peaks_add_up_to_the_electricity_they_come_from() -> None:
    energy_twh = sum(
        peak_it_mw(name, 4, 2030) * workload.load_factor * 8760 / 1e6
        for name, workload in WORKLOADS.items()
    )
    assert energy_twh * DEMAND_PUE.value == pytest.approx(168 * AI_INFERENCE_SHARE[2030].value)


def test_connections_come_when_the_place_lets_them() -> None:
    year = {place.place: first_year(place) for place in places()}
    assert year["dublin"] == 2028
    assert year["amsterdam"] > STAGES[-1]
    assert year["frankfurt"] > year["magdeburg"] > year["marseille"]
    assert national_lead("DE") == LEAD_YEARS["DE"].value
    assert national_lead("PT") == 2
    assert {more_years for _, _, more_years in UPGRADES.values()} == {0, 2}


def test_of_announced_megawatts_the_built_count_whole_and_the_rest_in_part() -> None:
    announced = pd.DataFrame(
        {
            "place": ["here", "here", "there"],
            "year": [2026, 2028, 2026],
            "mw": [10.0, 110.0, 50.0],
            "status": ["built", "announced", "announced"],
        }
    )
    assert connected(announced, "here", 2025) == 0
    assert connected(announced, "here", 2027) == 10
    assert connected(announced, "here", 2028) == pytest.approx(10 + 0.6 * 100)
    assert connected(announced, "there", 2026) == pytest.approx(0.6 * 50)


def test_curated_tables_name_the_same_places_and_operators() -> None:
    presence = table("presence")
    assert set(presence.place) == {place.place for place in places()}
    assert set(presence.operator) == set(table("operators").operator)
    assert set(table("connections").place) <= set(presence.place)
    assert not presence.duplicated(["place", "operator"]).any()
    assert (presence.source != "").all()


def test_groups_have_the_members_that_the_treaties_give_them() -> None:
    assert len(group("EU")) == 27
    assert group("EEA") - group("EU") == {"IS", "LI", "NO"}
    assert group("EU_since_2004") < group("EU")
    assert len(group("EU_since_2004")) == 13
    assert group("adequate").isdisjoint(group("EEA") | {"CA", "US", "RS"})


def test_distances_are_geodesics() -> None:
    assert km(0.0, 0.0, [0.0], [1.0])[0] == pytest.approx(111.32, abs=0.01)


def test_slugs_keep_letters_only() -> None:
    assert slug("AI factory BRAIN++") == "ai-factory-brain"
    assert slug("Köln") == "koln"
    assert slug("Łódź / Æbeltoft") == "lodz-aebeltoft"


def test_cells_are_plain_text() -> None:
    assert [as_text(cell) for cell in (None, float("nan"), 3, "NO", 39350000.0)] == [
        "", "", "3", "NO", "39350000",
    ]  # fmt: skip
    assert as_text(1 / 3) == "0.333333"
    assert as_text(0.00001234567) == "0.0000123457"
