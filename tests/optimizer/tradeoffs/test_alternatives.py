"""Alternatives against every set of sites tried in turn: one region, sites with price and room."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer import cli
from optimizer.highs import Control
from optimizer.program import Program
from optimizer.search import Found, Links, search
from optimizer.tradeoffs import alternatives as tradeoffs
from optimizer.tradeoffs.near_optimal import NearOptimal, near_optimal
from optimizer.tradeoffs.presence import DEPENDS, MUST, NEVER
from tests.optimizer.explain.small_instances import small_instance
from tests.optimizer.tradeoffs.runs import rationed, solved

DEMAND_MW = 10.0
WITHIN = 0.25


class Market:
    """Sites with an opening cost, a price of a MW and room; 10 MW wanted, cheapest first."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.sites = {
            f"site{i}": {
                "opening_cost": float(random.integers(1, 30)),
                "it_cost_per_mw": float(random.integers(1, 9)),
                "max_it_mw": float(random.integers(3, 9)),
            }
            for i in range(6)
        }
        names = list(self.sites)
        every = itertools.chain.from_iterable(
            itertools.combinations(names, size) for size in range(1, len(names) + 1)
        )
        costs = {frozenset(chosen): self.cost(chosen) for chosen in every}
        self.costs = {chosen: cost for chosen, cost in costs.items() if np.isfinite(cost)}
        self.least = min(self.costs.values())

    def cost(self, chosen: tuple[str, ...]) -> float:
        left, cost = DEMAND_MW, 0.0
        for own in sorted((self.sites[s] for s in chosen), key=lambda own: own["it_cost_per_mw"]):
            mw = min(left, own["max_it_mw"])
            cost += own["opening_cost"] + mw * own["it_cost_per_mw"]
            left -= mw
        return cost if left == 0 else np.inf

    def run(self, folder: Path) -> Path:
        demand = {("delft", 2026): DEMAND_MW}
        return solved(small_instance(folder / "instance", self.sites, demand), folder / "run")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Market, Path, NearOptimal]]:
    made = []
    for seed in range(2):
        market = Market(seed)
        run = market.run(tmp_path_factory.mktemp("market"))
        made.append((market, run, near_optimal(run, WITHIN, 4, Control(threads=1))))
    return made


@pytest.mark.parametrize("seed", range(2))
def test_against_every_set_of_sites(
    seed: int, cases: list[tuple[Market, Path, NearOptimal]]
) -> None:
    market, _, near = cases[seed]
    within = {s: cost for s, cost in market.costs.items() if cost <= near.budget + 1e-6}
    assert near.budget == pytest.approx(market.least * (1 + WITHIN))

    before = [near.plans[0].open_sites]
    assert market.costs[before[0]] == pytest.approx(market.least)
    for plan in near.plans[1:]:
        overlap = {s: sum(len(s & b) for b in before) for s in within if s not in before}
        fewest = min(overlap.values())
        assert plan.overlap == fewest == overlap[plan.open_sites]
        assert plan.proven
        cheapest = min(within[s] for s, shared in overlap.items() if shared == fewest)
        assert plan.cost == pytest.approx(cheapest, rel=WITHIN / 10)
        before.append(plan.open_sites)
    assert len(near.plans) == min(5, len(within))
    assert bool(near.why_no_more) == (len(within) < 5)

    for own in near.presence:
        often = sum(own.site in s for s in within)
        verdict = MUST if often == len(within) else DEPENDS if often else NEVER
        assert (own.verdict, own.proven) == (verdict, True), own


def test_all_three_verdicts_come_up(cases: list[tuple[Market, Path, NearOptimal]]) -> None:
    verdicts = {own.verdict for _, _, near in cases for own in near.presence}
    assert verdicts == {MUST, NEVER, DEPENDS}


def test_where_it_is_stopped_nothing_is_claimed(
    cases: list[tuple[Market, Path, NearOptimal]],
) -> None:
    control = Control(threads=1)

    def stop(phase: str) -> None:
        if phase == "presence of sites":
            control.interrupted.set()

    # Within nothing, no site can be opened besides: no plan but the run's own says anything.
    near = near_optimal(cases[0][1], 0.0, 3, control, told=stop)
    assert not near.complete
    assert near.why_no_more == "a limit was reached"
    assert not any(own.proven for own in near.presence)
    assert any("only observed" in line for line in near.lines())


def test_each_alternative_is_an_audited_run(
    cases: list[tuple[Market, Path, NearOptimal]], tmp_path: Path
) -> None:
    run = cases[1][1]
    out = tmp_path / "out"
    arguments = ["alternatives", str(run), "--within", "25%", "--count", "2", "--threads", "1"]
    result = CliRunner().invoke(cli.main, [*arguments, "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["audits_passed"] == {"alternative-1": True, "alternative-2": True}
    table = pd.read_csv(out / "alternatives.csv").set_index("plan")
    for number in (1, 2):
        record = json.loads((out / f"alternative-{number}" / "plan.json").read_text())
        assert record["objective"] == pytest.approx(table.cost[number])
        assert record["objective"] <= told["budget"] + 1e-6
        sites = pd.read_csv(out / f"alternative-{number}" / "tables" / "sites.csv")
        opened = sites.site[sites.opened_year.notna()]
        assert " ".join(sorted(opened)) == table.sites[number]


def test_a_limit_is_told_by_the_exit_code(
    cases: list[tuple[Market, Path, NearOptimal]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(near.complete for _, _, near in cases)
    arguments = ["alternatives", str(cases[0][1]), "--threads", "1"]
    none = CliRunner().invoke(cli.main, [*arguments, "--time-limit", "1e-9"])
    assert none.exit_code == 6
    assert "not stated in time" in none.output
    monkeypatch.setattr(tradeoffs, "share", rationed(0))
    some = CliRunner().invoke(cli.main, arguments)
    assert some.exit_code == 5
    assert "no more: a limit was reached" in some.output


def test_a_plan_that_may_not_be_the_most_different_says_so(
    cases: list[tuple[Market, Path, NearOptimal]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, run, proven = cases[0]

    def out_of_time(
        program: Program, links: Links, control: Control, gap: float, **more: Any
    ) -> Found:
        return search(program, links, replace(control, time_limit=0.0), gap, **more)

    monkeypatch.setattr(tradeoffs, "search", out_of_time)
    near = near_optimal(run, WITHIN, 1, Control(threads=1))
    _, found = near.plans
    assert not found.proven
    assert found.overlap >= proven.plans[1].overlap > found.overlap_least
    assert found.cost <= near.budget + 1e-6


def test_where_nothing_costs_anything_all_sets_are_as_cheap(tmp_path: Path) -> None:
    free = small_instance(tmp_path / "free", {"a": {}, "b": {}}, {("delft", 2026): DEMAND_MW})
    near = near_optimal(solved(free, tmp_path / "run"), 0.0, 3, Control(threads=1))
    assert {plan.open_sites for plan in near.plans} == {
        frozenset("ab"),
        frozenset("a"),
        frozenset("b"),
    }
    assert all(plan.overlap == plan.overlap_least for plan in near.plans)
    assert [own.verdict for own in near.presence] == [DEPENDS, DEPENDS]


@pytest.mark.parametrize("within", ["much", "-1%", "nan", "200%"])
def test_a_part_that_is_none_is_refused(within: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.main, ["alternatives", str(tmp_path), "--within", within])
    assert result.exit_code == 2
    assert "is no part" in result.output
