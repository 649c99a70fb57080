"""Power at the node, on problems solved by hand."""

import pyomo.environ as pyo
import pytest

from models import build_model
from tests.models.small_inputs import small_inputs
from tests.models.solving import optimum, relaxed, solved

DELFT = ("delft", "chat")
LINE = ("port", "line")


def test_node_limit_sites_of_a_node_share_its_power():
    # c has 3 MW and draws 3 of the 6; a serves 3 / 1.5 = 2 with the rest; elsewhere costs 10.
    inputs = small_inputs(
        {"a": {"pue": 1.5}, "c": {"max_it_mw": 3}, "elsewhere": {"node": "plain"}},
        10,
        firm_mw={"port": 6},
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
    )
    assert optimum(inputs) == pytest.approx(10 * (10 - 3 - 2))
    # Alone, a could draw all 6 and serve 4.
    assert optimum(inputs, without="grid.node_limit") == pytest.approx(10 * (10 - 3 - 4))


def test_what_is_installed_but_not_served_draws_nothing():
    # 9 MW of hardware wait for power, on a node that carries only what its neighbour serves.
    sites = {"waiting": {"existing_it_mw": 9}, "neighbour": {"existing_it_mw": 1}}
    inputs = small_inputs(sites, 1, firm_mw={"port": 1})
    assert optimum(inputs) == pytest.approx(0)


def test_hardware_without_power_serves_nobody():
    inputs = small_inputs({"a": {"existing_it_mw": 9}}, firm_mw={"port": 0})
    assert optimum(inputs) is None


def test_hardware_waits_for_an_upgrade():
    # Ordered at once for 7, there in 2028; until then nobody is served, two years at 8760.
    inputs = small_inputs(
        {"a": {"existing_it_mw": 9}},
        stages=(2026, 2028),
        firm_mw={"port": 0},
        upgrades={LINE: {"cost": 7, "lead_years": 2}},
        unserved_penalty_per_mwh=1,
    )
    assert optimum(inputs) == pytest.approx(2 * 8760 + 7)


def test_firm_mw_may_fall():
    demand_mw = {DELFT: {2026: 5, 2028: 5}}
    inputs = small_inputs(
        {"a": {}, "elsewhere": {"node": "plain"}},
        demand_mw,
        stages=(2026, 2028),
        firm_mw={"port": {2026: 5, 2028: 2}},
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
    )
    assert optimum(inputs) == pytest.approx(10 * 3)


@pytest.mark.parametrize(
    ("lead_years", "in_time"),
    # Ordered in 2026: 2 years end within the first stage, 3 with it, 4 within the second.
    [(0, 2026), (1, 2029), (2, 2029), (3, 2029), (4, 2031), (5, 2031), (6, None)],
)
def test_an_upgrade_helps_from_the_first_stage_that_begins_after_its_lead(lead_years, in_time):
    def has_plan(t):
        return optimum(
            small_inputs(
                {"a": {}},
                {DELFT: {t: 1}},
                stages=(2026, 2029, 2031),
                horizon_end=2035,
                firm_mw={"port": 0},
                upgrades={LINE: {"lead_years": lead_years}},
            )
        )

    helped = [t for t in (2026, 2029, 2031) if has_plan(t) is not None]
    assert helped == [t for t in (2026, 2029, 2031) if in_time and t >= in_time]


def test_an_upgrade_is_ordered_no_earlier_than_it_must():
    # Needed in 2028 after one year: ordered in 2027, where 100 weighs 0.8.
    inputs = small_inputs(
        {"a": {}},
        {DELFT: {2028: 1}},
        stages=(2026, 2027, 2028),
        discount_rate=0.25,
        firm_mw={"port": 0},
        upgrades={LINE: {"cost": 100, "lead_years": 1}},
    )
    assert optimum(inputs) == pytest.approx(80)
    ordered = solved(inputs).grid.ordered
    assert [pyo.value(ordered[(*LINE, t)]) for t in (2026, 2027, 2028)] == [0, 1, 1]


def test_ordered_once_an_order_is_not_taken_back():
    # Without the row, the order of 2026 that helps in 2028 is refunded in 2028.
    inputs = small_inputs(
        {"a": {}},
        {DELFT: {2028: 1}},
        stages=(2026, 2028),
        firm_mw={"port": 0},
        upgrades={LINE: {"cost": 100, "lead_years": 2}},
    )
    assert optimum(inputs) == pytest.approx(100)
    assert optimum(inputs, without="grid.ordered_once") == pytest.approx(0)


