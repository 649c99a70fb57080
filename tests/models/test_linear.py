"""A sum that keeps its terms as they came is to Pyomo what its own sum is."""

import pyomo.environ as pyo
import pytest
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression
from pyomo.core.expr.visitor import replace_expressions
from pyomo.repn import generate_standard_repn
from pyomo.repn.linear import LinearRepnVisitor

from models import build_model
from models.linear import WeightedSum
from optimizer.program import compile_program
from tests.models.small_inputs import small_inputs

COEFFICIENTS = [2.0, -3.0, 0.5]


@pytest.fixture
def model():
    model = pyo.ConcreteModel()
    model.x = pyo.Var([0, 1, 2], bounds=(0, 10), initialize={0: 1, 1: 2, 2: 4})
    return model


def of_pyomo(model):
    return LinearExpression(linear_coefs=COEFFICIENTS, linear_vars=list(model.x.values()))


def ours(model):
    return WeightedSum(COEFFICIENTS, list(model.x.values()))


@pytest.mark.parametrize(
    "asked",
    [
        str,
        pyo.value,
        lambda total: total.nargs(),
        lambda total: list(map(str, total.args)),
        lambda total: list(total.linear_coefs),
        lambda total: list(map(str, total.linear_vars)),
        lambda total: total.constant,
        lambda total: total.polynomial_degree(),
        lambda total: str(generate_standard_repn(3 - 2 * total).to_expression()),
        lambda total: str(total.clone()),
        lambda total: pyo.value(3 - 2 * total + total / 4),
        lambda total: total.to_string(verbose=True),
    ],
)
def test_it_answers_as_pyomos_own(model, asked):
    assert asked(ours(model)) == asked(of_pyomo(model))


def test_pyomo_compiles_it(model):
    compiled = LinearRepnVisitor({}).walk_expression(3 - 2 * ours(model))
    assert compiled.constant == 3
    assert compiled.linear == {
        id(x): -2 * coefficient
        for x, coefficient in zip(model.x.values(), COEFFICIENTS, strict=True)
    }


def test_pyomo_exchanges_variables_in_it(model):
    exchanged = replace_expressions(ours(model), {id(model.x[0]): model.x[2]})
    assert pyo.value(exchanged) == 2 * 4 - 3 * 2 + 0.5 * 4


@pytest.mark.parametrize("suffix", ["lp", "mps", "nl"])
def test_pyomo_writes_it(model, tmp_path, suffix):
    files = []
    for number, made in enumerate((ours, of_pyomo)):
        model.row = pyo.Constraint(expr=made(model) <= 4)
        model.goal = pyo.Objective(expr=made(model) + 1 + model.x[1])
        file = tmp_path / f"{number}.{suffix}"
        model.write(str(file))
        files.append(file.read_bytes())
        model.del_component("row")
        model.del_component("goal")
    assert files[0] == files[1]


def test_a_copy_of_the_model_has_its_own(model):
    model.row = pyo.Constraint(expr=ours(model) <= 4)
    copy = model.clone()
    copy.x[0].set_value(9)
    assert pyo.value(copy.row.body) == pyo.value(model.row.body) + 2 * 8


def test_sums_keep_it_whole(model):
    one, other = ours(model), ours(model)
    assert [id(part) for part in (one + other + 1).args[:2]] == [id(one), id(other)]


def test_its_terms_are_made_for_who_asks(model):
    total = ours(model)
    assert total._terms is None
    assert {type(term) for term in total.args} == {MonomialTermExpression}
    assert total._terms is not None


def test_nobody_asks_for_them_on_the_way_to_the_solver():
    model = build_model(small_inputs({"a": {"opening_cost": 5}}))
    compile_program(model)
    rows = [*model.demand.all_served.values(), *model.demand.load_balance.values()]
    assert [row.body._terms for row in rows] == [None] * len(rows)


def test_coefficients_and_variables_must_match(model):
    with pytest.raises(ValueError, match="2 coefficients, 3 variables"):
        WeightedSum([1.0, 2.0], list(model.x.values()))
