"""Why a plan with slices is as it is: hours in which a node binds, technologies at their most."""

import json

import pytest

from optimizer.highs import Control
from optimizer.run import Clock, Options, solve_instance, write_run
from optimizer.why import Run, why_change, why_site
from tests.optimizer.explain.small_instances import small_instance
from tests.optimizer.explain.test_power import DAYS, GAS

# By day 10 MW are asked for, by night 5. At `a` 6 MW come from the grid, at 10 a MWh, and 4 from
# gas, at 20, which takes 2 ha of land each. `b` is there for training and nothing else.
YEAR_EUR = 4380 * (10 * (5 + 6) + 20 * 4)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("why")
    place = {"latitude": 0, "longitude": 0, "country": "NL", "energy_price_per_mwh": 10}
    instance = small_instance(
        folder / "instance",
        {
            "a": {"land_ha": 8, "max_it_mw": 10},
            "b": {"node": "field", "opening_cost": 100_000, "max_it_mw": 3},
            "c": {"node": "field", "opening_cost": 300_000, "max_it_mw": 3},
        },
        {("delft", 2026): 10.0},
        firm_mw={("port", 2026): 6, ("field", 2026): 3},
        rtt_ms={("delft", "b"): 90, ("delft", "c"): 90},
        nodes=[place | {"node": node} for node in ("port", "field")],
        technologies=[GAS | {"variable_cost_per_mwh": 20, "land_ha_per_mw": 2}],
        site_technologies=[{"site": "a", "technology": "gas", "max_mw": 4}],
        campaigns=[
            {"campaign": "model", "workload": "chat", "country": "NL", "it_mw": 3}
            | {"year": 2026, "until_year": 2027}
        ],
        **DAYS,
    )
    plan = solve_instance(instance, Options(gap=0), Control(), Clock(lambda *_: None))
    write_run(plan, instance, folder / "run", None)
    return Run.read(folder / "run")


def test_plan_is_the_one_worked_out(run: Run) -> None:
    assert run.cost.most == pytest.approx(YEAR_EUR + 100_000 + 8760 * 3 * 10)


def test_site_tells_the_hours_in_which_its_node_binds_and_what_stands_at_its_most(run: Run) -> None:
    why = why_site(run, "a", Control(), 0.0)
    assert why.binds == (
        "grid at port full in 2026 for 4,380 h a year (6 MW firm)",
        "gas at its most (4 MW) in 2026",
        "land full (8 ha) in 2026",
        "hall full from 2026 (10 IT MW)",
    )
    assert why.other is None  # Nobody else is near enough to serve.
    assert why.prices is not None
    # A hall of 10 MW takes 75 % of its peak on the average, at 10 a MWh.
    assert why.prices.energy_and_carbon["a"] == pytest.approx(0.75 * 8760 * 10)
    json.dumps(why.as_dict(), allow_nan=False)


def test_site_without_which_training_goes_elsewhere(run: Run) -> None:
    why = why_site(run, "b", Control(), 0.0)
    assert why.difference is not None
    assert (why.difference.least, why.difference.most) == pytest.approx((2e5, 2e5), abs=1)
    assert why.binds[0] == "grid at field full in 2026 for 8,760 h a year (3 MW firm)"


def test_ample_power_saves_what_gas_costs_more(run: Run) -> None:
    why = why_change(run, "node", "port", Control(), 0.0)
    assert why.state == "binds"
    assert why.difference is not None
    assert why.difference.most == pytest.approx(4380 * 4 * (20 - 10), abs=1)
