"""How commands speak: lines or JSON, and an exit code for all that can be explained."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

INTERRUPTED = 130
EXIT_CODES = """\b
Exit codes:
  0    done; a plan is within the gap asked for
  1    unexpected error
  2    wrong use of the command
  3    the instance is invalid
  4    it is proven that there is no plan
  5    a limit was reached or the gap missed, with a plan
  6    a limit was reached, without one
  7    the audit failed, or a second opinion contradicts
  130  interrupted; the best plan is kept"""

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PLACE = click.Path(path_type=Path)
THREADS = click.option(
    "--threads",
    type=click.IntRange(0),
    default=0,
    help="Cores to use.  [default: all in a tree, else HiGHS' choice]",
)


def json_option(command: Callable) -> Callable:
    """Add --json, and let the command end with the exit code of what went wrong.

    With --json, an error is a JSON document on standard output, too.
    """

    @wraps(command)
    def run(*args: Any, as_json: bool, **kwargs: Any) -> None:
        with errors_told(as_json):
            command(*args, as_json=as_json, **kwargs)

    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else."
    )(run)


@contextmanager
def errors_told(as_json: bool) -> Iterator[None]:
    """Turn what can be explained into a message and an exit code."""
    from optimizer.errors import InvalidInstance, SitewattError

    try:
        yield
    except InvalidInstance as error:
        content = {"status": "invalid", "problems": error.as_dicts()}
        end(error.exit_code, error.lines(), content, as_json)
    except SitewattError as error:
        content = {"status": type(error).__name__.lower(), "message": str(error)}
        end(error.exit_code, str(error).splitlines(), content, as_json)
    except (MemoryError, ImportError, SystemError) as error:
        from optimizer.memory import is_held, out_of_memory

        # A library that gets no memory to load into is missing, for all Python knows.
        if not isinstance(error, MemoryError) and not is_held():
            raise
        spent = out_of_memory()
        content = {"status": "outofmemory", "message": str(spent)}
        end(spent.exit_code, [str(spent)], content, as_json)
    except KeyboardInterrupt:
        content = {"status": "interrupted", "message": "Stopped."}
        end(INTERRUPTED, ["Stopped."], content, as_json)


def end(code: int, lines: list[str], content: dict[str, Any], as_json: bool) -> NoReturn:
    """End the command with an error, told on standard error or as JSON."""
    if as_json:
        print_json({**content, "exit_code": code})
    else:
        from optimizer.errors import printable

        click.echo("\n".join(printable(line) for line in lines), err=True)
    sys.exit(code)


def print_json(content: object) -> None:
    """Print one JSON document."""
    # In ASCII, for not every terminal has every letter, and some letters turn others around.
    click.echo(json.dumps(content, indent=2, allow_nan=False))


def echo_lines(lines: list[str]) -> None:
    """Print lines, with what a terminal would obey written as escapes."""
    from optimizer.errors import printable

    click.echo("\n".join(map(printable, lines)))
