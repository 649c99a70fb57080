"""The network of Ireland: what it is made of, and that the script makes it again."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.scripts.test_build_europe import DATA, ROOT, needs_data

SCRIPT = ROOT / "scripts" / "build_entsoe_network.py"
SHIPPED = ROOT / "networks" / "ireland"

BUSES = """\
bus_id,station_id,voltage,dc,symbol,under_construction,tags,x,y
1,10,220,f,Substation,f,'"country"=>"IE"',-6.0,53.0
2,11,220,f,Substation,f,'"country"=>"IE"',-7.0,53.0
3,11,380,f,Substation,f,'"country"=>"IE"',-7.0,53.0
4,12,220,,joint,,,-6.5,53.0
5,13,220,f,Substation,f,'"country"=>"IE"',-9.0,52.0
6,14,110,f,Substation,f,'"country"=>"IE"',-6.1,53.0
7,15,380,f,Substation,f,'"country"=>"UK"',-3.0,53.0
"""
LINES = """\
line_id,bus0,bus1,voltage,circuits,length,underground,under_construction,tags,geometry
100,1,4,220,2,30000,False,False,,
101,4,2,220,1,40,False,False,,
102,1,6,110,1,5000,False,False,,
103,3,7,380,1,90000,False,False,,
104,1,5,220,1,90000,False,True,,
"""
GENERATORS = """\
generator_id,bus_id,technology,capacity,tags,geometry
50,1,Wind farm,300,,
51,3,Fossil gas,100,,
52,2,Fossil gas,-1,,
53,7,Nuclear,900,,
"""


def build(out: Path, *options: object) -> None:
    command = [sys.executable, SCRIPT, out, *options]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("extract")
    for name, text in {"buses": BUSES, "lines": LINES, "generators": GENERATORS}.items():
        (data / f"entsoegridkit_{name}.csv").write_text(text, encoding="utf-8")
    build(data / "out", "--data", data, "--load-mw", 200)
    return data / "out"


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", index_col=0)


def test_what_stands_in_the_box_and_hangs_together(small: Path) -> None:
    # 5 is behind a line that is being built, 6 below 220 kV, 7 across the sea.
    assert read(small, "buses").index.tolist() == [1, 2, 3, 4]
    assert read(small, "lines").index.tolist() == [100, 101]


def test_ratings_by_circuit_and_type(small: Path) -> None:
    lines = read(small, "lines")
    # √3 × 220 kV × 1.29 kA, for each circuit.
    assert lines.s_nom.tolist() == [983.1, 491.6]
    assert lines.length.tolist() == [30, 0.1]


def test_a_transformer_where_a_station_has_two_voltages(small: Path) -> None:
    assert read(small, "transformers")[["bus0", "bus1"]].to_numpy().tolist() == [[2, 3]]


def test_load_at_stations_and_generators_that_meet_it(small: Path) -> None:
    loads = read(small, "loads").p_set
    assert loads.to_dict() == {1: 100, 2: 100}
    assert read(small, "generators").p_set.to_dict() == {50: 150, 51: 50}


def test_the_shipped_network_is_what_pypsa_takes() -> None:
    pypsa = pytest.importorskip("pypsa")
    with pypsa.option_context("general.allow_network_requests", False):
        network = pypsa.Network(str(SHIPPED))
    network.consistency_check(strict=["all"])
    network.lpf()
    assert len(network.sub_networks) == 1
    assert network.generators.p_set.sum() == pytest.approx(network.loads.p_set.sum(), abs=1e-3)
    # Without any plan it carries its own load.
    assert (network.lines_t.p0.loc["now"].abs() < network.lines.s_nom).all()
    assert "neither approved" in (SHIPPED / "SOURCES.md").read_text(encoding="utf-8")


@needs_data
def test_the_shipped_network_is_made_again(tmp_path: Path) -> None:
    build(tmp_path / "ireland", "--data", DATA / "grid")
    for file in SHIPPED.iterdir():
        assert (tmp_path / "ireland" / file.name).read_bytes() == file.read_bytes()
