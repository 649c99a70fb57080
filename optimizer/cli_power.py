"""Commands about power: the lines of a grid, representative days."""

from pathlib import Path

import click

from optimizer.terminal import FOLDER, PLACE, echo_lines, json_option, print_json


@click.command()
@click.argument("run", type=FOLDER)
@click.argument("network", type=click.Path(exists=True, path_type=Path))
@click.option("--snapshot", help="Of the network's own load.  [default: that of most load]")
@click.option(
    "--within-km",
    type=click.FloatRange(min=0),
    default=50.0,
    show_default=True,
    help="Leave out nodes that are farther from any bus.",
)
@click.option("--out", type=PLACE, help="Folder to write tables to.  [default: none]")
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
@json_option
def gridcheck(
    run: Path,
    network: Path,
    snapshot: str | None,
    within_km: float,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Put the load of a RUN folder on a PyPSA NETWORK, and tell which lines it overloads.

    NETWORK is a CSV folder or a netCDF file. Nodes of the plan stand at the bus of their name, else
    at the nearest one. Linear power flow, whole and after each outage of a line or transformer.
    The corridors that are written keep an instance from the same overloads. Needs the extra grid.

    \b
    Example:
      sitewatt gridcheck runs/europe networks/ireland --out overloads
    """
    from optimizer.gridcheck import check_grid

    found = check_grid(run, network, snapshot=snapshot, within_km=within_km)
    if out:
        found.write(out, overwrite=overwrite)
    if as_json:
        print_json({"status": "checked", "out": str(out) if out else None, **found.as_dict()})
    else:
        echo_lines([*found.lines(), *([f"Wrote {out}"] if out else [])])


@click.command()
@click.argument("hourly", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 365), required=True, help="How many are wanted.")
@click.option(
    "--peak",
    "peaks",
    multiple=True,
    metavar="COLUMN",
    help="Take the day of this column's highest value; may be given again.",
)
@click.option(
    "--time",
    default="time_utc",
    show_default=True,
    metavar="COLUMN",
    help="Column that says when each hour starts.",
)
@click.option(
    "--year",
    type=click.IntRange(1900, 2200),
    help="Year of the rows, where no column says when they start.",
)
@click.option("--out", type=PLACE, help="Folder to write.  [default: none, only tell the error]")
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
@json_option
def profiles(
    hourly: Path,
    days: int,
    peaks: tuple[str, ...],
    time: str,
    year: int | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Reduce a year of hours, a CSV or Parquet file, to representative days, and tell the error.

    HOURLY has a column for each profile and a row for each hour. The days are real ones; their
    values are stretched a little, so that every profile keeps its mean over the year. Writes
    slices.csv and profiles.csv for an instance, and profiles_error.csv.

    \b
    Examples:
      sitewatt profiles hourly.csv --days 4
      sitewatt profiles hourly.csv --days 4 --peak price --out representative
    """
    from optimizer.hourly import read_hours
    from optimizer.profiles import error_lines, reduce_hours, write_reduced

    reduced = reduce_hours(read_hours(hourly, time=time, year=year), days, peaks)
    if out:
        write_reduced(reduced, out, overwrite=overwrite)
    if as_json:
        counts = reduced.slices.groupby("day").weight_hours.first()
        content: dict[str, object] = {"status": "written" if out else "reduced"}
        content |= {"out": str(out) if out else None, "days": counts.to_dict()}
        print_json({**content, "error": reduced.profiles_error.to_dict("records")})
    else:
        echo_lines([*error_lines(reduced.profiles_error), *([f"Wrote {out}"] if out else [])])
