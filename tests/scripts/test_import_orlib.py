"""OR-Library files become instances number by number, or an error says what is wrong with them."""

import csv
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.instance import read_instance
from scripts.import_orlib import Benchmark, MalformedFile, instance_tables, main, parse

# Two warehouses (capacity, fixed cost); two customers (demand, cost from each), broken anywhere.
FILE = """\
 2 2
 5 100.
 6 50.
 4
 20.00000 8.00000
 6 30.00000
 60.00000
"""


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(tmp_path: Path, text: str, *options: str) -> tuple[int, str]:
    file = tmp_path / "tiny.txt"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, [str(file), str(tmp_path / "tiny"), *options])
    return result.exit_code, result.output


def test_numbers_are_read_in_order() -> None:
    assert parse(FILE) == Benchmark(
        capacity=[5, 6],
        opening_cost=[100, 50],
        demand=[4, 6],
        cost=[[20, 8], [30, 60]],
    )


def test_written_instance_is_valid_and_says_what_the_file_says(tmp_path: Path) -> None:
    assert run(tmp_path, FILE)[0] == 0
    folder = tmp_path / "tiny"
    read_instance(folder)
    manifest = tomllib.loads((folder / "instance.toml").read_text(encoding="utf-8"))
    assert (manifest["stages"], manifest["horizon_end"], manifest["discount_rate"]) == (
        [2026],
        2027,
        0,
    )
    assert [(row["max_it_mw"], row["opening_cost"]) for row in rows(folder, "sites")] == [
        ("5.0", "100.0"),
        ("6.0", "50.0"),
    ]
    assert [row["it_mw"] for row in rows(folder, "demand")] == ["4.0", "6.0"]
    # Costs are for all of a customer's demand: 20 for 4 MW are 5 for each.
    assert [
        (row["region"], row["site"], float(row["network_cost_per_mw_year"]))
        for row in rows(folder, "latency")
    ] == [
        ("customer-1", "warehouse-1", 5),
        ("customer-1", "warehouse-2", 2),
        ("customer-2", "warehouse-1", 5),
        ("customer-2", "warehouse-2", 10),
    ]


def test_grid_never_binds(tmp_path: Path) -> None:
    run(tmp_path, FILE)
    (grid,) = rows(tmp_path / "tiny", "grid")
    assert float(grid["firm_mw"]) > 4 + 6


def test_everything_is_flagged_as_a_benchmark(tmp_path: Path) -> None:
    run(tmp_path, FILE)
    folder = tmp_path / "tiny"
    said = {(row["table"], row["column"]) for row in rows(folder, "sources")}
    keys = {"site", "node", "region", "workload", "year", "latency_slo_ms"}
    for table in ("sites", "nodes", "grid", "regions", "demand", "latency", "workloads"):
        own = set(rows(folder, table)[0]) - (keys - {"node"} if table == "sites" else keys)
        assert own == {column for of, column in said if of == table}
    assert {row["kind"] for row in rows(folder, "sources")} == {"assumed", "derived"}
    assert all(
        row["note"].startswith(("benchmark", "placeholder")) for row in rows(folder, "sources")
    )


def test_costs_keep_every_digit() -> None:
    (row,) = instance_tables(parse("1 1  9 0  3 1"))["latency"]
    assert float(str(row["network_cost_per_mw_year"])) == 1 / 3


def test_capacity_left_open_is_given_on_the_command_line(tmp_path: Path) -> None:
    text = FILE.replace("5 100", "capacity 100").replace("6 50", "capacity 50")
    assert run(tmp_path, text, "--capacity", "8000")[0] == 0
    assert [row["max_it_mw"] for row in rows(tmp_path / "tiny", "sites")] == ["8000.0"] * 2
    manifest = (tmp_path / "tiny" / "instance.toml").read_text(encoding="utf-8")
    assert 'name = "tiny_8000"' in manifest


def test_customer_without_demand_stays_a_region() -> None:
    tables = instance_tables(parse("1 2  9 0  0 0  3 1"))
    assert len(tables["regions"]) == 2
    assert [row["region"] for row in tables["demand"]] == ["customer-2"]
    assert [row["region"] for row in tables["latency"]] == ["customer-2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends before the number of warehouses"),
        ("2", "ends before the number of customers"),
        ("0 1", "'0' for the number of warehouses is no number"),
        ("2.5 1", r"'2\.5' for the number of warehouses"),
        ("1 99999999999999999999999", "for the number of customers is no number between"),
        (FILE.replace("50.", "fifty"), "'fifty' for the fixed cost of warehouse 2"),
        (FILE.replace("50.", "nan"), "'nan' for the fixed cost of warehouse 2 is no amount"),
        (FILE.replace(" 4\n", " -4\n"), "'-4' for the demand of customer 1 is no amount"),
        (FILE.replace("60.00000", "1e999"), "'1e999' for the cost of customer 2 from warehouse 2"),
        (FILE.replace("60.00000", ""), "ends before the cost of customer 2 from warehouse 2"),
        (FILE + "7", "goes on with '7' after its last customer"),
        (FILE.replace(" 4\n", " 0\n"), "Customer 1 has no demand, yet serving it has a cost"),
        ("1 1  9 0  0 0", "No customer has any demand"),
        (FILE.replace("6 50", "capacity 50"), "leaves capacities open: say --capacity"),
    ],
)
def test_malformed_file_is_explained(text: str, message: str) -> None:
    with pytest.raises(MalformedFile, match=message):
        parse(text)


def test_stated_capacities_are_not_overridden() -> None:
    with pytest.raises(MalformedFile, match="leave out --capacity"):
        parse(FILE, capacity=8000)


def test_error_is_a_message_and_leaves_nothing(tmp_path: Path) -> None:
    code, output = run(tmp_path, FILE + "7")
    assert code == 1
    assert "Error:" in output and "goes on with '7'" in output
    assert not (tmp_path / "tiny").exists()


def test_binary_file_is_no_text(tmp_path: Path) -> None:
    code, output = run(tmp_path, "2 2 \N{NO-BREAK SPACE}")
    assert code == 1
    assert "no text file" in output


def test_folder_with_content_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "mine.txt").write_text("mine", encoding="utf-8")
    code, output = run(tmp_path, FILE)
    assert code == 1
    assert "not empty" in output
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["mine.txt"]
