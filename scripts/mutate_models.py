"""Break the mathematics in many small ways, and list the ways that no test of it notices.

    python scripts/mutate_models.py
    python scripts/mutate_models.py grid cost
    python scripts/mutate_models.py --every 10 --minutes 20   # a sample, as far as time allows

Each mutant is one change to one module of models/: a comparison or a sign turned round, a number
moved by one, a constraint left out, a domain widened. tests/models is run against each until a
test fails, the tests of the mutant's own module first. A mutant that survives is a hole in the
tests, or makes no difference. A few seconds per mutant noticed, a minute per one that is not.
"""

import ast
import importlib
import math
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest

ROOT = Path(__file__).parents[1]
# What the tests load, once for all mutants; nothing of this repository.
LIBRARIES = ("pyomo.environ", "scipy.optimize", "pandas", "hypothesis", "highspy")
MOST_SECONDS = 300
# Tests of whole models, which notice most of what a module's own tests do not.
BASELINES = "tests/models/test_baselines.py"
# Modules whose tests stand in another's file.
TESTED_WITH = {"power_size": "size", "sets": "size", "money": "cost"}
SWAPPED: dict[type[ast.AST], Any] = {
    ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Lt: ast.LtE, ast.Gt: ast.GtE,
    ast.Eq: ast.LtE, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
RENAMED = {"min": "max", "max": "min"}
BREAKABLE = (
    ast.Compare, ast.BinOp, ast.BoolOp, ast.Constant, ast.Name, ast.Attribute, ast.IfExp,
    ast.UnaryOp, ast.Return,
)  # fmt: skip
WIDER = {"Binary": "NonNegativeReals", "NonNegativeIntegers": "NonNegativeReals"}


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Each way to break a module: line, what was done, and the broken source."""
    nodes = list(ast.walk(ast.parse(source)))
    for position, whole in enumerate(nodes):
        if not isinstance(whole, BREAKABLE):
            continue
        tree = ast.parse(source)
        node = next(islice(ast.walk(tree), position, None))
        if change := broken(node):
            yield getattr(node, "lineno", 0), change, ast.unparse(tree)


def broken(node: ast.AST) -> str:
    """Break a node in place and say how; "" where there is no way to."""
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    match node:
        case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value=str())]):
            node.ops = [ast.NotEq()]  # no text is less than another here
        case ast.Compare(ops=[operator]) if type(operator) in SWAPPED:
            node.ops = [SWAPPED[type(operator)]()]
        case ast.BinOp(op=operator) if type(operator) in SWAPPED:
            node.op = SWAPPED[type(operator)]()
        case ast.BoolOp(op=operator):
            node.op = SWAPPED[type(operator)]()
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            node.value = value + 1
        case ast.Name(id=name) if name in RENAMED:
            node.id = RENAMED[name]
        case ast.Attribute(attr=domain) if domain in WIDER:
            node.attr = WIDER[domain]
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
            if isinstance(node.op, ast.Not):
                node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.Return(value=ast.Compare() | ast.Call()):
            before = ast.unparse(node)
            node.value = ast.parse("pyo.Constraint.Skip", mode="eval").body
            return f"{before}  →  left out"
        case _:
            return ""
    ast.fix_missing_locations(node)
    return f"{before}  →  {ast.unparse(node)}"


def is_noticed(checkout: Path, module: str = "") -> bool:
    """Whether a test of the mathematics fails, or never ends, in a checkout.

    Parameters
    ----------
    module : whose own tests, where it has any, come first: they notice most.
    """
    own = f"tests/models/test_{TESTED_WITH.get(module, module)}.py"
    steps = [own, BASELINES] if (checkout / own).is_file() else [BASELINES]
    child = os.fork()
    if not child:
        # Of the processor: on a busy machine nothing may pass for noticed that is only slow.
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        os._exit(run_tests(checkout, [*steps, "tests/models"]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def load_libraries() -> None:
    """Import what every child needs, before it is forked."""
    for name in LIBRARIES:
        importlib.import_module(name)


def run_tests(checkout: Path, tests: list[str]) -> int:
    """Run tests until the first fails, in a child whose libraries its parent has loaded.

    Parameters
    ----------
    tests : files or folders, gathered one after the other: most mutants need only the first.
    """
    os.chdir(checkout)
    sys.path.insert(0, str(checkout))
    sys.dont_write_bytecode = True
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    options = ["-q", "-x", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return next((1 for path in tests if pytest.main([*options, path])), 0)


@click.command(help=__doc__)
@click.argument("modules", nargs=-1)
@click.option("--every", type=click.IntRange(1), default=1, help="Try each so-manieth mutant only.")
@click.option("--minutes", default=math.inf, help="Stop after this time.")
def main(modules: tuple[str, ...], every: int, minutes: float) -> None:
    """Break each module in every way, one at a time, and list what no test notices."""
    files = [ROOT / "models" / f"{name}.py" for name in modules]
    files = files or sorted((ROOT / "models").glob("[a-z]*.py"))
    until = time.monotonic() + 60 * minutes
    tried = survived = 0
    with TemporaryDirectory() as folder:
        checkout = Path(folder)
        for part in ("models", "optimizer", "tests", "instances", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, checkout / part)
        load_libraries()
        if is_noticed(checkout):
            raise click.ClickException("The tests fail before anything is broken.")
        for file in files:
            source = file.read_text(encoding="utf-8")
            target = checkout / "models" / file.name
            own = [0, 0]
            for line, change, text in islice(mutants(source), 0, None, every):
                if time.monotonic() > until:
                    break
                target.write_text(text, encoding="utf-8")
                noticed = is_noticed(checkout, file.stem)
                own = [own[0] + noticed, own[1] + 1]
                if not noticed:
                    click.echo(f"{file.name}:{line}: {change}")
            target.write_text(source, encoding="utf-8")
            tried, survived = tried + own[1], survived + own[1] - own[0]
            click.echo(f"{file.name}: {own[0]} of {own[1]} noticed")
    click.echo(f"{tried - survived} of {tried} mutants noticed")


if __name__ == "__main__":
    main()