def test_an_upgrade_stays_and_is_paid_once():
    inputs = small_inputs(
        {"a": {}},
        stages=(2026, 2028, 2030),
        firm_mw={"port": 0},
        upgrades={LINE: {"cost": 100}},
    )
    assert optimum(inputs) == pytest.approx(100)


@pytest.mark.parametrize(("earliest_year", "has_plan"), [(2026, True), (2027, False)])
def test_an_upgrade_is_not_ordered_before_its_earliest_year(earliest_year, has_plan):
    inputs = small_inputs(
        {"a": {}},
        {DELFT: {2028: 1}},
        stages=(2026, 2028),
        firm_mw={"port": 0},
        upgrades={LINE: {"lead_years": 2, "earliest_year": earliest_year}},
    )
    assert (optimum(inputs) is not None) == has_plan


def test_upgrades_add_up():
    upgrades = {LINE: {"mw": 3, "cost": 10}, ("port", "cable"): {"mw": 4, "cost": 20}}
    for demand_mw, cost in ((1, 0), (2, 10), (4, 10), (5, 20), (6, 30), (8, 30)):
        inputs = small_inputs({"a": {}}, demand_mw, firm_mw={"port": 1}, upgrades=upgrades)
        assert optimum(inputs) == pytest.approx(cost)
    assert optimum(small_inputs({"a": {}}, 8.1, firm_mw={"port": 1}, upgrades=upgrades)) is None


@pytest.mark.parametrize("cost", [0, 100])
def test_an_upgrade_where_no_site_is_stays_unordered(cost):
    model = solved(small_inputs({"a": {}}, upgrades={("nowhere", "line"): {"cost": cost}}))
    assert pyo.value(model.grid.ordered["nowhere", "line", 2026]) == 0
    assert list(model.grid.node_limit) == [("port", 2026)]


def test_a_site_is_limited_by_its_own_node_alone():
    inputs = small_inputs({"a": {}}, firm_mw={"plain": 0})
    assert len(build_model(inputs).grid.node_limit) == 1
    assert optimum(inputs) == pytest.approx(0)


def sequence(first, then):
    """A cable for 3 that helps, and works for 5 that do not, but come first."""
    return small_inputs(
        {"a": {}},
        {DELFT: {2028: 1}},
        stages=(2026, 2028),
        firm_mw={"port": 0},
        upgrades={
            ("port", "works"): {"mw": 0, "cost": 5, **first},
            ("port", "cable"): {"cost": 3, "after": "works", **then},
        },
    )


def test_in_sequence_the_first_is_ordered_with_the_second():
    inputs = sequence({}, {})
    assert optimum(inputs) == pytest.approx(8)
    assert optimum(inputs, without="grid.in_sequence") == pytest.approx(3)


def test_in_sequence_is_of_orders_not_of_what_has_come():
    assert optimum(sequence({"lead_years": 9}, {"lead_years": 2})) == pytest.approx(8)
    # The works may be ordered from 2028 on, when it is too late for a cable.
    assert optimum(sequence({"earliest_year": 2028}, {"lead_years": 2})) is None


def test_who_opens_half_a_site_has_half_of_its_firm_mw():
    """In fractions: a hall of 8 MW for 6 has 2 MW, and may have a line of 12 MW for 12.

    For 4 MW half of it opens, for 3. That half has 1 MW; a line, of which a full hall has use for
    6 MW, brings the other 3 by half, for 6. Were all firm MW there, and all of the line of use, a
    sixth of it would do, for 2.
    """
    inputs = small_inputs(
        {"a": {"max_it_mw": 8, "opening_cost": 6}, "elsewhere": {"node": "plain"}},
        4,
        firm_mw={"port": 2},
        upgrades={LINE: {"mw": 12, "cost": 12}},
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
    )
    assert relaxed(inputs, strong=False) == pytest.approx(3 + 6)
    assert optimum(inputs) == pytest.approx(6 + 12)


def test_a_site_with_neighbours_or_capacity_has_its_firm_mw_in_any_case():
    # A hall for 6 opens as far as it is full, by half; two neighbours share what there is.
    for sites in ({"a": {}, "b": {}}, {"a": {"existing_it_mw": 1}}):
        whole = {s: {"max_it_mw": 8, "opening_cost": 6, **site} for s, site in sites.items()}
        inputs = small_inputs(whole, 4, firm_mw={"port": 4})
        cost = 3 if len(sites) == 2 else 0
        assert relaxed(inputs, strong=False) == pytest.approx(cost)
