"""Spoil finished runs at random, and see that each command says so, or does what it should.

    python scripts/fuzz_runs.py --count 3000 --state build/fuzz_runs.json   # again: it goes on

A case is a seed: the same seed spoils the same run in the same way and gives it to the same one of
audit, export, rerun and why. Whatever comes of it, the command ends with an exit code that the
documentation knows, and says why on a terminal or in JSON; it neither raises nor hangs.
"""

import json
import random
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import click
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz_readers import CONTROL_CHARACTERS
from hostile.search import Judge, search, told
from hostile.spoil import Spoilt, write_spoilt
from hostile.spoil_run import files_of, spoil_run

from optimizer.cli import main as sitewatt
from tests.optimizer.hand_made_run import write_run

INSTANCES = Path(__file__).parents[1] / "instances"
FORMATS = ("gpkg", "geojson", "geoparquet", "flatgeobuf", "csv")
# Exit codes that a command may end with: 1 names what is wrong with the run, 3 with its instance.
ALLOWED = {
    "audit": {0, 1, 3, 7},
    "export": {0, 1, 3},
    "rerun": {0, 1, 3, 4, 5, 6, 7},
    "why": {0, 1, 2, 3, 4, 5, 6},
}


def sound_runs(*instances: str) -> list[Spoilt]:
    """What to begin with: a run made by hand with every aspect at work, and solved ones."""
    with tempfile.TemporaryDirectory() as scratch:
        runs = [write_run(Path(scratch) / "by-hand")]
        for name in instances:
            runs.append(Path(scratch) / name)
            words = ["solve", INSTANCES / name, "--out", runs[-1], "--threads", 1, "--quiet"]
            assert call(words).exit_code == 0
        return [files_of(run) for run in runs]


def call(words: list[object]) -> Result:
    """Run a command of Sitewatt in this process."""
    return CliRunner().invoke(sitewatt, [str(word) for word in words])


def draw_command(run: Path, out: Path, dice: random.Random) -> list[object]:
    """A command for a run; those that solve come up less often."""
    kind = dice.choices([*ALLOWED, "exact"], weights=[10, 6, 2, 2, 2])[0]
    as_json = ["--json"] * dice.randrange(2)
    if kind == "exact":
        return ["audit", run, "--exact", *as_json]
    if kind == "export":
        return ["export", run, "--format", dice.choice(FORMATS), "--out", out, *as_json]
    if kind == "why":
        site = dice.choice(["north", "oslo"])
        return ["why", run, "--site", site, "--quiet", "--threads", 1, "--time-limit", 5, *as_json]
    return [kind, run, *as_json]


def judge_result(words: list[object], result: Result) -> str:
    """What became of a command; any exception that leaves here is a fault."""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    kind, code = str(words[0]), result.exit_code
    assert code in ALLOWED[kind], f"{kind} ends with {code}: {result.output[-500:]}"
    assert not CONTROL_CHARACTERS & set(result.output), "control characters reach the terminal"
    if "--json" in words:
        json.loads(result.stdout)
    else:
        assert result.output.strip(), f"{kind} ends with {code} and says nothing"
    return f"{kind} {code}"


def run_case(seed: int, sound: list[Spoilt], scratch: Path) -> tuple[str, str]:
    """Spoil a run and call a command: what became of it, and how it was spoilt.

    Raises
    ------
    Fault
        What must not happen did.
    """
    dice = random.Random(seed)
    files, spoilt = spoil_run(sound, dice)
    run, out = scratch / "run", scratch / "out"
    write_spoilt(run, files)
    words = draw_command(run, out, dice)
    try:
        outcome = judge_result(words, call(words))
        assert outcome.endswith(" 0") or not out.exists(), "what failed was written"
        return outcome, spoilt
    except Exception as error:
        raise told(f"{' '.join(map(str, words))}: {spoilt}") from error
    finally:
        shutil.rmtree(run, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
        out.unlink(missing_ok=True)


def judge_of_runs(sound: list[Spoilt], scratch: Path) -> Judge:
    """Judge of spoilt runs."""
    return lambda seed: run_case(seed, sound, scratch)


@click.command(help=__doc__)
@click.option("--count", type=click.IntRange(1), default=300, show_default=True)
@click.option("--first", type=click.IntRange(0), default=0, help="Seed of the first case.")
@click.option("--state", type=click.Path(path_type=Path), help="File to go on from.")
@click.option("--keep", type=click.Path(path_type=Path), help="Only write the first case here.")
def main(count: int, first: int, state: Path | None, keep: Path | None) -> None:
    """Run cases and print what became of them."""
    sound = sound_runs("two_sites", "waiting_for_power", "bridge")
    if keep:
        files, spoilt = spoil_run(sound, random.Random(first))
        write_spoilt(keep, files)
        click.echo(spoilt)
        return
    tally = search(first, count, state, partial(judge_of_runs, sound))
    click.echo("\n".join(tally.lines()))
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()
