"""A peer agrees: PyPSA, told the same in its own terms, comes to the same least cost."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("pypsa")

import pypsa

from optimizer.export import export_run
from optimizer.gridcheck import check_grid
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from tests import pypsa_peers as peers
from tests.random_hours import hourly_instance


def solved(folder: Path) -> Plan:
    """Solve an instance to the end and have the plan audited."""
    instance = read_instance(folder)
    plan = solve_instance(instance, Options(gap=0), Control(), Clock(lambda *_, **__: None))
    assert write_run(plan, instance, folder.with_name("run"), None).passed
    return plan


def same_cost_again(folder: Path) -> None:
    """PyPSA finds the operating cost of a solved plan again, from its exported networks."""
    out = folder.with_name("networks")
    export_run(folder.with_name("run"), "pypsa", out)
    for stage in out.iterdir():
        network = pypsa.Network(str(stage))
        stated = network.meta["operating_cost"]
        assert peers.least_cost(network) == pytest.approx(stated, rel=1e-6, abs=1e-2)


def ordered(plan: Plan, column: str) -> pd.Series:
    """What is ordered of each technology at all sites."""
    return plan.tables["supply"].groupby("technology")[column].sum()


def test_one_site_sizes_supply_and_storage_as_pypsa_does(tmp_path: Path) -> None:
    plan = solved(peers.one_site(tmp_path / "instance"))
    network = peers.one_site_network()
    least = peers.least_cost(network) + peers.OLD_TURBINE_EUR
    assert plan.record["objective"] == pytest.approx(least, rel=1e-6)
    # What is built is no tie: the sun, the engine and the battery are neither nothing nor all.
    built = network.generators.p_nom_opt
    assert 0 < built["sun"] < 9
    assert 0 < built["engine"] < 10
    assert 0 < network.stores.e_nom_opt["cells"] < 60
    assert ordered(plan, "mw")[["sun", "engine"]].tolist() == pytest.approx(
        built[["sun", "engine"]].tolist(), abs=1e-4
    )
    assert ordered(plan, "mwh")["cells"] == pytest.approx(
        network.stores.e_nom_opt["cells"], abs=1e-4
    )
    peak = plan.tables["connections"].peak_mw.max()
    assert peak == pytest.approx(network.links.p_nom_opt["connection"], abs=1e-4)
    same_cost_again(tmp_path / "instance")


def test_three_nodes_share_a_corridor_as_they_share_a_line_in_pypsa(tmp_path: Path) -> None:
    plan = solved(peers.three_nodes(tmp_path / "instance"))
    network = peers.three_nodes_network()
    least = peers.least_cost(network) - peers.STANDING_IT_EUR
    assert plan.record["objective"] == pytest.approx(least, rel=1e-6)
    # The corridor binds, and users of one region are shared between two nodes.
    line = network.links_t.p0[["to west", "to east"]].sum(axis=1)
    assert line.max() == pytest.approx(peers.CORRIDOR_MW)
    shares = network.links.p_nom_opt[["ber from west", "ber from east"]]
    assert shares.min() > 0.1
    same_cost_again(tmp_path / "instance")


def test_dispatch_of_a_random_plan_cannot_be_bettered(tmp_path: Path) -> None:
    # Everything that dispatch is bound by, but readiness and policies, which PyPSA is not told.
    bound = ["storage", "ppa", "gas", "solar", "export", "tariffs", "corridors", "temperature"]
    priced = ["carbon_price", "grid_carbon", "dated_costs", "moving", "campaigns"]
    solved(hourly_instance(tmp_path / "instance", 25, [*bound, *priced]))
    same_cost_again(tmp_path / "instance")


def test_corridors_of_a_network_keep_the_next_plan_from_overloads(tmp_path: Path) -> None:
    folder = peers.three_nodes(tmp_path / "first" / "instance")
    before = solved(folder)
    network = pypsa.Network()
    network.add("Carrier", "AC")
    network.add("Bus", [*peers.NODES], carrier="AC", v_nom=220)
    ends = {"bus0": ["north", "north", "west"], "bus1": ["west", "east", "east"]}
    network.add("Line", ["nw", "ne", "we"], **ends, x=[1.0, 1.5, 2.0], r=0.01, s_nom=14.0)
    network.add("Generator", "plant", bus="north", carrier="AC", p_nom=100)
    grid = tmp_path / "grid"
    network.export_to_csv_folder(str(grid))
    found = check_grid(folder.with_name("run"), grid)
    assert not found.overloads.empty

    second = Path(shutil.copytree(folder, tmp_path / "second" / "instance"))
    for name in ("corridors", "corridor_nodes"):
        rows = pd.concat([pd.read_csv(folder / f"{name}.csv"), found.tables[name]])
        rows.to_csv(second / f"{name}.csv", index=False)
    after = solved(second)
    assert check_grid(second.with_name("run"), grid).overloads.empty
    assert after.record["objective"] > before.record["objective"]
