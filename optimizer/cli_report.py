"""Commands that show a plan to people: the report, and figures."""

import sys
from pathlib import Path

import click

from optimizer.terminal import FOLDER, PLACE, json_option, print_json


@click.command()
@click.argument("run", type=FOLDER)
@click.option("--out", type=PLACE, help="Folder to write.  [default: report in the run folder]")
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def report(run: Path, out: Path | None, overwrite: bool, quiet: bool, as_json: bool) -> None:
    """Write all that people look at of a RUN folder, without solving again.

    A page for a board, report.html, that needs no network and prints to PDF; beside it a map to
    click through, a workbook, GIS files and figures. The run is audited first.

    \b
    Examples:
      sitewatt report runs/europe
      sitewatt report runs/europe --out public --overwrite
    """
    from optimizer.progress import Progress
    from optimizer.report import write_report

    place = out or run / "report"
    with Progress(sys.stderr, quiet=quiet).shown() as tell:
        files = write_report(run, place, tell, overwrite=overwrite)
    if as_json:
        print_json({"status": "written", "out": str(place), "files": files})
    else:
        click.echo(f"Wrote {', '.join(files)} to {place}")


@click.command()
@click.argument("run", type=FOLDER)
@click.option("--out", type=PLACE, required=True, help="Folder to write.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["svg", "png", "pdf"]),
    default="svg",
    show_default=True,
    help="Of the figures.",
)
@click.option(
    "--site",
    "sites",
    multiple=True,
    help="Draw the dispatch of this site; may be given again.  [default: the largest]",
)
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
@json_option
def figures(
    run: Path,
    out: Path,
    file_format: str,
    sites: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
) -> None:
    """Draw the plan of a RUN folder for papers and slides.

    A map of each stage; capacity, energy and carbon by stage; costs; headroom of grid nodes; round
    trips against their limits; whose machines serve whom; and sites' power hour by hour, with a row
    for each stage and a column for each day, where the instance has slices.

    \b
    Example:
      sitewatt figures runs/hourly --out figures --format png
    """
    from optimizer.figures import write_figures

    files = write_figures(run, out, file_format=file_format, sites=sites, overwrite=overwrite)
    if as_json:
        print_json({"status": "written", "out": str(out), "files": files})
    else:
        click.echo(f"Wrote {len(files)} figure{'s' if len(files) > 1 else ''} to {out}")
