"""What an explanation looks like on a terminal."""

from pathlib import Path

from optimizer.explain import explain
from optimizer.highs import Control
from tests.optimizer.explain.small_instances import rule, small_instance


def test_a_long_list_is_cut_on_the_terminal_alone(tmp_path: Path) -> None:
    names = "abcdefg"
    sites = {name: {"max_it_mw": 1, "node": f"of_{name}"} for name in names}
    no_power = {(f"of_{name}", 2026): 0.0 for name in names}
    instance = small_instance(tmp_path, sites, {("delft", 2026): 7}, firm_mw=no_power)
    told = explain(instance, Control())
    (way,) = told.ways
    assert all(f"1 MW more firm power at of_{name} in 2026" in way.words for name in names)
    (line,) = (line for line in told.lines() if line.startswith("  1. "))
    assert line.count(" in 2026") == 5
    assert line.endswith(" and 2 more such (grid rows 2, 3, 4, 5 and 3 more)")


def test_reasons_that_demands_share_are_told_once(tmp_path: Path) -> None:
    demand = {("delft", 2026): 2, ("gent", 2026): 1}
    eu = rule("site_in", group="EU")
    groups = [{"group": "EU", "country": "FR"}]
    instance = small_instance(tmp_path, {"a": {}}, demand, rules=[eu], groups=groups)
    lines = explain(instance, Control()).lines()
    first = lines.index("  chat of delft needs 2 MW more in 2026 (demand row 2)")
    assert lines[first + 1 : first + 4] == [
        "  chat of gent needs 1 MW more in 2026 (demand row 3)",
        "    no site is eligible",
        "    ruled out: a by rule a_rule: site_in EU, rules row 2",
    ]
