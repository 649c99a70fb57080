"""Break the mathematics in many small ways, and list the ways that no test of it notices.

    python scripts/mutate_models.py
    python scripts/mutate_models.py grid cost

Each mutant is one change to one module of models/: a comparison or a sign turned round, a number
moved by one, a constraint left out, a domain widened. tests/models is run against each until a
test fails. A mutant that survives is a hole in the tests, or makes no difference. Takes minutes
per module.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

ROOT = Path(__file__).parents[1]
SWAPPED: dict[type[ast.AST], Any] = {
    ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Lt: ast.LtE, ast.Gt: ast.GtE,
    ast.Eq: ast.LtE, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
RENAMED = {"min": "max", "max": "min"}
WIDER = {"Binary": "NonNegativeReals", "NonNegativeIntegers": "NonNegativeReals"}


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Each way to break a module: line, what was done, and the broken source."""
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for position in range(count):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[position]
        if change := broken(node):
            yield getattr(node, "lineno", 0), change, ast.unparse(tree)


def broken(node: ast.AST) -> str:
    """Break a node in place and say how; "" where there is no way to."""
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    match node:
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


def is_noticed(checkout: Path) -> bool:
    """Whether a test of the mathematics fails, or never ends, in a checkout."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "tests/models"]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        tests = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return tests.returncode != 0


@click.command(help=__doc__)
@click.argument("modules", nargs=-1)
def main(modules: tuple[str, ...]) -> None:
    """Break each module in every way, one at a time, and list what no test notices."""
    files = [ROOT / "models" / f"{name}.py" for name in modules]
    files = files or sorted((ROOT / "models").glob("[a-z]*.py"))
    tried = survived = 0
    with TemporaryDirectory() as folder:
        checkout = Path(folder)
        for part in ("models", "optimizer", "tests", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, checkout / part)
        if is_noticed(checkout):
            raise click.ClickException("The tests fail before anything is broken.")
        for file in files:
            source = file.read_text(encoding="utf-8")
            target = checkout / "models" / file.name
            for line, change, text in mutants(source):
                target.write_text(text, encoding="utf-8")
                tried += 1
                if not is_noticed(checkout):
                    survived += 1
                    click.echo(f"{file.name}:{line}: {change}")
            target.write_text(source, encoding="utf-8")
    click.echo(f"{tried - survived} of {tried} mutants noticed")


if __name__ == "__main__":
    main()
