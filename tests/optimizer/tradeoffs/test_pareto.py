"""Fronts that are known: every number of blocks tried in turn, a step, a line."""

import itertools
import json
import signal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from optimizer import cli
from optimizer.highs import Control
from optimizer.search import Found, search
from optimizer.tradeoffs.front import Traced, trace
from optimizer.tradeoffs.pareto import AUGMENTED
from tests.optimizer.explain.small_instances import small_instance
from tests.optimizer.tradeoffs.runs import rationed

DEMAND_MW, BLOCK_MW, HOURS = 10.0, 5.0, 8760
TWO_SITES = Path(__file__).parents[3] / "instances" / "two_sites"


def market(
    folder: Path, sites: dict[str, dict], carbon_kg: dict[str, float], more: str = ""
) -> None:
    """One region of 10 MW; each site at a node of its own, with that node's carbon."""
    place = {"latitude": 0, "longitude": 0, "country": "NL", "energy_price_per_mwh": 0}
    small_instance(
        folder,
        {name: own | {"node": name} for name, own in sites.items()},
        {("delft", 2026): DEMAND_MW},
        firm_mw={(name, 2026): 100.0 for name in sites},
        nodes=[{"node": n, "carbon_kg_per_mwh": kg} | place for n, kg in carbon_kg.items()],
        more=more,
    )


def traced(folder: Path, kind: str, points: int) -> Traced:
    return trace(folder, kind, points, 0.0, Control(threads=1))


@cache
def two_sites(kind: str) -> Traced:
    return traced(TWO_SITES, kind, 3)


def every_plan(sites: dict[str, dict], carbon_kg: dict[str, float]) -> list[tuple[float, float]]:
    """Cost and carbon of every number of blocks at each site, the cleanest filled first."""
    plans = []
    for counts in itertools.product(range(3), repeat=len(sites)):
        cost = carbon_t = 0.0
        left = DEMAND_MW
        bought = dict(zip(sites, counts, strict=True))
        for name in sorted(sites, key=carbon_kg.__getitem__):
            mw = BLOCK_MW * bought[name]
            if mw:
                cost += sites[name]["opening_cost"] + mw * sites[name]["it_cost_per_mw"]
            carbon_t += min(mw, left) * HOURS * carbon_kg[name] / 1000
            left -= min(mw, left)
        if left == 0:
            plans.append((cost, carbon_t))
    return plans


