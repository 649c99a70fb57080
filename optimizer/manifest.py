"""The manifest `instance.toml`: what holds for a whole instance."""

import re
from itertools import pairwise
from math import log
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from optimizer.errors import Problem
from optimizer.names import as_written, fault_of_name, fault_of_text, nearest

MANIFEST = "instance.toml"
MISSING = "the key is missing"
FIRST_YEAR, LAST_YEAR = 1900, 2200
# From here on a number is a slip of units: a country's GDP, or kW written for MW a million times.
TOO_LARGE = 1e12
# A year that weighs a billion times another would drown in the solver's tolerances.
MOST_WEIGHT = 1e9


def refused(message: str, remedy: str) -> PydanticCustomError:
    """Error of a key, with what to do about it."""
    return PydanticCustomError("sitewatt", "{message}", {"message": message, "remedy": remedy})


def sound_name(name: str) -> str:
    """Name unchanged, if it is one."""
    if fault := fault_of_name(name):
        raise refused(*fault)
    return name


def sound_text(text: str) -> str:
    """Text unchanged, if it may be shown."""
    if fault := fault_of_text(text):
        raise refused(*fault)
    return text


def currency_code(code: str) -> str:
    """Code unchanged, if ISO 4217 could hold it; nobody converts money, so a local unit may do."""
    if not re.fullmatch("[A-Z]{3}", code):
        raise refused("is not a currency code of three capitals", 'write for example "EUR"')
    return code


def key(description: str, example: object, unit: str = "", **limits: Any) -> Any:
    """Field with what the reference says of it."""
    return Field(
        description=description, examples=[example], json_schema_extra={"unit": unit}, **limits
    )


