"""Room is worth what it costs where there is enough, and more where it is scarce."""

import pytest

from models import PlanInputs
from optimizer.kernel import first_columns
from optimizer.scarcity import prices
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import parts


def two_sites(near_mw: float) -> PlanInputs:
    """Ten demands of 2 MW, 0 to 9 EUR a MW cheaper at the near site; sites cost 1 EUR a MW."""
    sites = {
        "far": {"max_it_mw": 40.0, "opening_cost": 40.0, "it_cost_per_mw": 0.0},
        "near": {"max_it_mw": near_mw, "opening_cost": near_mw, "it_cost_per_mw": 0.0},
    }
    regions = [f"r{i}" for i in range(10)]
    network = {(r, "far"): float(i) for i, r in enumerate(regions)} | {
        (r, "near"): 0.0 for r in regions
    }
    return small_inputs(
        sites, {(r, "chat"): {2026: 2.0} for r in regions}, network_cost_per_mw_year=network
    )


def test_where_there_is_enough_a_mw_is_worth_its_part_of_a_full_site() -> None:
    program, _, stations = parts(two_sites(near_mw=40.0))
    assert prices(program, stations) == pytest.approx([1, 1])


def test_a_site_that_all_would_choose_is_dearer_by_what_the_last_one_gains() -> None:
    # Four fit. Those that gain most are worth 9, 8, 7, 6 there, the next one 5.
    program, _, stations = parts(two_sites(near_mw=8.0))
    far, near = prices(program, stations)
    assert far == pytest.approx(1)
    assert 5 <= near - far <= 6.5


def test_without_services_there_is_nothing_to_choose() -> None:
    program, _, stations = parts(small_inputs({"a": {"opening_cost": 50.0}}, routes=[]))
    assert prices(program, stations) == pytest.approx([0.5])
    assert first_columns(program, stations).all()


def test_a_relaxation_begins_with_who_is_served_where_at_these_prices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.kernel.FIRST_EACH", 1)
    monkeypatch.setattr("optimizer.kernel.FIRST_FILL", 0.0)
    program, _, stations = parts(two_sites(near_mw=8.0))
    chosen = first_columns(program, stations)[stations.serve]
    far, near = (stations.mw[chosen & (stations.station == site)].sum() for site in (0, 1))
    assert (far, near) == (12, 8)
