"""The study file: a base instance, the factors that change, and which cases to solve."""

import re
import tomllib
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from optimizer.errors import InvalidInstance, Problem
from optimizer.extends import MOST_DOTS_IN_A_LINE
from optimizer.files import read_bytes
from optimizer.manifest import WORDS, Name, Section, Text, refused
from optimizer.names import as_written, fault_of_text, nearest

MOST_BYTES_OF_STUDY = 2**20
MOST_FACTORS = 100
MOST_VALUES = 1000

# A number in a list: its dot is no dot of a key.
NUMBER = re.compile(rb"(?<=[\[,\s])[-+]?\d+\.\d+(?:[eE][-+]?\d+)?(?=[\],\s])")

Value = bool | int | float | str | list[int]


class InvalidStudy(InvalidInstance):
    """A study that cannot be run, and all that is wrong with it."""

    of: ClassVar[str] = "study"


def sound_value(value: Any) -> Value:
    """Value unchanged, if a factor may take it."""
    if isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, str):
        if fault := fault_of_text(value):
            raise refused(*fault)
        return value
    if isinstance(value, list) and value and all(type(part) is int for part in value):
        return value
    raise refused("is no value", "write a finite number, a text, true, false, or a list of years")


def plain_path(path: str) -> str:
    """Path unchanged, if it leads from the study file to a folder beside or below it."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or set("\\:\0") & set(path):
        raise refused("does not lead to a folder beside the study", 'write for example "europe"')
    if fault := fault_of_text(path):
        raise refused(*fault)
    return path


def sound_test(test: Any) -> Any:
    """Test of a cell unchanged: a value, a list of them, or comparisons."""
    if isinstance(test, dict):
        return Comparisons.model_validate(test)
    for value in test if isinstance(test, list) else [test]:
        if not isinstance(value, str | int | float) or sound_value(value) is None:
            raise refused("is no value", "write a text or a number, or a list of them")
    return test


AnyValue = Annotated[Any, AfterValidator(sound_value)]
Number = Annotated[float, Field(gt=-1e12, lt=1e12)]
Values = Annotated[list[AnyValue], Field(min_length=1, max_length=MOST_VALUES)]
Test = Annotated[Any, BeforeValidator(sound_test)]


class Comparisons(Section):
    """What a cell must be to be changed; all that are given must hold."""

    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None


class Distribution(Section):
    """How likely the values of a factor are."""

    kind: Literal["uniform", "normal", "triangular", "lognormal"]
    low: Number | None = None
    high: Number | None = None
    mode: Number | None = None
    mean: Number | None = None
    sd: Number | None = None
    median: Number | None = None
    sigma: Number | None = None


class Factor(Section):
    """Something of the instance that differs between cases."""

    table: str | None = None
    where: Annotated[dict[str, Test], Field(default_factory=dict)]
    column: str | None = None
    key: str | None = None
    rule: str | None = None
    kind: Literal["scale", "add", "set"] = "set"
    values: Values | None = None
    distribution: Distribution | None = None


class Design(Section):
    """Which cases to solve."""

    kind: Literal["grid", "one_at_a_time", "latin_hypercube", "sobol", "morris", "list"]
    samples: Annotated[int, Field(ge=1, le=100_000)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class Solve(Section):
    """How each case is solved."""

    gap: Annotated[float, Field(ge=0, le=1)] = 1e-3
    time_limit_s: Annotated[float, Field(gt=0, le=1e7)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    warm_start: bool = True


class Study(Section):
    """A whole study file."""

    name: Name
    title: Text | None = None
    instance: Annotated[str, AfterValidator(plain_path)]
    solve: Solve = Solve()
    design: Design
    factors: Annotated[dict[Name, Factor], Field(min_length=1, max_length=MOST_FACTORS)]
    cases: Annotated[list[dict[str, AnyValue]], Field(default_factory=list)]


NEEDS = {
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "lognormal": ("median", "sigma"),
}
SAMPLED = ("latin_hypercube", "sobol", "morris")
# Columns of results that a factor may not take the name of.
TAKEN = ("case", "name", "hash", "status", "reason")


def read_study(file: Path) -> Study:
    """Read and check a study file, all by itself.

    Raises
    ------
    InvalidStudy
        All that is wrong with it.
    """
    content, problems = read_bytes(file, file.name, MOST_BYTES_OF_STUDY)
    if content is None:
        raise InvalidStudy(problems)
    try:
        keys = NUMBER.sub(b"", content)
        if any(line.count(b".") > MOST_DOTS_IN_A_LINE for line in keys.split(b"\n")):
            raise RecursionError
        study = Study.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        found = [as_problem(file.name, one) for one in error.errors(include_url=False)]
        raise InvalidStudy(found) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        said = f"is not TOML that can be read: {error}"[:200]
        problem = Problem(file.name, None, "", "", said, "correct it")
        raise InvalidStudy([problem]) from None
    problems = [Problem(file.name, None, *told) for told in faults_of(study)]
    if problems:
        raise InvalidStudy(problems)
    return study


def as_problem(file: str, error: ErrorDetails) -> Problem:
    """An error of pydantic's in our words."""
    path = [str(part) for part in error["loc"]]
    value, remedy = as_written(error["input"]), "see the page on sweeps for what may stand here"
    message = WORDS.get(error["type"], error["msg"].replace("Input should", "should", 1))
    if error["type"] == "extra_forbidden":
        message, remedy = "unknown key", nearest(path[-1], keys_beside(path))
    elif error["type"] == "missing":
        message, value, remedy = "the key is missing", "", f"add {path[-1]}"
    elif error["type"] == "sitewatt":
        message, remedy = error["msg"], error["ctx"]["remedy"]
    return Problem(file, None, ".".join(path), value[:200], message, remedy)


