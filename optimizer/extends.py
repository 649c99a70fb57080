"""An instance folder and those it extends, merged into one: nearer keys and tables win."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimizer.errors import Problem
from optimizer.files import MOST_BYTES_OF_MANIFEST, find_tables, read_bytes
from optimizer.manifest import MANIFEST
from optimizer.names import as_written, fault_of_name

# An instance and all that it extends, one after the other.
MOST_FOLDERS = 20
# Python's TOML reader takes a time that grows with the square of the parts of a dotted key.
MOST_DOTS_IN_A_LINE = 500


@dataclass
class Merged:
    """What an instance is made of.

    Attributes
    ----------
    keys : of the manifest.
    files : table files by table.
    labels : what problems call a table or a key that comes from another folder.
    problems : what is wrong with folders and files, whatever they say.
    complete : whether every folder and manifest could be read.
    """

    keys: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True

    def place(self, problem: Problem) -> str:
        """The manifest that holds the key of a problem."""
        return self.labels.get(f"{MANIFEST} {problem.column.split('.')[0]}", MANIFEST)


def merge_folders(folder: Path) -> Merged:
    """Keys and files of a folder and of all that it extends, one after the other."""
    merged = Merged()
    seen: list[str] = []
    here = folder.resolve()
    while True:
        prefix = f"{here.name}/" if seen else ""
        seen.append(here.name)
        keys = add_folder(merged, here, prefix)
        base = keys.get("extends")
        if base is None:
            return merged
        problem = trouble(here.parent, base, seen)
        if problem:
            merged.complete = False
            merged.problems.append(
                Problem(prefix + MANIFEST, None, "extends", as_written(base), *problem)
            )
            return merged
        here = here.parent / base


def trouble(parent: Path, base: object, seen: list[str]) -> tuple[str, str] | None:
    """What is wrong with the folder that an instance extends, and what to do about it."""
    if (
        not isinstance(base, str)
        or fault_of_name(base)
        or base in (".", "..")
        or has_separator(base)
    ):
        return "is not the name of a sibling folder", "write a plain name, not a path"
    if base in seen:
        return f"extends itself: {' → '.join([*seen, base])}", "break the circle"
    if len(seen) == MOST_FOLDERS:
        return f"extends more than {MOST_FOLDERS - 1} folders", "merge some of them"
    place = parent / base
    try:
        if place.is_symlink():
            return "is a link", "put the folder itself beside this one"
        found = place.is_dir()
    except OSError:  # The name is too long for this system.
        found = False
    return None if found else (f"there is no folder {base} beside this one", "check the name")


def has_separator(name: str) -> bool:
    """Whether a name could be a path, on any system."""
    return any(character in name for character in "/\\\\:")


def add_folder(merged: Merged, folder: Path, prefix: str) -> dict[str, Any]:
    """Add what nearer folders do not have; returns the folder's own keys."""
    try:
        files, problems = find_tables(folder, prefix)
    except OSError as error:
        remedy = "name the folder of an instance"
        merged.complete = False
        merged.problems.append(
            Problem(
                prefix + MANIFEST,
                None,
                "",
                folder.name,
                f"cannot be looked into: {error.strerror}",
                remedy,
            )
        )
        return {}
    keys, of_keys = read_keys(folder / MANIFEST, prefix + MANIFEST)
    merged.problems += [*of_keys, *problems]
    merged.complete &= not of_keys
    for table, file in files.items():
        if table not in merged.files:
            merged.files[table] = file
            merged.labels[table] = prefix + table
    for key, value in keys.items():
        if key not in merged.keys:
            merged.keys[key] = value
            merged.labels[f"{MANIFEST} {key}"] = prefix + MANIFEST
    return keys


def read_keys(file: Path, label: str) -> tuple[dict[str, Any], list[Problem]]:
    """Keys of a manifest, as TOML has them."""
    if not file.exists() and not file.is_symlink():
        remedy = "an instance is a folder with this file in it"
        return {}, [Problem(label, None, "", "", "the file is missing", remedy)]
    content, problems = read_bytes(file, label, MOST_BYTES_OF_MANIFEST)
    if content is None:
        return {}, problems
    try:
        if any(line.count(b".") > MOST_DOTS_IN_A_LINE for line in content.split(b"\n")):
            raise RecursionError
        return tomllib.loads(content.decode("utf-8-sig")), []
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        return {}, [Problem(label, line, "", "", "is not UTF-8", "save the file as UTF-8 text")]
    except tomllib.TOMLDecodeError as error:
        return {}, [Problem(label, None, "", "", f"is not TOML: {error}", "correct the line named")]
    except (RecursionError, ValueError):
        return {}, [Problem(label, None, "", "", "is not TOML that can be read", "write it anew")]
