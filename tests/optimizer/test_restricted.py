"""First plans come from sites that the relaxation has not settled."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.highs import Control
from optimizer.restricted import FirstPlans
from optimizer.search import Found, relax
from tests.optimizer.test_ascent import parts
from tests.optimizer.test_branching import siting


@pytest.mark.parametrize("seed", range(8))
def test_what_the_relaxation_settles_stays_so_in_the_first_plan(seed: int) -> None:
    program, links, stations = parts(siting(seed))
    found = Found()
    relaxation = relax(program, links, Control(), found)
    assert relaxation is not None
    told: list[str] = []
    control = Control(on_progress=lambda phase, *_: told.append(phase))
    FirstPlans(program, links, relaxation, control, 0.0, found, np.inf).find(stations)
    assert told == ["restricted"]  # With a plan there is no need of a kernel.
    assert found.values is not None
    assert found.objective >= found.bound * (1 - 1e-9)
    gates = stations.gate[stations.gate >= 0]
    opened = relaxation.values[gates]
    settled = np.isin(opened.round(6), (0.0, 1.0))
    assert found.values[gates[settled]] == pytest.approx(opened[settled], abs=1e-5)


def test_where_settled_sites_leave_no_plan_the_kernel_decides_about_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.restricted.BROKEN_SHARE", 2.0)  # all sites count as settled
    program, links, stations = parts(siting(3))
    found = Found()
    relaxation = relax(program, links, Control(), found)
    assert relaxation is not None
    shut = relaxation.values.copy()
    shut[stations.gate[stations.gate >= 0]] = 0.0
    nowhere = replace(relaxation, values=shut)
    FirstPlans(program, links, nowhere, Control(), 1e-6, found, np.inf).find(stations)
    assert found.values is not None
