import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.study.designs import LOW_AND_HIGH, TAIL, case_count, levels_of, value_at
from optimizer.study.file import Factor, InvalidStudy, Study

UNIFORM = {"key": "x", "distribution": {"kind": "uniform", "low": 2, "high": 4}}
LISTED = {"key": "y", "values": [10, 20, 30]}
KINDS = ("grid", "one_at_a_time", "latin_hypercube", "sobol", "morris")


def study(kind, samples=8, cases=(), **factors):
    content = {"name": "test", "instance": "none", "factors": factors or {"a": LISTED, "b": LISTED}}
    content |= {"design": {"kind": kind, "samples": samples}, "cases": list(cases)}
    return Study.model_validate(content)


def test_a_grid_has_every_pair_once_the_last_factor_fastest():
    pairs = [(case["a"], case["b"]) for case in levels_of(study("grid"))]
    assert pairs == [(a, b) for a in (10, 20, 30) for b in (10, 20, 30)]


def test_one_at_a_time_leaves_the_others_as_they_are():
    cases = levels_of(study("one_at_a_time", a=LISTED, b=UNIFORM))
    assert cases == [{}, {"a": 10}, {"a": 20}, {"a": 30}, {"b": 2.1}, {"b": 3.9}]
    assert LOW_AND_HIGH == (0.05, 0.95)


def test_a_list_is_what_it_says():
    assert levels_of(study("list", cases=[{"name": "low", "a": 5}, {}])) == [{"a": 5}, {}]


def test_a_latin_hypercube_has_one_point_in_each_slice():
    cases = levels_of(study("latin_hypercube", 16, a=UNIFORM, b=UNIFORM))
    for name in "ab":
        slices = [int((case[name] - 2) / 2 * 16) for case in cases]
        assert sorted(slices) == list(range(16))


@pytest.mark.parametrize("kind", KINDS)
def test_designs_are_as_large_as_they_say_and_the_same_again(kind):
    plan = study(kind, 8, a=LISTED, b=LISTED if kind == "grid" else UNIFORM)
    assert len(levels_of(plan)) == case_count(plan)
    assert levels_of(plan) == levels_of(plan)


def test_too_many_cases_are_refused_before_they_are_made():
    factors = {f"f{i}": {"key": "x", "values": list(range(1000))} for i in range(50)}
    with pytest.raises(InvalidStudy, match="cases"):
        levels_of(study("grid", **factors))


@pytest.mark.parametrize(
    ("law", "quarter", "median"),
    [
        ({"kind": "uniform", "low": 0, "high": 8}, 2, 4),
        ({"kind": "triangular", "low": 0, "mode": 0, "high": 1}, 1 - 0.75**0.5, 1 - 0.5**0.5),
        ({"kind": "normal", "mean": 5, "sd": 2}, 5 - 2 * 0.6745, 5),
        ({"kind": "lognormal", "median": 3, "sigma": 0.5}, 3 * np.exp(-0.5 * 0.6745), 3),
    ],
)
def test_quantiles(law, quarter, median):
    factor = Factor.model_validate({"key": "x", "distribution": law})
    assert value_at(factor, 0.25) == pytest.approx(quarter, abs=5 * TAIL)
    assert value_at(factor, 0.5) == pytest.approx(median)
    assert np.isfinite([value_at(factor, 0.0), value_at(factor, 1.0)]).all()


@given(st.floats(0, 1))
def test_listed_values_share_the_probability(part):
    found = value_at(Factor.model_validate(LISTED), part)
    assert found == (10 if part < 1 / 3 else 20 if part < 2 / 3 else 30)
