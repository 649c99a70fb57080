"""The page of text tells what a planner asks first."""

import io

import pandas as pd

from optimizer.results import RESULT_TABLES
from optimizer.summary import columns, money, summary
from tests.optimizer.audit.bridge_run import TABLES as HOURLY_TABLES
from tests.optimizer.hand_made_run import OBJECTIVE, TABLES

RECORD = {
    "status": "optimal",
    "objective": OBJECTIVE,
    "gap": 0.01,
    "currency": "EUR",
    "instance_name": "by-hand",
    "instance_title": "Two sites by hand",
}


def tables() -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_csv(io.StringIO(text), keep_default_na=False, na_values={"year": [""]})
        .replace("", pd.NA)
        .convert_dtypes()
        for name, text in TABLES.items()
    }


def test_summary_of_the_run_made_by_hand() -> None:
    assert summary(RECORD, tables()) == [
        "Two sites by hand",
        "optimal: cost 20.478 m EUR present value, proven within 1.000% of the least",
        "2 of 2 sites in use, 5 to 10.4 IT MW served at peak, 2026 to 2028",
        "",
        "Sites in use, IT MW installed",
        "  site   in  operator  2026  2028",
        "  north  NL  aqua       6.0   8.0",
        "  south  FR  acme       0.0   3.4",
        "",
        "Grid upgrades ordered",
        "  port, line: 3 MW for 700,000 EUR, ordered 2026, there 2028",
        "",
        "Cost by kind",
        "  opening   1.920 m  EUR   9.4%",
        "  it        9.632 m  EUR  47.0%",
        "  upgrade   700,000  EUR   3.4%",
        "  fixed     352,800  EUR   1.7%",
        "  energy    6.148 m  EUR  30.0%",
        "  carbon    675,459  EUR   3.3%",
        "  network   141,120  EUR   0.7%",
        "  unserved  908,237  EUR   4.4%",
        "",
        "Rules",
        "  r1  site_in                     holds  settles who may serve whom",
        "  r2  site_not_in                 holds  settles who may serve whom",
        "  r3  operator_in                 holds  settles who may serve whom",
        "  r4  operator_not_in             holds  settles who may serve whom",
        "  r5  max_share_operator_outside  holds  margin 2.1 MW (2028)",
        "  r6  max_share_country           holds  binds (FR 2028)",
        "  r7  max_share_operator          holds  margin 0.7 MW (aqua 2028)",
        "  r8  min_share_at_home           holds  margin 0.4 MW (FR 2028)",
        "  r9  min_sites_in                holds  binds (2028)",
        "",
        "Grid nodes that bind",
        "  port  6.0 MW drawn  2026",
        "",
        "Hardware that waits for power",
        "  port: 1.2 MW short in 2026, 2028",
        "",
        "Demand that nobody serves",
        "  2028: 0.6 IT MW of chat",
    ]


def test_summary_of_a_plan_with_slices_tells_how_power_arrives() -> None:
    # Of its tables those that are not in it are empty.
    empty = {"unserved": pd.DataFrame({"year": [], "workload": [], "it_mw": []})}
    text = summary(RECORD, HOURLY_TABLES | empty)
    sections = "\n".join(text).split("\n\n")
    assert [
        section.splitlines() for section in sections if section.startswith(("How", "Supply"))
    ] == [
        [
            "How power arrives, GWh a year",
            "  from                       2026  2028",
            "  grid, firm                 17.5  38.0",
            "  grid, flexible             10.2   0.0",
            "  own, until the grid comes   7.3   0.0",
            "  own, for good               0.0   5.8",
        ],
        [
            "Supply that stands, MW",
            "  technology  role             2026           2028",
            "  engine      bridge            1.5            0.0",
            "  engine      backup            0.0            0.5",
            "  cells       backup  0.5 (4.0 MWh)  0.5 (4.0 MWh)",
            "  panels      own               0.0            1.0",
        ],
    ]
    assert "  port  2.0 MW drawn  2026 (8,760 h)" in text
    assert text[text.index("Hardware that waits for power") + 1 :][:2] == [
        "  port: 0.5 MW short in 2026",
        "  1.0 MW-years in all (tables/idle_hardware.csv)",
    ]


def test_columns_set_numbers_to_the_right() -> None:
    assert columns([("a", "1.0"), ("bb", "10.0")]) == ["a    1.0", "bb  10.0"]
    assert columns([]) == []


def test_money_leaves_few_digits() -> None:
    assert [money(x) for x in (0, 999_999, 1_234_567, -2.5e9)] == [
        "0",
        "999,999",
        "1.235 m",
        "-2.500 bn",
    ]


def test_hand_made_tables_have_the_stated_columns() -> None:
    for name, table in tables().items():
        assert list(table.columns) == [column.name for column in RESULT_TABLES[name]], name
