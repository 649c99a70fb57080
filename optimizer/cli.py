"""The command `sitewatt`: thin, and quick to answer, for everything heavy is imported when used."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from optimizer.cli_power import gridcheck, profiles
from optimizer.cli_report import figures, report
from optimizer.cli_study import sweep
from optimizer.cli_tradeoffs import alternatives, compare, pareto, value
from optimizer.terminal import (
    EXIT_CODES,
    FOLDER,
    PLACE,
    THREADS,
    echo_lines,
    errors_told,
    json_option,
    print_json,
)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sitewatt")
def main() -> None:
    """Decide where AI inference capacity goes and how it is powered.

    An instance is a folder of tables: sites, grid capacity by year, latency, demand, sovereignty
    rules. Sitewatt finds the cheapest plan that keeps every limit, proves how good it is, audits
    it, and writes tables and maps.

    \b
    Examples:
      sitewatt new my-plan
      sitewatt validate my-plan
      sitewatt solve my-plan --gap 0.001 --out runs/my-plan
      sitewatt audit runs/my-plan
      sitewatt report runs/my-plan
    """


@main.command()
@click.argument("folder", type=PLACE)
@json_option
def new(folder: Path, as_json: bool) -> None:
    """Write a small instance to start from into a new FOLDER."""
    from optimizer.starter import write_starter

    write_starter(folder)
    if as_json:
        print_json({"status": "written", "folder": str(folder)})
    else:
        click.echo(f"Wrote {folder}. Try: sitewatt solve {folder}")


@main.command()
@click.argument("table", required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "markdown", "json-schema", "frictionless"]),
    default="text",
    show_default=True,
    help="How to describe the tables.",
)
def schema(table: str | None, kind: str) -> None:
    """Describe the tables of an instance, or one TABLE: columns, units, defaults, keys."""
    with errors_told(as_json=False):
        from optimizer.reference import describe

        click.echo(describe(kind, table))


@main.command()
@click.argument("instance", type=FOLDER)
@json_option
def validate(instance: Path, as_json: bool) -> None:
    """Check an INSTANCE folder, and tell everything that is wrong with it.

    What is legal but odd is told as a warning, and ends with 0 all the same.
    """
    from models import size_of
    from optimizer.doctor import examine
    from optimizer.instance import read_instance
    from optimizer.pooling import pool_regions
    from optimizer.prepare import prepare
    from optimizer.room import build_mb, in_words
    from optimizer.routes import check_reachable, find_routes

    read = read_instance(instance)
    routes = find_routes(read)
    check_reachable(read, routes)
    findings = examine(read, routes)
    size = size_of(pool_regions(prepare(read, routes)))
    sizes = {name: len(table) for name, table in read.tables.items() if len(table)}
    if as_json:
        content: dict[str, object] = {"status": "valid", "name": read.manifest.name, "rows": sizes}
        content |= {"routes": len(routes.eligible), "instance_sha256": read.sha256}
        content |= {"model": {**asdict(size), "build_mb": build_mb(size)}}
        print_json({**content, "warnings": [finding.as_dict() for finding in findings]})
    else:
        rows = ", ".join(f"{name} {count:,}" for name, count in sizes.items())
        for finding in findings:
            click.echo(f"warning: {finding}", err=True)
        click.echo(f"{read.manifest.name} is valid: {rows}; {len(routes.eligible):,} routes")
        click.echo(f"its model has about {in_words(size)}")


@main.command()
@click.argument("instance", type=FOLDER)
@click.option("--out", type=PLACE, help="Run folder to write.  [default: runs/NAME]")
@click.option("--overwrite", is_flag=True, help="Replace the run folder if it is there.")
@click.option(
    "--gap",
    type=click.FloatRange(0, 1),
    default=1e-3,
    show_default=True,
    help="Stop when the plan is proven to cost at most this fraction more than the least.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop after this time with the best plan so far.",
)
@THREADS
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, help="Of random choices.")
@click.option(
    "--method",
    type=click.Choice(["search", "plain"]),
    default="search",
    show_default=True,
    help="Plain is one run of HiGHS on the whole model, for comparison.",
)
@click.option(
    "--every-pair", is_flag=True, help="List each pair of demand and site that is ruled out."
)
@click.option(
    "--check", is_flag=True, help="Prove the plan again by HiGHS without presolve and by SCIP."
)
@click.option(
    "--check-time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for each of them.",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(400),
    metavar="MB",
    help="Stop rather than take more memory than this; the libraries alone take 350 MB.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def solve(
    instance: Path,
    out: Path | None,
    overwrite: bool,
    memory_limit: int | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Find the cheapest plan for an INSTANCE folder, audit it, and write it to a run folder.

    Ctrl-C stops with the best plan so far; pressed twice, at once and without one.

    \b
    Examples:
      sitewatt solve instances/europe --gap 0.001
      sitewatt solve instances/europe --time-limit 60 --out runs/quick --overwrite
      sitewatt solve instances/europe --json > plan.json
    """
    if memory_limit:
        from optimizer.memory import solve_within

        solve_within(memory_limit)

    from optimizer.command import solve_folder
    from optimizer.memory import loaded
    from optimizer.run import Options

    loaded()
    solve_folder(
        instance,
        out,
        Options(**options),
        overwrite=overwrite,
        quiet=quiet,
        as_json=as_json,
    )


