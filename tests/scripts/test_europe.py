"""The shipped instance Europe as it lies there: whole, sourced, and hard enough to be worth it."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.instance import Instance, read_instance
from optimizer.routes import Routes, find_routes

FOLDER = Path(__file__).resolve().parents[2] / "instances" / "europe"


@pytest.fixture(scope="module")
def europe() -> Instance:
    return read_instance(FOLDER)


@pytest.fixture(scope="module")
def routes(europe: Instance) -> Routes:
    return find_routes(europe)


def test_it_has_the_size_it_promises(europe: Instance) -> None:
    tables = europe.tables
    assert 45 <= len(tables["nodes"]) <= 60
    assert 110 <= len(tables["sites"]) <= 150
    assert len(tables["regions"]) == 150
    assert list(tables["workloads"].workload) == ["interactive", "agents", "batch", "public_health"]
    assert europe.manifest.stages == (2026, 2027, 2028, 2029, 2030)
    assert len(tables["demand"]) == 150 * 4 * 5


def test_every_column_says_where_it_is_from(europe: Instance) -> None:
    sources = europe.tables["sources"]
    named = set(zip(sources.table, sources.column, strict=True))
    for path in FOLDER.glob("*.csv"):
        if path.stem == "sources":
            continue
        for column in pd.read_csv(path, nrows=0).columns:
            assert (path.stem, column) in named, f"{path.stem}.{column}"
    assert (sources.source != "").all()
    assert (sources.note[sources.kind == "assumed"] != "").all()


def test_what_no_source_has_is_called_assumed(europe: Instance) -> None:
    sources = europe.tables["sources"]
    assumed = sources[sources.kind == "assumed"]
    flagged = set(zip(assumed.table, assumed.column, strict=True))
    assert {
        ("grid", "firm_mw"),
        ("sites", "max_it_mw"),
        ("sites", "existing_it_mw"),
        ("sites", "it_cost_per_mw"),
        ("demand", "it_mw"),
        ("upgrades", "cost"),
        ("nodes", "energy_price_per_mwh"),
        ("policies", "value"),
        ("rules", "value"),
    } <= flagged


def test_several_operators_share_a_node_and_europeans_are_among_them(europe: Instance) -> None:
    sites = europe.tables["sites"]
    assert sites.groupby("node").operator.nunique().max() >= 8
    groups = europe.tables["groups"]
    eu = set(groups.country[groups.group == "EU"])
    assert sites.operator[sites.operator_country.isin(eu)].nunique() >= 25
    # Where a site stands says little about who controls it.
    abroad = sites[sites.country.isin(eu) & ~sites.operator_country.isin(eu)]
    assert set(abroad.operator_country) >= {"US", "CN", "CH", "MX"}


def test_region_labels_have_become_cities(europe: Instance) -> None:
    names = europe.tables["nodes"].set_index("node").name
    assert not names.str.contains("Europe|Central|North|South|West", regex=True).any()
    assert names["zaragoza"] == "Zaragoza"
    assert names["gavle"] == "Gävle"


def test_hardware_waits_for_power_at_dublin_until_2028(europe: Instance) -> None:
    grid = europe.tables["grid"].set_index(["node", "year"]).firm_mw
    assert [grid["dublin", year] for year in (2026, 2027)] == [0, 0]
    assert grid["dublin", 2028] > 0
    sites = europe.tables["sites"]
    assert sites.existing_it_mw[sites.node == "dublin"].sum() > 0


def test_firm_power_never_falls(europe: Instance) -> None:
    firm = europe.tables["grid"].pivot(index="node", columns="year", values="firm_mw")
    assert not firm.isna().any(axis=None)
    assert (firm.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_every_demand_may_be_served_from_several_sites(routes: Routes) -> None:
    choices = routes.eligible.groupby(["region", "workload"]).site.nunique()
    assert len(choices) == 150 * 4
    assert choices.min() >= 2


def test_latency_limits_conversation_and_nothing_limits_batch(
    europe: Instance, routes: Routes
) -> None:
    choices = routes.eligible.groupby(["workload", "region"]).site.nunique()
    legal = len(europe.tables["sites"])
    assert choices["interactive"].median() < 0.8 * legal
    assert choices["batch"].min() > 0.95 * legal


def test_health_data_stay_with_eu_operators_in_the_eea(europe: Instance, routes: Routes) -> None:
    groups = europe.tables["groups"]
    members = {name: set(rows.country) for name, rows in groups.groupby("group")}
    health = (
        routes.eligible[routes.eligible.workload == "public_health"]
        .merge(europe.tables["sites"][["site", "country", "operator_country"]], on="site")
        .merge(europe.tables["regions"][["region", "country"]], on="region", suffixes=("", "_user"))
    )
    eea_users = health[health.country_user.isin(members["EEA"])]
    assert set(eea_users.country) <= members["EEA"]
    assert set(eea_users.operator_country) <= members["EU"]


def test_measured_round_trips_are_near_the_fitted_ones(europe: Instance) -> None:
    latency, tables = europe.tables["latency"], europe.tables
    pairs = latency.merge(tables["sites"][["site", "node"]], on="site")
    assert len(latency) > 500
    assert pairs.rtt_ms.between(3, 70).all()
    # One figure a pair of city and place, whoever runs the site.
    assert (pairs.groupby(["region", "node"]).rtt_ms.nunique() == 1).all()


def test_rules_cite_what_they_rest_on(europe: Instance) -> None:
    rules = europe.tables["rules"]
    assert (rules.basis.str.len() > 20).all()
    assert rules.kind.nunique() >= 7


def test_halls_and_grids_could_carry_each_stage(europe: Instance) -> None:
    demand = europe.tables["demand"].groupby("year").it_mw.sum()
    sites = europe.tables["sites"]
    hall_mw = sites.groupby("node").max_it_mw.sum()
    pue = sites.groupby("node").pue.min()
    for year, wanted_mw in demand.items():
        grid = europe.tables["grid"]
        firm_mw = grid[grid.year == year].set_index("node").firm_mw
        ready = europe.tables["upgrades"]
        ready = ready[ready.earliest_year + ready.lead_years <= year].groupby("node").mw.sum()
        power_mw = firm_mw.add(ready, fill_value=0) / pue
        assert pd.concat([hall_mw, power_mw], axis=1).min(axis=1).sum() > wanted_mw
