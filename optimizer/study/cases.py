"""Cases of a study: what differs in each, its check, and the key that its result is kept under."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from optimizer.errors import Problem
from optimizer.extends import read_keys
from optimizer.instance import Instance, read_instance
from optimizer.manifest import MANIFEST
from optimizer.names import as_written
from optimizer.study.designs import Levels, levels_of
from optimizer.study.file import InvalidStudy, Study, read_study
from optimizer.study.parents import parents_of
from optimizer.study.swept import versions
from optimizer.study.variants import Change, Variants, faults


@dataclass(frozen=True)
class Case:
    """One solve of a study.

    Parameters
    ----------
    number : from 1, in the order of the design.
    name : where the study gives it one.
    levels : value by factor; a factor that is not named stays as the instance is.
    key : hash of all that its result depends on; cases that are the same share it.
    parent : key of the case whose plan it starts from; "" for none.
    """

    number: int
    name: str
    levels: Levels
    key: str
    parent: str = ""

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {as_written(value)}" for name, value in self.levels.items())
        return f"case {self.number}{f' {self.name}' if self.name else ''} ({told or 'as it is'})"


@dataclass(frozen=True)
class Plot:
    """A study with its instance and all of its cases.

    Parameters
    ----------
    study : as written.
    base : what every case starts from.
    cases : in the order of the design.
    """

    study: Study
    base: Instance
    cases: list[Case]

    @cached_property
    def variants(self) -> Variants:
        """Makes the instance of a case."""
        return Variants(self.base)

    def changes(self, case: Case) -> list[Change]:
        """What a case changes, in the order of the study file."""
        factors = self.study.factors
        return [(factors[name], case.levels[name]) for name in factors if name in case.levels]

    def instance_of(self, case: Case) -> Instance:
        """Instance of a case that has been checked."""
        instance, problems = self.variants.make(self.changes(case))
        if instance is None:
            raise InvalidStudy(problems)
        return instance

    def check(self, cases: Iterable[Case]) -> None:
        """Make the instance of each case, and raise InvalidStudy with all that is wrong."""
        problems: list[Problem] = []
        for case in cases:
            _, found = self.variants.make(self.changes(case))
            problems += [replace(one, table=f"{case}: {one.table}") for one in found]
        if problems:
            raise InvalidStudy(problems)


def read_plot(file: Path) -> Plot:
    """Read a study and its instance, and lay out the cases.

    Raises
    ------
    InvalidStudy, InvalidInstance
        All that is wrong with the study, or with the instance it starts from.
    """
    study = read_study(file)
    base = read_instance(folder_beside(file, study.instance))
    problems = [
        Problem(file.name, None, f"factors.{name}.{part}", *told)
        for name, factor in study.factors.items()
        for part, *told in faults(base, factor)
    ]
    if problems:
        raise InvalidStudy(problems)
    return Plot(study, base, cases_of(study, base))


def folder_beside(file: Path, path: str) -> Path:
    """Folder that a study names; never a link, for that could lead anywhere.

    Raises
    ------
    InvalidStudy
        There is no such folder.
    """
    folder = file.parent
    for part in path.split("/"):
        folder = folder / part
        try:
            found = folder.is_dir() and not folder.is_symlink()
        except OSError:  # The name is too long for this system.
            found = False
        if not found:
            remedy = "name the folder of an instance beside the study, no link"
            said = "there is no such folder"
            raise InvalidStudy([Problem(file.name, None, "instance", path, said, remedy)])
    return folder


def folders_of(instance: Instance, start: Path) -> list[str]:
    """Folder of an instance, and each one that it extends, as paths from another folder on."""
    here = instance.folder.resolve()
    found = [here]
    while base := read_keys(here / MANIFEST, MANIFEST)[0].get("extends"):
        here = here.parent / base
        found.append(here)
    return [os.path.relpath(folder, start.resolve()) for folder in found]


def cases_of(study: Study, base: Instance) -> list[Case]:
    """Cases in the order of the design."""
    names = [str(case.get("name", "")) for case in study.cases]
    shared = digest([base.sha256, study.solve.model_dump(), versions()])
    told = {name: factor.model_dump(mode="json") for name, factor in study.factors.items()}
    for of_factor in told.values():  # Only what is done counts, not what else might have been.
        del of_factor["values"], of_factor["distribution"]
    levels = levels_of(study)
    places = parents_of(study, levels) if study.solve.warm_start else [None] * len(levels)
    cases: list[Case] = []
    known: dict[str, str] = {}
    for number, (one, place) in enumerate(zip(levels, places, strict=True), 1):
        changes = [[told[name], one[name]] for name in study.factors if name in one]
        # What is the same case starts from the same plan.
        parent = known.setdefault(digest(changes), "" if place is None else cases[place].key)
        key = digest([shared, changes, parent])
        cases.append(Case(number, names[number - 1] if names else "", one, key, parent))
    return cases


def generations(cases: list[Case]) -> list[list[Case]]:
    """Cases by how many must be solved before them, one after the other."""
    depth: dict[str, int] = {}
    batches: dict[int, list[Case]] = {}
    for case in cases:
        depth[case.key] = depth.get(case.parent, -1) + 1
        batches.setdefault(depth[case.key], []).append(case)
    return [batches[level] for level in sorted(batches)]


def digest(content: Any) -> str:
    """Hash of anything that JSON can hold, as short as a name in a folder may be."""
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
