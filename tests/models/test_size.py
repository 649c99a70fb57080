"""The size of a model is known before it is built: never too small, and hardly too large."""

import random

import pytest
from hypothesis import given, settings

from models import PlanInputs, build_model, size_of
from optimizer.instance import read_instance
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes
from tests.models.baselines import hourly_inputs, reference_inputs
from tests.models.small_problems import small_problems
from tests.random_hours import ASPECTS, hourly_instance


def holds(inputs: PlanInputs, loose: float) -> None:
    """Compare what is counted with what is built; what is zero by chance may be counted, too."""
    counted = size_of(inputs)
    built = compile_program(build_model(inputs))
    rows, columns = built.matrix.shape
    assert rows <= counted.rows <= rows * (1 + loose) + 2
    # The column that is always 0 stays out of most models.
    assert columns <= counted.columns <= columns * (1 + loose) + 4
    assert built.matrix.nnz <= counted.nonzeros <= built.matrix.nnz * (1 + loose) + 8


@pytest.mark.parametrize("inputs", [reference_inputs(), hourly_inputs()], ids=["peak", "slices"])
def test_every_aspect_is_counted(inputs):
    holds(inputs, 0.11)


@given(small_problems())
@settings(max_examples=100, deadline=None)
def test_any_problem_is_counted(inputs):
    holds(inputs, 0.05)


@pytest.mark.parametrize("seed", range(12))
def test_any_problem_with_slices_is_counted(tmp_path, seed):
    dice = random.Random(seed)
    aspects = [aspect for aspect in ASPECTS if dice.random() < 0.5]
    instance = read_instance(hourly_instance(tmp_path / "hours", seed, aspects))
    holds(prepare(instance, find_routes(instance)), 0.2)
