"""Rows, columns and nonzeros of each shipped instance, pinned: no noise can move them."""

from dataclasses import astuple
from pathlib import Path

import pytest

from models import build_model, size_of
from optimizer.instance import read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes

INSTANCES = Path(__file__).parents[1] / "instances"
# A change is to be noticed and meant: fewer is better, and more is paid by every planner.
PINNED = {
    "bridge": (1829, 1153, 4458),
    "europe": (5005, 99008, 268906),
    "europe_hourly": (148019, 180955, 1282037),
    "grid_too_late": (27, 22, 50),
    "two_sites": (27, 22, 51),
    "waiting_for_power": (33, 26, 61),
    "world": (7245, 95291, 193493),
}
# Of what is counted before the build, at most this much turns out to be zero.
LOOSE = 1.03


def test_every_instance_is_pinned():
    assert {file.parent.name for file in INSTANCES.glob("*/instance.toml")} == set(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_sizes(name):
    instance = read_instance(INSTANCES / name)
    inputs = pool_regions(prepare(instance, find_routes(instance)))
    program = compile_program(build_model(inputs))
    assert (*program.matrix.shape, program.matrix.nnz) == PINNED[name]
    counted = size_of(inputs)
    for guess, real in zip(astuple(counted), PINNED[name], strict=True):
        assert real <= guess <= real * LOOSE + 1
