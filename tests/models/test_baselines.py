"""Each constraint makes exactly the rows that its file in tests/lp says, worked out by hand."""

import pyomo.environ as pyo
import pytest

from models import build_model
from tests.models.baselines import (
    BASELINES,
    CONSTRAINTS,
    FOLDER,
    hourly_inputs,
    reference_inputs,
    rows_of,
)


@pytest.mark.parametrize("name", BASELINES)
def test_rows_are_those_of_the_baseline(name):
    expected = (FOLDER / f"{name}.lp").read_text(encoding="utf-8")
    assert rows_of(name) == expected, (
        f"{name} makes other rows than tests/lp/{name}.lp. If this change is expected, run "
        "`python scripts/rebless.py` and read the difference."
    )


def test_every_constraint_of_the_model_has_a_baseline():
    stated = {
        row.name
        for inputs in (reference_inputs(), hourly_inputs())
        for row in build_model(inputs).component_objects(pyo.Constraint)
    }
    assert stated == set(CONSTRAINTS)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_baseline_has_rows(name):
    assert "s.t.\n\n\n" not in (FOLDER / f"{name}.lp").read_text(encoding="utf-8")


def test_every_baseline_is_of_a_constraint():
    assert {file.stem for file in FOLDER.iterdir()} == set(BASELINES)
