"""The search proves what a plain solve proves, with fewer rows."""

from threading import Event

import numpy as np
import pytest

from optimizer import diving
from optimizer.errors import Infeasible, Interrupted, NoPlan
from optimizer.highs import Control, Outcome, Status
from optimizer.program import Program
from optimizer.relaxation import Relaxation
from optimizer.restricted import FirstPlans
from optimizer.search import Found, Links, look_down, relax, search, tightened
from optimizer.sifting import Sifter
from tests.optimizer.programs import program
from tests.optimizer.test_ascent import instance, parts

INF = float("inf")


def siting(sites: int, users: int, seed: int, capacity: float = INF) -> tuple[Program, Links]:
    """Facility location: open sites, serve each user from one or more at a cost by distance.

    Columns are `open` by site, then `serve` by user and site. Without links the sites' capacity
    alone, at least all users', keeps closed sites from serving.
    """
    dice = np.random.default_rng(seed)
    at, homes = dice.random((sites, 2)), dice.random((users, 2))
    distance = np.linalg.norm(homes[:, None] - at[None], axis=2).ravel()
    count = sites + users * sites
    rows, lower, upper = [], [], []
    for u in range(users):
        row = np.zeros(count)
        row[sites + u * sites : sites + (u + 1) * sites] = 1
        rows, lower, upper = [*rows, row], [*lower, 1.0], [*upper, 1.0]
    for s in range(sites):
        row = np.zeros(count)
        row[sites + s :: sites] = 1
        row[s] = -min(capacity, users)
        rows, lower, upper = [*rows, row], [*lower, -INF], [*upper, 0.0]
    serve = np.arange(sites, count)
    links = Links(column=serve, most=np.ones(len(serve)), gate=(serve - sites) % sites)
    cost = [*dice.uniform(0.5, 1.5, sites), *distance]
    integer = [True] * sites + [False] * (users * sites)
    return program(cost, rows, lower, upper, upper=[1.0] * count, integer=integer), links


@pytest.mark.parametrize("capacity", [INF, 6.0])
@pytest.mark.parametrize("seed", range(4))
def test_search_and_plain_agree(seed: int, capacity: float) -> None:
    siting_program, links = siting(8, 20, seed, capacity)
    found = {
        method: search(siting_program, links, Control(), 0.0, method=method)
        for method in ("search", "plain")
    }
    for result in found.values():
        assert result.gap <= 1e-9
        assert result.values is not None
        assert siting_program.violation(result.values) <= 1e-6
        assert not links.broken_by(result.values).size
    assert found["search"].objective == pytest.approx(found["plain"].objective, rel=1e-9)


def test_links_are_separated_and_few_are_written() -> None:
    siting_program, links = siting(10, 40, seed=1)
    found = Found()
    relaxation = relax(siting_program, links, Control(), found)
    assert relaxation is not None
    # Without a link the relaxation opens a fortieth of a site for each user it serves there.
    nothing = Links(np.array([], dtype=int), np.array([]), np.array([], dtype=int))
    weak = Found()
    relax(siting_program, nothing, Control(), weak)
    every = Found()
    relaxed = relax(siting_program, links, Control(), every)
    assert relaxed is not None
    assert weak.bound < 0.7 * found.bound
    assert 0 < len(relaxation.written) < len(links.column) / 2
    assert not links.broken_by(relaxation.values).size
    result = search(siting_program, links, Control(), 0.0)
    assert result.links == (len(relaxation.written), 400)
    assert found.bound <= result.objective + 1e-9


def test_restricted_program_and_fixing_keep_the_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    siting_program, links = siting(10, 40, seed=2)
    whole = search(siting_program, links, Control(), 0.0)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    in_steps = search(siting_program, links, Control(), 0.0)
    assert in_steps.objective == pytest.approx(whole.objective, rel=1e-9)
    assert in_steps.bound <= whole.objective * (1 + 1e-9)


@pytest.mark.parametrize("part", [0.9, 1.1])
def test_from_a_third_of_what_is_small_on_relaxations_are_sifted(
    part: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites, links, stations = parts(instance(0))
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 3 * part * len(sites.cost))
    narrowed: list[int] = []
    monkeypatch.setattr(Sifter, "narrow", lambda _, kept: narrowed.append(kept.sum()))
    found = search(sites, links, Control(), 0.0, stations=lambda: stations)
    assert bool(narrowed) == (part < 1)
    assert found.root is None  # It is too small for an ascent.
    least = search(sites, links, Control(), 0.0, method="plain").objective
    assert found.objective == pytest.approx(least, rel=1e-7)
    assert found.bound <= least * (1 + 1e-9)


def test_interrupted_by_a_dive_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.MANY_FRACTIONS", -1)
    siting_program, links = siting(12, 40, seed=0, capacity=6.0)
    stop = Event()
    control = Control(
        interrupted=stop, on_progress=lambda phase, *_: stop.set() if phase == "dive" else None
    )
    found = search(siting_program, links, control, 0.0)
    assert found.status is Status.INTERRUPTED
    assert found.values is not None
    assert found.bound < found.objective


def test_a_better_plan_may_spend_what_the_best_costs_more_than_the_relaxation() -> None:
    # 10 to spare: 4 a step leaves two steps, 20 none.
    blocks = program([4, 20], [[1, 1]], [0], [INF], upper=[9, 9], integer=[True, True])
    point, none = np.zeros(2), np.array([], dtype=int)
    relaxation = Relaxation(point, point, np.array([4.0, 20.0]), none, 90.0, np.zeros(1), none)
    assert tightened(blocks, relaxation, 100.0).upper == pytest.approx([2, 0])


