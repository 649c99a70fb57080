import json

import numpy as np
import pytest

from models import build_model
from optimizer.highs import Control
from optimizer.points import Point
from optimizer.program import compile_program
from optimizer.search import Links, search
from tests.models.small_inputs import small_inputs

SITES = {"a": {"opening_cost": 5.0, "it_cost_per_mw": 1.0}, "b": {"opening_cost": 1.0}}


def stated(**changes):
    inputs = small_inputs(SITES, **changes)
    model = build_model(inputs)
    program = compile_program(model)
    return program, Links.of(model, inputs, program)


def plan(program, links):
    return search(program, links, Control(), 0.0)


def test_a_plan_starts_a_solve_of_the_same_columns_at_its_own_cost():
    program, links = stated()
    found = plan(program, links)
    point = Point.of(program, found.values)
    again = Point.from_dict(json.loads(json.dumps(point.as_dict())))
    assert np.array_equal(again.values, point.values)
    start = again.start(program, links)
    assert start.objective == pytest.approx(found.objective)
    started = search(program, links, Control(), 0.0, start=start)
    assert started.objective == pytest.approx(found.objective)


def test_what_breaks_a_limit_or_has_other_columns_is_no_start():
    program, links = stated()
    point = Point.of(program, plan(program, links).values)
    tight, its_links = stated(firm_mw={"port": 0.5}, unserved_penalty_per_mwh=1.0)
    assert point.start(tight, its_links) is None
    assert Point.of(program, np.zeros(len(program.cost))).start(program, links) is None
    dear, its_links = stated(discount_rate=0.5)
    assert point.start(dear, its_links) is not None


def test_a_point_brings_the_basis_of_its_relaxation_to_the_same_columns_and_rows():
    program, links = stated()
    found = plan(program, links)
    point = Point.of(program, found.values, found.relaxation.basis)
    again = Point.from_dict(json.loads(json.dumps(point.as_dict())))
    dear, its_links = stated(discount_rate=0.5)
    basis = again.basis_of(dear, its_links)
    assert np.array_equal(basis.columns, found.relaxation.basis.columns)
    started = search(dear, its_links, Control(), 0.0, basis=basis)
    assert started.objective == pytest.approx(plan(dear, its_links).objective)
    other, other_links = stated(demand_mw={("delft", "chat"): 1.0, ("gouda", "chat"): 1.0})
    assert again.basis_of(other, other_links) is None
    assert Point.of(program, found.values).basis_of(program, links) is None
