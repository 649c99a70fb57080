"""Which way a search goes to its first bound, and that it says so."""

from pathlib import Path

import numpy as np
import pytest

from optimizer.bounding import relax
from optimizer.found import Found
from optimizer.highs import Control
from optimizer.search import search
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting


def test_a_steep_round_of_links_gives_way_to_an_ascent() -> None:
    program, links, stations = parts(siting(3))
    exact = relax(program, links, Control(), Found())
    control, found = Control(), Found()
    relax(program, links, control, found, stations, np.inf, steep=1e-9)
    assert exact is not None
    assert found.root is not None
    assert found.bound == found.root.bound > 0.9 * exact.bound
    (chosen,) = control.choices
    assert chosen.startswith("an ascent to a bound: a round of links raised the bound by")


def test_without_a_steep_round_the_relaxation_is_solved() -> None:
    program, links, stations = parts(siting(3))
    control, found = Control(), Found()
    relax(program, links, control, found, stations, np.inf)
    assert found.root is None
    assert control.choices == []


@pytest.mark.parametrize(
    ("method", "most_fractions", "most_columns", "said"),
    [
        ("plain", 10**9, 10**9, "one run of HiGHS on the whole model"),
        ("search", 10**9, 10**9, "a tree on the relaxation"),
        ("search", -1, 10**9, "columns at once"),
        ("search", -1, 0, "small programs first"),
    ],
)
def test_what_is_chosen_is_told_and_logged(
    method: str,
    most_fractions: int,
    most_columns: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.search.MANY_FRACTIONS", most_fractions)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", most_columns)
    monkeypatch.setattr("optimizer.search.look_down", lambda *_: None)
    program, links, _ = parts(instance(3))
    phases: list[str] = []
    log = tmp_path / "log"
    control = Control(log=log, on_progress=lambda phase, *_: phases.append(phase))
    search(program, links, control, 0.0, method=method)
    (chosen,) = control.choices
    assert said in chosen
    assert chosen in phases
    assert f"Sitewatt: {chosen}" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settled", "few_more", "is_whole"), [(np.inf, 0.0, True), (np.inf, np.inf, False)]
)
def test_a_round_is_the_last_that_raises_nothing_and_breaks_little(
    settled: float, few_more: float, is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, links, _ = parts(siting(3))
    exact = relax(program, links, Control(), Found())
    monkeypatch.setattr("optimizer.bounding.SETTLED", settled)
    monkeypatch.setattr("optimizer.bounding.FEW_MORE", few_more)
    relaxation = relax(program, links, Control(), Found())
    assert exact is not None
    assert relaxation is not None
    assert (relaxation.bound == pytest.approx(exact.bound, rel=1e-9)) is is_whole
    assert relaxation.bound <= exact.bound * (1 + 1e-9)
