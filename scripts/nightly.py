"""Compare whole solves with oracles on thousands of instances drawn by chance.

    python -m scripts.nightly --seeds 5000 --minutes 240
    python -m scripts.nightly --first-seed 17 --seeds 1

Each seed draws an instance and the aspects that are switched on. Its plan, by three ways of the
search, has to cost what two statements of the problem cost that know the instance format alone:
one by brute force, where that is few enough choices, one solved by HiGHS and, where it is
installed, by SCIP. Its run has to pass both audits, its certificate to prove no more than the least
cost. Two changes drawn by chance have to have the effect on the cost that they must have. Whatever
does not agree is listed with its seed; the exit code is 1 then.
"""

import random
import time
from collections import Counter
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from optimizer.certify import certified
from optimizer.errors import InvalidInstance
from optimizer.instance import Instance, read_instance
from optimizer.run import write_run
from tests.brute_force import brute_force
from tests.metamorphic import DEARER, SAME, TIMES_1000, Change, Draft
from tests.models.solving import same_cost
from tests.test_metamorphic import least_cost
from tests.test_oracles import METHODS, check_plan, drawn, made, optimum, plan_by

MOST_CHOICES = 2_000


@click.command(help=__doc__)
@click.option("--first-seed", default=0, show_default=True, help="Seed to start from.")
@click.option("--seeds", default=1000, show_default=True, help="How many to try.")
@click.option("--minutes", default=60.0, show_default=True, help="Stop after this time.")
def main(first_seed: int, seeds: int, minutes: float) -> None:
    """Try seed after seed, and tell at the end what was seen."""
    until = time.monotonic() + 60 * minutes
    seen: Counter[str] = Counter()
    faults: list[str] = []
    for seed in range(first_seed, first_seed + seeds):
        if time.monotonic() > until:
            click.echo(f"time is up before seed {seed}")
            break
        seen["instances"] += 1
        with TemporaryDirectory() as folder:
            try:
                try_seed(seed, Path(folder), seen)
            except Exception as error:
                text = (str(error) or "no message").splitlines()[0]
                faults.append(f"seed {seed} ({drawn(seed)}): {type(error).__name__}: {text}")
                click.echo(faults[-1], err=True)
    for what, count in seen.items():
        click.echo(f"{count:>7,} {what}")
    click.echo(f"{len(faults):>7,} faults")
    click.echo("\n".join(faults))
    raise SystemExit(1 if faults else 0)


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
    plan = None
    with pytest.MonkeyPatch.context() as patch:
        for method in METHODS:
            plan = plan_by(method, instance, patch)
            check_plan(plan, least)
            seen["solves compared"] += 1
            if plan is not None and method == METHODS[0]:
                audited(plan, instance, folder / "run", least, seen, patch)
    dice = random.Random(seed)
    for change in dice.sample((*SAME, *TIMES_1000, *DEARER), 2):
        try_change(change, folder, inf if least is None else least, seen)


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
    plan: object,
    instance: Instance,
    run: Path,
    least: float | None,
    seen: Counter[str],
    patch: pytest.MonkeyPatch,
) -> None:
    """A run passes both audits, and its certificate proves no more than the least cost."""
    patch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    report = write_run(plan, instance, run, None)  # type: ignore[arg-type]
    assert report.passed, report.violations[0].message
    proof = certified(run)
    assert proof.passed, "\n".join(proof.lines())
    assert least is not None
    assert proof.bound is not None, "the certificate proves nothing"
    assert proof.bound <= least + 1e-6 * max(1, abs(least)), f"certified {float(proof.bound)}"
    seen["audited in floats and in fractions"] += 1
    seen["bounds certified"] += 1
    seen["bounds certified up to the optimum"] += same_cost(float(proof.bound), least)


def try_change(change: Change, folder: Path, before: float, seen: Counter[str]) -> None:
    """A change has the effect that it must have, where it applies."""
    draft = Draft.read(folder / "instance")
    changed = draft.copy()
    change(changed)
    if repr(changed) == repr(draft):
        return
    name = change.__name__
    place = changed.write(folder / name)
    try:
        read_instance(place)
    except InvalidInstance:
        return  # the change leads out of the format
    after = least_cost(place)
    if change in DEARER:
        least = before * (1 - 1e-6) - 1e-6 if before < inf else inf
        assert after >= least, f"{name}: {before} → {after}"
    else:
        expected = before * (1000 if change in TIMES_1000 else 1)
        assert after == pytest.approx(expected, rel=1e-6), f"{name}: {before} → {after}"
    seen["changes answered as they must be"] += 1


if __name__ == "__main__":
    main()
