"""Time sweeps: what they add to bare solves, two workers beside two bare processes, resumption.

    python scripts/time_sweeps.py [--part serial] [--part warm] [--cases 40] [--tiny 1000]

Commands are timed as a user sees them, from their start to their end; their cases are equal but for
a discount rate that differs in its sixth digit, and start from nothing. The part `warm` counts
processor seconds in this process: of each step of cases that start from nothing; of the same cases
when models are kept from one to the next; when they also start from each other's plans; and when
their relaxations also start from each other's bases.
"""

import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from optimizer.highs import Control
from optimizer.kept import Kept
from optimizer.points import Point
from optimizer.run import Clock, Options, solve_instance
from optimizer.study.cases import read_plot

ROOT = Path(__file__).parents[1]
PARTS = ("serial", "workers", "tiny", "warm")
GAPS = {"two_sites": 1e-3, "medium": 1e-3, "large": 1e-3, "europe": 2e-3}
Factors = dict[str, tuple[str, list[float]]]
STUDIES: dict[str, Factors] = {
    "prices": {
        "price": ("nodes.energy_price_per_mwh", [1, 0.8]),
        "rate": ("discount_rate", [0.07, 0.05]),
    },
    "demand": {
        "demand": ("demand.it_mw", [1, 0.95]),
        "power": ("grid.firm_mw", [1, 1.1]),
    },
}
BARE = """
import sys
from pathlib import Path
from optimizer.highs import Control
from optimizer.run import Clock, Options, solve_instance
from optimizer.study.cases import read_plot
plot = read_plot(Path(sys.argv[1]))
for case in plot.cases[int(sys.argv[2])::int(sys.argv[3])]:
    options = Options(plot.study.solve.gap, threads=1)
    solve_instance(plot.instance_of(case), options, Control(threads=1), Clock(lambda *_: None))
"""


def study(folder: Path, instance: str, cases: int) -> Path:
    """Write a study of nearly equal cases."""
    rates = {"rate": ("discount_rate", [round(0.07 + 1e-6 * n, 6) for n in range(cases)])}
    return written(folder / f"{instance}-{cases}.toml", instance, rates, warm=False)


def written(file: Path, instance: str, factors: Factors, *, warm: bool) -> Path:
    """Write a study of every combination of values."""
    text = f'name = "times"\ninstance = "{instance}"\n[design]\nkind = "grid"\n'
    text += f"[solve]\nwarm_start = {str(warm).lower()}\n"
    for name, (subject, values) in factors.items():
        table, _, column = subject.rpartition(".")
        what = f'table = "{table}"\ncolumn = "{column}"\nkind = "scale"' if table else ""
        what = what or f'key = "{column}"'
        text += f"[factors.{name}]\n{what}\nvalues = {values}\n"
    file.write_text(text)
    return file


def seconds(*commands: list[str]) -> float:
    """Wall seconds of commands that run at once."""
    started = time.perf_counter()
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    if any(process.wait() for process in running):
        raise SystemExit("a command failed")
    return time.perf_counter() - started


def bare(file: Path, processes: int) -> float:
    """Seconds of so many processes that share the cases and do nothing but solve them."""
    return seconds(
        *([sys.executable, "-c", BARE, str(file), str(i), str(processes)] for i in range(processes))
    )


def sweep(file: Path, out: Path, *options: str) -> float:
    """Seconds of `sitewatt sweep`."""
    command = [sys.executable, "-m", "optimizer.cli", "sweep", str(file), "--out", str(out)]
    return seconds([*command, "--quiet", *options])


def solved(
    file: Path, gap: float, *, keep: bool = False, bases: bool = False
) -> tuple[float, dict[str, float]]:
    """Processor seconds of all cases in this process, and of each step of them."""
    plot, kept = read_plot(file), Kept()
    points: dict[str, Point | None] = {}
    steps: dict[str, float] = defaultdict(float)
    started = time.process_time()
    for case in plot.cases:
        options = Options(gap, threads=1)
        clock = ProcessorClock(lambda *_: None)
        start = points.get(case.parent)
        instance = plot.instance_of(case)
        kept = kept if keep else Kept()
        plan = solve_instance(instance, options, Control(threads=1), clock, start, kept)
        point = plan.point() if plan.point else None
        points[case.key] = point if bases else point and replace(point, basis=None)
        for name, taken in clock.seconds.items():
            steps[name] += taken
    return time.process_time() - started, steps


