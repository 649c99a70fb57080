"""How much each factor matters: indices of Sobol' and of Morris, by SALib.

References: Sobol' (2001), Mathematics and Computers in Simulation 55; Saltelli et al. (2010),
Computer Physics Communications 181; Morris (1991), Technometrics 33; Campolongo et al. (2007),
Environmental Modelling & Software 22.
"""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.study.designs import MORRIS_LEVELS, WITH_INDICES, block_of, unit_cube, unit_samples
from optimizer.study.file import Study

COLUMNS = ["figure", "factor", "index", "value", "half_width_95", "cases_used", "cases_left_out"]
# Parts of what SALib returns: an index, and half the width of its interval where it has one.
OF_SOBOL = {"S1": "S1_conf", "ST": "ST_conf"}
OF_MORRIS = {"mu": "", "mu_star": "mu_star_conf", "sigma": ""}
# Below this part of its size a figure is the same in all cases: it has no variance to share out.
NO_SPREAD = 1e-12


def indices(study: Study, figures: pd.DataFrame) -> pd.DataFrame:
    """Indices of each factor on each figure.

    Indices need whole blocks of cases. A block with a case without a plan is left out, and the
    table counts them: what it tells then holds for the part of the factors where there are plans.

    Parameters
    ----------
    figures : (cases, figures) in the order of the design; NaN where there is no plan.

    Returns
    -------
    DataFrame
        One row per figure, factor and index; none for other designs, or where a figure is the
        same in all cases. `S1` is what a factor explains of the variance alone, `ST` together with
        others. `mu_star` is the mean size of the change in a figure over the whole of a factor,
        `mu` with its sign, and `sigma` how far changes differ.
    """
    if study.design.kind not in WITH_INDICES:
        return pd.DataFrame(columns=COLUMNS)
    points, block = unit_samples(study), block_of(study)
    rows = []
    for name in figures:
        values = figures[name].to_numpy(float)
        whole = np.isfinite(values).reshape(-1, block).all(axis=1).repeat(block)
        used = values[whole]
        if len(used) <= block or np.ptp(used) <= NO_SPREAD * np.abs(used).max():
            continue
        found, told = analysed(study, points[whole], used)
        counts = len(used), len(values) - len(used)
        for index, width in told.items():
            widths = found[width] if width else [np.nan] * len(study.factors)
            for factor, part, half in zip(study.factors, found[index], widths, strict=True):
                rows.append((name, factor, index, part, half, *counts))
    return pd.DataFrame(rows, columns=COLUMNS)


def analysed(
    study: Study, points: np.ndarray, values: np.ndarray
) -> tuple[dict[str, Any], dict[str, str]]:
    """What SALib makes of values at the points of a design, and which parts of it are told."""
    cube, seed = unit_cube(study), study.design.seed
    if study.design.kind == "sobol":
        from SALib.analyze import sobol  # noqa: PLC0415 — an extra

        # Shifted to their mean: else the size of a figure would drown its differences.
        centred = values - values.mean()
        found = sobol.analyze(cube, centred, calc_second_order=False, seed=seed)
        return found, OF_SOBOL
    from SALib.analyze import morris  # noqa: PLC0415 — an extra

    return morris.analyze(cube, points, values, num_levels=MORRIS_LEVELS, seed=seed), OF_MORRIS
