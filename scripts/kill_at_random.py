"""Kill `sitewatt solve` at random moments, and see that no half-written run passes for a whole one.

    python scripts/kill_at_random.py --kills 100

Each time a solve is killed (SIGKILL) at a random moment, half of them aimed at the writing. After
it, the run that stood there before is whole and unchanged, or the new one is whole; nothing else
in the folder has a name that a person would take for a run; and in the end a solve works and
clears up what the dead ones left.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from optimizer.audit import audit_run

INSTANCE = Path(__file__).parents[1] / "instances" / "two_sites"


def start(out: Path, seed: int) -> subprocess.Popen:
    """A solve that replaces the run at `out`; its seed tells it from the one before."""
    words = [sys.executable, "-m", "optimizer.cli", "solve", INSTANCE, "--out", out]
    words += ["--overwrite", "--quiet", "--seed", seed]
    return subprocess.Popen(
        [str(word) for word in words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )


def contents(run: Path) -> dict[str, bytes]:
    """Every file of a run."""
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def kill_one(out: Path, seed: int, dice: random.Random, usual_s: float) -> str:
    """Kill a solve at a random moment, and say when it was."""
    leftovers = set(out.parent.glob(".partial-*/tables"))

    def writing() -> bool:
        return bool(set(out.parent.glob(".partial-*/tables")) - leftovers)

    process = start(out, seed)
    if dice.random() < 0.5:
        # Half of them as they write, which is a small part of the time.
        while process.poll() is None and not writing():
            time.sleep(0.0005)
        time.sleep(dice.uniform(0, 0.15 * usual_s))
    else:
        time.sleep(dice.uniform(0, usual_s))
    wrote = writing()
    process.kill()
    process.wait()
    if process.returncode >= 0:
        return "ended before it was killed"
    return "killed while it wrote" if wrote else "killed before it wrote, or after"


def look_for_harm(out: Path, before: dict[str, bytes]) -> str:
    """What is wrong after a kill, "" if nothing is."""
    names = [path.name for path in out.parent.iterdir() if not path.name.startswith(".")]
    set_aside = list(out.parent.glob(".old-*"))
    if names != [out.name] and not set_aside:
        return f"there is {names}, not {out.name}"
    if names == [out.name] and contents(out) != before and not audit_run(out).passed:
        return "the run is neither the one before nor a whole new one"
    return ""


@click.command(help=__doc__)
@click.option("--kills", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(kills: int, seed: int) -> None:
    """Kill, look, and tell."""
    dice = random.Random(seed)
    outcomes: Counter[str] = Counter()
    harm = []
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "runs" / "plan"
        began = time.monotonic()
        if start(out, 0).wait():
            raise click.ClickException("the first solve failed")
        usual_s = time.monotonic() - began
        for number in range(1, kills + 1):
            before = contents(out) if out.exists() else {}
            outcomes[kill_one(out, number, dice, usual_s)] += 1
            wrong = look_for_harm(out, before)
            if wrong:
                harm.append(f"kill {number}: {wrong}")
        last = start(out, kills + 1)
        if last.wait() or not audit_run(out).passed:
            harm.append("a solve after the kills fails")
        left = [path.name for path in out.parent.iterdir()]
        if left != [out.name]:
            harm.append(f"a solve after the kills leaves {left}")
    for outcome, count in outcomes.most_common():
        click.echo(f"{count:4}  {outcome}")
    click.echo("\n".join(harm) or "no harm: every run whole, nothing lost, nothing left over")
    sys.exit(1 if harm else 0)


if __name__ == "__main__":
    main()
