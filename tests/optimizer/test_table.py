"""Tables as they are read keep the schema that pandera, too, can check them against."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from optimizer.instance import read_instance
from optimizer.schema import TABLES
from optimizer.table import read_table, without_rows
from tests.optimizer.folder_of_files import SOUND, write_files

NUMBERS = st.sampled_from(["", "0", "-1", "1", "90.5", "1e-10", "1e12", "2026", "2500", "1.5"])
TEXTS = st.sampled_from(["oslo", "=x", " x", "x" * 201, "a\u200bb", "NO", "XX", "chat", "é"])


def refused_by_pandera(table: str, frame: pd.DataFrame) -> set[tuple[str, int]]:
    """Column and row of each cell that pandera's own machinery finds against the schema."""
    try:
        TABLES[table].validate(frame, lazy=True)
    except SchemaErrors as errors:
        cells = errors.failure_cases
        assert (cells.schema_context == "Column").all(), cells
        return set(zip(cells.column, cells["index"].astype(int), strict=True))
    return set()


def test_tables_of_a_sound_instance_have_the_types_of_the_schema(tmp_path: Path) -> None:
    tables = read_instance(write_files(tmp_path, SOUND)).tables
    assert {name for name, frame in tables.items() if len(frame)} >= {"sites", "rules", "policies"}
    for name, frame in tables.items():
        assert refused_by_pandera(name, frame) == set()


@pytest.mark.parametrize("table", TABLES)
def test_table_without_a_file_has_the_types_of_the_schema(table: str) -> None:
    assert refused_by_pandera(table, without_rows(table)) == set()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_pandera_refuses_the_same_cells(data: st.DataObject) -> None:
    """Written cells, so that every one that is unsound is so by a limit or by being empty."""
    table = data.draw(st.sampled_from(sorted(TABLES)))
    columns = TABLES[table].columns
    rows = [
        [
            data.draw(NUMBERS if column.metadata["kind"] in ("number", "whole") else TEXTS)
            for column in columns.values()
        ]
        for _ in range(2)
    ]
    text = "\n".join(",".join(cells) for cells in [list(columns), *rows]) + "\n"
    reading = read_table(table, table, 2026, text.encode(), Path(f"{table}.csv"))
    unsound = {
        (name, row)
        for name, sound in reading.sound.items()
        for row in range(len(rows))
        if not sound[row]
    }
    of_limits = {
        (problem.column, problem.row - 2)
        for problem in reading.problems
        if problem.row
        and not problem.message.startswith(("is empty", "is not a whole", "the same"))
    }
    refused = refused_by_pandera(table, reading.frame)
    assert of_limits <= refused <= unsound


def test_frames_without_rows_are_not_shared_between_instances(tmp_path: Path) -> None:
    files = {name: text for name, text in SOUND.items() if name != "policies.csv"}
    first, second = (read_instance(write_files(tmp_path, files)) for _ in range(2))
    first.tables["policies"].loc[0] = ["carbon_price", 2026, 1.0, ""]
    assert second.tables["policies"].empty
    assert without_rows("policies").empty
