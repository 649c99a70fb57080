"""The first program holds what a good plan is likely to be made of."""

import numpy as np
import pytest

from optimizer.highs import Control
from optimizer.kernel import EACH, FILL, FIRST_EACH, FIRST_FILL, cheapest, first_columns, kernel
from optimizer.program import Program
from optimizer.relaxation import Relaxation
from optimizer.restricted import FirstPlans
from optimizer.search import search
from optimizer.stations import Stations
from tests.optimizer.test_ascent import parts
from tests.optimizer.test_branching import siting


@pytest.mark.parametrize(
    ("count", "chosen"), [(0, "1000"), (1, "1000"), (2, "1110"), (3, "1110"), (9, "1111")]
)
def test_ties_and_gains_are_among_the_cheapest(count: int, chosen: str) -> None:
    mask = cheapest(np.array([-1.0, 2, 2, 3]), count)
    assert mask.tolist() == [c == "1" for c in chosen]


def assert_holds_enough(
    program: Program, stations: Stations, mask: np.ndarray, fill: float, each: int
) -> None:
    """Each site can be filled so many times, each demand has so many sites, the rest is there."""
    chosen = mask[stations.serve]
    assert np.delete(mask, stations.serve).all()
    for station, reach_it_mw in enumerate(stations.reach_it_mw):
        mine = stations.station == station
        held_mw = stations.mw[mine & chosen].sum()
        assert held_mw >= min(fill * reach_it_mw, stations.mw[mine].sum()) - 1e-9
    rows = stations.demand_rows(program)
    for row in np.unique(rows):
        assert chosen[rows == row].sum() >= min(each, (rows == row).sum())


@pytest.mark.parametrize("seed", range(5))
def test_each_site_can_be_filled_and_each_demand_has_a_choice(seed: int) -> None:
    program, _, stations = parts(siting(seed))
    cost = np.random.default_rng(seed).uniform(0, 9, len(program.cost))
    nothing, none = np.zeros(len(program.cost)), np.array([], dtype=int)
    relaxation = Relaxation(nothing, nothing, cost, none, 0.0, np.zeros(0), none)
    mask = kernel(program, relaxation, stations)
    assert_holds_enough(program, stations, mask, FILL, EACH)


@pytest.mark.parametrize("seed", range(5))
def test_so_it_is_with_what_a_relaxation_begins_with(seed: int) -> None:
    program, _, stations = parts(siting(seed))
    mask = first_columns(program, stations)
    assert_holds_enough(program, stations, mask, FIRST_FILL, FIRST_EACH)


@pytest.mark.parametrize("is_settled", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_a_search_that_starts_with_it_proves_what_plain_does(
    seed: int, is_settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, links, stations = parts(siting(seed))
    if not is_settled:  # No plan keeps to what the relaxation settles.
        monkeypatch.setattr(FirstPlans, "settle", lambda *_: False)
    least = search(program, links, Control(), 0.0, method="plain").objective
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    monkeypatch.setattr("optimizer.search.PATIENCE_SECONDS", np.inf)
    monkeypatch.setattr("optimizer.search.MANY_FRACTIONS", -1)
    monkeypatch.setattr("optimizer.search.look_down", lambda *_: None)
    phases = []
    control = Control(on_progress=lambda phase, *_: phases.append(phase))
    found = search(program, links, control, 1e-6, stations=lambda: stations)
    assert "restricted" in phases
    assert found.bound <= least * (1 + 1e-7)
    assert least * (1 - 1e-7) <= found.objective <= least * (1 + 2e-6)
