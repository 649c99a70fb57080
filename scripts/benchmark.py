"""Solve the same problems by Sitewatt and by others in turn, and tell how long each takes.

    python scripts/benchmark.py run --out runs/benchmark.jsonl
    python scripts/benchmark.py handover --out runs/handover.jsonl
    python scripts/benchmark.py render runs/benchmark.jsonl --handover runs/handover.jsonl

Each solve is a process of its own, one after the other, on a machine that should do nothing else.
The clock starts when the problem is in memory and has to be stated. Finished measurements are
appended to the results: the same command goes on where it was cut short.
"""

import sys
import tempfile
from pathlib import Path

import click

SCRIPT = Path(__file__).resolve()
sys.path.insert(0, str(SCRIPT.parent))

from bench import child, handover, render, results  # noqa: E402
from bench.cases import ROOT, Case, all_cases  # noqa: E402
from bench.peers import PEERS, Task  # noqa: E402
from bench.siting import plain_siting  # noqa: E402
from bench.track import Track  # noqa: E402

from optimizer.instance import read_instance  # noqa: E402
from optimizer.prepare import prepare  # noqa: E402
from optimizer.routes import find_routes  # noqa: E402

PLACE = click.Path(path_type=Path)
WORK = Path(tempfile.gettempdir()) / "sitewatt-benchmark"


@click.group(help=__doc__)
def main() -> None:
    """Hold the commands."""


@main.command("run")
@click.option("--cases", help="Names or families, separated by commas.  [default: all]")
@click.option("--peers", help="Names, separated by commas.  [default: all that are installed]")
@click.option("--limit", type=click.FloatRange(1), default=600.0, show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
@click.option("--work", type=PLACE, default=WORK, help="Where instances are written to.")
@click.option("--out", type=PLACE, default=Path("runs/benchmark.jsonl"), show_default=True)
def run(
    cases: str | None,
    peers: str | None,
    limit: float,
    repeat: int,
    threads: int,
    work: Path,
    out: Path,
) -> None:
    """Measure what is not in the results yet, each time with another seed for random choices.

    What came to its limit once is not repeated: it would come to it again.
    """
    chosen, asked = chosen_cases(cases), chosen_peers(peers)
    work.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    done = {measurement.key: measurement for measurement in results.read(out)}
    plan = [
        (case, peer, number)
        for number in range(repeat)
        for case in chosen
        for peer in asked
        if suits(case, peer, work, by_name=peers is not None)
    ]
    todo = [(case, peer, n) for case, peer, n in plan if (case.name, peer, n) not in done]
    hours = len({(case.name, peer) for case, peer, _ in todo}) * limit / 3600
    click.echo(f"{len(plan)} solves, {len(todo)} to do: within {hours:.1f} h, if all come to "
               f"the limit of {limit:g} s")  # fmt: skip
    for position, (case, peer, number) in enumerate(todo, 1):
        before = [done.get((case.name, peer, n)) for n in range(number)]
        if any(m is not None and m.ended != "done" for m in before):
            continue
        measurement = child.run(
            SCRIPT, case.folder(work), case.name, peer, number, limit=limit, threads=threads
        )
        results.append(out, measurement)
        done[measurement.key] = measurement
        click.echo(f"{position}/{len(todo)} {render.line(measurement)}")


def chosen_cases(words: str | None) -> list[Case]:
    """Cases by name or family."""
    there = all_cases()
    if words is None:
        return there
    wanted = words.split(",")
    unknown = set(wanted) - {name for case in there for name in (case.name, case.family)}
    if unknown:
        raise click.UsageError(f"No case or family {', '.join(sorted(unknown))}.")
    return [case for case in there if case.name in wanted or case.family in wanted]


def chosen_peers(words: str | None) -> list[str]:
    """Peers by name, those that are installed."""
    wanted = list(PEERS) if words is None else words.split(",")
    unknown = set(wanted) - set(PEERS)
    if unknown:
        raise click.UsageError(f"No peer {', '.join(sorted(unknown))}: {', '.join(PEERS)}.")
    missing = [name for name in wanted if not PEERS[name].is_there]
    if missing:
        click.echo(f"not installed, left out: {', '.join(missing)}", err=True)
    return [name for name in wanted if name not in missing]


def suits(case: Case, name: str, work: Path, *, by_name: bool) -> bool:
    """Whether a peer is asked for a case, and can state it."""
    peer = PEERS[name]
    if not (case.everyone or peer.asked_always or by_name):
        return False
    if not peer.siting_only:
        return True
    instance = read_instance(case.folder(work))
    return plain_siting(prepare(instance, find_routes(instance))) is not None


@main.command()
@click.argument("folder", type=PLACE)
@click.argument("peer", type=click.Choice(list(PEERS)))
@click.argument("track", type=PLACE)
@click.option("--limit", type=float, required=True)
@click.option("--threads", type=int, required=True)
@click.option("--seed", type=int, required=True)
def one(folder: Path, peer: str, track: Path, limit: float, threads: int, seed: int) -> None:
    """Solve one instance once; what `run` has its children do."""
    task = Task(read_instance(folder), results.TARGETS[-1], threads, Track(track, limit), seed)
    PEERS[peer].solve(task)
    task.track.end()


@main.command("handover")
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--sizes",
    default="100x1000x30,200x2000x50,600x6000x50,1000x10000x50,1000x20000x50",
    show_default=True,
)
@click.option("--work", type=PLACE, default=WORK)
@click.option("--out", type=PLACE, default=Path("runs/handover.jsonl"), show_default=True)
def measure_handover(repeat: int, sizes: str, work: Path, out: Path) -> None:
    """Measure stating the same rows and handing them over, by Pyomo and by linopy."""
    work.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    handover.measure(SCRIPT, handover.cases(sizes), work, out, repeat)


@main.command()
@click.argument("folder", type=PLACE)
@click.argument("layer", type=click.Choice(list(handover.LAYERS)))
def state(folder: Path, layer: str) -> None:
    """State one instance once; what `handover` has its children do."""
    handover.state(folder, layer)


@main.command("render")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--handover", "of_handover", type=click.Path(exists=True, path_type=Path))
@click.option("--page", type=PLACE, default=ROOT / "docs" / "performance.md")
def render_results(file: Path, of_handover: Path | None, page: Path) -> None:
    """Write tables and plots of the results into a page, between its marks."""
    render.write(page, results.read(file), handover.read(of_handover) if of_handover else [])


if __name__ == "__main__":
    main()