class ProcessorClock(Clock):
    """Processor seconds spent in each phase."""

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block under a name."""
        started = time.process_time()
        yield
        self.seconds[name] = time.process_time() - started


def time_workers(folder: Path, cases: int) -> None:
    """Time equal cases of 20 sites, short and long ones, by two workers."""
    for instance in ("medium", "large"):
        equal = study(folder, instance, cases)
        two = bare(equal, 2)
        print(f"{cases} {instance} cases, two bare processes at once: {two:.1f} s", flush=True)
        taken = sweep(equal, folder / f"workers-{instance}", "--workers", "2")
        print(f"  two workers: {taken:.1f} s, throughput {two / taken:.2f}", flush=True)


def time_serial(folder: Path, cases: int) -> None:
    """Time equal cases of 20 sites, bare and as a sweep."""
    equal = study(folder, "medium", cases)
    one = bare(equal, 1)
    print(f"{cases} cases, one bare process: {one:.1f} s", flush=True)
    serial = sweep(equal, folder / "serial")
    print(f"  serially: {serial:.1f} s, {(serial - one) / cases:+.3f} s a case", flush=True)
    print(f"  again, all done: {sweep(equal, folder / 'serial'):.2f} s", flush=True)


def time_tiny(folder: Path, cases: int) -> None:
    """Time many tiny cases, and running them again."""
    many = study(folder, "two_sites", cases)
    print(f"{cases} tiny cases: {sweep(many, folder / 'many'):.0f} s", flush=True)
    print(f"  again, all done: {sweep(many, folder / 'many'):.2f} s", flush=True)


def time_warm(folder: Path) -> None:
    """Time steps of cases, and what models, plans and bases of other cases gain."""
    solved(study(folder, "two_sites", 1), 1e-3)  # The first loads libraries.
    gc.freeze()  # As in processes that solve cases.
    for instance, gap in GAPS.items():
        for name, factors in STUDIES.items():
            cold = written(folder / f"{instance}-{name}.toml", instance, factors, warm=False)
            warm = written(folder / f"{instance}-{name}-warm.toml", instance, factors, warm=True)
            nothing, steps = solved(cold, gap)
            models, its_steps = solved(cold, gap, keep=True)
            plans, _ = solved(warm, gap, keep=True)
            bases, _ = solved(warm, gap, keep=True, bases=True)
            print(f"{instance}, {name}: from nothing {nothing:.2f} s, ", end="")
            print(f"models {models:.2f}, plans {plans:.2f}, bases {bases:.2f}")
            for taken in (steps, its_steps):
                print("  " + ", ".join(f"{step} {part:.2f}" for step, part in taken.items()))
            sys.stdout.flush()


@click.command()
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="[default: all]")
@click.option("--cases", default=40, show_default=True, help="Equal cases of 20 sites.")
@click.option("--tiny", default=1000, show_default=True, help="Cases of two_sites.")
def main(parts: tuple[str, ...], cases: int, tiny: int) -> None:
    """Time sweeps, and print what came of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, regions in (("medium", 60), ("large", 600)):
            make = [sys.executable, str(ROOT / "scripts" / "make_instance.py"), "--sites", "20"]
            make += ["--regions", str(regions), "--routes-each", "8", "--out", str(folder / name)]
            seconds(make)
        for name in ("two_sites", "europe"):
            shutil.copytree(ROOT / "instances" / name, folder / name)
        for part in parts or PARTS:
            match part:
                case "serial":
                    time_serial(folder, cases)
                case "workers":
                    time_workers(folder, cases)
                case "tiny":
                    time_tiny(folder, tiny)
                case "warm":
                    time_warm(folder)


if __name__ == "__main__":
    main()
