"""Commands about more than one optimum: runs side by side, other plans, fronts, prices."""

from pathlib import Path

import click

from optimizer.terminal import FOLDER, PLACE, echo_lines, json_option, print_json


@click.command()
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
@click.option("--csv", "out", type=PLACE, help="Folder to write tables to.  [default: none]")
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
@json_option
def compare(runs: tuple[Path, ...], out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Say how the plans of RUN folders differ from the first of them, and why.

    What opens, moves and costs differently; which rows and columns of their instances differ; which
    nodes, halls and rules bind in one and not in the other. Costs whose gaps overlap are said not
    to be distinguishable.

    \b
    Examples:
      sitewatt compare runs/europe runs/europe-no-rules
      sitewatt compare runs/a runs/b runs/c --csv differences
    """
    from optimizer.tradeoffs.compare import compare_runs
    from optimizer.tradeoffs.compare_text import comparison_lines

    found = compare_runs(runs)
    if out:
        found.write(out, overwrite=overwrite)
    if as_json:
        print_json({"status": "compared", "out": str(out) if out else None, **found.as_dict()})
    else:
        echo_lines([*comparison_lines(found), *([f"Wrote {out}"] if out else [])])
