"""Files made to do harm: each is refused at once, with a report that a terminal can show."""

import io
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.errors import SitewattError, printable
from optimizer.extends import MOST_DOTS_IN_A_LINE, MOST_FOLDERS
from optimizer.files import MOST_BYTES_ELSEWHERE, MOST_ROWS_ELSEWHERE, read_bytes
from optimizer.gridflow import load_network
from optimizer.parse import MOST_ROW_GROUPS
from tests.optimizer.folder_of_files import (
    SOUND,
    Files,
    edited,
    problems_in,
    problems_of,
    write_files,
)
from tests.optimizer.hand_made_run import write_run

INSTANCES = Path(__file__).parents[2] / "instances"


def parquet(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", **options)
    return sink.getvalue()


def one_text(text: str | bytes, rows: int, kind: pa.DataType) -> pa.Array:
    """A text that stands in every row: a few bytes in a file."""
    indices = pa.array([0] * rows, pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array([text], kind))


# Bytes of a table that unpacks to far more, and what is said of it.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "rows": (
        lambda: parquet(pa.table({"node": pa.nulls(MOST_ROWS_ELSEWHERE + 2, pa.string())})),
        "has more than 200,000 rows",
    ),
    "one long text": (
        lambda: parquet(pa.table({"node": ["x" * (MOST_BYTES_ELSEWHERE + 1)]})),
        "is too large once unpacked",
    ),
    "a text in every row": (
        lambda: parquet(pa.table({"node": one_text("x" * 1000, 100_000, pa.string())})),
        "is too large once unpacked",
    ),
    "a large text in every row": (
        lambda: parquet(pa.table({"node": one_text("x" * 1000, 100_000, pa.large_string())})),
        "is too large once unpacked",
    ),
    "bytes in every row": (
        lambda: parquet(pa.table({"node": one_text(b"x" * 1000, 1000, pa.binary())})),
        "neither text nor numbers",
    ),
    "a list in a cell": (
        lambda: parquet(pa.table({"node": [[0] * 1_000_000]})),
        "holds list<element: int64>, neither text nor numbers",
    ),
    "columns": (
        lambda: parquet(pa.table({f"c{number}": [1] for number in range(1001)})),
        "has 1,001 columns",
    ),
    "groups of rows": (
        lambda: parquet(pa.table({"node": ["a"] * (MOST_ROW_GROUPS + 1)}), row_group_size=1),
        "has 1,001 groups of rows",
    ),
    "a footer as large as the file": (
        lambda: b"PAR1" + b"x" * 2**23 + (2**23 + 1).to_bytes(4, "little") + b"PAR1",
        "describes itself at too great a length",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_parquet_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, name: str) -> None:
    make, message = BOMBS[name]
    files = {key: content for key, content in SOUND.items() if key != "grid.csv"}
    before = pa.total_allocated_bytes()
    problems = problems_of(tmp_path, {**files, "grid.parquet": make()})
    (problem,) = problems
    assert message in problem.message
    assert pa.total_allocated_bytes() - before < 2**20


