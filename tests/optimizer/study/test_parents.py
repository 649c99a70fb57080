import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimizer.study.designs import levels_of
from optimizer.study.file import Study
from optimizer.study.parents import nearest, parents_of

POINTS = hnp.arrays(float, st.tuples(st.integers(1, 20), st.just(2)), elements=st.integers(0, 3))


@settings(deadline=None)  # The first loads SciPy.
@given(POINTS)
def test_the_nearest_is_the_first_of_the_nearest_before_its_power_of_two(points):
    for place, parent in enumerate(nearest(points)):
        before = points[: 2 ** int(np.log2(place + 1)) - 1]
        if not len(before):
            assert parent is None
            continue
        assert parent == np.square(before - points[place]).sum(axis=1).argmin()


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        ("grid", [None, 0, 0, 2, 0, 4]),
        ("one_at_a_time", [None, 0, 0, 0, 0, 0]),
        ("list", [None, 0, 0]),
        ("latin_hypercube", [None, 0, 0]),
    ],
)
def test_parents_come_before_and_differ_by_one_factor_where_they_can(kind, parents):
    content = {"name": "test", "instance": "none", "design": {"kind": kind, "samples": 3}}
    content["factors"] = {
        "a": {"key": "stages", "values": [[2026], [2027], [2028]]},
        "b": {"key": "x", "values": [1, 2]},
    }
    content["cases"] = [{"a": [2026]}, {"b": 1}, {}] if kind == "list" else []
    study = Study.model_validate(content)
    assert parents_of(study, levels_of(study)) == parents


def test_what_is_there_twice_starts_from_nothing_of_its_own():
    content = {"name": "test", "instance": "none", "design": {"kind": "grid"}}
    content["factors"] = {"a": {"key": "x", "values": [1, 1, 2, 2]}}
    study = Study.model_validate(content)
    assert parents_of(study, levels_of(study)) == [None, None, 0, 0]
