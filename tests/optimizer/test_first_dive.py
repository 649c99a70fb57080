"""One core makes cuts while a dive on another finds plans; the same comes out every time."""

import math

import pytest

from models import PlanInputs
from optimizer.bounding import relax, tighten
from optimizer.errors import Infeasible
from optimizer.first_dive import look_down, tighten_and_dive
from optimizer.found import Found
from optimizer.highs import Control
from optimizer.program import Program
from optimizer.relaxation import Links, Relaxation
from optimizer.search import comes_in_blocks, search
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import parts


def halls() -> PlanInputs:
    """Five halls of blocks of 40 MW, some dearer than others, for three demands."""
    sites = {
        s: {
            "max_it_mw": 120.0,
            "block_mw": 40.0,
            "opening_cost": 50.0 + 10 * number,
            "it_cost_per_mw": 4.0 + number,
        }
        for number, s in enumerate("abcde")
    }
    return small_inputs(sites, {("r", "chat"): {2026: 30.0}, ("s", "chat"): {2026: 65.0}})


def relaxed(control: Control) -> tuple[Program, Links, Relaxation, Found]:
    """Relaxation of the halls."""
    of, links, _ = parts(halls())
    found = Found()
    relaxation = relax(of, links, control, found)
    assert relaxation is not None
    return of, links, relaxation, found


def test_cuts_are_as_without_it_and_there_is_a_plan() -> None:
    of, links, relaxation, found = relaxed(Control())
    tight = tighten(of, links, relaxation, [], found)
    of, links, relaxation, found = relaxed(Control())
    beside = tighten_and_dive(of, links, relaxation, [], 9.0, 0.0, found)
    assert relaxation.bound < beside.bound == tight.bound == found.bound
    assert found.values is not None
    assert found.objective == pytest.approx(of.objective(found.values))
    assert found.solver is not None
    assert found.solver.solve().bound == pytest.approx(tight.bound)


def test_a_plan_that_is_enough_ends_it_with_the_bound_from_before() -> None:
    told = []
    control = Control(on_progress=lambda *news: told.append(news))
    of, links, relaxation, found = relaxed(control)
    told.clear()
    tighten_and_dive(of, links, relaxation, [], 9.0, 9.0, found)
    assert found.values is not None
    assert found.bound == relaxation.bound
    assert {bound for _, _, bound in told} == {relaxation.bound}
    assert "dive" in {phase for phase, _, _ in told}


def test_what_cuts_find_to_be_infeasible_stops_the_dive(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_plan(*_: object) -> None:
        raise Infeasible("none")

    control = Control()
    of, links, relaxation, found = relaxed(control)
    monkeypatch.setattr("optimizer.first_dive.tighten", without_plan)
    with pytest.raises(Infeasible):
        tighten_and_dive(of, links, relaxation, [], 9.0, 0.0, found)
    assert not control.interrupted.is_set()


@pytest.mark.parametrize("gap", [0.5, 0.05, 0.0])
def test_two_cores_come_to_the_same_every_time(gap: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.SHARED_COLUMNS", 0)
    of, links, stations = parts(halls())
    assert comes_in_blocks(of)
    plain = search(of, links, Control(), 0.0, method="plain").objective
    ends = []
    for _ in range(3):
        found = search(of, links, Control(threads=2), gap, stations=lambda: stations)
        assert found.bound <= plain * (1 + 1e-9)
        assert found.gap <= gap
        ends.append((found.objective, found.bound, found.values.tolist()))
    assert ends[0] == ends[1] == ends[2]


def test_where_all_is_yes_or_no_there_are_few_cuts_to_wait_for() -> None:
    site = {"max_it_mw": 120.0, "opening_cost": 50.0, "it_cost_per_mw": 4.0}
    of, _, _ = parts(small_inputs({"a": site}, {("r", "chat"): {2026: 30.0}}))
    assert of.integer.any()
    assert not comes_in_blocks(of)


def test_look_down_takes_a_plan() -> None:
    of, _, relaxation, found = relaxed(Control())
    look_down(of, relaxation, 9.0, -math.inf, found)
    assert found.values is not None