Name = Annotated[str, AfterValidator(sound_name)]
Currency = Annotated[str, AfterValidator(currency_code)]
Text = Annotated[str, Field(min_length=1), AfterValidator(sound_text)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
Amount = Annotated[float, Field(ge=0, lt=TOO_LARGE)]
# TOML has arrays only, and strict tuples refuse lists.
Years = Annotated[
    tuple[Year, ...],
    BeforeValidator(lambda years: tuple(years) if isinstance(years, list) else years),
]


class Section(BaseModel):
    """Part of a manifest; a key that nobody knows or a value of another type is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Unserved(Section):
    """A price on demand that nobody serves."""

    penalty_per_mwh: Amount = key(
        "cost of IT energy that nobody serves, PUE not counted", 5000, "currency/MWh"
    )


class Latency(Section):
    """Round trips of the pairs that the table `latency` does not list."""

    base_ms: Amount = key("round trip at no distance", 5.35, "ms")
    ms_per_km: Amount = key(
        "added per kilometre of the WGS84 geodesic between region and site", 0.0194, "ms/km"
    )


class Manifest(Section):
    """What holds for a whole instance, with what it extends resolved."""

    name: Name = key("name of the instance", "europe")
    title: Text = key("title of reports and maps", "AI inference in Europe, 2026-2030")
    currency: Currency = key(
        "currency of all money, undiscounted, in money of the base year: ISO 4217", "EUR"
    )
    base_year: Year = key("year that costs are discounted to", 2026)
    discount_rate: float = key(
        "real rate: a cost in year y weighs (1 + discount_rate)^-(y - base_year); 0.07 is 7 %",
        0.07,
        "1/year",
        gt=-1,
        le=1,
    )
    stages: Years = key(
        "investment years, increasing; a stage stands until the next one's year",
        [2026, 2028],
    )
    horizon_end: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] = key(
        "year until which the last stage stands, itself not included", 2030
    )
    unserved: Annotated[
        Annotated[Literal["forbidden"], Tag("forbidden")] | Annotated[Unserved, Tag("priced")],
        Discriminator(lambda value: "forbidden" if isinstance(value, str) else "priced"),
    ] = key(
        '"forbidden", or a price on demand that nobody serves',
        {"penalty_per_mwh": 5000},
        default="forbidden",
    )
    latency: Latency | None = key(
        "fit for pairs that the table `latency` does not list; without it they may not be used",
        {"base_ms": 5.35, "ms_per_km": 0.0194},
        default=None,
    )
    extends: Name | None = key(
        "sibling folder that this instance is, with whole tables replaced or added and keys of "
        "the manifest overridden",
        "europe",
        default=None,
    )

    @property
    def unserved_penalty_per_mwh(self) -> float | None:
        """Currency per MWh of IT energy that nobody serves; None where that is forbidden."""
        return self.unserved.penalty_per_mwh if isinstance(self.unserved, Unserved) else None

    @field_validator("stages")
    @classmethod
    def _increasing(cls, stages: tuple[int, ...]) -> tuple[int, ...]:
        if not stages:
            raise refused("there is no stage", "name the years in which to invest")
        for year, following in pairwise(stages):
            if following <= year:
                raise refused(
                    f"stages must increase, and {following} comes after {year}",
                    f"write stages = {sorted(set(stages))}",
                )
        return stages

    @field_validator("horizon_end")
    @classmethod
    def _after_the_last_stage(cls, end: int, info: ValidationInfo) -> int:
        stages = info.data.get("stages")
        if stages and end <= stages[-1]:
            raise refused(
                f"the last stage, {stages[-1]}, would end before it starts",
                f"write horizon_end = {stages[-1] + 1} for a single year",
            )
        return end

    @field_validator("horizon_end")
    @classmethod
    def _weights_stay_sane(cls, end: int, info: ValidationInfo) -> int:
        if {"base_year", "discount_rate", "stages"} <= info.data.keys():
            growth = log(1 + info.data["discount_rate"])
            years = (info.data["stages"][0], end - 1)
            weights = [growth * (year - info.data["base_year"]) for year in years]
            if max(map(abs, weights)) > log(MOST_WEIGHT):
                raise refused(
                    f"discounted to {info.data['base_year']}, a year weighs over 1e9 or under 1e-9",
                    "bring base_year nearer, or check discount_rate",
                )
        return end


def parse_manifest(keys: dict[str, Any]) -> tuple[Manifest | None, list[Problem]]:
    """Check the keys of a manifest.

    Returns
    -------
    tuple
        The manifest, None if anything is wrong with it, and all that is.
    """
    try:
        return Manifest.model_validate(keys), []
    except ValidationError as error:
        return None, [as_problem(details) for details in error.errors(include_url=False)]


def as_problem(error: ErrorDetails) -> Problem:
    """An error of pydantic's in our words."""
    # Positions in an array and tags of a union are no keys.
    path = [part for part in error["loc"] if isinstance(part, str)]
    path = [part for part in path if part not in ("forbidden", "priced")]
    section = SECTIONS.get(path[0], Manifest) if len(path) > 1 else Manifest
    field = section.model_fields.get(path[-1])
    examples = field.examples if field else None
    example = f"write for example {path[-1]} = {toml(examples[0])}" if examples else ""
    value = as_written(error["input"])
    if error["type"] == "extra_forbidden":
        message, remedy = "unknown key", nearest(path[-1], section.model_fields)
    elif error["type"] == "missing":
        message, remedy, value = MISSING, example, ""
    elif error["type"] == "sitewatt":
        message, remedy = error["msg"], error["ctx"]["remedy"]
    elif error["type"] in WORDS:
        message, remedy = WORDS[error["type"]], example
    else:
        # "Input should be a valid integer" is their way to begin.
        message, remedy = error["msg"].replace("Input should", "should", 1), example
    return Problem(MANIFEST, None, ".".join(path), value, message, remedy)


# What pydantic says in words of Python.
WORDS = {
    "string_too_short": "is empty",
    "tuple_type": "is not a list",
    "model_type": "is no table of keys",
    "model_attributes_type": "is no table of keys",
}
SECTIONS: dict[str, type[Section]] = {"unserved": Unserved, "latency": Latency}


def toml(value: object) -> str:
    """Value of an example as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(part)}" for name, part in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)
