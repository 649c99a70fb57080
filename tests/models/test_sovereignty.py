"""Share rules, on problems solved by hand: serving from `home` costs 10 a MW, `away` nothing."""

import pytest

from models import build_model
from tests.models.small_inputs import share_rule, small_inputs
from tests.models.solving import optimum

HOME = {"country": "NL", "operator": "aqua", "operator_country": "NL"}
AWAY = {"country": "FR", "operator": "acme", "operator_country": "US"}
DELFT = ("delft", "chat")
TWO_STAGES = {"stages": (2026, 2028), "horizon_end": 2030}


def served(*rules, sites=None, demand_mw=10, dear=("home",), **inputs):
    """Problem in which the dear sites cost 10 a MW and the others nothing."""
    sites = sites or {"home": HOME, "away": AWAY}
    regions = ["delft"] if isinstance(demand_mw, int) else dict.fromkeys(r for r, _ in demand_mw)
    network = {(r, s): 10 for r in regions for s in dear}
    return small_inputs(sites, demand_mw, network_cost_per_mw_year=network, rules=rules, **inputs)


def test_max_share_operator_outside():
    inputs = served(share_rule("max_share_operator_outside", 0.4, group={"NL"}))
    assert optimum(inputs) == pytest.approx(6 * 10)
    without = "sovereignty.max_share_operator_outside"
    assert optimum(inputs, without=without) == pytest.approx(0)


def test_max_share_operator_outside_looks_at_control_not_at_place():
    # The branch is in the Netherlands, but controlled from the United States, as is away: both
    # together get 4 MW.
    sites = {"home": HOME, "branch": AWAY | {"country": "NL"}, "away": AWAY}
    rule = share_rule("max_share_operator_outside", 0.4, group={"NL"})
    assert optimum(served(rule, sites=sites)) == pytest.approx(6 * 10)
    inside = share_rule("max_share_operator_outside", 0.4, group={"NL", "US"})
    assert optimum(served(inside, sites=sites)) == pytest.approx(0)


def test_max_share_country_holds_for_each_country():
    # 7 MW in France, whoever runs the sites; the other 3 cost 10.
    sites = {"home": HOME, "paris": AWAY, "lyon": AWAY | {"operator": "rhone"}}
    inputs = served(share_rule("max_share_country", 0.7), sites=sites)
    assert optimum(inputs) == pytest.approx(3 * 10)
    assert optimum(inputs, without="sovereignty.max_share_country") == pytest.approx(0)


def test_max_share_country_holds_at_home_too():
    assert optimum(served(share_rule("max_share_country", 0.7), sites={"home": HOME})) is None


def test_max_share_operator_holds_for_each_operator():
    # 7 MW with acme, wherever its sites are; the other 3 cost 10.
    sites = {"home": HOME, "paris": AWAY, "berlin": AWAY | {"country": "DE"}}
    inputs = served(share_rule("max_share_operator", 0.7), sites=sites)
    assert optimum(inputs) == pytest.approx(3 * 10)
    assert optimum(inputs, without="sovereignty.max_share_operator") == pytest.approx(0)


def test_min_share_at_home():
    inputs = served(share_rule("min_share_at_home", 0.25))
    assert optimum(inputs) == pytest.approx(2.5 * 10)
    assert optimum(inputs, without="sovereignty.min_share_at_home") == pytest.approx(0)


def test_min_share_at_home_holds_for_each_country_apart():
    # Delft needs 4 of 8 MW at home for 10 each, Lille 2 of 4 for 100 each; 6 MW at home in all
    # would cost only 60.
    inputs = small_inputs(
        {"dutch": HOME, "french": AWAY},
        {DELFT: 8, ("lille", "chat"): 4},
        user_country={"lille": "FR"},
        network_cost_per_mw_year={("delft", "dutch"): 10, ("lille", "french"): 100},
        rules=[share_rule("min_share_at_home", 0.5)],
    )
    assert optimum(inputs) == pytest.approx(4 * 10 + 2 * 100)


def test_min_share_at_home_without_a_site_at_home_leaves_no_plan():
    rule = share_rule("min_share_at_home", 0.25)
    inputs = served(rule, sites={"away": AWAY}, unserved_penalty_per_mwh=1)
    assert len(build_model(inputs).sovereignty.min_share_at_home) == 1
    assert optimum(inputs) is None


@pytest.mark.parametrize(("value", "cost"), [(1, 0), (2, 5), (3, 5 + 8)])
def test_min_sites_in_counts_existing_sites(value, cost):
    sites = {
        "stands": HOME | {"existing_it_mw": 1},
        "cheap": HOME | {"opening_cost": 5},
        "dear": HOME | {"opening_cost": 8},
        "away": AWAY,
    }
    inputs = small_inputs(sites, rules=[share_rule("min_sites_in", value, group={"NL"})])
    assert optimum(inputs) == pytest.approx(cost)
    rows = build_model(inputs).sovereignty.min_sites_in
    assert len(rows) == (value > 1)  # what stands already needs no row


def test_min_sites_in_opens_more_than_demand_needs():
    sites = {"home": HOME | {"opening_cost": 5}, "away": AWAY}
    inputs = small_inputs(sites, rules=[share_rule("min_sites_in", 1, group={"NL"})])
    assert optimum(inputs) == pytest.approx(5)
    assert optimum(inputs, without="sovereignty.min_sites_in") == pytest.approx(0)


