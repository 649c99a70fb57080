"""Prices of an ascent become a dual solution that proves its bound, and no more than is true."""

from pathlib import Path

import numpy as np
import pytest

from models import build_model
from optimizer.certify import certified, certify
from optimizer.dual_solution import dual_solution
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.pricing import Pricing
from optimizer.program import compile_program
from optimizer.routes import find_routes
from optimizer.run import Clock, Options, Plan, certificate_table, solve_instance, write_run
from optimizer.search import Found, Links, relax
from optimizer.stations import Stations
from scripts.import_orlib import parse, write_instance
from tests.optimizer.test_ascent import climbed as ascent_of
from tests.optimizer.test_ascent import instance, parts
from tests.test_known_optima import ORLIB

TWO_SITES = Path(__file__).parents[2] / "instances" / "two_sites"
CAP131 = ORLIB / "cap131.txt"
OPTIMUM = 793_439.5625


@pytest.mark.parametrize("seed", range(6))
def test_proves_what_the_ascent_did_and_no_more_than_the_relaxation(seed: int) -> None:
    program, links, stations = parts(instance(seed))
    ascent = ascent_of(program, stations)
    strong = Found()
    relax(program, links, Control(), strong)
    proof = dual_solution(program, links, stations, ascent.price, Control())
    assert proof is not None
    assert proof.bound == pytest.approx(ascent.answer.bound, rel=1e-9)
    assert proof.bound <= strong.bound + 1e-9 * abs(strong.bound)
    assert proof.row_dual[stations.priced_rows] == pytest.approx(ascent.price[stations.priced_rows])


@pytest.mark.parametrize("size", [0.1, 10.0])
def test_any_prices_can_be_completed(size: float) -> None:
    program, links, stations = parts(instance(0))
    strong = Found()
    relax(program, links, Control(), strong)
    pricing, dice = Pricing(program, stations), np.random.default_rng(1)
    price = pricing.first_price() + size * dice.normal(size=len(pricing.rhs))
    price = np.clip(price, pricing.least, pricing.most)
    proof = dual_solution(program, links, stations, price, Control())
    assert proof is not None
    assert proof.bound == pytest.approx(pricing.answer(price).bound, rel=1e-9)
    assert proof.bound <= strong.bound + 1e-9 * abs(strong.bound)


@pytest.mark.skipif(not CAP131.is_file(), reason="SITEWATT_BENCH says where OR-Library's files are")
def test_benchmark_is_certified_near_its_optimum_without_its_relaxation(tmp_path: Path) -> None:
    write_instance(tmp_path / "i", "cap131", parse(CAP131.read_text("utf-8")), "cap131.txt")
    benchmark = read_instance(tmp_path / "i")
    inputs = pool_regions(prepare(benchmark, find_routes(benchmark)))
    model = build_model(inputs)
    program = compile_program(model)
    links, stations = Links.of(model, inputs, program), Stations.of(model, inputs, program)
    price = ascent_of(program, stations).price
    proof = dual_solution(program, links, stations, price, Control())
    exact = certify(benchmark, certificate_table(program, links, proof))
    assert (exact.projected, exact.unknown) == (0, 0)
    assert 0.999 * OPTIMUM < exact.bound <= OPTIMUM


def climbed(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan whose relaxation gave way to an ascent at once."""
    monkeypatch.setattr("optimizer.search.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("optimizer.search.LONG_PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    options = Options(gap=0.0, threads=1)
    return solve_instance(read_instance(TWO_SITES), options, Control(), Clock(lambda *_: None))


def test_run_that_climbed_to_its_bound_has_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = climbed(monkeypatch)
    assert "certificate" in plan.record["seconds"]
    write_run(plan, read_instance(TWO_SITES), tmp_path / "run", None)
    proof = certified(tmp_path / "run")
    assert proof.passed
    assert float(proof.bound) == pytest.approx(plan.record["relaxation_bound"], rel=1e-9)
    assert float(proof.bound) > 0.9 * plan.record["objective"]


def test_solve_that_was_stopped_goes_without() -> None:
    program, links, stations = parts(instance(0))
    control = Control()
    control.interrupted.set()
    price = Pricing(program, stations).first_price()
    assert dual_solution(program, links, stations, price, control) is None
