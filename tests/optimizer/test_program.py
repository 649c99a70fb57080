"""A model as arrays: the same as Pyomo's own compiler makes of it, and no number left unchecked."""

from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from models import build_model
from optimizer.errors import SolverFailure
from optimizer.instance import read_instance
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes
from tests.models.baselines import hourly_inputs, reference_inputs
from tests.models.small_problems import small_problems


def same_as_pyomo(model):
    """Compare a compiled model with what Pyomo makes of it, number by number."""
    program = compile_program(model)
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    kind = np.array([row.bound_type for row in form.rows])
    rhs = np.array(form.rhs, dtype=float)
    assert list(map(id, program.variables)) == list(map(id, form.columns))
    assert list(map(id, program.constraints)) == [id(row.constraint) for row in form.rows]
    np.testing.assert_allclose(program.cost, form.c.toarray().ravel(), rtol=1e-14)
    assert program.offset == pytest.approx(form.c_offset[0], rel=1e-14)
    difference = program.matrix - form.A
    assert abs(difference).max() <= 1e-14 * abs(program.matrix).max()
    assert program.matrix.nnz == form.A.nnz
    np.testing.assert_array_equal(program.row_lower, np.where(kind == 1, -np.inf, rhs))
    np.testing.assert_array_equal(program.row_upper, np.where(kind == -1, np.inf, rhs))
    lower = [-np.inf if v.lb is None else v.lb for v in form.columns]
    upper = [np.inf if v.ub is None else v.ub for v in form.columns]
    np.testing.assert_array_equal(program.lower, lower)
    np.testing.assert_array_equal(program.upper, upper)
    assert program.integer.tolist() == [v.is_integer() or v.is_binary() for v in form.columns]


@pytest.mark.parametrize("inputs", [reference_inputs(), hourly_inputs()], ids=["peak", "slices"])
def test_every_constraint_is_compiled_as_by_pyomo(inputs):
    same_as_pyomo(build_model(inputs))


@pytest.mark.parametrize("name", ["bridge", "europe", "waiting_for_power"])
def test_instances_are_compiled_as_by_pyomo(name):
    instance = read_instance(Path("instances") / name)
    same_as_pyomo(build_model(prepare(instance, find_routes(instance))))


@given(small_problems())
@settings(max_examples=40, deadline=None)
def test_any_problem_is_compiled_as_by_pyomo(inputs):
    same_as_pyomo(build_model(inputs))


def little():
    """Minimise x + y of two variables between 0 and 10."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 10))
    model.y = pyo.Var([1], bounds=(0, 10))
    model.idle = pyo.Var()
    model.goal = pyo.Objective(expr=model.x + 2 * (model.y[1] + 3) + 0 * model.idle)
    return model


def test_terms_of_one_column_are_summed_and_what_cancels_goes():
    model = little()
    model.row = pyo.Constraint(expr=model.x + model.y[1] + model.x - model.y[1] <= 4)
    program = compile_program(model)
    assert program.matrix.toarray().tolist() == [[2, 0]]
    assert program.cost.tolist() == [1, 2]
    assert program.offset == 6


def test_a_row_without_columns_stays_where_nothing_keeps_it():
    model = little()
    model.kept = pyo.Constraint(expr=0 * model.x <= 1)
    model.broken = pyo.Constraint(expr=0 * model.x >= 1)
    program = compile_program(model)
    assert [row.name for row in program.constraints] == ["broken"]
    assert program.matrix.shape == (1, 2)


def test_limits_on_both_sides_are_one_row():
    model = little()
    model.between = pyo.Constraint(expr=(1, model.x + model.y[1] + 1, 5))
    program = compile_program(model)
    assert program.row_lower.tolist() == [0]
    assert program.row_upper.tolist() == [4]


def test_a_model_that_is_not_linear_is_refused():
    model = little()
    model.bent = pyo.Constraint(expr=model.x * model.y[1] <= 1)
    with pytest.raises(SolverFailure, match="not linear"):
        compile_program(model)


@pytest.mark.parametrize("number", [1e15, float("nan")])
def test_numbers_that_solvers_get_wrong_are_refused(number):
    model = little()
    model.row = pyo.Constraint(expr=number * model.x + model.y[1] <= 4)
    with pytest.raises(SolverFailure, match="at row is too large"):
        compile_program(model)


def test_a_limit_that_is_no_number_is_refused():
    model = little()
    model.row = pyo.Constraint(expr=(None, model.x, float("nan")))
    with pytest.raises(SolverFailure, match="right-hand side nan at row"):
        compile_program(model)
