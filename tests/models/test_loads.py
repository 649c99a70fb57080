"""Load by the slice, and training campaigns, on problems solved by hand."""

import pytest

from models import build_model
from tests.models.small_power import HALF, small_power
from tests.models.solving import optimum

DELFT, LILLE = ("delft", "chat"), ("lille", "chat")
TEN_A_MW = {"a": {"it_cost_per_mw": 10}}


def test_class_balance_what_is_served_is_load():
    inputs = small_power(TEN_A_MW, 2)
    assert optimum(inputs) == pytest.approx(20)
    assert optimum(inputs, without="loads.class_balance") == pytest.approx(0)


def test_steady_capacity_the_highest_slice_decides_what_is_installed():
    inputs = small_power(TEN_A_MW, 2, load={DELFT: [0.5, 0.75]})
    assert optimum(inputs) == pytest.approx(10 * 2 * 0.75)
    assert optimum(inputs, without="loads.steady_capacity") == pytest.approx(0)


def test_regions_that_peak_at_different_times_share_capacity():
    # 2 + 1 by night, 1 + 2 at noon: three, where the sum of peaks is four.
    load = {DELFT: [1, 0.5], LILLE: [0.5, 1]}
    assert optimum(small_power(TEN_A_MW, {DELFT: 2, LILLE: 2}, load=load)) == pytest.approx(30)


def test_capacity_is_stated_for_slices_that_no_other_exceeds():
    load = {DELFT: [0.5, 1], LILLE: [0.5, 0.75]}
    model = build_model(small_power({"a": {}}, {DELFT: 2, LILLE: 2}, load=load))
    assert list(model.loads.steady_capacity) == [("a", 2026, 1)]


def test_hosted_once_a_campaign_needs_its_block():
    inputs = small_power(TEN_A_MW, 1, campaigns={"model": 3})
    assert optimum(inputs) == pytest.approx(10 * (1 + 3))
    assert optimum(inputs, without="loads.hosted_once") == pytest.approx(10)


def test_each_campaign_is_hosted():
    inputs = small_power(TEN_A_MW, 1, campaigns={"large": 3, "small": 2})
    assert optimum(inputs) == pytest.approx(10 * (1 + 3 + 2))


def test_a_campaign_is_not_split():
    halls = {"a": {"max_it_mw": 2}, "b": {"max_it_mw": 2}}
    assert optimum(small_power(halls, 3)) is not None
    assert optimum(small_power(halls, 1, campaigns={"model": 3})) is None


def test_a_campaign_stays_where_it_is():
    # The cheap hall opens in 2028; the campaign starts at the dear one in 2026 and does not move.
    # Moving would save 2 MW × 365 days × 24 h in 2028; the user's MW may go wherever it wants.
    inputs = small_power(
        {"dear": {}, "cheap": {"node": "plain", "earliest_year": 2028}},
        1,
        stages=(2026, 2028),
        nodes={"port": {"energy_price_per_mwh": 1}},
        campaigns={"model": 2},
    )
    assert optimum(inputs) == pytest.approx(2 * HALF * (2 * (2 + 1) + 1 * 2))


def test_a_campaign_needs_nothing_in_stages_in_which_it_does_not_run():
    inputs = small_power(
        {"a": {}},
        1,
        stages=(2026, 2027),
        nodes={"port": {"energy_price_per_mwh": 1}},
        campaigns={"model": {2027: 2}},
    )
    assert optimum(inputs) == pytest.approx(2 * HALF * (1 + 3))
