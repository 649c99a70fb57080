import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance import copy_instance, read_instance
from optimizer.study.file import Factor
from optimizer.study.variants import Variants
from tests.optimizer.study.studies import TWO_SITES

BASE = read_instance(TWO_SITES)
VARIANTS = Variants(BASE)


def factor(**keys):
    return Factor.model_validate(keys)


def made(*changes):
    instance, problems = VARIANTS.make(list(changes))
    assert not problems
    return instance


def test_only_the_cells_that_pass_change_and_other_tables_stay_the_same_objects():
    power = factor(table="grid", where={"node": ["frankfurt"]}, column="firm_mw", kind="scale")
    changed = made((power, 2))
    assert changed.tables["grid"].firm_mw.tolist() == [13, 50]
    assert changed.tables["sites"] is BASE.tables["sites"]
    assert BASE.tables["grid"].firm_mw.tolist() == [6.5, 50]
    assert changed.sha256 != BASE.sha256


@pytest.mark.parametrize(
    ("kind", "value", "firm_mw"), [("scale", 2, 13), ("add", -1.5, 5), ("set", 7, 7)]
)
def test_kinds_of_change(kind, value, firm_mw):
    power = factor(table="grid", where={"node": "frankfurt"}, column="firm_mw", kind=kind)
    assert made((power, value)).tables["grid"].firm_mw[0] == firm_mw


def test_comparisons_hold_all_at_once_and_empty_cells_pass_none():
    late = factor(table="demand", where={"year": {"above": 2026, "at_most": 2027}}, column="it_mw")
    assert made((late, 9)).tables["demand"].it_mw.tolist() == [4, 9, 2, 9, 1, 9]
    blocks = factor(table="sites", where={"block_mw": {"at_least": 0}}, column="max_it_mw")
    assert made((blocks, 9)).tables["sites"].max_it_mw.tolist() == [20, 20]


def test_keys_rules_and_stages_change():
    assert made((factor(key="discount_rate", kind="add"), 0.05)).manifest.discount_rate == 0.3
    assert made((factor(key="horizon_end", kind="add"), 1.0)).manifest.horizon_end == 2029
    rule = factor(rule="chat_stays_in_eu")
    assert made((rule, False)).tables["rules"].empty
    assert len(made((rule, True)).tables["rules"]) == 1
    single = made((factor(key="stages"), [2027]))
    assert single.manifest.stages == (2027,)
    assert single.tables["demand"].year.unique().tolist() == [2027]


def test_changes_come_one_after_the_other():
    scale = factor(table="grid", column="firm_mw", kind="scale")
    add = factor(table="grid", column="firm_mw", kind="add")
    assert made((scale, 2), (add, 1)).tables["grid"].firm_mw.tolist() == [14, 101]
    assert made((add, 1), (scale, 2)).tables["grid"].firm_mw.tolist() == [15, 102]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ((factor(table="grid", column="firm_mw"), -1), "firm_mw"),
        ((factor(table="sites", column="country"), "XX"), "country"),
        ((factor(table="sites", column="node"), "=1+1"), "node"),
        ((factor(table="grid", column="year", kind="scale"), 1.0001), "year"),
        ((factor(key="discount_rate"), "much"), "discount_rate"),
        ((factor(key="stages"), [2027, 2026]), "stages"),
    ],
)
def test_the_checks_of_instances_are_those_of_cases(change, column):
    instance, problems = VARIANTS.make([change])
    assert instance is None
    assert {problem.column for problem in problems} == {column}
    assert VARIANTS.make([])[0] is not None  # What one case breaks is whole in the next.


DEMAND = BASE.tables["demand"][["region", "workload", "year"]].to_dict("records")
LOADS = st.floats(0, 1e6).filter(lambda x: x == 0 or x > 1e-3)


@settings(deadline=None, max_examples=20)  # Six numbers in each, and reading takes its time.
@given(st.tuples(*[LOADS] * len(DEMAND)).filter(any))
def test_a_changed_instance_is_the_same_when_written_and_read(tmp_path_factory, values):
    rows = [factor(table="demand", where=row, column="it_mw") for row in DEMAND]
    changed = made(*zip(rows, values, strict=True))
    assert tuple(changed.tables["demand"].it_mw) == values
    folder = tmp_path_factory.mktemp("copy") / "instance"
    copy_instance(changed, folder)
    again = read_instance(folder)
    assert again.sha256 == changed.sha256
    assert np.array_equal(again.tables["demand"].it_mw, changed.tables["demand"].it_mw)