@main.command()
@click.argument("instance", type=FOLDER)
@THREADS
@json_option
def explain(instance: Path, threads: int, as_json: bool) -> None:
    """Say why an INSTANCE folder has no plan, and what would have to give.

    Names the demand that no plan can serve, the limits that cannot hold together, each with table
    and row, and changes after which there is a plan, each of them tried. Ends with 4 where there
    is no plan, with 0 where there is one.

    \b
    Examples:
      sitewatt explain instances/grid_too_late
      sitewatt explain my-plan --json > reasons.json
    """
    from optimizer.answers import explain_folder

    told, code = explain_folder(instance, threads=threads)
    if as_json:
        print_json({**told.as_dict(), "exit_code": code})
    else:
        echo_lines(told.lines())
    sys.exit(code)


@main.command()
@click.argument("run", type=FOLDER)
@click.option("--site", help="Why this site is in the plan or not.")
@click.option("--node", help="What ample power at this grid node would save.")
@click.option("--rule", help="What this rule costs.")
@click.option(
    "--gap", type=click.FloatRange(0, 1), help="Of the plan solved again.  [default: the run's]"
)
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS")
@THREADS
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def why(
    run: Path, site: str | None, node: str | None, rule: str | None, as_json: bool, **limits: Any
) -> None:
    """Say why a site is in the plan of a RUN folder or not, and what it would cost to differ.

    The run's instance is solved again with the site forced in or out; costs come with gaps, so the
    difference is an interval. Also tells what binds at the site, whom it may serve and why not the
    others, and what a megawatt costs there and at the sites that serve the same demand.

    \b
    Examples:
      sitewatt why runs/europe --site oslo-google
      sitewatt why runs/europe --rule health-at-home-30
    """
    from optimizer.answers import ask_why

    answer = ask_why(run, {"site": site, "node": node, "rule": rule}, **limits)
    if as_json:
        print_json(answer.as_dict())
    else:
        echo_lines(answer.lines())


@main.command()
@click.argument("run", type=FOLDER)
@click.option(
    "--exact", is_flag=True, help="Also in fractions, rounding nothing, with the bound's proof."
)
@json_option
def audit(run: Path, exact: bool, as_json: bool) -> None:
    """Recompute every limit and every cost of a RUN folder from its instance and tables alone."""
    from optimizer.audit import audit_report_text, audit_run
    from optimizer.errors import AuditFailed

    report = audit_run(run)
    content, lines, passed = report.as_dict(), audit_report_text(report), report.passed
    if exact and passed:
        from optimizer.certify import certified

        proof = certified(run)
        content |= {"exact": proof.as_dict(), "passed": proof.passed}
        lines, passed = [*lines, *proof.lines()], proof.passed
    if as_json:
        print_json(content)
    else:
        from optimizer.errors import printable

        click.echo("\n".join(printable(line) for line in lines), err=not passed)
    if not passed:
        sys.exit(AuditFailed.exit_code)


@main.command()
@click.argument("run", type=FOLDER)
@click.option(
    "--to",
    "--format",
    "kind",
    type=click.Choice(
        [
            *("gpkg", "qgz", "geojson", "geoparquet", "flatgeobuf", "kml"),
            *("csv", "xlsx", "pypsa"),
        ]
    ),
    default="gpkg",
    show_default=True,
    help="What to write.",
)
@click.option("--out", type=PLACE, required=True, help="File or folder to write.")
@click.option(
    "--crs",
    help="Coordinate reference system of the map, such as EPSG:3035; not of geojson and kml.  "
    "[default: EPSG:4326]",
)
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@json_option
def export(
    run: Path, kind: str, out: Path, crs: str | None, overwrite: bool, as_json: bool
) -> None:
    """Write the maps and tables of a RUN folder for GIS software, or its power side for PyPSA.

    A GeoPackage opens styled in QGIS; qgz writes a folder with one and a project that opens it as a
    map, over the outlines of countries. xlsx is a workbook with every table.

    \b
    Examples:
      sitewatt export runs/europe --to qgz --out map
      sitewatt export runs/europe --to gpkg --crs EPSG:3035 --out plan.gpkg
      sitewatt export runs/europe --to xlsx --out plan.xlsx
      sitewatt export runs/hourly --to pypsa --out networks
    """
    from optimizer.export import export_run

    export_run(run, kind, out, crs=crs, overwrite=overwrite)
    if as_json:
        print_json({"status": "written", "out": str(out), "format": kind})
    else:
        click.echo(f"Wrote {out}")


@main.command()
@click.argument("run", type=FOLDER)
@click.option("--out", type=PLACE, help="Folder to keep the second run in.  [default: none]")
@click.option("--overwrite", is_flag=True, help="Replace that folder if it is there.")
@json_option
def rerun(run: Path, out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Solve the instance of a RUN folder again with its options, and compare the plans.

    With the same versions, every table must be the same to the last byte. With other versions,
    or where a run was cut short by time, neither plan may cost less than the other's bound.
    """
    from optimizer.command import rerun_folder

    rerun_folder(run, out, overwrite=overwrite, as_json=as_json)


for command in (report, figures, sweep, gridcheck, profiles, compare, alternatives, pareto, value):
    main.add_command(command)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes this command in a SHELL.

    \b
    Example:
      sitewatt completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(main, {}, "sitewatt", "_SITEWATT_COMPLETE").source())


if __name__ == "__main__":
    main()
