"""Commands about many solves: sweeps."""

from pathlib import Path

import click

from optimizer.terminal import PLACE, echo_lines, json_option, print_json


@click.command()
@click.argument("study", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=PLACE, help="Folder of results.  [default: sweeps/NAME of the file]")
@click.option("--dry-run", is_flag=True, help="Only check, list the cases and estimate the time.")
@click.option("--workers", type=click.IntRange(1, 256), help="Solve so many cases at once.")
@click.option("--scheduler", metavar="ADDRESS", help="Solve on the workers of a Dask scheduler.")
@click.option(
    "--worker-memory", type=click.IntRange(500), metavar="MB", help="Most that a worker may take."
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def sweep(
    study: Path,
    out: Path | None,
    dry_run: bool,
    workers: int | None,
    scheduler: str | None,
    worker_memory: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Solve every case of a STUDY file, and write them up in one table.

    Each case is kept as soon as it is solved: run again, and only what is missing is solved. A
    case that fails, has no plan or runs out of time does not stop the others. Workers need the
    extra sweeps, as do the designs sobol and morris. Ctrl-C keeps what is done, and ends with 130.

    \b
    Examples:
      sitewatt sweep instances/two_sites_power.toml --dry-run
      sitewatt sweep instances/europe_tornado.toml --out sweeps/europe --workers 4
    """
    if workers and scheduler:
        raise click.UsageError("--workers are started here, --scheduler has its own: give one.")
    place = out or Path("sweeps") / study.stem
    if dry_run:
        from optimizer.study.forecast import forecast

        told = forecast(study, place)
        if not as_json:
            echo_lines(told.lines())
        found = told.estimate(quiet=quiet)
        if as_json:
            print_json({"status": "checked", **told.as_dict(found)})
        elif found:
            click.echo(told.in_words(found, workers or 1))
        return
    from optimizer.study.swept import done_before

    done = done_before(study, place)
    if done is None:
        from optimizer.study.cluster import solver_on
        from optimizer.study.engine import serially

        solver = (
            solver_on(workers, scheduler, worker_memory) if workers or scheduler else serially()
        )
        # Heavy: what solves cases is loading meanwhile.
        from optimizer.study.sweep import sweep as run

        done = run(study, place, solver, quiet=quiet)
    if as_json:
        print_json({"status": "written", **done.as_dict()})
    else:
        echo_lines(done.lines())
