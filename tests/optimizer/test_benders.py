"""Cuts of hours: true of every plan, and in the end as much as a model by the hour would say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy import sparse

from models import PlanInputs, build_model
from models.coarse import BY_SLICE, blocks_of, coarse
from optimizer.benders import LEAST_COEFFICIENT, View, lifted, tell, with_hours
from optimizer.bounding import relax
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.instance import read_instance
from optimizer.operation import Limits, Operation
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.relaxation import Links
from optimizer.routes import find_routes
from optimizer.search import search
from tests.random_hours import hourly_instance


class Case:
    """A problem by the hour, and by a few blocks a day."""

    def __init__(self, inputs: PlanInputs, each_day: int) -> None:
        self.by_hour_model = build_model(inputs)
        self.by_hour = compile_program(self.by_hour_model)
        self.by_hour_links = Links.of(self.by_hour_model, inputs, self.by_hour)
        blocks = replace(inputs, power=coarse(inputs.power, blocks_of(inputs.power, each_day)))
        self.model = build_model(blocks)
        self.program = compile_program(self.model)
        self.links = Links.of(self.model, blocks, self.program)
        node = inputs.sites.node.to_dict()
        self.operation = Operation(self.by_hour, self.program, node, Control())
        self.view = View.of(self.program, self.operation)

    def bound(self, program, links):
        return relax(program, links, Control(), Found()).bound

    def sizes_of(self, plan):
        """Sizes of a plan by the hour."""
        value = {
            (v.parent_component().name, v.index()): x
            for v, x in zip(self.by_hour.variables, plan, strict=True)
        }
        return np.array([value[key] for key in self.operation.names])

    def costs_of(self, plan):
        """What each part's hours cost in a plan by the hour."""
        costs = dict.fromkeys(self.operation.keys, 0.0)
        node = self.operation.node
        for variable, cost, x in zip(self.by_hour.variables, self.by_hour.cost, plan, strict=True):
            if variable.parent_component().name in BY_SLICE:
                site, stage = variable.index()[0], variable.index()[-2]
                for key in ((("site", site), stage), (("node", node[site]), stage)):
                    if key in costs:
                        costs[key] += cost * x
        return np.array([costs[key] for key in self.operation.keys])


@pytest.fixture(scope="module")
def case() -> Case:
    instance = read_instance(Path("instances/bridge"))
    return Case(prepare(instance, find_routes(instance)), 2)


@pytest.fixture(scope="module")
def told(case):
    cuts = []
    program, basis = tell(case.view, case.links, cuts, Control())
    return program, basis, cuts


@pytest.fixture(scope="module")
def best(case):
    return search(case.by_hour, case.by_hour_links, Control(), 1e-9)


def test_what_is_decided_by_the_slice_is_named_and_ends_with_stage_and_slice(case):
    def count(program):
        names = [v.parent_component().name for v in program.variables]
        return {name: names.count(name) for name in set(names)}

    hours, blocks = count(case.by_hour), count(case.program)
    assert {name for name in hours if hours[name] != blocks[name]} <= BY_SLICE
    slices = len(case.by_hour_model.dispatch.power.slices)
    for variable in case.by_hour.variables:
        if variable.parent_component().name in BY_SLICE:
            *_, stage, h = variable.index()
            assert stage in case.by_hour_model.STAGES
            assert 0 <= h < slices


def test_told_of_its_hours_a_relaxation_by_blocks_knows_what_one_by_the_hour_does(case, told):
    by_hour = case.bound(case.by_hour, case.by_hour_links)
    by_blocks = case.bound(case.program, case.links)
    program, _, cuts = told
    knows = case.bound(program, case.links)
    assert cuts
    assert by_blocks < 0.999 * by_hour, "blocks alone know less, or this shows nothing"
    assert knows <= by_hour * (1 + 1e-9)
    assert knows == pytest.approx(by_hour, rel=1e-3)


@pytest.mark.parametrize(
    ("seed", "aspects"),
    [
        (1, "shared_node gas solar storage tariffs"),
        (3, "shared_node gas export tariffs temperature"),
        (4, "shared_node solar gas local temperature"),
    ],
)
def test_told_of_its_hours_one_block_a_day_knows_all_that_hours_do(seed, aspects, tmp_path):
    instance = read_instance(hourly_instance(tmp_path, seed, aspects.split()))
    case, cuts = Case(prepare(instance, find_routes(instance)), 1), []
    program, _ = tell(case.view, case.links, cuts, Control())
    by_hour = case.bound(case.by_hour, case.by_hour_links)
    assert case.bound(case.program, case.links) < 0.96 * by_hour
    assert by_hour * (1 - 3e-6) < case.bound(program, case.links) < by_hour * (1 + 1e-9)
    # Some tell of sites that share a node, and of what is beyond anything that blocks could cost.
    kinds = {case.operation.keys[cut.part][0][0] for cut in cuts if cut.part is not None}
    assert kinds == {"site", "node"}


