"""Compare whole solves with oracles on thousands of instances drawn by chance.

    python -m scripts.nightly --seeds 5000 --minutes 240
    python -m scripts.nightly --seeds 5000 --minutes 240 --state build/nightly.json   # it goes on
    python -m scripts.nightly --first-seed 17 --seeds 1

Each seed draws an instance and the aspects that are switched on. Its plan, by three ways of the
search, has to cost what two statements of the problem cost that know the instance format alone:
one by brute force, where that is few enough choices, one solved by HiGHS and, where it is
installed, by SCIP. Its run has to pass both audits, its certificate to prove no more than the least
cost. Where there is no plan, the oracle has to find none under the causes alone that are told, and
one after each way out, at the cost that is told. Two changes drawn by chance have to have the
effect on the cost that they must have. Whatever does not agree is listed with its seed; the exit
code is 1 then.
"""

import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest

from models import build_model
from optimizer.certify import certified
from optimizer.errors import Infeasible, InvalidInstance
from optimizer.explain import Explanation, explain
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import Program, compile_program
from optimizer.routes import check_reachable, find_routes
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from optimizer.search import Links, search
from tests import test_hourly_oracles as by_slice
from tests.brute_force import brute_force
from tests.metamorphic import DEARER, SAME, TIMES_1000, Change, Draft
from tests.models.solving import same_cost
from tests.optimizer.explain.confirming import confirm
from tests.test_oracles import METHODS, check_plan, drawn, made, optimum

MOST_CHOICES = 2_000
SAVE_EVERY = 20


@dataclass
class Tally:
    """What came of the seeds so far.

    Parameters
    ----------
    following : seed to go on with.
    seen : how many of what.
    faults : one line each.
    cpu_seconds : processor time they took.
    """

    following: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @classmethod
    def load(cls, file: Path) -> "Tally":
        """The tally that a run left, or a new one."""
        if not file.exists():
            return cls()
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return cls(**{**content, "seen": Counter(content["seen"])})

    def save(self, file: Path) -> None:
        """Leave the tally for a run that goes on."""
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(".part")
        aside.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")
        aside.replace(file)

    def lines(self) -> list[str]:
        """Counts for a terminal."""
        counts = [f"{count:>7,} {what}" for what, count in self.seen.items()]
        took = f"{self.cpu_seconds:>7,.0f} seconds of processor time"
        return [*counts, took, f"{len(self.faults):>7,} faults", *self.faults]


@click.command(help=__doc__)
@click.option("--first-seed", default=0, show_default=True, help="Seed to start from.")
@click.option("--seeds", default=1000, show_default=True, help="How many to try.")
@click.option("--minutes", default=60.0, show_default=True, help="Stop after this time.")
@click.option("--state", type=click.Path(path_type=Path), help="File to go on from.")
def main(first_seed: int, seeds: int, minutes: float, state: Path | None) -> None:
    """Try seed after seed, and tell at the end what was seen."""
    until = time.monotonic() + 60 * minutes
    tally = Tally.load(state) if state else Tally()
    tally.following = max(tally.following, first_seed)
    while tally.following < first_seed + seeds and time.monotonic() < until:
        try_one(tally)
        if state and tally.following % SAVE_EVERY == 0:
            tally.save(state)
    if state:
        tally.save(state)
    click.echo(f"up to seed {tally.following - 1}")
    click.echo("\n".join(tally.lines()))
    raise SystemExit(1 if tally.faults else 0)


def try_one(tally: Tally) -> None:
    """Try the seed that follows, and note what comes of it."""
    seed, started = tally.following, time.process_time()
    with TemporaryDirectory() as folder:
        try:
            try_seed(seed, Path(folder), tally.seen)
            try_slices(seed, Path(folder), tally.seen)
        except Exception as error:
            text = (str(error) or "no message").splitlines()[0]
            tally.faults.append(f"seed {seed} ({drawn(seed)}): {type(error).__name__}: {text}")
            click.echo(tally.faults[-1], err=True)
    tally.seen["instances"] += 1
    tally.cpu_seconds = round(tally.cpu_seconds + time.process_time() - started, 3)
    tally.following += 1


def try_seed(seed: int, folder: Path, seen: Counter[str]) -> None:
    """Compare all that there is to compare on one instance; anything wrong is an exception."""
    case = drawn(seed)
    try:
        instance = made(case, folder / "instance")
    except InvalidInstance:
        seen["refused as no instance"] += 1
        return
    least = optimum(instance)
    seen["with a plan" if least is not None else "proven to have none"] += 1
    try_brute_force(instance, least, seen)
    plan, explanation = whole_solve(instance)
    check_plan(plan, least)
    if plan is not None:
        audited(plan, instance, folder / "run", least, seen)
    if explanation is not None:
        confirm(instance, explanation)
        seen["causes confirmed"] += len(explanation.conflicts)
        seen["ways out confirmed"] += len(explanation.ways)
        seen[f"explained with{'' if explanation.ways else 'out'} a way out"] += 1
    try_methods(instance, least, seen)
    dice = random.Random(seed)
    for change in dice.sample((*SAME, *TIMES_1000, *DEARER), 2):
        try_change(change, folder, inf if least is None else least, seen)


