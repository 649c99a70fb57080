"""Changed instances: a factor's value entered into the tables, and everything checked again."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.checks import check_tables
from optimizer.errors import Problem
from optimizer.instance import Instance, hash_of, resolved
from optimizer.manifest import Manifest, parse_manifest
from optimizer.names import as_written, nearest
from optimizer.reading import Reading
from optimizer.schema import TABLES
from optimizer.study.file import Comparisons, Factor, Value
from optimizer.table import read_table

# Keys that a study may not change: what they name is not one instance any more.
FIXED_KEYS = ("name", "title", "currency", "extends")
Change = tuple[Factor, Value]


Fault = tuple[str, str, str, str]


def faults(instance: Instance, factor: Factor) -> list[Fault]:
    """Why an instance has nothing for a factor to change: part, value, message and remedy."""
    if factor.table is not None:
        return faults_of_cells(instance, factor)
    what, name = ("key", factor.key) if factor.rule is None else ("rule", factor.rule)
    known = instance.tables["rules"].rule.tolist()
    if what == "key":
        known = [key for key in keys_of(instance) if key.split(".")[0] not in FIXED_KEYS]
    if name in known:
        return []
    return [(what, str(name), f"the instance has no such {what}", nearest(str(name), known))]


def faults_of_cells(instance: Instance, factor: Factor) -> list[Fault]:
    """Why an instance has no such cells."""
    table, column = str(factor.table), str(factor.column)
    if table not in TABLES or table == "sources":
        return [("table", table, "there is no such table", nearest(table, TABLES))]
    frame = instance.tables[table]
    columns = frame.columns.tolist()
    named = [("column", column), *((f"where.{name}", name) for name in factor.where)]
    found = [
        (part, name, f"{table} has no such column", nearest(name, columns))
        for part, name in named
        if name not in columns
    ]
    texts = [name for name in columns if not is_number(frame[name])]
    if factor.kind != "set" and column in texts:
        found.append(("kind", factor.kind, f"{table}.{column} holds texts", 'write "set"'))
    for name, test in factor.where.items():
        if isinstance(test, Comparisons) and name in texts:
            remedy = "write a text, or a list of them"
            found.append((f"where.{name}", "", f"{table}.{name} holds texts", remedy))
    if not found and not rows_of(frame, factor).any():
        said = f"matches none of {len(frame):,} rows of {table}"
        return [("where", in_words(factor.where), said, "check names and years")]
    return found


def keys_of(instance: Instance) -> dict[str, Any]:
    """Keys of the manifest with their values; those of sections with a dot."""
    keys: dict[str, Any] = {}
    for name, value in resolved(instance.manifest).items():
        parts = value.items() if isinstance(value, dict) else ()
        keys |= {f"{name}.{part}": of_part for part, of_part in parts} or {name: value}
    return keys


def in_words(where: Mapping[str, Any]) -> str:
    """Filter for a report."""
    return ", ".join(f"{name} = {as_written(test)}" for name, test in where.items())


def is_number(cells: pd.Series) -> bool:
    """Whether a column holds numbers."""
    return pd.api.types.is_numeric_dtype(cells)


def rows_of(table: pd.DataFrame, factor: Factor) -> np.ndarray:
    """Rows of a table that a factor changes."""
    rows = np.full(len(table), True)
    for name, test in factor.where.items():
        rows &= passes(table[name], test)
    return rows


def passes(cells: pd.Series, test: Any) -> np.ndarray:
    """Which cells pass a test; an empty one passes none."""
    if not isinstance(test, Comparisons):
        return cells.isin(test if isinstance(test, list) else [test]).to_numpy(bool)
    numbers = cells.to_numpy(float, na_value=np.nan)
    kept = ~np.isnan(numbers)
    for limit, holds in (
        (test.at_least, np.greater_equal),
        (test.above, np.greater),
        (test.at_most, np.less_equal),
        (test.below, np.less),
    ):
        if limit is not None:
            kept &= holds(numbers, limit)
    return kept


def changed_table(table: pd.DataFrame, factor: Factor, value: Any) -> pd.DataFrame:
    """Table with a value entered."""
    if factor.rule is not None:
        return table if value else table[table.rule != factor.rule]
    cells = table[factor.column]
    if not is_number(cells):
        return table.assign(**{str(factor.column): cells.mask(rows_of(table, factor), str(value))})
    numbers = cells.to_numpy(float, na_value=np.nan)
    changed = np.where(rows_of(table, factor), entered(numbers, factor.kind, value), numbers)
    return table.assign(**{str(factor.column): changed})


def entered(base: Any, kind: str, value: Any) -> Any:
    """A number, or an array of them, scaled by a value, with it added, or replaced by it."""
    return base * value if kind == "scale" else base + value if kind == "add" else value


class Variants:
    """Makes changed versions of one instance, and reads again only what has changed.

    Parameters
    ----------
    instance : what every version starts from.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.first_stage = instance.manifest.stages[0]
        self.readings = {
            name: self.read(name, instance.contents.get(name), instance.files.get(name))
            for name in TABLES
        }

    def read(self, name: str, content: bytes | None, file: Path | None) -> Reading:
        """Read a table; the defaults of years are those of the instance."""
        return read_table(name, name, self.first_stage, content, file)

    def make(self, changes: list[Change]) -> tuple[Instance | None, list[Problem]]:
        """Instance with changes made one after the other.

        Returns
        -------
        tuple
            The instance, None if anything is wrong with it, and all that is.
        """
        keys, tables = resolved(self.instance.manifest), dict(self.instance.tables)
        touched: set[str] = set()
        for factor, value in changes:
            if factor.key is not None:
                change_key(keys, factor, value)
                if factor.key == "stages":  # Demand of other years belongs to no stage.
                    demand = tables["demand"]
                    tables["demand"] = demand[demand.year.isin(list(value))]  # type: ignore[arg-type]
                    touched.add("demand")
            else:
                name = factor.table or "rules"
                tables[name] = changed_table(tables[name], factor, value)
                touched.add(name)
        return self.checked(keys, {name: tables[name] for name in sorted(touched)})

    def checked(
        self, keys: dict[str, Any], changed: dict[str, pd.DataFrame]
    ) -> tuple[Instance | None, list[Problem]]:
        """Read what has changed as if it came from a file, and check all of it."""
        manifest, of_keys = parse_manifest(keys)
        contents, files = dict(self.instance.contents), dict(self.instance.files)
        readings = {name: fresh(reading) for name, reading in self.readings.items()}
        for name, table in changed.items():
            contents[name] = table.to_csv(index=False, lineterminator="\n").encode()
            files[name] = Path(f"{name}.csv")
            readings[name] = self.read(name, contents[name], files[name])
        check_tables(readings, keys, {problem.column.split(".")[0] for problem in of_keys})
        problems = [*of_keys, *(p for reading in readings.values() for p in reading.problems)]
        if problems or manifest is None:
            return None, problems
        return self.version(manifest, readings, files, contents, set(changed)), []

    def version(
        self,
        manifest: Manifest,
        readings: dict[str, Reading],
        files: dict[str, Path],
        contents: dict[str, bytes],
        changed: set[str],
    ) -> Instance:
        """Sound instance; tables that did not change are the same objects as before."""
        tables = {name: readings[name].frame for name in changed}
        return replace(
            self.instance,
            manifest=manifest,
            tables={**self.instance.tables, **tables},
            files=files,
            contents=contents,
            sha256=hash_of(manifest, files, contents),
        )


def change_key(keys: dict[str, Any], factor: Factor, value: Any) -> None:
    """Enter a value into the keys of a manifest; what was whole stays so where it can."""
    *sections, last = str(factor.key).split(".")
    for name in sections:
        keys[name] = dict(keys[name])
        keys = keys[name]
    before = keys[last]
    numbers = isinstance(before, int | float) and not isinstance(value, str | list)
    after = entered(before, factor.kind, value) if numbers else value
    whole = isinstance(before, int) and isinstance(after, float) and after.is_integer()
    keys[last] = int(after) if whole else after


def fresh(reading: Reading) -> Reading:
    """The same reading, to be checked once more."""
    again = copy(reading)
    again.problems = []
    again.sound = {name: mask.copy() for name, mask in reading.sound.items()}
    return again
