"""Read a folder of tables, whole or not at all."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

from optimizer.checks import check_tables
from optimizer.errors import InvalidInstance
from optimizer.extends import merge_folders
from optimizer.files import most_of, read_bytes
from optimizer.manifest import FIRST_YEAR, MANIFEST, MISSING, Manifest, parse_manifest
from optimizer.schema import TABLES
from optimizer.table import read_table


@dataclass(frozen=True)
class Instance:
    """A checked instance.

    Parameters
    ----------
    folder : where it was read from.
    manifest : with whatever it extends resolved.
    tables : every table of the schema, typed and with defaults filled in; empty where there is no
        file. Row i stands on line i + 2 of its file.
    files : the file that each table came from.
    sha256 : hash of what was read, the same for a flattened copy.
    contents : bytes of those files, as read: a solve can outlast the folder.
    """

    folder: Path
    manifest: Manifest
    tables: dict[str, pd.DataFrame]
    files: dict[str, Path]
    sha256: str
    contents: dict[str, bytes] = field(repr=False, compare=False)


def read_instance(folder: Path) -> Instance:
    """Read and check an instance.

    Raises
    ------
    InvalidInstance
        All that is wrong with it, in the manifest and in every table at once.
    """
    merged = merge_folders(folder)
    manifest, of_keys = parse_manifest(merged.keys)
    if not merged.complete:
        of_keys = [problem for problem in of_keys if problem.message != MISSING]
    problems = [*merged.problems, *(replace(p, table=merged.place(p)) for p in of_keys)]
    # What is said of one key must not keep the others from being checked against the tables.
    unsound = {problem.column.split(".")[0] for problem in of_keys}
    first_stage = manifest.stages[0] if manifest else FIRST_YEAR
    readings, contents = {}, {}
    for table in TABLES:
        file, label = merged.files.get(table), merged.labels.get(table, table)
        content, unreadable = read_bytes(file, label, most_of(table).bytes) if file else (None, [])
        readings[table] = read_table(table, label, first_stage, content, file)
        readings[table].problems += unreadable
        readings[table].complete &= merged.complete or file is not None
        if content is not None:
            contents[table] = content
    check_tables(readings, merged.keys, unsound)
    for reading in readings.values():
        problems += sorted(reading.problems, key=lambda problem: problem.row or 0)
    if problems or manifest is None:
        raise InvalidInstance(problems)
    tables = {table: reading.frame for table, reading in readings.items()}
    sha256 = hash_of(manifest, merged.files, contents)
    return Instance(folder, manifest, tables, merged.files, sha256, contents)


def hash_of(manifest: Manifest, files: dict[str, Path], contents: dict[str, bytes]) -> str:
    """Hash of all that an instance says: its keys, and each table's name, ending and bytes."""
    digest = hashlib.sha256(json.dumps(resolved(manifest), sort_keys=True).encode())
    for table in sorted(contents):
        of_table = hashlib.sha256(contents[table]).hexdigest()
        digest.update(f"\n{table}{files[table].suffix} {of_table}".encode())
    return digest.hexdigest()


def resolved(manifest: Manifest) -> dict[str, Any]:
    """Keys of a manifest that extends nothing."""
    return manifest.model_dump(mode="json", exclude={"extends"}, exclude_none=True)


def copy_instance(instance: Instance, folder: Path) -> None:
    """Write an instance, as it was read, into a new folder that extends nothing."""
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(tomli_w.dumps(resolved(instance.manifest)), encoding="utf-8")
    for table, content in instance.contents.items():
        (folder / f"{table}{instance.files[table].suffix}").write_bytes(content)
