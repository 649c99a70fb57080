"""Overloads of a network, worked out by hand and compared with lines taken out one by one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pypsa")

import pypsa

from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.gridcheck import check_grid, node_draws, place_nodes
from optimizer.gridflow import network_flows
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.hourly_run import write_hourly_run

pypsa.options.set_option("general.allow_network_requests", False)
pypsa.options.set_option("api.legacy_string_dtype", False)


def network_of(
    lines: list[tuple[str, str, float, float]], generators: dict[str, float]
) -> pypsa.Network:
    """Network of lines: ends, reactance, MW."""
    network = pypsa.Network()
    network.add("Carrier", ["AC", "power"])
    buses = sorted({bus for line in lines for bus in line[:2]})
    network.add("Bus", buses, carrier="AC", v_nom=220)
    start, end, reactance, limit_mw = map(list, zip(*lines, strict=True))
    names = [f"l{number}" for number in range(len(lines))]
    network.add("Line", names, bus0=start, bus1=end, x=reactance, r=0.01, s_nom=limit_mw)
    at = [f"at {bus}" for bus in generators]
    network.add("Generator", at, bus=[*generators], carrier="power", p_nom=[*generators.values()])
    return network


def written(network: pypsa.Network, folder: Path) -> Path:
    network.export_to_csv_folder(str(folder))
    return folder


def triangle(limit_mw: float) -> pypsa.Network:
    """Generators at `plant`; two ways from there to `port`, of which one is twice as long."""
    lines = [("plant", "port", 1.0, limit_mw), ("plant", "plain", 1.0, limit_mw)]
    lines += [("plain", "port", 1.0, limit_mw)]
    return network_of(lines, {"plant": 50})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that draws 6 MW at `port`, then 8.4 there and 3.4 at `plain`."""
    return write_run(tmp_path_factory.mktemp("by-hand") / "run")


def test_a_plan_that_fits_is_told_so(run: Path, tmp_path: Path) -> None:
    found = check_grid(run, written(triangle(100.0), tmp_path / "grid"))
    assert found.overloads.empty
    assert "The plan overloads no line or transformer, whichever one fails." in list(found.lines())


def test_overloads_by_hand(run: Path, tmp_path: Path) -> None:
    # Two thirds of what port draws and a third of plain's come over l0: 4 MW, then 6.73. Without
    # l1, it carries all: 6 and 11.8. Without l0, l1 does; l2 then carries what port draws.
    found = check_grid(run, written(triangle(7.0), tmp_path / "grid"))
    assert found.overloads[["year", "branch", "outage", "flow_mw"]].to_numpy().tolist() == [
        [2028, "line l1", "line l0", pytest.approx(11.8)],
        [2028, "line l2", "line l0", pytest.approx(8.4)],
        [2028, "line l0", "line l1", pytest.approx(11.8)],
        [2028, "line l0", "line l2", pytest.approx(8.4)],
    ]
    assert found.overloads.loading.tolist() == pytest.approx([11.8 / 7, 1.2, 11.8 / 7, 1.2])
    # One limit keeps from all of them: 7 MW for both nodes.
    assert found.corridors.to_numpy().tolist() == [
        ["line l1 without line l0", 2028, pytest.approx(7.0)]
    ]
    factors = found.corridor_nodes.set_index("node").factor.to_dict()
    assert factors == pytest.approx({"port": 1.0, "plain": 1.0})


def test_where_nodes_export_every_limit_counts(tmp_path: Path) -> None:
    # A site that gives may make room on one line and none on another.
    hourly = write_hourly_run(tmp_path / "run")
    found = check_grid(hourly, written(triangle(4.5), tmp_path / "grid"))
    assert len(found.corridors) == found.overloads.groupby(["branch", "outage"]).ngroups > 1


def test_the_whole_network_may_be_too_small(run: Path, tmp_path: Path) -> None:
    found = check_grid(run, written(triangle(5.5), tmp_path / "grid"))
    whole = found.overloads[found.overloads.outage == ""]
    assert whole[["year", "branch"]].to_numpy().tolist() == [[2028, "line l0"]]
    assert whole.flow_mw.tolist() == pytest.approx([2 / 3 * 8.4 + 3.4 / 3])


def test_the_network_s_own_load_leaves_less_room(run: Path, tmp_path: Path) -> None:
    network = triangle(9.0)
    network.add("Load", "town", bus="port", p_set=3.0)
    network.add("Generator", "old", bus="plant", carrier="power", p_set=3.0)
    found = check_grid(run, written(network, tmp_path / "grid"))
    # 11.8 of the plan and 3 of the town over l0, once l1 fails.
    row = found.overloads.set_index(["branch", "outage"]).loc[("line l0", "line l1")]
    assert (row.flow_mw, row.without_plan_mw) == pytest.approx((14.8, 3.0))
    assert found.corridors.max_mw.tolist() == pytest.approx([9 - 3])


