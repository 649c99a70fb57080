"""Designs: which value each factor takes in each case."""

from importlib.util import find_spec
from itertools import product
from math import exp, prod
from typing import Any

import numpy as np

from optimizer.errors import Problem, SitewattError
from optimizer.study.file import Factor, InvalidStudy, Study, Value

MOST_CASES = 100_000
# A tail without end is cut here, at either side.
TAIL = 0.001
# Where one factor differs at a time, a distribution stands for these parts of its probability.
LOW_AND_HIGH = (0.05, 0.95)
MORRIS_LEVELS = 4

# Designs that need SALib, and whose cases it makes indices of.
WITH_INDICES = ("sobol", "morris")

Levels = dict[str, Value]


def levels_of(study: Study) -> list[Levels]:
    """Value of each factor by case; a factor that a case does not name stays as the instance is.

    Raises
    ------
    InvalidStudy
        There would be more cases than anybody can solve.
    """
    kind = study.design.kind
    count = case_count(study)
    if count > MOST_CASES:
        remedy = f"take fewer values or samples; {MOST_CASES:,} cases are the most"
        raise InvalidStudy(
            [Problem("study", None, "design", kind, f"makes {count:,} cases", remedy)]
        )
    if kind == "list":
        return [{k: v for k, v in case.items() if k != "name"} for case in study.cases]
    if kind == "grid":
        values = (factor.values or [] for factor in study.factors.values())
        return [dict(zip(study.factors, each, strict=True)) for each in product(*values)]
    if kind == "one_at_a_time":
        each = ((name, value) for name in study.factors for value in outer(study.factors[name]))
        return [{}, *({name: value} for name, value in each)]
    return [
        {
            name: value_at(study.factors[name], float(u))
            for name, u in zip(study.factors, row, strict=True)
        }
        for row in unit_samples(study)
    ]


def case_count(study: Study) -> int:
    """How many cases a study has."""
    factors, samples = study.factors.values(), study.design.samples or 0
    match study.design.kind:
        case "list":
            return len(study.cases)
        case "grid":
            return prod(len(factor.values or []) for factor in factors)
        case "one_at_a_time":
            return 1 + sum(len(outer(factor)) for factor in factors)
        case "sobol":
            return samples * (len(factors) + 2)
        case "morris":
            return samples * (len(factors) + 1)
        case _:
            return samples


def block_of(study: Study) -> int:
    """Cases that an index needs together: a point of Sobol' with its mixtures, a path of Morris."""
    return len(study.factors) + (2 if study.design.kind == "sobol" else 1)


def outer(factor: Factor) -> list[Value]:
    """Values of a factor that differs alone."""
    if factor.distribution is None:
        return list(factor.values or [])
    return [value_at(factor, u) for u in LOW_AND_HIGH]


def unit_samples(study: Study) -> np.ndarray:
    """Points of a design in the unit cube, (cases, factors)."""
    samples, seed, count = study.design.samples or 1, study.design.seed, len(study.factors)
    if study.design.kind == "latin_hypercube":
        from scipy.stats import qmc  # noqa: PLC0415 — heavy

        return np.asarray(qmc.LatinHypercube(count, rng=seed).random(samples))
    if find_spec("SALib") is None:
        said = f'The design {study.design.kind} needs SALib: pip install "sitewatt[sweeps]".'
        raise SitewattError(said)
    if study.design.kind == "sobol":
        from SALib.sample import sobol  # noqa: PLC0415 — an extra

        return np.asarray(
            sobol.sample(unit_cube(study), samples, calc_second_order=False, seed=seed)
        )
    from SALib.sample import morris  # noqa: PLC0415 — an extra

    return np.asarray(morris.sample(unit_cube(study), samples, num_levels=MORRIS_LEVELS, seed=seed))


def unit_cube(study: Study) -> dict[str, Any]:
    """Factors as SALib has them: it never sees their values, only how likely smaller ones are."""
    count = len(study.factors)
    return {"num_vars": count, "names": list(study.factors), "bounds": [[0.0, 1.0]] * count}


def value_at(factor: Factor, part: float) -> Value:
    """Value of a factor below which a part of its probability lies; listed values share it evenly.

    Parameters
    ----------
    part : from 0 to 1.
    """
    law = factor.distribution
    if law is None:
        values = factor.values or []
        return values[min(int(part * len(values)), len(values) - 1)]
    from scipy import stats  # noqa: PLC0415 — heavy

    if law.kind == "uniform":
        return float(law.low + part * (law.high - law.low))  # type: ignore[operator]
    if law.kind == "triangular":
        width = law.high - law.low  # type: ignore[operator]
        return float(stats.triang.ppf(part, (law.mode - law.low) / width, law.low, width))  # type: ignore[operator]
    z = float(stats.norm.ppf(TAIL + part * (1 - 2 * TAIL)))
    if law.kind == "normal":
        return law.mean + law.sd * z  # type: ignore[operator]
    return law.median * exp(law.sigma * z)  # type: ignore[operator]
