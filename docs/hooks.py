"""What the site takes from the code: tables for the marks `{{ name }}`, formulas as MathML."""

import html
import re
from collections.abc import Callable
from typing import Any

from latex2mathml.converter import convert

from optimizer import cli, results

MARK = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
# \mathrm{load\_mw} comes back as seven letters; a name is one identifier.
UPRIGHT_NAME = re.compile(r'(?:<mi mathvariant="normal">[^<]+</mi>){2,}')


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put generated tables where a page asks for them; a mark nobody knows is an error."""
    return MARK.sub(lambda mark: GENERATED[mark[1]](), markdown)


def on_page_content(content: str, **_: Any) -> str:
    """Turn formulas into MathML, which browsers draw without a script."""
    return FORMULA.sub(mathml, content)


def mathml(formula: re.Match[str]) -> str:
    """MathML of a formula that arithmatex has marked."""
    display = "block" if formula[1] == "div" else "inline"
    drawn = convert(html.unescape(formula[2]), display=display)
    return UPRIGHT_NAME.sub(one_identifier, drawn)


def one_identifier(letters: re.Match[str]) -> str:
    """Join letters that stand for one name."""
    return f"<mi>{re.sub('<[^>]*>', '', letters[0])}</mi>"


def result_tables() -> str:
    """Columns of every result table."""
    parts = []
    for table, columns in results.RESULT_TABLES.items():
        rows = [(f"`{column.name}`", column.unit, column.description) for column in columns]
        parts.append(f"## {table}\n\n{markdown_table(('column', 'unit', 'meaning'), rows)}")
    return "\n\n".join(parts)


def exit_codes() -> str:
    """Exit codes as the command's help tells them."""
    rows = re.findall(r"^  (\d+) +(.+)$", cli.EXIT_CODES, re.MULTILINE)
    return markdown_table(("code", "meaning"), rows)


def markdown_table(header: tuple[object, ...], rows: list[tuple[object, ...]]) -> str:
    """Rows as a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


GENERATED: dict[str, Callable[[], str]] = {
    "exit_codes": exit_codes,
    "instance_tables": lambda: "",
    "result_tables": result_tables,
}
