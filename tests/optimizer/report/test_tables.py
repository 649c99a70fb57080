"""Tables of the report: headings, cells and what they are sorted by, sums, what is left out."""

import math

import pandas as pd
import pytest

from optimizer.report import sections, tables
from optimizer.report.facts import Facts
from optimizer.report.tables import Cell, Column, number, result_table, share, whole
from optimizer.run_tables import ALL_TABLES
from tests.optimizer.report.runs import facts, hourly, plain

__all__ = ["facts", "hourly", "plain"]


def texts(rows: object) -> list[list[str]]:
    return [[cell.text.replace("\u00a0", " ") for cell in row] for row in rows]


def test_cells_are_sorted_by_their_numbers_to_the_last_digit() -> None:
    assert number(1234.5678) == Cell("1,235", 1234.5678)
    assert number(1234.5678).key == "1234.5678"
    assert share(0.25).text == "25.0\u00a0%"
    assert whole(1234.0).text == "1,234"
    empty = number(pd.NA)
    assert empty.text == empty.key == ""
    assert math.isnan(empty.number)


def test_headings_have_units_and_meanings() -> None:
    columns = {c.name: tables.heading(c) for c in ALL_TABLES["serving"]}
    assert columns["it_mw"] == Column(
        "IT", "MW", numeric=True, meaning="IT load that the share amounts to at peak"
    )
    assert columns["rtt_ms"].name == "Round trip"
    assert not columns["region"].numeric
    assert columns["year"].numeric
    assert columns["share"].unit == ""


def test_more_rows_than_anybody_reads_are_left_to_the_run(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 4)
    table = result_table("serving", facts.run.tables["serving"], "served")
    assert len(table.rows) == 4
    assert table.note == "The first 4 of 6 rows; the rest is in tables/serving of the run."


def test_costs_add_up_below(facts: Facts) -> None:
    table = sections.costs_table(facts)
    assert texts([table.foot]) == [["all", "28.8 m", "20.5 m", "100 %"]]
    assert texts(table.rows)[0] == ["IT hardware", "12.8 m", "9.63 m", "47.0 %"]
    shares = [row[3].number for row in table.rows]
    assert sum(shares) == pytest.approx(1)


def test_costs_by_stage_and_year(facts: Facts) -> None:
    # Energy, carbon, network and upkeep of 2026 and 2027 are 3.686 million.
    assert texts(sections.spending_table(facts).rows) == [
        ["2026", "2", "4.70 m", "1.84 m", "7.99 m"],
        ["2028", "2", "11.8 m", "4.29 m", "12.5 m"],
    ]


def test_energy_by_stage(facts: Facts, hourly: Facts) -> None:
    assert texts(sections.energy_table(facts).rows)[0] == [
        *("2026", "31.5", "26.3", "1.20", "3.60", "3.15", "100"),
    ]
    table = sections.energy_table(hourly)
    names = [column.name for column in table.columns]
    row = dict(zip(names, texts(table.rows)[0], strict=True))
    # By day six of ten megawatts are the grid's, by night all five.
    assert row["Grid, firm"] == "48.2"
    assert row["Own, for good"] == "17.5"


def test_every_table_has_a_cell_for_each_heading(facts: Facts, hourly: Facts) -> None:
    for of in (facts, hourly):
        for table in [
            *sections.plan_tables(of),
            *(sections.sources_table(of), sections.stages_table(of), sections.costs_table(of)),
        ]:
            assert {len(row) for row in table.rows} <= {len(table.columns)}, table.key


def test_settings(facts: Facts) -> None:
    settings = dict(sections.manifest_rows(facts))
    assert settings["Years"] == "2026 to 2029, decisions in 2026, 2028"
    assert settings["Discounting"] == "25 % a year, real, to 2026"
    assert settings["Price of carbon"] == "80 from 2027, 120 from 2029 EUR/t"
    assert settings["Demand not served"] == "costs 300 EUR/MWh"