STRANGE = {
    "bytes": (pa.array([b"a"]), "neither text nor numbers"),
    "struct": (pa.array([{"a": 1}]), "neither text nor numbers"),
    "large text": (pa.array(["a"], pa.large_string()), "is not a number"),
    "date": (pa.array([1], pa.date32()), "holds date32[day], not numbers"),
    "truth": (pa.array([True]), "holds bool, not numbers"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_types_of_parquet_are_told_not_raised(tmp_path: Path, name: str) -> None:
    column, message = STRANGE[name]
    files = {key: content for key, content in SOUND.items() if key != "grid.csv"}
    table = pa.table({"node": ["oslo"], "year": [2026], "firm_mw": column})
    problems = problems_of(tmp_path, {**files, "grid.parquet": parquet(table)})
    said = [problem.message for problem in problems if problem.column == "firm_mw"]
    assert any(message in words for words in said), problems


def test_text_with_gaps_in_a_column_of_numbers_is_told(tmp_path: Path) -> None:
    """Found by spoiling instances at random: null is no text that an expression can be tried on."""
    table = pa.table(
        {"node": ["oslo", "frankfurt"], "year": ["2026", None], "firm_mw": ["x", None]}
    )
    files = {key: content for key, content in SOUND.items() if key != "grid.csv"}
    problems = problems_of(tmp_path, {**files, "grid.parquet": parquet(table)})
    assert {(problem.column, problem.message) for problem in problems} == {
        ("firm_mw", "is not a number"),
        ("year", "is empty"),
        ("firm_mw", "is empty"),
    }


HEADERS = {"wide": b"," * 1_000_000 + b"\n", "after a quote": b'"\n",' + b"," * 1_000_000 + b"\n"}


@pytest.mark.parametrize("name", HEADERS)
def test_wide_header_takes_no_gigabytes(tmp_path: Path, name: str) -> None:
    """Arrow takes 8 GB for a million columns, which are a megabyte of commas."""
    before = pa.default_memory_pool().max_memory() or 0
    (problem,) = problems_of(tmp_path, {**SOUND, "grid.csv": HEADERS[name]})
    assert problem.message in ("has 1,000,001 columns", "a quote in the header is not closed")
    assert (pa.default_memory_pool().max_memory() or 0) < before + 2**26


def test_dotted_key_of_a_manifest_takes_no_minutes(tmp_path: Path) -> None:
    text = "a." * MOST_DOTS_IN_A_LINE + "a.a = 1\n"
    problems = problems_of(tmp_path, {**SOUND, "instance.toml": text})
    assert "is not TOML that can be read" in [problem.message for problem in problems]


def test_name_too_long_for_the_disk_is_no_folder(tmp_path: Path) -> None:
    """Found by spoiling instances at random: 200 letters may be 800 bytes."""
    files = edited("instance.toml", 'name = "two_sites"', f'extends = "{"é" * 199}"\nname = "a"')
    (problem,) = problems_of(tmp_path / "i", files)
    assert "there is no folder" in problem.message


def test_endless_chain_of_folders_is_cut(tmp_path: Path) -> None:
    for number in range(MOST_FOLDERS + 1):
        files: Files = {"instance.toml": f'extends = "i{number + 1}"'}
        write_files(tmp_path / f"i{number}", files)
    messages = [problem.message for problem in problems_in(tmp_path / "i0")]
    assert "extends more than 19 folders" in messages


@pytest.mark.parametrize("base", ["../secret", "/etc", "a/b", "..", ".", "a\\\\b", "C:"])
def test_path_as_the_folder_that_is_extended_is_refused(tmp_path: Path, base: str) -> None:
    write_files(tmp_path / "secret", SOUND)
    problems = problems_of(tmp_path / "i", {"instance.toml": f'extends = "{base}"\nname = "a"'})
    assert "is not the name of a sibling folder" in [problem.message for problem in problems]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["sites.csv", "instance.toml"])
def test_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    folder = write_files(tmp_path, {key: text for key, text in SOUND.items() if key != name})
    os.mkfifo(folder / name)
    assert "is not a file" in [problem.message for problem in problems_in(folder)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_file_that_becomes_a_pipe_or_link_as_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular = tmp_path / "regular"
    regular.write_text("")
    status = regular.lstat()
    (tmp_path / "link").symlink_to(regular)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(Path, "lstat", lambda _path: status)
    assert read_bytes(tmp_path / "pipe", "sites", 10) == (b"", [])
    assert read_bytes(tmp_path / "link", "sites", 10)[0] is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_audit_waits_for_no_pipe(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "plan.json").unlink()
    os.mkfifo(run / "plan.json")
    result = CliRunner().invoke(main, ["audit", str(run)])
    assert result.exit_code == 7
    assert "is not a file" in result.output


def test_network_that_could_hold_code_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "grid.H5").write_bytes(b"")
    with pytest.raises(SitewattError, match="could hold code"):
        load_network(tmp_path / "grid.H5", None)


def test_infinite_number_in_a_run_is_told_by_export(tmp_path: Path) -> None:
    """Found by spoiling runs at random: JSON has no infinity."""
    run = write_run(tmp_path / "run")
    capacity = run / "tables" / "capacity.csv"
    capacity.write_text(capacity.read_text().replace("north,2026,1,4,6", "north,2026,1,inf,6"))
    words = ["export", str(run), "--format", "geojson", "--out", str(tmp_path / "map")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "a number is not finite" in result.stderr
    assert not (tmp_path / "map").exists()


ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize("as_json", [True, False])
def test_terminal_obeys_no_name(tmp_path: Path, as_json: bool) -> None:
    files = {**SOUND, "grid.csv": f"node,{ESCAPES}\n{ESCAPES},1\n", f"{ESCAPES}.csv": "a\n"}
    folder = write_files(tmp_path, files)
    result = CliRunner().invoke(main, ["validate", str(folder), *["--json"] * as_json])
    assert result.exit_code == 3
    assert not set(ESCAPES) & (set(result.output) - set("0123456789;[]Jmowned"))
    if as_json:
        told = json.loads(result.stdout)["problems"]
        assert ESCAPES in {problem["column"] for problem in told}


def test_what_a_terminal_obeys_is_written_as_escapes() -> None:
    assert printable("Zürich\x1b[31m\udcff→") == "Zürich\\x1b[31m\\udcff→"


def test_names_are_data_in_the_results(tmp_path: Path) -> None:
    """Script and markup pass as text; what a spreadsheet would run is refused where it is read."""
    script = "<script>alert(1)</script>"
    files = edited("sites.csv", "Frankfurt am Main", script)
    run = tmp_path / "run"
    folder = write_files(tmp_path / "i", files)
    words = ["solve", str(folder), "--out", str(run), "--quiet"]
    assert CliRunner().invoke(main, words).exit_code == 0
    words = ["export", str(run), "--format", "geojson", "--out", str(tmp_path / "map")]
    assert CliRunner().invoke(main, words).exit_code == 0
    sites = json.loads((tmp_path / "map" / "sites.geojson").read_text(encoding="utf-8"))
    assert script in {feature["properties"]["name"] for feature in sites["features"]}
    for formula in ("=1+1", "@SUM(A1)", "+1", "-1"):
        (problem,) = problems_of(tmp_path / "f", edited("sites.csv", "Frankfurt am Main", formula))
        assert "as formulas do" in problem.message


def test_solve_neither_runs_nor_fetches_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: object, **_options: object) -> None:
        raise AssertionError("a solve must not do this")

    for module, names in (
        (socket, ["socket", "create_connection", "getaddrinfo"]),
        (subprocess, ["Popen"]),
        (os, ["system", "popen", "posix_spawn", "fork", "execv", "execve"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    site = "http://localhost:1/$(id)`id`"
    files = {
        name: text.replace("Frankfurt am Main", site) if isinstance(text, str) else text
        for name, text in SOUND.items()
    }
    words = ["solve", str(write_files(tmp_path / "i", files)), "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(main, [*words, "--quiet"])
    assert result.exit_code == 0, result.output


def test_no_clock_that_can_jump_is_read() -> None:
    """Seconds are measured by clocks that only go forward."""
    jumps = ("time.time(", "datetime.now(", "datetime.utcnow(", "date.today(", "time.localtime(")
    root = Path(__file__).parents[2]
    found = [
        f"{path.relative_to(root)}: {call}"
        for package in ("optimizer", "models")
        for path in sorted((root / package).rglob("*.py"))
        for call in jumps
        if call in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_clock_that_jumps_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10**9, -(10**9), -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    words = ["solve", str(INSTANCES / "two_sites"), "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(main, [*words, "--time-limit", "600", "--quiet"])
    assert result.exit_code == 0, result.output
    plan = json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))
    assert all(seconds >= 0 for seconds in plan["seconds"].values())
