"""A relaxation that goes on from where another one ended: as good, and sooner there."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models import build_model
from optimizer.basis import Basis
from optimizer.bounding import relax
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.program import compile_program
from optimizer.relaxation import Links
from optimizer.stations import Stations
from tests.models.small_inputs import small_inputs

SITES = {
    f"s{i}": {"node": f"g{i}", "max_it_mw": 4.0, "opening_cost": 20.0 + i, "it_cost_per_mw": 1.0}
    for i in range(6)
}
DEMAND = {(f"r{j}", "chat"): 1.0 + 0.2 * j for j in range(8)}
NETWORK = {(f"r{j}", f"s{i}"): (3 * i + 5 * j) % 7 / 2 for i in range(6) for j in range(8)}
INPUTS = small_inputs(SITES, DEMAND, network_cost_per_mw_year=NETWORK)
DEARER = replace(INPUTS, sites=INPUTS.sites.assign(opening_cost=INPUTS.sites.opening_cost * 1.1))
MORE = replace(INPUTS, demand_mw=INPUTS.demand_mw * 1.2)


def relaxed(inputs, start=None, *, sifted=False):
    """Relaxation of a problem, and how many steps the simplex method took to it."""
    model = build_model(inputs)
    program = compile_program(model)
    links = Links.of(model, inputs, program)
    stations = Stations.of(model, inputs, program) if sifted else None
    steps, run = [], Solver.run

    def counted(solver):
        outcome = run(solver)
        steps.append(solver.highs.getInfo().simplex_iteration_count)
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Solver, "run", counted)
        relaxation = relax(program, links, Control(threads=1), Found(), stations, start=start)
    return relaxation, sum(steps)


@pytest.mark.parametrize("sifted", [False, True], ids=["whole", "sifted"])
def test_from_its_own_basis_a_relaxation_is_there_at_once(sifted):
    first, taken = relaxed(INPUTS, sifted=sifted)
    again, steps = relaxed(INPUTS, first.basis, sifted=sifted)
    assert steps == 0 < taken
    assert again.bound == pytest.approx(first.bound)
    assert again.written.tolist() == first.written.tolist() != []


@pytest.mark.parametrize("sifted", [False, True], ids=["whole", "sifted"])
@pytest.mark.parametrize("other", [DEARER, MORE], ids=["dearer", "more"])
def test_from_the_basis_of_another_it_comes_to_the_same_bound(other, sifted):
    start, _ = relaxed(INPUTS, sifted=sifted)
    alone, _ = relaxed(other, sifted=sifted)
    after, _ = relaxed(other, start.basis, sifted=sifted)
    assert after.bound == pytest.approx(alone.bound, rel=1e-6)
    assert start.bound != pytest.approx(alone.bound, rel=1e-3)


def test_where_it_ended_is_kept_as_json_and_fits_programs_of_its_size():
    relaxation, _ = relaxed(INPUTS)
    basis = Basis.from_dict(json.loads(json.dumps(relaxation.basis.as_dict())))
    for part in ("links", "columns", "rows"):
        assert np.array_equal(getattr(basis, part), getattr(relaxation.basis, part))
    columns, rows = len(basis.columns), len(basis.rows) - len(basis.links)
    links = basis.links.max() + 1
    assert basis.suits(columns, rows, links)
    assert not basis.suits(columns + 1, rows, links)
    assert not basis.suits(columns, rows + 1, links)
    assert not basis.suits(columns, rows, links - 1)
    nowhere = replace(basis, columns=np.zeros_like(basis.columns))  # No vertex was found.
    assert not nowhere.suits(columns, rows, links)
