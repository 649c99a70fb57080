import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.study.alone import places_of, swings
from optimizer.study.cases import read_plot
from optimizer.study.pictures import pictures, write_pictures
from optimizer.study.results import ranks, result_tables, write_tables
from tests.optimizer.study.studies import POWER, RATE, study_file


def plans(*bounds_and_costs):
    return pd.DataFrame(bounds_and_costs, columns=["bound", "objective"], dtype=float)


def test_plans_whose_gaps_overlap_share_places():
    first, last = ranks(plans((9, 10), (9.5, 11), (20, 20), (np.nan, np.nan), (1, 2)))
    assert first.tolist() == [2, 2, 4, pd.NA, 1]
    assert last.tolist() == [3, 3, 4, pd.NA, 1]


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 3)), min_size=1, max_size=8))
def test_places_are_all_that_costs_between_bound_and_plan_could_have(pairs):
    table = plans(*((bound, bound + gap) for bound, gap in pairs))
    for number, (first, last) in enumerate(zip(*ranks(table), strict=True)):
        others = table.drop(number)
        assert first == 1 + (others.objective < table.bound[number]).sum()
        assert last == max(first, 1 + (others.bound <= table.objective[number]).sum())


def test_swings_whose_gaps_overlap_are_tied():
    table = plans((98, 100), (109, 110), (89, 90), (108, 109), (100, 100)).assign(
        a=[None, 1.0, 2.0, None, None],
        b=[None, None, None, 1.0, None],
        c=[None, None, None, None, 1.0],
    )
    found = swings(table, ["c", "b", "a"])
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.loc["a", ["low", "high", "least", "most"]].tolist() == [-10, 10, 19, 21]
    assert found.tied.tolist() == [False, False, False]
    assert swings(table.assign(bound=table.bound - 9), ["a", "b"]).tied.tolist() == [False, True]


def test_texts_have_places_in_the_order_they_come_in():
    places, ends = places_of(pd.Series(["NL", "DE", "NL"]))
    assert places.tolist() == [0, 1, 0]
    assert ends == ("NL", "DE")
    assert places_of(pd.Series([3.0, 3.0]))[0].tolist() == [0.5, 0.5]


def made(folder, factors, design):
    plot = read_plot(study_file(folder, factors, design))
    result = {"status": "optimal", "reason": "", "objective": 10.0, "bound": 9.0, "gap": 0.1}
    result |= {"figures": {"sites": 2, "carbon_t": 3.0, "mean_rtt_ms": 1.0, "foreign_share": 0.0}}
    result |= {"capacity": [["oslo", 2026, 1, 5.0, 5.0, 4.0], ["oslo", 2027, 1, 0.0, 5.0, 5.0]]}
    results = {case.key: result for case in plot.cases[:-1]}
    return plot, result_tables(list(plot.study.factors), plot.cases, results)


@pytest.mark.parametrize(
    ("design", "names"),
    [
        ("grid", {"coordinates", "site-frequency", "heat-map"}),
        ("one_at_a_time", {"coordinates", "site-frequency", "tornado", "spider"}),
    ],
)
def test_pictures_are_those_of_the_design_and_the_same_again(tmp_path, design, names):
    plot, tables = made(tmp_path, POWER + RATE, design)
    assert tables["results"].status.tolist()[-1] == "missing"
    files = write_pictures(plot, tables, tmp_path)
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == names
    first = [(tmp_path / file).read_bytes() for file in files]
    write_pictures(plot, tables, tmp_path)
    assert first == [(tmp_path / file).read_bytes() for file in files]
    if design == "one_at_a_time":
        assert "leave open" in (tmp_path / "figures" / "tornado.svg").read_text()


def test_without_a_plan_there_is_nothing_to_draw(tmp_path):
    plot, _ = made(tmp_path, POWER, "grid")
    tables = result_tables(["power"], plot.cases, {})
    assert pictures(plot, tables) == {}
    write_tables(tmp_path, tables)
    assert pd.read_csv(tmp_path / "results.csv").status.tolist() == ["missing"] * 3


def test_columns_of_mixed_values_are_texts(tmp_path):
    factors = POWER + '[factors.rule]\nrule = "chat_stays_in_eu"\nvalues = [false]'
    _, tables = made(
        tmp_path, factors + '\n[factors.s]\nkey = "stages"\nvalues = [[2027]]', "one_at_a_time"
    )
    write_tables(tmp_path, tables)
    rows = pd.read_csv(tmp_path / "results.csv", keep_default_na=False, dtype=str)
    assert rows.rule.tolist() == ["", "", "", "", "False", ""]
    assert rows.s.tolist() == [""] * 5 + ["2027"]
    assert pd.read_parquet(tmp_path / "results.parquet").power.dtype == float
