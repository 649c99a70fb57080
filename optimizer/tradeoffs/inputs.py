"""Which numbers two instances differ in: keys of the manifest, rows and cells of tables."""

import json
from collections.abc import Iterator

import pandas as pd

from optimizer.instance import Instance, resolved
from optimizer.schema import TABLES

COLUMNS = ["table", "row", "column", "first", "other"]
# What a manifest says that no plan depends on.
WORDS = frozenset({"name", "title"})
# Tables likewise.
NO_INPUT = frozenset({"sources"})


def differing_inputs(first: Instance, other: Instance) -> pd.DataFrame:
    """Every number and name in which two instances differ.

    Returns
    -------
    DataFrame
        `table`, `manifest` for keys of the manifest; `row`, its key as `column=value`; `column`,
        empty where the whole row is in one of them alone; `first` and `other`, as text, empty
        where there is none.
    """
    rows = [*differing_keys(first, other)]
    for name in TABLES:
        if name not in NO_INPUT:
            rows += differing_rows(name, first.tables[name], other.tables[name])
    return pd.DataFrame(rows, columns=COLUMNS)


def differing_keys(first: Instance, other: Instance) -> Iterator[tuple[str, ...]]:
    """Keys of the manifest that differ."""
    before, after = resolved(first.manifest), resolved(other.manifest)
    for key in dict.fromkeys([*before, *after]):
        if key not in WORDS and before.get(key) != after.get(key):
            yield "manifest", key, key, text(before.get(key)), text(after.get(key))


def differing_rows(name: str, first: pd.DataFrame, other: pd.DataFrame) -> Iterator[tuple]:
    """Rows of a table that only one instance has, then cells that differ in those of both."""
    key = list((TABLES[name].metadata or {})["key"])
    before, after = (keyed(table, key) for table in (first, other))
    for row in before.index.difference(after.index, sort=False):
        yield name, row, "", "there", ""
    for row in after.index.difference(before.index, sort=False):
        yield name, row, "", "", "there"
    shared = before.index.intersection(after.index, sort=False)
    for column in before.columns:
        old, new = before[column].reindex(shared), after[column].reindex(shared)
        differs = ~((old == new) | (old.isna() & new.isna()))
        for row in shared[differs.to_numpy(bool)]:
            yield name, row, column, text(old[row]), text(new[row])


def keyed(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Table whose index is its key in words."""
    words = [f"{column}=" + table[column].astype(str) for column in key]
    index = pd.Index(words[0].str.cat(words[1:], sep=", ") if len(table) else [], dtype=object)
    return table.drop(columns=key).set_index(index)


def text(value: object) -> str:
    """Cell in words, numbers with the digits they need."""
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 — no number is itself
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
