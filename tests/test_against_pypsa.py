"""A peer agrees: PyPSA, told the same in its own terms, comes to the same least cost."""

from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("pypsa")

import pypsa

from optimizer.export import export_run
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from tests import pypsa_peers as peers


def solved(folder: Path) -> Plan:
    """Solve an instance to the end and have the plan audited."""
    instance = read_instance(folder)
    plan = solve_instance(instance, Options(gap=0), Control(), Clock(lambda *_, **__: None))
    assert write_run(plan, instance, folder.with_name("run"), None).passed
    return plan


def optimised_again(folder: Path) -> tuple[float, float]:
    """Cost of a solved plan's exported network, as PyPSA finds it and as the plan has it."""
    out = folder.with_name("networks")
    export_run(folder.with_name("run"), "pypsa", out)
    network = pypsa.Network(str(out / "2026"))
    return peers.least_cost(network), network.meta["operating_cost"]


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
    found, stated = optimised_again(tmp_path / "instance")
    assert found == pytest.approx(stated, rel=1e-6)


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
    found, stated = optimised_again(tmp_path / "instance")
    assert found == pytest.approx(stated, rel=1e-6)
