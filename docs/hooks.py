"""What the site takes from the code: tables for the marks `{{ name }}`, formulas as MathML."""

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from optimizer import cli, doctor, files, run_tables
from optimizer.reference import describe
from optimizer.run_files import MOST_OF_A_TABLE

MARK = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
# What makes a browser fetch something from another place, by kind of file.
PULLS = {
    ".html": re.compile(
        r'<(?:script|img|iframe|source|link)\b[^>]*\s(?:src|href)="?(?:https?:)?//[^>]*>'
    ),
    ".css": re.compile(r'(?:@import|url\()\s*["\']?(?:https?:)?//[^)]*'),
}
# \mathrm{load\_mw} comes back as seven letters; a name is one identifier.
UPRIGHT_NAME = re.compile(r'(?:<mi mathvariant="normal">[^<]+</mi>){2,}')


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put generated tables where a page asks for them; a mark nobody knows is an error."""
    return MARK.sub(lambda mark: GENERATED[mark[1]](), markdown)


def on_page_content(content: str, **_: Any) -> str:
    """Turn formulas into MathML, which browsers draw without a script."""
    return FORMULA.sub(mathml, content)


def on_post_build(config: MkDocsConfig) -> None:
    """Refuse a site that would fetch anything from elsewhere."""
    fetched = [
        f"{page.relative_to(config.site_dir)}: {found[0]}"
        for page in sorted(Path(config.site_dir).rglob("*"))
        if page.suffix in PULLS
        for found in PULLS[page.suffix].finditer(page.read_text(encoding="utf-8"))
    ]
    if fetched:
        raise PluginError("The site fetches from elsewhere:\n" + "\n".join(fetched))


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
    for table, columns in run_tables.ALL_TABLES.items():
        rows = [(f"`{column.name}`", column.unit, column.description) for column in columns]
        parts.append(f"## {table}\n\n{markdown_table(('column', 'unit', 'meaning'), rows)}")
    return "\n\n".join(parts)


def size_limits() -> str:
    """How large the files of an instance, and the tables of a run that is read again, may be."""
    rows = [
        *(
            (f"`{table}`", files.MOST_ROWS[table], files.MOST_BYTES[table])
            for table in files.MOST_ROWS
        ),
        ("any other table", files.MOST_ROWS_ELSEWHERE, files.MOST_BYTES_ELSEWHERE),
        ("a table of a run", MOST_OF_A_TABLE.rows, MOST_OF_A_TABLE.bytes),
    ]
    return markdown_table(
        ("table", "most rows", "most MiB"),
        [(table, f"{most:,}", size // 2**20) for table, most, size in rows],
    )


def doctor_checks() -> str:
    """What `sitewatt validate` warns of."""
    return "\n".join(f"- `{check.__name__}`: {check.__doc__}" for check in doctor.CHECKS)


def commands() -> str:
    """Help of the command and of each of its commands."""
    root = cli.main.make_context("sitewatt", [], resilient_parsing=True, terminal_width=88)
    below = [
        command.make_context(name, [], parent=root, resilient_parsing=True)
        for name, command in cli.main.commands.items()
    ]
    return "\n\n".join(
        f"## {context.command_path}\n\n```text\n{context.get_help()}\n```"
        for context in (root, *below)
    )


def markdown_table(header: tuple[object, ...], rows: Sequence[tuple[object, ...]]) -> str:
    """Rows as a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


GENERATED: dict[str, Callable[[], str]] = {
    "commands": commands,
    "instance_tables": lambda: describe("markdown"),
    "result_tables": result_tables,
    "doctor_checks": doctor_checks,
    "size_limits": size_limits,
}