def try_slices(seed: int, folder: Path, seen: Counter[str]) -> None:
    """Compare an instance with slices with a statement of its own."""
    instance = by_slice.made(by_slice.drawn(seed), folder / "slices")
    with pytest.MonkeyPatch.context() as patch:
        least = by_slice.compare(instance, folder / "slices-run", patch)
    plan = "with a plan" if least is not None else "proven to have none"
    seen[f"with slices, {plan}"] += 1


def whole_solve(instance: Instance) -> tuple[Plan | None, Explanation | None]:
    """The command's own plan, or why there is none; neither where a demand reaches no site."""
    told: list[Explanation] = []

    def kept(*given: Any, **named: Any) -> Explanation:
        told.append(explain(*given, **named))
        return told[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.run.explain", kept)
        options = Options(gap=0.0, threads=1)
        try:
            return solve_instance(instance, options, Control(), Clock(lambda *_: None)), None
        except InvalidInstance:
            return None, None
        except Infeasible:
            return None, told[0]


def least_cost(program: Program, links: Links, method: str) -> float | None:
    """Least cost by a way of the search, None if there is no plan."""
    with pytest.MonkeyPatch.context() as patch:
        if method == "search in steps":  # small programs are solved at once otherwise
            patch.setattr("optimizer.search.SMALL_COLUMNS", 0)
        try:
            way = method.removesuffix(" in steps")
            found = search(program, links, Control(threads=1), 0.0, method=way)
        except Infeasible:
            return None
    assert same_cost(found.bound, found.objective), f"{method}: a gap of {found.gap}"
    return found.objective


def posed(instance: Instance) -> tuple[Program, Links]:
    """The problem as arrays."""
    routes = find_routes(instance)
    check_reachable(instance, routes)
    inputs = pool_regions(prepare(instance, routes))
    model = build_model(inputs)
    program = compile_program(model)
    return program, Links.of(model, inputs, program)


def try_methods(instance: Instance, least: float | None, seen: Counter[str]) -> None:
    """Every way of the search finds the least cost."""
    try:
        program, links = posed(instance)
    except InvalidInstance:
        assert least is None
        return
    for method in METHODS:
        cost = least_cost(program, links, method)
        assert same_cost(cost, least), f"{method}: {cost}, not {least}"
        seen["searches compared with the optimum"] += 1


def try_brute_force(instance: Instance, least: float | None, seen: Counter[str]) -> None:
    """Brute force where there are few enough choices."""
    try:
        result = brute_force(instance, most_choices=MOST_CHOICES)
    except AssertionError as error:
        if "too many" in str(error):
            return
        raise
    assert same_cost(result.objective, least), f"brute force {result.objective}, not {least}"
    seen["compared with brute force"] += 1


def audited(
    plan: Plan, instance: Instance, run: Path, least: float | None, seen: Counter[str]
) -> None:
    """A run passes both audits, and its certificate proves no more than the least cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.run.write_geopackage", lambda *_: None)
        report = write_run(plan, instance, run, None)
    assert report.passed, report.violations[0].message
    proof = certified(run)
    assert proof.passed, "\n".join(proof.lines())
    assert least is not None
    assert proof.bound is not None, "the certificate proves nothing"
    assert proof.bound <= least + 1e-6 * max(1, abs(least)), f"certified {float(proof.bound)}"
    seen["audited in floats and in fractions"] += 1
    seen["bounds certified"] += 1
    seen["bounds certified up to the optimum"] += same_cost(float(proof.bound), least)


def least_of(instance: Instance) -> float:
    """Least cost by the search, infinite where there is no plan."""
    try:
        cost = least_cost(*posed(instance), METHODS[0])
    except InvalidInstance:
        return inf
    return inf if cost is None else cost


def try_change(change: Change, folder: Path, before: float, seen: Counter[str]) -> None:
    """A change has the effect that it must have, where it applies."""
    draft = Draft.read(folder / "instance")
    changed = draft.copy()
    change(changed)
    if repr(changed) == repr(draft):
        return
    name = change.__name__
    if name.startswith("useless") and before == inf:
        return  # what nobody would pay for may yet be the one way to have a plan
    try:
        instance = read_instance(changed.write(folder / name))
    except InvalidInstance:
        return  # the change leads out of the format
    after = least_of(instance)
    if change in DEARER:
        least = before * (1 - 1e-6) - 1e-6 if before < inf else inf
        assert after >= least, f"{name}: {before} → {after}"
    else:
        expected = before * (1000 if change in TIMES_1000 else 1)
        assert after == pytest.approx(expected, rel=1e-6), f"{name}: {before} → {after}"
    seen["changes answered as they must be"] += 1


if __name__ == "__main__":
    main()
