"""A plan's power side, written for PyPSA, is what PyPSA would do itself."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.export import export_run
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.hourly_run import (
    EXPORTED_MW,
    FIRST_STAGE_EUR,
    GRID_MW,
    SECOND_STAGE_EUR,
    write_hourly_run,
)

COST = {2026: FIRST_STAGE_EUR, 2028: SECOND_STAGE_EUR}


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pypsa")
    export_run(write_hourly_run(folder / "run"), "pypsa", folder / "out")
    return folder / "out"


def test_a_folder_for_each_stage(networks: Path) -> None:
    assert sorted(stage.name for stage in networks.iterdir()) == ["2026", "2028"]


def test_weightings_are_hours_of_a_year_and_of_storage(networks: Path) -> None:
    snapshots = pd.read_csv(networks / "2026" / "snapshots.csv")
    assert snapshots.period.tolist() == [1, 1, 2, 2]
    assert snapshots.timestep.tolist() == [1, 2, 3, 4]
    assert snapshots.objective.sum() == snapshots.generators.sum() == 8760
    assert snapshots.stores.tolist() == [12] * 4
    periods = pd.read_csv(networks / "2026" / "investment_periods.csv")
    assert periods.objective.tolist() == [1.8, 1.8]


def test_only_what_stands_in_the_stage(networks: Path) -> None:
    assert (networks / "2026" / "stores.csv").exists()
    assert not (networks / "2028" / "stores.csv").exists()


@pytest.mark.parametrize("stage", COST)
def test_pypsa_comes_to_the_plan_and_its_cost(networks: Path, stage: int) -> None:
    pypsa = pytest.importorskip("pypsa")
    with pypsa.option_context("general.allow_network_requests", False):
        network = pypsa.Network(str(networks / str(stage)))
    network.consistency_check(check_dtypes=True, strict=["all"])
    assert network.meta["operating_cost"] == pytest.approx(COST[stage])
    done = network.optimize(
        solver_name="highs",
        multi_investment_periods=True,
        include_objective_constant=False,
        log_to_console=False,
    )
    assert done == ("ok", "optimal")
    assert network.objective == pytest.approx(COST[stage], rel=1e-9)
    assert network.links_t.p0["grid hall"].tolist() == pytest.approx(GRID_MW[stage])
    assert network.links_t.p0["export hall"].tolist() == pytest.approx(EXPORTED_MW)


def test_a_plan_without_slices_has_nothing_to_write(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    with pytest.raises(SitewattError, match="only a plan with slices"):
        export_run(run, "pypsa", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_takes_to_and_format_alike(tmp_path: Path) -> None:
    run = write_hourly_run(tmp_path / "run")
    for option in ("--to", "--format"):
        out = tmp_path / option.strip("-")
        result = CliRunner().invoke(main, ["export", str(run), option, "pypsa", "--out", str(out)])
        assert result.exit_code == 0, result.output
        assert (out / "2028" / "network.csv").exists()


def test_what_a_connection_carries_is_what_the_corridor_hands_out(tmp_path: Path) -> None:
    run = write_hourly_run(tmp_path / "run")
    instance = run / "instance"
    (instance / "corridors.csv").write_text("corridor,year,max_mw\nsea,2028,5\n")
    (instance / "corridor_nodes.csv").write_text("corridor,node,factor\nsea,port,0.5\n")
    export_run(run, "pypsa", tmp_path / "out")
    first, second = (
        pd.read_csv(tmp_path / "out" / str(year) / "links.csv", index_col=0) for year in COST
    )
    assert "bus2" not in first
    assert second.loc["node port", ["bus2", "efficiency2"]].tolist() == ["corridor sea", -0.5]
    # What is sold makes room.
    assert second.loc["export hall", ["bus2", "efficiency2"]].tolist() == ["corridor sea", 0.5]
    limit = pd.read_csv(tmp_path / "out" / "2028" / "generators.csv", index_col=0)
    corridor = limit.loc["corridor sea"]
    assert corridor.p_nom * corridor.p_max_pu == pytest.approx(5)


def test_sites_without_load_or_supply_are_left_out(tmp_path: Path) -> None:
    run = write_hourly_run(tmp_path / "run")
    sites = pd.read_csv(run / "instance" / "sites.csv")
    empty = sites.assign(site="empty", node="plain")
    pd.concat([sites, empty]).to_csv(run / "instance" / "sites.csv", index=False)
    for table in ("nodes", "grid"):
        rows = pd.read_csv(run / "instance" / f"{table}.csv")
        both = pd.concat([rows, rows.assign(node="plain")])
        both.to_csv(run / "instance" / f"{table}.csv", index=False)
    dispatch = pd.read_csv(run / "tables" / "dispatch.csv")
    nothing = dispatch.assign(site="empty", load_mw=0, facility_mw=0, grid_mw=0, exported_mw=0)
    pd.concat([dispatch, nothing]).to_csv(run / "tables" / "dispatch.csv", index=False)
    export_run(run, "pypsa", tmp_path / "out")
    buses = pd.read_csv(tmp_path / "out" / "2026" / "buses.csv", index_col=0).index
    assert set(buses) == {
        *("grid", "node port", "sold port", "site hall", "meter hall", "made hall", "hall/cells")
    }
