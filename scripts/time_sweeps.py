"""Time sweeps: what they add to bare solves, two workers beside two bare processes, resumption.

    python scripts/time_sweeps.py [--cases 40] [--tiny 1000]

Everything is timed as a user sees it, from the start of a command to its end. The cases are equal
but for a discount rate that differs in its fifth digit.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
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
    rates = [round(0.07 + 1e-6 * number, 6) for number in range(cases)]
    file = folder / f"{instance}-{cases}.toml"
    file.write_text(
        f'name = "times"\ninstance = "{instance}"\n[design]\nkind = "grid"\n'
        f'[factors.rate]\nkey = "discount_rate"\nvalues = {rates}\n'
    )
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


@click.command()
@click.option("--cases", default=40, show_default=True, help="Equal cases of 20 sites.")
@click.option("--tiny", default=1000, show_default=True, help="Cases of two_sites.")
def main(cases: int, tiny: int) -> None:
    """Time sweeps, and print what came of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make = [sys.executable, str(ROOT / "scripts" / "make_instance.py"), "--sites", "20"]
        make += ["--regions", "60", "--routes-each", "8", "--out", str(folder / "medium")]
        seconds(make)
        shutil.copytree(ROOT / "instances" / "two_sites", folder / "tiny")
        if cases:
            equal = study(folder, "medium", cases)
            one = bare(equal, 1)
            print(f"{cases} cases, one bare process: {one:.1f} s", flush=True)
            serial = sweep(equal, folder / "serial")
            print(f"  serially: {serial:.1f} s, {(serial - one) / cases:+.3f} s a case", flush=True)
            print(f"  again, all done: {sweep(equal, folder / 'serial'):.2f} s", flush=True)
            two = bare(equal, 2)
            print(f"  two bare processes at once: {two:.1f} s", flush=True)
            workers = sweep(equal, folder / "workers", "--workers", "2")
            print(f"  two workers: {workers:.1f} s, throughput {two / workers:.2f}", flush=True)
        if tiny:
            many = study(folder, "tiny", tiny)
            print(f"{tiny} tiny cases: {sweep(many, folder / 'many'):.0f} s", flush=True)
            print(f"  again, all done: {sweep(many, folder / 'many'):.2f} s", flush=True)


if __name__ == "__main__":
    main()