def test_a_limit_of_sizes_alone_is_told_where_it_is_broken_most():
    limits = Limits(
        sizes=sparse.csr_array(np.array([[2.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])),
        lower=np.array([-np.inf, -np.inf, 4.0, -np.inf]),
        upper=np.array([10.0, 10.0, np.inf, 9.0]),
        group=np.array([0, 0, 1, 2]),
    )
    first, second = limits.cuts(np.array([3.0, 8.0]))  # 14 and 11 of 10; 3 of at least 4; 8 of 9
    assert (first.slope.tolist(), first.least) == ([2.0, 1.0], -10.0)
    assert (second.slope.tolist(), second.least) == ([-1.0, 0.0], 4.0)
    assert limits.cuts(np.array([4.0, 2.0])) == []


def test_cuts_tell_of_limits_of_sizes_as_of_hours(case, best, monkeypatch):
    sizes, costs = case.sizes_of(best.values), case.costs_of(best.values)
    first = sparse.csr_array(([1.0], ([0], [0])), shape=(1, len(sizes)))
    most = np.array([sizes[0] - 1])
    limits = Limits(first, np.array([-np.inf]), most, np.array([0]))
    monkeypatch.setattr(case.operation, "limits", limits)
    (cut,) = case.operation.cuts(sizes, costs, 1e-5 * costs.sum())
    assert cut.part is None
    assert cut.least == -most[0]


def test_every_cut_is_true_of_all_that_can_happen_by_the_hour(case, told, best):
    *_, cuts = told
    # Points that cost least at other prices, each of them further up by chance.
    solver, luck = Solver(case.by_hour, Control(), "other prices", relaxed=True), default_rng(0)
    plans = [best.values]
    for _ in range(8):
        solver.set_cost(case.by_hour.cost * luck.uniform(1, 3, len(case.by_hour.cost)))
        plans.append(solver.solve().values)
    for plan in plans:
        sizes, costs = case.sizes_of(plan), case.costs_of(plan)
        for cut in cuts:
            cost = 0.0 if cut.part is None else costs[cut.part]
            says = cut.least + cut.slope @ sizes
            assert cost >= says - 1e-6 * max(1.0, abs(cost), np.abs(cut.slope * sizes).max())


def test_at_the_sizes_of_a_plan_cuts_say_what_its_hours_cost(case, best):
    sizes, costs = case.sizes_of(best.values), case.costs_of(best.values)
    nothing_known = np.full(len(costs), -np.inf)
    cuts = case.operation.cuts(sizes, nothing_known, 0.0)
    assert {cut.part for cut in cuts} == set(range(len(costs)))
    for cut in cuts:
        assert cut.least + cut.slope @ sizes == pytest.approx(costs[cut.part], rel=1e-5, abs=1)
    assert case.operation.cuts(sizes, costs, 1e-5 * costs.sum()) == []


def test_sizes_that_leave_hours_short_are_cut_off_and_those_of_a_plan_are_not(case, best):
    sizes = case.sizes_of(best.values)
    without = sizes.copy()
    gone = [kind in ("supply.standing_mw", "grid.ordered") for kind, _ in case.operation.names]
    assert without[gone].any()
    without[gone] = 0.0
    shortages = [
        cut
        for cut in case.operation.cuts(without, np.full(len(case.operation.keys), np.inf), 0.0)
        if cut.part is None
    ]
    assert shortages
    for cut in shortages:
        assert cut.least + cut.slope @ without > 0
        assert cut.least + cut.slope @ sizes <= 1e-6 * np.abs(cut.slope * sizes).max(initial=1.0)


def test_the_basis_is_where_the_relaxation_with_all_cuts_ended(case, told):
    program, basis, _ = told
    assert basis.suits(len(program.cost), len(program.row_lower), len(case.links.column))
    solver = Solver(program, Control(), "again", relaxed=True)
    case.links.add_to(solver, basis.links)
    solver.start_at(basis.columns, basis.rows)
    again = solver.solve()
    assert solver.highs.getInfo().simplex_iteration_count <= 2
    assert again.objective == pytest.approx(case.bound(program, case.links), rel=1e-6)


def test_a_plans_choices_cost_by_blocks_what_they_cost_by_the_hour(case, told, best):
    value = {
        (v.parent_component().name, v.index()): x
        for v, x in zip(case.by_hour.variables, best.values, strict=True)
    }
    plan = np.array(
        [
            value.get((v.parent_component().name, v.index()), 0.0) if whole else 0.0
            for v, whole in zip(case.program.variables, case.program.integer, strict=True)
        ]
    )
    *_, cuts = told
    cuts = list(cuts)
    relaxation = relax(case.program, case.links, Control(), Found())
    with_sizes, _ = with_hours(case.view, cuts, plan, relaxation, Control())
    assert case.program.objective(with_sizes) == pytest.approx(best.objective, rel=1e-4)
    # With no share but those that it has itself, likewise.
    nothing = replace(relaxation, used=np.zeros(len(plan)), reduced_cost=np.ones(len(plan)))
    spoiled = np.where(case.program.integer | case.view.shares, with_sizes, 0.0)
    again, kept = with_hours(case.view, list(cuts), spoiled, nothing, Control())
    assert (kept == ~case.view.shares | (with_sizes > 0)).all()
    assert case.program.objective(again) == pytest.approx(best.objective, rel=1e-4)
    whole = case.program.integer
    assert (np.round(with_sizes[whole]) == np.round(plan[whole])).all()


def test_an_interrupted_search_for_cuts_ends_with_what_it_has(case):
    control = Control()
    control.interrupted.set()
    cuts = []
    program, basis = tell(case.view, case.links, cuts, control)
    assert basis is None
    assert not cuts
    assert program is case.program


@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6) | st.floats(-1e-6, 1e-6), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.floats(0, 1e4), min_size=3, max_size=3),
)
def test_without_its_smallest_coefficients_a_row_asks_for_no_more(rows, point):
    before = sparse.csr_array(np.array(rows))
    after = lifted(before.copy())
    x = np.array(point)
    assert (after @ x >= before @ x - 1e-9 * (abs(before) @ x)).all()
    if after.nnz:
        largest = np.repeat(abs(before).max(axis=1).toarray().ravel(), np.diff(after.indptr))
        assert (np.abs(after.data) >= LEAST_COEFFICIENT * largest * (1 - 1e-9)).all()