def test_a_start_that_the_relaxation_proves_near_enough_is_kept() -> None:
    siting_program, links = siting(10, 40, seed=2)
    best = search(siting_program, links, Control(), 0.0)
    assert best.values is not None
    start = Outcome(Status.OPTIMAL, best.values, best.objective, -INF)
    control = Control()
    found = search(siting_program, links, control, 0.5, start=start)
    assert control.choices == ["nothing more: a plan is near enough to the bound"]
    assert found.values is best.values
    assert found.bound <= best.objective


@pytest.mark.parametrize("mostly_shares", [0.5, 1.0])
def test_where_cheap_columns_leave_no_plan_only_shares_are_left_out(
    monkeypatch: pytest.MonkeyPatch, mostly_shares: float
) -> None:
    # A share of site A or B serves. B is dear, and A needs 2 MW that the point does not tell.
    monkeypatch.setattr("optimizer.kernel.KERNEL_FACTOR", 1.0)
    monkeypatch.setattr("optimizer.restricted.MOSTLY_SHARES", mostly_shares)
    sites = program(
        [1, 5, 1],
        [[1, 1, 0], [-2, 0, 1]],
        [1, 0],
        [1, INF],
        upper=[1, 1, 10],
    )
    point, dear = np.array([1.0, 0.0, 0.0]), np.array([0.0, 4.0, 1.0])
    none = np.array([], dtype=int)
    relaxation = Relaxation(point, point, dear, none, 1.0, np.zeros(2), none)
    found = Found()
    links = Links(none, np.array([]), none)
    FirstPlans(sites, links, relaxation, Control(), 0.0, found, INF).find(None)
    assert found.values is not None
    assert found.values.tolist() == [1, 0, 2]


def test_a_dear_column_may_still_serve_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    # Blocks at 1 serve 0.8 each, the rest may be bought at 3. Fractions of blocks cost 1.25, and
    # buying costs 3 - 1.25 = 1.75 more. Two blocks are the plan of the restricted program, 0.75
    # above the bound: less than the 1.75 of buying everything, but one block and a purchase of
    # 0.2 cost 1.6.
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    monkeypatch.setattr("optimizer.kernel.KERNEL_FACTOR", 1.0)
    blocks = program(
        [1, 0, 3],
        [[0, 1, 1], [-0.8, 1, 0]],
        [1, -INF],
        [1, 0],
        upper=[2, 1, 1],
        integer=[True, False, False],
    )
    nothing = Links(np.array([], dtype=int), np.array([]), np.array([], dtype=int))
    found = search(blocks, nothing, Control(), 0.0)
    assert found.objective == pytest.approx(1.6)
    assert found.bound == pytest.approx(1.6)


def test_infeasible_is_proven_by_fractions_or_by_whole_numbers() -> None:
    # Three users, two sites of capacity 1.
    with pytest.raises(Infeasible, match="fractions"):
        search(*siting(2, 3, seed=0, capacity=1.0), Control(), 0.0)
    # x + y = 1 with both even.
    odd = program([1, 1], [[2, 2]], [1], [1], upper=[1, 1], integer=[True, True])
    nothing = Links(np.array([], dtype=int), np.array([]), np.array([], dtype=int))
    with pytest.raises(Infeasible, match="whole numbers"):
        search(odd, nothing, Control(), 0.0)


def test_limit_before_any_plan() -> None:
    with pytest.raises(NoPlan, match="time limit"):
        search(*siting(8, 20, seed=0), Control(time_limit=0), 0.0)


def test_interruption_before_any_plan() -> None:
    interrupted = Event()
    interrupted.set()
    with pytest.raises(Interrupted):
        search(*siting(8, 20, seed=0), Control(interrupted=interrupted), 0.0)


def test_a_plan_to_start_from_is_kept_where_no_time_is_left() -> None:
    siting_program, links = siting(8, 20, seed=1)
    best = search(siting_program, links, Control(), 0.0)
    start = Outcome(Status.OPTIMAL, best.values, best.objective, -INF)
    late = search(siting_program, links, Control(time_limit=0), 0.0, start=start)
    assert late.objective == best.objective
    assert late.gap == INF
    nowhere = Outcome(Status.INFEASIBLE, None, INF, INF)
    with pytest.raises(NoPlan):
        search(siting_program, links, Control(time_limit=0), 0.0, start=nowhere)


def first_plans(seed: int) -> list[float]:
    """What the plans cost that a search begins with."""
    plans = []

    def note(phase: str, plan: float, _: float) -> None:
        if phase == "dive":
            plans.append(plan)

    search(*siting(8, 20, seed, 5.0), Control(on_progress=note), 0.0)
    return plans


def test_every_step_that_makes_the_first_plan_cheaper_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_steps = [first_plans(seed) for seed in range(8)]
    monkeypatch.setattr(diving, "stepped", lambda *_: iter(()))
    for seed, stepped in enumerate(with_steps):
        assert [stepped[0]] == first_plans(seed)
        assert stepped == sorted(stepped, reverse=True)
    assert max(map(len, with_steps)) > 1


def test_after_a_dive_the_solver_is_where_the_relaxation_ended() -> None:
    program, links = siting(12, 40, 1, capacity=6.0)
    found = Found()
    relaxation = relax(program, links, Control(), found)
    assert relaxation is not None
    look_down(program, relaxation, 9.0, -np.inf, found)
    assert found.solver is not None
    assert found.values is not None
    assert found.solver.solve().bound == pytest.approx(relaxation.bound, rel=1e-9)
    assert found.solver.highs.getInfo().simplex_iteration_count == 0