@pytest.mark.parametrize("seed", range(2))
def test_against_every_number_of_blocks(seed: int, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    sites = {
        f"site{i}": {
            "opening_cost": float(random.integers(1, 30)),
            "it_cost_per_mw": float(random.integers(1, 9)),
            "max_it_mw": 2 * BLOCK_MW,
            "block_mw": BLOCK_MW,
        }
        for i in range(4)
    }
    carbon_kg = {name: float(random.integers(0, 500)) for name in sites}
    market(tmp_path / "market", sites, carbon_kg)
    plans = every_plan(sites, carbon_kg)
    known = [
        (cost, t)
        for cost, t in sorted(set(plans))
        if not any(c <= cost and x <= t and (c, x) != (cost, t) for c, x in plans)
    ]
    found = traced(tmp_path / "market", "carbon", 60).front
    points = [(point.cost, point.figure) for point in found.points]
    assert points == [pytest.approx(point) for point in known]
    assert len(known) > 2
    # Limits between two plans are passed over.
    assert found.solves < 2 * len(known) + 2


def test_a_step_has_two_points(tmp_path: Path) -> None:
    # Once clean is open it serves all: anything between is as dear and no cleaner.
    sites = {"dirty": {"opening_cost": 1}, "clean": {"opening_cost": 11}}
    market(tmp_path / "step", sites, {"dirty": 100, "clean": 0})
    found = traced(tmp_path / "step", "carbon", 5)
    points = [(point.cost, point.figure) for point in found.front.points]
    assert points == [pytest.approx((1, 8760), abs=1e-3), pytest.approx((11, 0), abs=1e-3)]
    # Both ends, and one limit between them.
    assert found.front.solves == 3
    assert found.front.least == pytest.approx(0, abs=1e-6)


def line(folder: Path) -> None:
    sites = {"dirty": {"it_cost_per_mw": 1}, "clean": {"it_cost_per_mw": 3}}
    market(folder, sites, {"dirty": 100, "clean": 0})


def test_a_line_is_evenly_divided(tmp_path: Path) -> None:
    line(tmp_path / "line")
    found = traced(tmp_path / "line", "carbon", 5).front
    clean_mw = np.array([0, 2.5, 5, 7.5, 10])
    assert [point.cost for point in found.points] == pytest.approx(10 + 2 * clean_mw, rel=1e-5)
    figures = [point.figure for point in found.points]
    assert figures == pytest.approx((10 - clean_mw) * 876, abs=0.1)


@pytest.mark.parametrize("kind", ["carbon", "latency", "sovereignty", "resilience", "water"])
def test_objective_and_tables_measure_alike(kind: str) -> None:
    found = two_sites(kind)
    table = found.table
    assert not found.front.missed
    figures = [point.figure for point in found.front.points]
    assert table[found.traded.measure].tolist() == pytest.approx(figures, rel=1e-6, abs=1e-6)
    costs = [plan.record["objective"] for plan in found.plans]
    assert table.cost.tolist() == pytest.approx(costs)
    assert table.cost.is_monotonic_increasing
    assert (table.cost_bound <= table.cost * (1 + 1e-9)).all()
    assert ((table.cost - table.cost_bound) <= AUGMENTED * table.cost + 1e-6).all()


def test_the_figure_is_worth_a_part_of_the_costs_of_the_front() -> None:
    # The plan of least latency alone would have every site open: that is no end of the front.
    front = two_sites("latency").front
    cheap, *_, dear = front.points
    of_cost = (dear.cost - cheap.cost) * cheap.figure / (cheap.figure - dear.figure)
    worth = cheap.outcome.objective - cheap.cost
    assert worth == pytest.approx(AUGMENTED * of_cost, rel=1e-3)


def test_limits_without_proof_are_told() -> None:
    control = Control(threads=1)

    def stop(phase: str) -> None:
        if phase == "point 1 of 3":
            control.interrupted.set()

    found = trace(TWO_SITES, "latency", 3, 0.0, control, told=stop)
    assert len(found.front.missed) == 2
    assert any("stopped before the gap was proven" in line for line in found.lines())
    # Both ends were known.
    cheap, dear = found.front.points
    assert cheap.cost == pytest.approx(found.front.bound)
    assert dear.figure == pytest.approx(found.front.least)


def pareto(*words: object) -> Result:
    arguments = ["pareto", *map(str, words), "--threads", "1", "--quiet"]
    return CliRunner().invoke(cli.main, arguments)


def test_exit_codes_without_a_front(tmp_path: Path) -> None:
    small_instance(tmp_path / "short", {"only": {"max_it_mw": 1}}, {("delft", 2026): DEMAND_MW})
    (tmp_path / "empty").mkdir()
    out = "--against", "carbon", "--out", tmp_path / "out"
    assert pareto(tmp_path / "empty", *out).exit_code == 3
    assert pareto(tmp_path / "short", *out).exit_code == 4
    assert pareto(TWO_SITES, *out, "--time-limit", 1e-9).exit_code == 6
    assert not (tmp_path / "out").exists()


def test_a_limit_keeps_the_points_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line(tmp_path / "line")
    # The cheapest plan, the least of the figure, and the cheapest with it.
    monkeypatch.setattr("optimizer.tradeoffs.pareto.share", rationed(3))
    out = tmp_path / "out"
    words = "--against", "carbon", "--points", 2, "--json", "--out", out
    result = pareto(tmp_path / "line", *words)
    assert result.exit_code == 5, result.output
    told = json.loads(result.stdout)
    assert told["missed_limits"] == pytest.approx([8760])
    assert told["figure_bound"] == pytest.approx(0, abs=1e-6)
    assert told["audited"]
    assert len(pd.read_csv(out / "front.csv")) == len(told["points"]) == 2
    names = {"front.csv", "front.svg", "point-1", "point-2"}
    assert {path.name for path in out.iterdir()} == names
    assert "<svg" in (out / "front.svg").read_text(encoding="utf-8")


def test_an_interruption_keeps_the_points_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line(tmp_path / "line")
    out = tmp_path / "out"
    solves = itertools.count(1)

    def interrupted(*args: Any, **more: Any) -> Found:
        # Both ends are known, and the fifth solve would be a point between them.
        if next(solves) == 5:
            signal.raise_signal(signal.SIGINT)
        return search(*args, **more)

    monkeypatch.setattr("optimizer.tradeoffs.pareto.search", interrupted)
    result = pareto(tmp_path / "line", "--against", "carbon", "--points", 9, "--out", out)
    assert result.exit_code == 130, result.output
    assert "stopped before the gap was proven" in result.stdout
    table = pd.read_csv(out / "front.csv")
    assert {1.0, 3.0} <= {round(cost / DEMAND_MW, 3) for cost in table.cost}
    assert (out / f"point-{len(table)}" / "plan.json").exists()


# Half of a megawatt's cost is between the least of the figure and the cheapest plan.
@pytest.mark.parametrize(
    ("kind", "figures", "dear"),
    [
        ("latency", (20, 15, 10), 50),
        ("resilience", (1, 0.75, 0.5), 30),
    ],
)
def test_to_serve_less_betters_no_figure(
    kind: str, figures: tuple[float, ...], dear: float, tmp_path: Path
) -> None:
    # A megawatt costs 1 abroad and 5 at home, and 3 if nobody serves it: cheaper than at home.
    sites = {
        "home": {"it_cost_per_mw": 5, "node": "home"},
        "abroad": {"it_cost_per_mw": 1, "node": "abroad", "operator_country": "US"},
    }
    small_instance(
        tmp_path / "priced",
        sites,
        {("delft", 2026): DEMAND_MW},
        firm_mw={(name, 2026): 100.0 for name in sites},
        rtt_ms={("delft", "abroad"): 20.0},
        more=f"unserved = {{ penalty_per_mwh = {3 / HOURS} }}",
    )
    found = traced(tmp_path / "priced", kind, 3)
    assert found.table.figure.tolist() == pytest.approx(figures, abs=1e-5)
    costs = [10.0, (10 + dear) / 2, dear]
    assert found.table.cost.tolist() == pytest.approx(costs, abs=1e-3)
    assert any("demand that goes unserved counts" in line for line in found.lines())
