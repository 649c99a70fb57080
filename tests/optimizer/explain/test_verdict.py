"""Whether there is a plan, and what it costs."""

from pathlib import Path

import pytest

from optimizer.explain import explain
from optimizer.highs import Control
from optimizer.instance import read_instance
from tests.optimizer.explain.confirming import confirm
from tests.optimizer.explain.small_instances import small_instance

INSTANCES = Path(__file__).parents[3] / "instances"


@pytest.mark.parametrize("name", ["grid_too_late", "blocks"])
def test_a_large_instance_is_priced_by_the_search(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.explain.verdict.SMALL_COLUMNS", 0)
    if name == "blocks":
        site = {"max_it_mw": 8, "block_mw": 5, "it_cost_per_mw": 1e6}
        instance = small_instance(tmp_path, {"a": site}, {("delft", 2026): 6})
    else:
        instance = read_instance(INSTANCES / name)
    told = explain(instance, Control())
    assert told.ways
    confirm(instance, told)
