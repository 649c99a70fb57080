"""The size of a model is known before it is built: never too small, and hardly too large."""

import random
from dataclasses import astuple, replace

import pytest
from hypothesis import given, settings

from models import PlanInputs, build_model, size_of
from models.coarse import blocks_of, coarse
from optimizer.instance import read_instance
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes
from tests.models.baselines import hourly_inputs, reference_inputs
from tests.models.small_problems import small_problems
from tests.random_hours import ASPECTS, hourly_instance

# Coefficients that are counted and turn out to be zero by chance, with slices and with two blocks
# a day: tables that say so are not gone through before the build.
ZEROS = {
    0: (73, 65), 1: (189, 189), 2: (106, 73), 3: (120, 120), 4: (62, 44), 5: (66, 66),
    6: (141, 107), 7: (377, 205), 8: (71, 71), 9: (51, 39), 10: (10, 10), 11: (377, 265),
    31: (35, 35), 33: (12, 12),
}  # fmt: skip


def excess(inputs: PlanInputs) -> tuple[int, int, int]:
    """Rows, columns and coefficients that are counted and not built."""
    counted = size_of(inputs)
    built = compile_program(build_model(inputs))
    rows, columns = built.matrix.shape
    return counted.rows - rows, counted.columns - columns, counted.nonzeros - built.matrix.nnz


def zeros(inputs: PlanInputs) -> int:
    """Coefficients that are counted and not built; rows and columns are counted one by one."""
    rows, columns, nonzeros = excess(inputs)
    # The column that is always 0 stays out of these models.
    assert (rows, columns) == (0, 1)
    return nonzeros


@pytest.mark.parametrize(("inputs", "expected"), [(reference_inputs(), 4), (hourly_inputs(), 45)])
def test_every_aspect_is_counted(inputs, expected):
    assert zeros(inputs) == expected


@given(small_problems())
@settings(max_examples=100, deadline=None)
def test_any_problem_is_counted(inputs):
    # An upgrade for nothing at a node that nobody needs leaves nothing to build.
    for most, counted, beyond in zip(
        (2, 4, 8), astuple(size_of(inputs)), excess(inputs), strict=True
    ):
        assert 0 <= beyond <= most + 0.05 * counted


@pytest.mark.parametrize("seed", ZEROS)
def test_any_problem_with_slices_is_counted(tmp_path, seed):
    dice = random.Random(seed)
    aspects = [aspect for aspect in ASPECTS if dice.random() < 0.5]
    instance = read_instance(hourly_instance(tmp_path / "hours", seed, aspects))
    inputs = prepare(instance, find_routes(instance))
    blocks = replace(inputs, power=coarse(inputs.power, blocks_of(inputs.power, 2)))
    assert (zeros(inputs), zeros(blocks)) == ZEROS[seed]
