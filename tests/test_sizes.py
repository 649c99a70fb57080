"""How large each shipped instance is for the solver: what memory and minutes go into.

Clocks are noisy and counts are not. A change to the mathematics, to pooling or to the hand-over
that moves one of these is to be noticed and meant.
"""

from dataclasses import astuple
from pathlib import Path

import pytest

from models import build_model, size_of
from optimizer.instance import read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes

INSTANCES = Path(__file__).resolve().parents[1] / "instances"
SIZES = {
    # routes, those left by pooling, rows, columns, nonzeros
    "bridge": (3, 3, 1829, 1153, 4626),
    "europe": (64807, 19800, 5005, 99008, 268842),
    "europe_hourly": (65407, 20345, 148019, 180955, 1283932),
    "grid_too_late": (4, 4, 27, 22, 52),
    "two_sites": (4, 4, 27, 22, 53),
    "waiting_for_power": (6, 6, 33, 26, 63),
    "world": (147671, 18587, 7245, 95291, 193614),
}


# Of what is counted before the build, at most this much turns out to be zero.
LOOSE = 1.03


def test_every_shipped_instance_is_pinned() -> None:
    assert {path.name for path in INSTANCES.iterdir() if path.is_dir()} == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_these_and_counted_before_the_build(name: str) -> None:
    instance = read_instance(INSTANCES / name)
    routes = find_routes(instance)
    inputs = pool_regions(prepare(instance, routes))
    program = compile_program(build_model(inputs))
    sizes = len(routes.eligible), len(inputs.routes), *program.matrix.shape, program.matrix.nnz
    assert sizes == SIZES[name]
    for counted, real in zip(astuple(size_of(inputs)), sizes[2:], strict=True):
        assert real <= counted <= real * LOOSE + 1
