"""Why a site is in a plan: two small plans whose alternatives are worked out by hand."""

import json
from pathlib import Path

import pytest

from optimizer.errors import SitewattError
from optimizer.highs import Control
from optimizer.run import Clock, Options, solve_instance, write_run
from optimizer.why import Run, Why, why_change, why_site
from tests.optimizer.explain.small_instances import rule, small_instance

SITES = {
    # 4 MW here for nothing but the opening; no room for 6.
    "cheap": {"opening_cost": 10, "node": "small"},
    "dear": {"opening_cost": 25, "it_cost_per_mw": 1},
    "far": {"opening_cost": 1},
    "late": {"earliest_year": 2030},
}
DEMAND = {("delft", 2026): 3.0, ("lyon", 2026): 3.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("why")
    instance = small_instance(
        folder / "instance",
        SITES,
        DEMAND,
        firm_mw={("small", 2026): 4, ("port", 2026): 1000},
        rtt_ms={("delft", "far"): 27, ("lyon", "far"): 40},
        rules=[rule("max_share_operator", "share", value=1), rule("site_in", group="NL")],
    )
    clock = Clock(lambda *_: None)
    plan = solve_instance(instance, Options(gap=0), Control(), clock)
    write_run(plan, instance, folder / "run", None)
    return Run.read(folder / "run")


def ask(run: Run, site: str) -> Why:
    return why_site(run, site, Control(), 0.0)


def test_plan_is_the_one_worked_out(run: Run) -> None:
    # Dear alone costs 25 + 6; with cheap beside it, 25 + 2 + 10.
    assert run.cost.most == pytest.approx(31)


def test_site_that_is_left_out_costs_its_difference(run: Run) -> None:
    why = ask(run, "cheap")
    assert why.state == "not in the plan"
    assert why.difference is not None
    assert (why.difference.least, why.difference.most) == pytest.approx((6, 6), abs=1e-3)
    assert why.reach is not None
    assert why.reach.eligible.it_mw.sum() == pytest.approx(6)


def test_site_without_which_there_is_no_plan(run: Run) -> None:
    why = ask(run, "dear")
    assert why.state == "in the plan from 2026: 6 IT MW installed and 6 serving in 2026, of 100"
    assert why.other is None
    assert why.difference is None
    assert "  the cheapest plan without it: there is none" in why.lines()


def test_site_out_of_reach_names_its_nearest_miss(run: Run) -> None:
    why = ask(run, "far")
    assert why.reach is not None
    (row,) = why.reach.ineligible.itertuples()
    assert (row.reason, row.pairs, row.nearest_region) == ("latency", 2, "delft")
    assert row.late_ms == pytest.approx(2)
    assert why.prices is None
    assert why.difference is not None
    assert why.difference.most == pytest.approx(1, abs=1e-3)


def test_site_that_cannot_open_is_not_forced(run: Run) -> None:
    why = ask(run, "late")
    assert why.state.endswith("it cannot open before 2030, after the last stage")
    assert why.difference is None
    assert not any("costs" in line and "more" in line for line in why.lines())


def test_price_of_a_megawatt_by_part(run: Run) -> None:
    prices = ask(run, "cheap").prices
    assert prices is not None
    assert list(prices.index) == ["cheap", "dear"]
    # One year: 10 over 4 MW, and 25 over 100 MW with 1 a MW.
    assert prices.total.tolist() == pytest.approx([2.5, 1.25])
    assert prices.served_it_mw.tolist() == pytest.approx([0, 6])


def test_ample_power_at_a_node_saves_what_the_other_site_costs(run: Run) -> None:
    why = why_change(run, "node", "small", Control(), 0.0)
    assert why.difference is not None
    assert (why.difference.least, why.difference.most) == pytest.approx((21, 21), abs=1e-3)


def test_rules_say_whether_they_bind_and_what_they_cost(run: Run) -> None:
    share = why_change(run, "rule", "share", Control(), 0.0)
    assert share.state == "binds"  # A share of 1 is all that there is.
    settles = why_change(run, "rule", "a_rule", Control(), 0.0)
    assert settles.state == "settles who may serve whom"
    for why in (share, settles):
        assert why.difference is not None
        assert why.difference.most == pytest.approx(0, abs=1e-3)


def test_answers_are_json(run: Run) -> None:
    for site in SITES:
        json.dumps(ask(run, site).as_dict(), allow_nan=False)


def test_unknown_names_and_folders_are_told(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SitewattError, match=r"no site nowhere\. There are: cheap, dear"):
        ask(run, "nowhere")
    with pytest.raises(SitewattError, match="is no run"):
        Run.read(tmp_path)