def test_no_corridor_helps_a_network_that_is_overloaded_without_the_plan(
    run: Path, tmp_path: Path
) -> None:
    network = triangle(2.0)
    network.add("Load", "town", bus="port", p_set=3.0)
    found = check_grid(run, written(network, tmp_path / "grid"))
    # Over l0 come 3 MW of the town's without l1 and l2, and 2 of them else.
    before = found.overloaded_before.set_index("branch")
    assert before.loc["line l0", ["outage", "flow_mw", "without_plan_mw"]].tolist() == [
        *("line l1", pytest.approx(14.8), pytest.approx(3.0))
    ]
    assert (found.corridors.max_mw >= 0).all()
    assert any("no corridor helps" in line for line in found.lines())


def test_a_branch_that_is_the_only_way_is_told_and_not_failed(run: Path, tmp_path: Path) -> None:
    lines = [("plant", "port", 1.0, 100.0), ("port", "plain", 1.0, 1.0)]
    found = check_grid(run, written(network_of(lines, {"plant": 50}), tmp_path / "grid"))
    assert found.cut_off.to_numpy().tolist() == [
        ["line l0", "port"],
        ["line l0", "plain"],
        ["line l1", "plain"],
    ]
    assert found.overloads.outage.tolist() == [""]


def test_slices_count_with_contracts_and_exports(tmp_path: Path) -> None:
    draws = node_draws(write_hourly_run(tmp_path / "run")).loc["port"]
    assert draws[2026].to_dict() == {"a-night": 6, "a-noon": 0.19, "b-night": 5, "b-noon": -1}


def test_nodes_stand_at_the_bus_of_their_name_else_at_the_nearest() -> None:
    nodes = pd.DataFrame(
        [("a", 0.0, 0.0), ("b", 10.0, 1.0), ("c", 10.0, 9.0), ("d", np.nan, np.nan)],
        columns=["node", "longitude", "latitude"],
    )
    buses = pd.DataFrame({"x": [5.0, 10.0], "y": [5.0, 0.0]}, index=["a", "east"])
    placed = place_nodes(nodes, buses, within_km=200)
    assert placed.bus.tolist() == ["a", "east", "", ""]
    assert placed.found_by.tolist() == ["name", "nearest", "nearest", "nearest"]
    # A degree of latitude at the equator is 110.57 km.
    assert placed.distance_km[1] == pytest.approx(110.57, abs=0.01)


@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_factors_are_what_happens_when_a_line_is_taken_out(data: st.DataObject) -> None:
    buses = [f"b{number}" for number in range(data.draw(st.integers(3, 6), "buses"))]
    number = st.floats(0.2, 3.0)
    # A ring, so that no outage takes the grid from anybody, and some lines across it.
    pairs = list(zip(buses, [*buses[1:], buses[0]], strict=True))
    pairs += data.draw(st.lists(st.sampled_from([(a, b) for a in buses for b in buses if a < b])))
    lines = [(*pair, data.draw(number), 1.0) for pair in pairs]
    generators = {bus: data.draw(number) for bus in buses[:2]}
    draws = pd.Series({bus: data.draw(st.floats(0, 10)) for bus in buses[1:]})

    network = network_of(lines, generators)
    network.lpf()
    (flows,) = network_flows(network, "now", pd.Series(draws.index, draws.index))
    cases = {outage: base_mw + factor @ draws for outage, base_mw, factor in flows.cases()}
    assert len(cases) == 1 + len(lines)

    outage = data.draw(st.sampled_from(list(cases)), "outage")
    peer = network_of(lines, generators)
    peer.add("Load", draws.index, bus=draws.index, p_set=draws)
    total = sum(generators.values())
    peer.generators["p_set"] = [draws.sum() * mw / total for mw in generators.values()]
    if outage:
        peer.remove("Line", outage.removeprefix("line "))
    peer.lpf()
    carried = dict(zip(flows.branches, cases[outage], strict=True))
    for line, flow_mw in peer.lines_t.p0.loc["now"].items():
        assert carried[f"line {line}"] == pytest.approx(flow_mw, abs=1e-7)


def test_the_command_writes_tables_that_an_instance_reads(run: Path, tmp_path: Path) -> None:
    grid, out = written(triangle(7.0), tmp_path / "grid"), tmp_path / "out"
    result = CliRunner().invoke(main, ["gridcheck", str(run), str(grid), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "line l0 without line l1: 169%, 0% without the plan" in result.output
    corridors = pd.read_csv(out / "corridors.csv")
    assert corridors.columns.tolist() == ["corridor", "year", "max_mw"]
    nodes = pd.read_csv(out / "corridor_nodes.csv")
    assert set(nodes.corridor) == set(corridors.corridor)


def test_what_is_no_network_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(SitewattError, match="no network"):
        check_grid(run, tmp_path)
    with pytest.raises(SitewattError, match="has no snapshot midnight"):
        check_grid(run, written(triangle(100.0), tmp_path / "grid"), snapshot="midnight")


def test_a_plan_elsewhere_is_refused(run: Path, tmp_path: Path) -> None:
    network = network_of([("x", "y", 1.0, 1.0), ("x", "y", 1.0, 1.0)], {"x": 1})
    network.buses["y"] = 60.0
    with pytest.raises(SitewattError, match="within 50 km"):
        check_grid(run, written(network, tmp_path / "grid"))
