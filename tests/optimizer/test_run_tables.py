"""Tables come back from a run folder as they went in."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.errors import SitewattError
from optimizer.results import RESULT_TABLES
from optimizer.run_tables import read_table, table_file, typed
from tests.optimizer.hand_made_run import TABLES


def write(run: Path, name: str, text: str) -> Path:
    (run / "tables").mkdir(exist_ok=True)
    (run / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")
    return run


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_columns_and_types(tmp_path: Path, name: str) -> None:
    table = read_table(write(tmp_path, name, TABLES[name]), name)
    assert list(table.columns) == [column.name for column in RESULT_TABLES[name]]
    for column in RESULT_TABLES[name]:
        if column.unit:
            assert table[column.name].dtype == "float64"
        elif column.name.endswith("year"):
            assert table[column.name].dtype == "Int64"


def test_types_do_not_need_rows() -> None:
    for name, columns in RESULT_TABLES.items():
        empty = pd.DataFrame([], columns=[column.name for column in columns])
        full = read_types(name)
        assert dict(typed(name, empty).dtypes) == full


def read_types(name: str) -> dict:
    cells = {column.name: ["1"] for column in RESULT_TABLES[name]}
    return dict(typed(name, pd.DataFrame(cells)).dtypes)


def test_numbers_keep_their_last_digit_and_namibia_its_name(tmp_path: Path) -> None:
    text = "region,workload,year,share,it_mw\nNA,nan,2026,0.30000000000000004,5e-324\n"
    row = read_table(write(tmp_path, "unserved", text), "unserved").iloc[0]
    assert (row.region, row.workload) == ("NA", "nan")
    assert (row.share, row.it_mw) == (0.1 + 0.2, 5e-324)


def test_empty_number_is_missing(tmp_path: Path) -> None:
    text = "node,upgrade,ordered_year,available_year,mw,cost\n,u,2026,,1,\n"
    row = read_table(write(tmp_path, "upgrades", text), "upgrades").iloc[0]
    assert row.node == ""
    assert pd.isna(row.available_year)
    assert pd.isna(row.cost)


def test_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    text = "it_mw,share,year,workload,region\n1,0.5,2026,chat,r\n"
    row = read_table(write(tmp_path, "unserved", text), "unserved").iloc[0]
    assert (row.region, row.it_mw, row.share) == ("r", 1, 0.5)


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "serving", TABLES["serving"]), "serving")
    file = table_file(tmp_path, "serving")
    assert file is not None
    file.unlink()
    table.to_parquet(file.with_suffix(".parquet"))
    pd.testing.assert_frame_equal(read_table(tmp_path, "serving"), table)


@pytest.mark.parametrize(
    "text",
    [
        "region,workload,year,share\nr,chat,2026,1\n",
        "region,workload,year,share,it_mw\nr,chat,2026,much,1\n",
        "region,workload,year,share,it_mw\nr,chat,2026.5,1,1\n",
        "",
        "a,b\n1,2,3,4\n",
    ],
    ids=["no column", "no number", "no year", "nothing", "ragged"],
)
def test_what_is_no_table_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SitewattError, match=r"unserved\.csv is no table unserved"):
        read_table(write(tmp_path, "unserved", text), "unserved")


def test_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(SitewattError, match="has no table serving"):
        read_table(tmp_path, "serving")
