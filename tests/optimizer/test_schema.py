"""Cells, columns and keys of one table: what is refused, where, and what is said of it."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.columns import country_codes
from optimizer.instance import read_instance
from optimizer.schema import LATER_TABLES, TABLES
from optimizer.table import read_table
from tests.optimizer.folder_of_files import (
    HOURLY,
    SOUND,
    Files,
    assert_only,
    edited,
    problems_of,
    write_files,
)

OSLO = "oslo,Oslo,59.91,10.75,NO,fjord,NO,oslo,20,10000000,8000000,1.1"
NUMBER, HUGE = "is not a number", "is not finite"
ISO, CODE = "is not a country of ISO 3166-1", "alpha-2"
UNIT = "check the unit"


def oslo(**cells: str) -> Files:
    """Sound files but for these cells of the site in Oslo; columns are added as needed."""
    rows = list(csv.DictReader(io.StringIO(SOUND["sites.csv"])))
    rows[1] |= cells
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[1], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {**SOUND, "sites.csv": written.getvalue()}


# Cells of row 3 of sites: column, what is written, message, remedy.
BAD_CELLS = {
    "negative MW": ("max_it_mw", "-20", "is below 0", "from 0 up"),
    "text for a number": ("max_it_mw", "twenty", NUMBER, "write digits"),
    "no number": ("max_it_mw", "", "is empty", "every row needs a value"),
    "only spaces": ("max_it_mw", "  ", "is empty", "every row needs a value"),
    "decimal comma": ("pue", "1,1", NUMBER, "with . for decimals"),
    "digits in groups": ("max_it_mw", "20 000", NUMBER, "write digits"),
    "with a unit": ("max_it_mw", "20 MW", NUMBER, "nothing else"),
    "underscore": ("max_it_mw", "2_0", NUMBER, "write digits"),
    "hexadecimal": ("max_it_mw", "0x14", NUMBER, "write digits"),
    "other digits": ("max_it_mw", "٢٠", NUMBER, "write digits"),
    "NaN": ("max_it_mw", "NaN", HUGE, "write digits"),
    "infinite": ("max_it_mw", "-inf", HUGE, "write digits"),
    "1e400": ("max_it_mw", "1e400", HUGE, "a computer can hold"),
    "1e300": ("max_it_mw", "1e300", "is not below 1e+12 in size", UNIT + ", which is MW"),
    "1e12": ("opening_cost", "1e12", "is not below 1e+12 in size", UNIT + ", which is currency"),
    "tiny": ("max_it_mw", "1e-10", "nearer to it than 1e-09", UNIT),
    "latitude": ("latitude", "123", "is above 90", "up to 90"),
    "longitude": ("longitude", "-180.1", "is below -180", "from -180 up"),
    "PUE below 1": ("pue", "0.5", "is below 1", "from 1 up"),
    "PUE in percent": ("pue", "110", "is above 10", "up to 10"),
    "no block": ("block_mw", "0", "is not above 0", "leave the cell empty"),
    "negative cost": ("fixed_cost_per_year", "-1", "is below 0", "from 0 up"),
    "half a year": ("earliest_year", "2026.5", "is not a whole number", "digits only"),
    "year too far": ("earliest_year", "20260", "is above 2200", "up to 2200"),
    "year of many digits": ("earliest_year", "1e18", "is not a whole number", "digits only"),
    "unknown country": ("country", "XX", ISO, CODE),
    "country by name": ("country", "Norway", ISO, CODE),
    "country in small letters": ("country", "no", ISO, CODE),
    "group for a country": ("operator_country", "EU", ISO, CODE),
    "no country": ("country", "", "is empty", "every row needs a value"),
    "no key": ("site", "", "is empty", "every row needs a value"),
    "space before a name": ("operator", " fjord", "begins or ends with a space", "remove"),
    "no-break space": ("operator", "fjord\u00a0", "begins or ends with a space", "remove"),
    "formula": ("name", '=HYPERLINK("http://x")', "as formulas do", "another character"),
    "at sign": ("operator", "@fjord", "as formulas do", "another character"),
    "line break": ("name", "Os\nlo", "holds a line break", "remove"),
    "tab": ("name", "Os\tlo", "a hidden character", "remove"),
    "text turned round": ("name", "Os\u202elo", "a hidden character", "remove"),
    "endless name": ("name", "x" * 300, "longer than 200", "shorten"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_CELLS)
def test_bad_cell_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    column, value, message, remedy = BAD_CELLS[name]
    problems = problems_of(tmp_path / "i", oslo(**{column: value}))
    if column == "site":  # Whoever refers to the site has lost it, too.
        problems = [problem for problem in problems if problem.table == "sites"]
    assert_only(problems, ("sites", 3, column, value[:200]), message, remedy)


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("max_it_mw", "20.50", 20.5),
        ("max_it_mw", "2.05e1", 20.5),
        ("max_it_mw", " +20.5 ", 20.5),
        ("max_it_mw", "0", 0),
        ("earliest_year", "2027.0", 2027),
        ("block_mw", "1000", 1000),  # A block that never fits: legal, and nothing is bought.
        ("name", "Ōsaka–Straße, “north” <b>", "Ōsaka–Straße, “north” <b>"),
        ("operator", "NaN", "NaN"),
        ("operator", "1e5", "1e5"),
        ("country", "NA", "NA"),
    ],
)
def test_unusual_cell_that_is_right(tmp_path: Path, column: str, value: str, read: object) -> None:
    sites = read_instance(write_files(tmp_path / "i", oslo(**{column: value}))).tables["sites"]
    assert sites[column][1] == read


# Files with one thing wrong: (table, row, column, value), message, remedy.
BAD_TABLES = {
    "unknown column": (
        edited("sites.csv", ",node,max_it_mw", ",node,max_it_mv"),
        ("sites", None, "max_it_mv", ""), "no such column", "did you mean max_it_mw?",
    ),
    "column of a later version": (
        edited("demand.csv", "year,it_mw", "year,requests_per_s"),
        ("demand", None, "requests_per_s", ""), "not read this column yet", "remove it",
    ),
    "column twice": (
        edited("grid.csv", "node,year,firm_mw", "node,year,year"),
        ("grid", None, "year", ""), "there 2 times", "keep one",
    ),
    "column without a name": (
        {**SOUND, "policies.csv": "policy,year,value,\ncarbon_price,2026,80,\n"},
        ("policies", None, "", ""), "the column has no name", "name or remove it",
    ),
    "site twice": (
        edited("sites.csv", OSLO, f"{OSLO}\n{OSLO}"),
        ("sites", 4, "site", "oslo"), "the same site as in row 3", "keep one of the rows",
    ),
    "demand twice": (
        edited("demand.csv", "bergen,chat,2027", "bergen,chat,2026"),
        ("demand", 7, "year", "2026"), "the same region, workload, year as in row 6", "keep one",
    ),
    "policy twice in a year": (
        edited("policies.csv", "80,EUR/t\n", "80,EUR/t\ncarbon_price,2026,90,EUR/t\n"),
        ("policies", 3, "year", "2026"), "the same policy, year as in row 2", "keep one",
    ),
    "rule twice": (
        edited("rules.csv", "chat_stays_in_eu", "r,*,*,min_sites_in,*,1,,\nr"),
        ("rules", 3, "rule", "r"), "the same rule as in row 2", "keep one",
    ),
    "kind of rule mistyped": (
        edited("rules.csv", "site_in", "sites_in"),
        ("rules", 2, "kind", "sites_in"), "is not known", "did you mean site_in?",
    ),
    "policy mistyped": (
        edited("policies.csv", "carbon_price", "carbon_prize"),
        ("policies", 2, "policy", "carbon_prize"), "is not known", "did you mean carbon_price?",
    ),
    "kind of source": (
        edited("sources.csv", "nodes,*,assumed", "nodes,*,guessed"),
        ("sources", 3, "kind", "guessed"), "is not known", "known are measured, derived, assumed",
    ),
    "time zone": (
        edited("regions.csv", "Europe/Oslo", "../../etc/passwd"),
        ("regions", 3, "timezone", "../../etc/passwd"), "is not a time zone", "Europe/Berlin",
    ),
    "load factor": (
        edited("workloads.csv", "30,5,1", "30,5,80"),
        ("workloads", 2, "load_factor", "80"), "is above 1", "up to 1",
    ),
    "objective of 0 ms": (
        edited("workloads.csv", "30,5,1", "0,5,1"),
        ("workloads", 2, "latency_slo_ms", "0"), "is not above 0", "leave the cell empty",
    ),
    "half a year of lead": (
        edited("upgrades.csv", "2000000,1", "2000000,0.5"),
        ("upgrades", 2, "lead_years", "0.5"), "not a whole number", "digits only",
    ),
    "long note": (
        edited("sources.csv", "by hand", "x" * 4000),
        ("sources", 2, "note", f"figures that can be checked {'x' * 4000}"[:200]),
        "longer than 4000", "shorten",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_table_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    files, place, message, remedy = BAD_TABLES[name]
    problems = problems_of(tmp_path / "i", files)
    # A column that is not there under its name is missing, too: that is told beside it.
    problems = [problem for problem in problems if problem.message != "the column is missing"]
    assert_only(problems, place, message, remedy)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (table, name)
        for table, schema in TABLES.items()
        for name, column in schema.columns.items()
        if column.required
    ],
)
def test_required_column_is_missed_once(table: str, column: str) -> None:
    first, *rows = csv.reader(io.StringIO(HOURLY[f"{table}.csv"]))
    place = first.index(column)
    kept = [cells[:place] + cells[place + 1 :] for cells in (first, *rows)]
    text = "".join(",".join(cells) + "\n" for cells in kept)
    reading = read_table(table, table, 2026, text.encode(), Path(f"{table}.csv"))
    place = (table, None, column, "")
    assert_only(reading.problems, place, "the column is missing", "it has no default")


def test_later_tables_and_known_ones_do_not_overlap() -> None:
    assert not set(LATER_TABLES) & set(TABLES)


def test_missing_columns_and_empty_cells_mean_their_defaults(tmp_path: Path) -> None:
    files = oslo(existing_it_mw="", block_mw="", earliest_year="2027", name="")
    tables = read_instance(write_files(tmp_path / "i", files)).tables
    sites = tables["sites"]
    assert sites.name.tolist() == ["Frankfurt am Main", "oslo"]
    assert sites.earliest_year.tolist() == [2026, 2027]
    assert sites.existing_it_mw.tolist() == sites.fixed_cost_per_year.tolist() == [0, 0]
    assert sites.block_mw.isna().all()
    assert tables["workloads"].latency_slo_ms[0] == 30
    assert np.isnan(tables["workloads"].latency_slo_ms[1])
    assert tables["upgrades"].earliest_year.tolist() == [2026]
    assert tables["latency"].network_cost_per_mw_year.tolist() == [0] * 4
    assert tables["rules"].loc[0, ["value", "year"]].isna().all()
    assert tables["rules"].year.dtype == tables["sources"].year.dtype == "Int64"


def test_every_column_has_its_type_with_rows_and_without(tmp_path: Path) -> None:
    tables = read_instance(write_files(tmp_path / "i", SOUND)).tables
    for name, schema in TABLES.items():
        empty = read_table(name, name, 2026, None, None).frame
        assert list(empty.columns) == list(tables[name].columns) == list(schema.columns)
        pd.testing.assert_series_equal(empty.dtypes, tables[name].dtypes)
        assert isinstance(tables[name].index, pd.RangeIndex)


def test_countries_are_those_of_the_standard() -> None:
    assert {"NA", "NO", "GB"} <= country_codes()
    assert {"XX", "EU", "UK", "XK"}.isdisjoint(country_codes())
    assert len(country_codes()) == 249


def test_every_column_says_what_it_holds() -> None:
    for schema in TABLES.values():
        assert schema.description
        assert set(schema.metadata["key"]) <= set(schema.columns)
        for name, column in schema.columns.items():
            assert column.description
            units = ("_mw", "_ms", "_cost", "_years", "latitude", "cost_per_mw", "per_year")
            if column.metadata["kind"] == "number" and name.endswith(units):
                assert column.metadata["unit"], name
