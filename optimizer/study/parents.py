"""Which case starts from whose plan: settled by the design alone, so that no order can show.

More cases at the end of a design, or more values at the end of a factor, leave the others theirs.
"""

import numpy as np

from optimizer.study.designs import Levels, unit_samples
from optimizer.study.file import SAMPLED, Study

# Distances that differ by less than this part are equal: the first case is taken then.
ROUNDING = 1e-9


def parents_of(study: Study, levels: list[Levels]) -> list[int | None]:
    """Place of the case that each one starts from, before its own; None for the first.

    Cases of a sample start from the nearest, those of a grid and those that differ by one factor
    from the one that has the first value of the last factor that differs. Those of a list have
    nothing in common that is known: all start from the first.
    """
    if study.design.kind in SAMPLED:
        return nearest(unit_samples(study))
    if study.design.kind == "list":
        return [None, *[0] * (len(levels) - 1)]
    at: dict[tuple, int] = {}
    found: list[int | None] = []
    for place, one in enumerate(levels):
        at.setdefault(told(one), place)
        differing = [name for name, value in one.items() if value != levels[0].get(name)]
        found.append(at[told(set_back(one, levels[0], differing[-1]))] if differing else None)
    return found


def set_back(levels: Levels, first: Levels, name: str) -> Levels:
    """Values of a case with one of them as the first case has it."""
    others = {other: value for other, value in levels.items() if other != name}
    return {**others, name: first[name]} if name in first else others


def told(levels: Levels) -> tuple[tuple[str, str], ...]:
    """Values of a case, to be looked up by, a list of years among them."""
    return tuple(sorted((name, repr(value)) for name, value in levels.items()))


def nearest(points: np.ndarray) -> list[int | None]:
    """Place of the nearest of the points before each, the first of those as near.

    Points 2ⁿ to 2ⁿ⁺¹ - 1 look among all before them, so that few wait for few.

    Parameters
    ----------
    points : (cases, factors), each coordinate from 0 to 1.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 — heavy

    found: list[int | None] = [None]
    while (count := len(found)) < len(points):
        # Once each: in a design of few levels thousands of cases stand at one point.
        known, first = np.unique(points[:count], axis=0, return_index=True)
        tree, others = cKDTree(known), points[count : 2 * count + 1]
        distances, _ = tree.query(others)
        near = tree.query_ball_point(others, distances * (1 + ROUNDING) + ROUNDING)
        found += [int(first[places].min()) for places in near]
    return found
