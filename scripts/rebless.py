"""Write the LP files of tests/lp anew, after a change to the mathematics that is meant.

    python scripts/rebless.py

Read the difference line by line before it is committed: these files say what the rows are.
"""

import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.models.baselines import BASELINES, FOLDER, rows_of


@click.command(help=__doc__)
def main() -> None:
    """Write every file, and drop those of constraints that are no more."""
    for stale in set(FOLDER.glob("*.lp")) - {FOLDER / f"{name}.lp" for name in BASELINES}:
        stale.unlink()
        click.echo(f"{stale.name}: dropped")
    for name in BASELINES:
        file, text = FOLDER / f"{name}.lp", rows_of(name)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if text != before:
            file.write_text(text, encoding="utf-8")
            click.echo(f"{file.name}: {'changed' if before else 'new'}")


if __name__ == "__main__":
    main()
