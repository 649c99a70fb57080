import numpy as np
import pandas as pd
import pytest

from optimizer.study.designs import levels_of
from optimizer.study.file import Study
from optimizer.study.indices import indices

A, B = 7.0, 0.1
# Of the Ishigami function, with x uniform from -π to π (Ishigami and Homma 1990).
VARIANCE_1 = (1 + B * np.pi**4 / 5) ** 2 / 2
VARIANCE_2 = A**2 / 8
VARIANCE_13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
VARIANCE = VARIANCE_1 + VARIANCE_2 + VARIANCE_13
FIRST = np.array([VARIANCE_1, VARIANCE_2, 0]) / VARIANCE
TOTAL = np.array([VARIANCE_1 + VARIANCE_13, VARIANCE_2, VARIANCE_13]) / VARIANCE


def study(kind, samples, **factors):
    angle = {"key": "x", "distribution": {"kind": "uniform", "low": -np.pi, "high": np.pi}}
    content = {
        "name": "ishigami",
        "instance": "none",
        "factors": factors or dict.fromkeys("abc", angle),
    }
    return Study.model_validate(content | {"design": {"kind": kind, "samples": samples}})


def ishigami(plan):
    x = np.array([[case[name] for name in "abc"] for case in levels_of(plan)])
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def by_factor(table, index):
    return table[table["index"] == index].value.to_numpy()


@pytest.mark.parametrize("offset", [0, 1e6])
def test_sobol_on_the_ishigami_function(offset):
    plan = study("sobol", 4096)
    table = indices(plan, pd.DataFrame({"y": offset + ishigami(plan)}))
    assert by_factor(table, "S1") == pytest.approx(FIRST, abs=0.02)
    assert by_factor(table, "ST") == pytest.approx(TOTAL, abs=0.03)
    assert (table.half_width_95 < 0.1).all()


def test_morris_on_the_ishigami_function():
    plan = study("morris", 2000)
    table = indices(plan, pd.DataFrame({"y": ishigami(plan)}))
    # Four levels: x is ±π or ±π/3, and a step is two thirds of the way. Worked out by hand.
    sine, fourth = np.sin(np.pi / 3), np.array([np.pi**4, (np.pi / 3) ** 4])
    effect_1 = 1.5 * sine * (1 + B * fourth.mean())
    effect_2 = 1.5 * A * sine**2
    effect_3 = 1.5 * B * (fourth[0] - fourth[1]) * sine / 2
    assert by_factor(table, "mu_star") == pytest.approx([effect_1, effect_2, effect_3], rel=0.05)
    assert by_factor(table, "mu") == pytest.approx([effect_1, 0, 0], abs=0.4)


def test_blocks_without_a_plan_are_left_out_and_counted():
    plan = study("sobol", 1024)
    values = ishigami(plan)
    values[[0, 7, 8, 500]] = np.nan
    table = indices(plan, pd.DataFrame({"y": values, "flat": 5.0, "none": np.nan}))
    assert set(table.figure) == {"y"}
    assert set(table.cases_left_out) == {15}
    assert by_factor(table, "S1") == pytest.approx(FIRST, abs=0.06)


def test_other_designs_have_no_indices():
    plan = study("latin_hypercube", 8)
    assert indices(plan, pd.DataFrame({"y": ishigami(plan)})).empty