def keys_beside(path: list[str]) -> list[str]:
    """Keys that could stand where an unknown one does."""
    sections: dict[tuple[str, int], type[Section]] = {
        ("solve", 2): Solve,
        ("design", 2): Design,
        ("factors", 3): Factor,
        ("factors", 4): Distribution if "distribution" in path else Comparisons,
    }
    return list(sections.get((path[0], len(path)), Study).model_fields)


def faults_of(study: Study) -> list[tuple[str, str, str, str]]:
    """What does not fit together: key, value, message and remedy of each fault."""
    found = []
    sampled, kind = study.design.kind in SAMPLED, study.design.kind
    if sampled and study.design.samples is None:
        found.append(("design.samples", "", "the key is missing", f"say how many for {kind}"))
    if kind == "sobol" and (study.design.samples or 1) & ((study.design.samples or 1) - 1):
        remedy = "write for example 64"
        samples = str(study.design.samples)
        found.append(("design.samples", samples, "is no power of two, as Sobol' needs", remedy))
    if (kind == "list") != bool(study.cases):
        remedy = "list them as [[cases]]" if kind == "list" else 'take them out, or write "list"'
        found.append(("cases", "", f"do not go with the design {kind}", remedy))
    for number, case in enumerate(study.cases):
        for name, value in case.items():
            at = f"cases.{number}.{name}"
            if name == "name":
                if not isinstance(value, str):
                    found.append((at, as_written(value), "is no text", "write a text"))
            elif name not in study.factors:
                remedy = nearest(name, study.factors)
                found.append((at, as_written(value), "there is no such factor", remedy))
            else:
                found += [(at, *rest) for rest in faults_of_value(study.factors[name], value)]
    for name, factor in study.factors.items():
        at = f"factors.{name}"
        if name in TAKEN:
            found.append((at, "", "is the name of a column of results", "call it otherwise"))
        for part, value, message, remedy in faults_of_factor(factor, kind):
            found.append((f"{at}{part}", value, message, remedy))
    return found


def faults_of_factor(factor: Factor, design: str) -> list[tuple[str, str, str, str]]:
    """What does not fit together in a factor: part, value, message and remedy."""
    found = []
    subjects = [what for what in ("table", "key", "rule") if getattr(factor, what) is not None]
    if len(subjects) != 1:
        said = "names " + (" and ".join(subjects) or "nothing of the instance")
        found.append(("", "", said, "name a table and column, a key of the manifest, or a rule"))
    if (factor.table is None) != (factor.column is None) or (factor.where and not factor.table):
        found.append(("", "", "table, where and column do not go together", "name table, column"))
    if factor.rule is not None and factor.kind != "set":
        found.append((".kind", factor.kind, "does not go with a rule", 'leave it at "set"'))
    given = [factor.values is not None, factor.distribution is not None]
    if design != "list" and sum(given) != 1:
        said = "has " + ("both values and a distribution" if all(given) else "no values")
        found.append(("", "", said, "give it values or a distribution"))
    if design == "grid" and factor.distribution is not None:
        remedy = "list values, or choose a design that samples"
        found.append((".distribution", "", "does not go with a grid", remedy))
    if factor.distribution is not None:
        found += faults_of_distribution(factor.distribution)
    for number, value in enumerate(factor.values or []):
        found += [(f".values.{number}", *rest) for rest in faults_of_value(factor, value)]
    return found


def faults_of_value(factor: Factor, value: Value) -> list[tuple[str, str, str]]:
    """What keeps a factor from taking a value: value, message and remedy."""
    said = as_written(value)
    if factor.rule is not None:
        right = isinstance(value, bool)
        return [] if right else [(said, "a rule is on or off", "write true or false")]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if factor.kind != "set" and not number:
        return [(said, f"is no number to {factor.kind} by", "write a number")]
    if isinstance(value, bool) or (isinstance(value, list) and factor.key != "stages"):
        return [(said, "is neither a number nor a text", "write one")]
    return []


def faults_of_distribution(law: Distribution) -> list[tuple[str, str, str, str]]:
    """What is wrong with the parameters of a distribution."""
    needed = NEEDS[law.kind]
    given = [name for name in Distribution.model_fields if getattr(law, name) is not None]
    given.remove("kind")
    if set(given) != set(needed):
        said = f"a {law.kind} distribution has {', '.join(needed)}"
        return [(".distribution", ", ".join(given), said, "give these and no others")]
    spread = {"normal": law.sd, "lognormal": law.sigma}.get(law.kind, 1.0)
    wrong = spread is not None and spread <= 0
    wrong |= law.kind == "lognormal" and law.median is not None and law.median <= 0
    if law.low is not None and law.high is not None:
        wrong |= (
            law.low >= law.high
            or not law.low <= (law.low if law.mode is None else law.mode) <= law.high
        )
    remedy = "low below high, mode between them; sd, sigma and median above 0"
    return [(".distribution", "", "has parameters that fit no distribution", remedy)] * bool(wrong)