@pytest.mark.parametrize("existing_it_mw", [0, 1])
def test_min_sites_in_counts_no_site_before_its_earliest_year(existing_it_mw):
    # A site with capacity is in use from the start: `earliest_year` bars only new MW there.
    site = HOME | {"earliest_year": 2028, "existing_it_mw": existing_it_mw}
    inputs = small_inputs(
        {"home": site, "away": AWAY},
        rules=[share_rule("min_sites_in", 1, group={"NL"})],
        **TWO_STAGES,
    )
    assert (optimum(inputs) is not None) == bool(existing_it_mw)


@pytest.mark.parametrize(
    ("group", "value"), [({"NL"}, 2), ({"DE"}, 1)], ids=["too few", "none at all"]
)
def test_min_sites_in_with_too_few_candidates_leaves_no_plan(group, value):
    rule = share_rule("min_sites_in", value, group=group)
    inputs = small_inputs({"home": HOME, "away": AWAY}, rules=[rule])
    assert optimum(inputs) is None


@pytest.mark.parametrize("from_year", [2027, 2028])
@pytest.mark.parametrize(
    ("kind", "value", "group"),
    [
        ("max_share_operator_outside", 0.4, {"NL"}),
        ("max_share_country", 0.4, set()),
        ("max_share_operator", 0.4, set()),
        ("min_share_at_home", 0.6, set()),
    ],
)
def test_a_rule_holds_from_the_first_stage_that_begins_in_its_year(kind, value, group, from_year):
    # 6 of 10 MW at home cost 10 each, in the two years from 2028 alone.
    sites = {"home": HOME, "away": AWAY}
    if kind.startswith("max_share") and not group:
        sites["elsewhere"] = {"country": "DE", "operator": "spree"}  # home need not hold 6 MW
    rule = share_rule(kind, value, group=group, from_year=from_year)
    inputs = served(rule, sites=sites, dear=("home", "elsewhere"), **TWO_STAGES)
    assert optimum(inputs) == pytest.approx(2 * 6 * 10)


def test_min_sites_in_holds_from_its_year():
    inputs = small_inputs(
        {"home": HOME | {"fixed_cost_per_year": 7}, "away": AWAY},
        rules=[share_rule("min_sites_in", 1, group={"NL"}, from_year=2028)],
        **TWO_STAGES,
    )
    assert optimum(inputs) == pytest.approx(2 * 7)


@pytest.mark.parametrize(
    ("kind", "value", "group"),
    [
        ("max_share_operator_outside", 0.4, {"NL"}),
        ("max_share_country", 0.4, set()),
        ("max_share_operator", 0.4, set()),
        ("min_share_at_home", 0.6, set()),
    ],
)
@pytest.mark.parametrize(
    ("governed", "user_country"),
    [({"workloads": {"chat"}}, "NL"), ({"user_countries": {"NL"}}, "DE")],
    ids=["workload", "users"],
)
def test_a_rule_governs_one_workload_or_the_users_of_one_country(
    kind, value, group, governed, user_country
):
    # 6 of the 10 MW of chat stay at home; the 20 MW of batch go where they cost nothing, be they
    # another workload or, in the second case, users from another country.
    sites = {"home": HOME, "away": AWAY}
    if kind.startswith("max_share") and not group:
        sites["elsewhere"] = {"country": "DE", "operator": "spree"}
    inputs = served(
        share_rule(kind, value, group=group, **governed),
        sites=sites,
        demand_mw={DELFT: 10, ("kiel", "batch"): 20},
        dear=("home", "elsewhere"),
        user_country={"kiel": user_country},
    )
    assert optimum(inputs) == pytest.approx(6 * 10)


def test_unserved_demand_counts_as_governed_but_not_as_served():
    # Home holds 2 MW, away may serve half of all 10; the other 3 stay unserved, although 5 are
    # more than half of the 7 that are served.
    inputs = served(
        share_rule("max_share_operator_outside", 0.5, group={"NL"}),
        sites={"home": HOME | {"max_it_mw": 2}, "away": AWAY},
        dear=(),
        unserved_penalty_per_mwh=1,
    )
    assert optimum(inputs) == pytest.approx(3 * 8760)


def test_rules_of_one_kind_stand_side_by_side():
    # 4 MW of any chat may leave in all, and of the 5 MW in Delft only 1: Lille sends 3.
    rules = [
        share_rule("max_share_operator_outside", 0.4, rule="all", group={"NL"}),
        share_rule(
            "max_share_operator_outside", 0.2, rule="dutch", group={"NL"}, user_countries={"NL"}
        ),
    ]
    demand_mw = {DELFT: 5, ("lille", "chat"): 5}
    network = {("delft", "home"): 100, ("lille", "home"): 10}
    inputs = small_inputs(
        {"home": HOME, "away": AWAY},
        demand_mw,
        user_country={"lille": "FR"},
        network_cost_per_mw_year=network,
        rules=rules,
    )
    assert optimum(inputs) == pytest.approx(4 * 100 + 2 * 10)


def test_a_rule_that_governs_nothing_makes_no_row():
    rules = [
        share_rule("max_share_country", 0.1, user_countries={"DE"}),
        share_rule("min_share_at_home", 0.9, user_countries={"DE"}),
    ]
    block = build_model(served(*rules)).sovereignty
    assert not block.max_share_country
    assert not block.min_share_at_home
