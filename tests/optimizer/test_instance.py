"""Reading a folder: which files count, what they may be, and that a copy says the same."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import files
from optimizer.errors import InvalidInstance
from optimizer.instance import copy_instance, read_instance
from optimizer.schema import TABLES
from tests.optimizer.folder_of_files import (
    FIT,
    SOUND,
    Files,
    assert_only,
    problems_in,
    problems_of,
    write_files,
)
from tests.optimizer.hand_made_run import write_run
from tests.random_instances import SWITCHES, random_instance

SHIPPED = sorted(
    manifest.parent
    for manifest in (Path(__file__).parents[2] / "instances").glob("*/instance.toml")
)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_shipped_instances_are_sound(folder: Path) -> None:
    assert problems_in(folder) == []


@pytest.mark.parametrize("seed", range(8))
def test_random_instances_are_sound(tmp_path: Path, seed: int) -> None:
    switches = dict.fromkeys(SWITCHES, True) | {"single_year": seed % 2 == 0}
    assert problems_in(random_instance(tmp_path / "i", seed, **switches)) == []


def test_hand_made_instance_is_sound(tmp_path: Path) -> None:
    assert problems_in(write_run(tmp_path / "run") / "instance") == []


# Content of grid.csv: row, message, remedy.
GRID = SOUND["grid.csv"].encode()
BAD_CSV = {
    "Latin-1": (GRID + b"z\xfcrich,2026,1\n", 4, "is not UTF-8", "as UTF-8 text"),
    "UTF-16": (SOUND["grid.csv"].encode("utf-16"), 1, "holds a NUL byte", "as UTF-8 text"),
    "NUL": (GRID.replace(b"6.5", b"6\0.5"), 2, "holds a NUL byte", "as UTF-8 text"),
    "cut within a character": (GRID + "ö".encode()[:1], 4, "is not UTF-8", "as UTF-8 text"),
    "spaces only": (b"  \n\n ", None, "the file is empty", "a header and rows"),
    "cell too many": (GRID.replace(b"6.5", b"6.5,7"), 2, "has 4 cells where", "commas and quotes"),
    "cell too few": (GRID.replace(b",50", b""), 3, "has 2 cells where", "commas and quotes"),
    "comma for a point": (GRID.replace(b"6.5", b"6,5"), 2, "has 4 cells", "commas and quotes"),
    "empty row": (GRID.replace(b"oslo", b"\noslo"), 3, "the row is empty", "remove it"),
    "row of commas": (GRID.replace(b"oslo", b",,\noslo"), 3, "the row is empty", "remove it"),
    "semicolons": (GRID.replace(b",", b";"), None, "separated by semicolons", "by commas"),
    "endless line": (GRID + b"x" * 2**21, None, "is no CSV file", "check the quotes"),
    "endless quote": (GRID + b'"oslo,' + b"a,b,c\n" * 9999, 4, "has 1 cell where", "and quotes"),
    "endless header": (b"x," * 2000 + b"\n", None, "has 2,001 columns", "by ends of lines"),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_csv_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    content, row, message, remedy = BAD_CSV[name]
    problems = problems_of(tmp_path / "i", {**SOUND, "grid.csv": content})
    assert_only(problems, ("grid", row, "", ""), message, remedy)


@pytest.mark.parametrize(
    "change",
    {
        "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
        "Windows line ends": lambda content: content.replace(b"\n", b"\r\n"),
        "no last line end": lambda content: content.rstrip(b"\n"),
        "empty lines at the end": lambda content: content + b"\n,,\n\n",
        "quotes": lambda content: content.replace(b"frankfurt", b'"frankfurt"'),
        "other order": lambda _: b"year,firm_mw,node\n2026,6.5,frankfurt\n2026,50,oslo",
    }.items(),
    ids=lambda change: change[0],
)  # fmt: skip
def test_csv_of_another_hand(tmp_path: Path, change: tuple[str, Callable]) -> None:
    files = {**SOUND, "grid.csv": change[1](GRID)}
    read = read_instance(write_files(tmp_path / "i", files)).tables["grid"]
    sound = read_instance(write_files(tmp_path / "sound", SOUND)).tables["grid"]
    pd.testing.assert_frame_equal(read, sound)


def test_line_of_a_cell_is_right_below_rows_that_cannot_be_read(tmp_path: Path) -> None:
    rows = "node,year,firm_mw\nfrankfurt,2026\n\noslo,2026,50,1\noslo,2026,-50\n"
    problems = problems_of(tmp_path / "i", {**SOUND, "grid.csv": rows})
    assert [(p.row, p.value) for p in problems] == [(2, ""), (3, ""), (4, ""), (5, "-50")]


def test_other_files_and_folders_are_not_looked_at(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "i", {**SOUND, "README.md": b"\xff", "notes.txt": "x"})
    (folder / "old").mkdir()
    (folder / "old" / "sites.csv").write_text("nonsense")
    (folder / "link.md").symlink_to("README.md")
    assert problems_in(folder) == []


BAD_FILES = {
    "sies.csv": ("sies.csv", "there is no such table", "did you mean sites?"),
    "Demand.csv": ("Demand.csv", "there is no such table", "did you mean demand?"),
    "rules.CSV": ("rules.CSV", "ending is not in small letters", "rename it to rules.csv"),
    "steps.csv": ("steps.csv", "does not read this table yet", "take it out"),
    "pods.parquet": ("pods.parquet", "does not read this table yet", "take it out"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_file_that_is_no_table(tmp_path: Path, name: str) -> None:
    table, message, remedy = BAD_FILES[name]
    problems = problems_of(tmp_path / "i", {**SOUND, name: "site\n"})
    assert_only(problems, (table, None, "", ""), message, remedy)


def test_table_in_two_files(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "i", {**SOUND, "grid.parquet": b""})
    place = ("grid", None, "", "grid.parquet")
    assert_only(problems, place, "twice, as CSV and as Parquet", "keep one")


@pytest.mark.parametrize("name", ["instance.toml", "grid.csv"])
@pytest.mark.parametrize("inside", [True, False])
def test_links_are_refused_wherever_they_lead(tmp_path: Path, name: str, inside: bool) -> None:
    folder = write_files(tmp_path / "i", SOUND)
    target = (folder if inside else tmp_path) / "elsewhere"
    (folder / name).rename(target)
    (folder / name).symlink_to(target)
    place = (name.removesuffix(".csv"), None, "", name)
    assert_only(problems_in(folder), place, "is a link", "put the file itself")
    target.unlink()
    assert_only(problems_in(folder), place, "is a link", "put the file itself")


def test_folder_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    write_files(tmp_path / "i", SOUND)
    (tmp_path / "link").symlink_to("i")
    assert problems_in(tmp_path / "link") == []


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused_and_does_not_hang(tmp_path: Path, make: Callable) -> None:
    folder = write_files(tmp_path / "i", SOUND)
    (folder / "grid.csv").unlink()
    make(folder / "grid.csv")
    assert_only(problems_in(folder), ("grid", None, "", "grid.csv"), "is not a file", "put a file")


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.write_text("x")])
def test_folder_that_is_none(tmp_path: Path, make: Callable) -> None:
    make(tmp_path / "i")
    (problem,) = problems_in(tmp_path / "i")
    assert problem.table == "instance.toml"
    assert "cannot be looked into" in problem.message


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_limits_on_rows_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    parquet = tmp_path / "grid.parquet"
    read_instance(write_files(tmp_path / "i", SOUND)).tables["grid"].to_parquet(parquet)
    changed = {name: content for name, content in SOUND.items() if name != "grid.csv"}
    changed[f"grid.{ending}"] = parquet.read_bytes() if ending == "parquet" else GRID
    monkeypatch.setitem(files.MOST_ROWS, "grid", 2)
    assert problems_of(tmp_path / "just", changed) == []
    monkeypatch.setitem(files.MOST_ROWS, "grid", 0)
    problems = problems_of(tmp_path / "rows", changed)
    assert_only(problems, ("grid", None, "", ""), "has more than 0 rows", "does not need")
    monkeypatch.setitem(files.MOST_BYTES, "grid", 10)
    problems = problems_of(tmp_path / "bytes", changed)
    place = ("grid", None, "", f"grid.{ending}")
    assert_only(problems, place, "is larger than 10 bytes", "does not need")


def test_table_is_measured_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"node{number:06}" for number in range(20_000)]
    table = pa.table({"node": names, "year": [2026] * 20_000, "firm_mw": [1.0] * 20_000})
    pq.write_table(table, tmp_path / "grid.parquet", compression="zstd")
    packed = (tmp_path / "grid.parquet").stat().st_size
    changed = {name: content for name, content in SOUND.items() if name != "grid.csv"}
    changed["grid.parquet"] = (tmp_path / "grid.parquet").read_bytes()
    monkeypatch.setitem(files.MOST_BYTES, "grid", packed)
    problems = problems_of(tmp_path / "i", changed)
    assert_only(problems, ("grid", None, "", ""), "too large once unpacked", "does not need")


def as_parquet(folder: Path) -> Path:
    """The same instance with every table in Parquet."""
    instance = read_instance(folder)
    for name, file in instance.files.items():
        file.unlink()
        instance.tables[name].to_parquet(folder / f"{name}.parquet", index=False)
    return folder


@pytest.mark.parametrize("seed", range(3))
def test_parquet_reads_like_csv(tmp_path: Path, seed: int) -> None:
    folder = random_instance(tmp_path / "i", seed, **dict.fromkeys(SWITCHES[:-1], True))
    csv = read_instance(folder)
    parquet = read_instance(as_parquet(folder))
    for name, table in csv.tables.items():
        pd.testing.assert_frame_equal(parquet.tables[name], table)
    assert {file.suffix for file in parquet.files.values()} == {".parquet"}


# Columns of grid in Parquet: (row, column, value), message, remedy.
BAD_PARQUET = {
    "numbers for names": (
        {"node": [1, 2]}, (None, "node", ""), "holds int64, not text", "write the column as text",
    ),
    "text for numbers": (
        {"firm_mw": ["6.5", "much"]}, (3, "firm_mw", "much"), "is not a number", "write digits",
    ),
    "truth for numbers": (
        {"firm_mw": [True, False]}, (None, "firm_mw", ""), "holds bool, not numbers", "numbers",
    ),
    "dates for years": (
        {"year": pd.to_datetime(["2026-01-01"] * 2)}, (None, "year", ""), "not numbers", "numbers",
    ),
    "lists": (
        {"firm_mw": [[1.0], [2.0]]}, (None, "firm_mw", ""), "neither text nor numbers", "as text",
    ),
    "NaN": (
        {"firm_mw": pa.array([6.5, float("nan")])}, (3, "firm_mw", "nan"), "not finite", "null",
    ),
    "infinite": (
        {"firm_mw": [6.5, float("-inf")]}, (3, "firm_mw", "-inf"), "is not finite", "a number",
    ),
    "null": ({"firm_mw": [6.5, None]}, (3, "firm_mw", ""), "is empty", "every row"),
    "half a year": ({"year": [2026, 2026.5]}, (3, "year", "2026.5"), "not a whole", "digits"),
    "negative": ({"firm_mw": [6.5, -50]}, (3, "firm_mw", "-50.0"), "is below 0", "from 0 up"),
    "unknown node": (
        {"node": ["frankfurt", "olso"]}, (3, "node", "olso"), "is not in nodes", "mean oslo?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_PARQUET)
def test_bad_parquet_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    columns, place, message, remedy = BAD_PARQUET[name]
    sound = {"node": ["frankfurt", "oslo"], "year": [2026, 2026], "firm_mw": [6.5, 50.0]}
    folder = write_files(tmp_path / "i", SOUND)
    (folder / "grid.csv").unlink()
    pq.write_table(pa.table({**sound, **columns}), folder / "grid.parquet")
    problems = [problem for problem in problems_in(folder) if problem.table == "grid"]
    assert_only(problems, ("grid", *place), message, remedy)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\0" * 100, b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_parquet_that_is_none(tmp_path: Path, content: bytes) -> None:
    files = {name: text for name, text in SOUND.items() if name != "grid.csv"}
    (problem,) = problems_of(tmp_path / "i", {**files, "grid.parquet": content})
    assert problem.table == "grid"
    assert "is no Parquet file" in problem.message


def test_text_that_stands_in_every_row_is_not_written_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(files.MOST_BYTES, "groups", 2**17)
    folder = write_files(tmp_path / "i", SOUND)
    (folder / "groups.csv").unlink()
    table = pa.table({"group": ["EU" * 20_000] * 50, "country": ["DE"] * 50})
    pq.write_table(table, folder / "groups.parquet")
    assert (folder / "groups.parquet").stat().st_size < 2**17
    problems = [problem for problem in problems_in(folder) if problem.table == "groups"]
    assert_only(problems, ("groups", None, "", ""), "too large once unpacked", "does not need")


LATER = """\
extends = "base"
name = "later"
horizon_end = 2029
latency = { base_ms = 1, ms_per_km = 0.01 }
"""


def base_and_later(place: Path, later: Files, base: Files = SOUND) -> Path:
    """Two folders beside each other; the second extends the first."""
    fit = {"instance.toml": base["instance.toml"] + FIT} if "instance.toml" in base else {}
    write_files(place / "base", {**base, **fit})
    return write_files(place / "later", {"instance.toml": LATER, **later})


def test_extending_replaces_tables_and_overrides_keys(tmp_path: Path) -> None:
    grid = "node,year,firm_mw\nfrankfurt,2026,1\noslo,2026,2\n"
    later = read_instance(base_and_later(tmp_path, {"grid.csv": grid}))
    base = read_instance(tmp_path / "base")
    assert later.manifest.name == "later"
    assert later.manifest.title == base.manifest.title
    assert later.manifest.horizon_end == 2029
    assert later.manifest.latency is not None
    assert later.manifest.latency.base_ms == 1
    assert later.tables["grid"].firm_mw.tolist() == [1, 2]
    pd.testing.assert_frame_equal(later.tables["sites"], base.tables["sites"])
    assert later.files["grid"] == tmp_path / "later" / "grid.csv"
    assert later.files["sites"] == tmp_path / "base" / "sites.csv"


def test_section_of_the_manifest_is_replaced_as_a_whole(tmp_path: Path) -> None:
    manifest = LATER.replace("base_ms = 1, ", "")
    (problem,) = problems_in(base_and_later(tmp_path, {"instance.toml": manifest}))
    assert problem.column == "latency.base_ms"


def test_table_may_be_replaced_in_another_format_and_along_a_chain(tmp_path: Path) -> None:
    base_and_later(tmp_path, {})
    latest = write_files(tmp_path / "latest", {"instance.toml": 'extends = "later"'})
    grid = pd.DataFrame({"node": ["frankfurt", "oslo"], "year": 2026, "firm_mw": [3.0, 4.0]})
    grid.to_parquet(latest / "grid.parquet")
    instance = read_instance(latest)
    assert instance.manifest.horizon_end == 2029
    assert instance.tables["grid"].firm_mw.tolist() == [3, 4]


def test_problem_of_another_folder_is_told_with_its_name(tmp_path: Path) -> None:
    base = {
        **SOUND,
        "sites.csv": SOUND["sites.csv"].replace("59.91", "123"),
        "instance.toml": SOUND["instance.toml"].replace("0.25", "25"),
        "site.csv": "",
    }
    folder = base_and_later(tmp_path, {"demand.csv": "x"}, base)
    assert {(problem.table, problem.column) for problem in problems_in(folder)} == {
        ("base/site.csv", ""),
        ("base/instance.toml", "discount_rate"),
        ("base/sites", "latitude"),
        ("demand", "x"),
        *(("demand", column) for column in ("", "region", "workload", "year", "it_mw")),
    }


@pytest.mark.parametrize(
    "base", ["../base", "/tmp", "base/", ".", "..", "", "base\\x", "C:base", "a\0b", "x" * 300]
)
def test_extending_takes_a_name_and_no_path(tmp_path: Path, base: str) -> None:
    manifest = f"extends = {base!r}\n".replace("'", '"').replace("\\x00", "\\u0000")
    folder = base_and_later(tmp_path, {"instance.toml": manifest})
    problems = problems_in(folder)
    assert {(problem.table, problem.column) for problem in problems} == {
        ("instance.toml", "extends")
    }
    assert "not the name of a sibling folder" in problems[0].message


def test_extending_what_is_not_there_or_not_a_name(tmp_path: Path) -> None:
    for number, (base, message) in enumerate(
        [('"absent"', "no folder absent beside"), ("5", "is not the name"), ('"later"', "later → ")]
    ):
        folder = base_and_later(tmp_path / str(number), {"instance.toml": f"extends = {base}"})
        assert message in problems_in(folder)[0].message


def test_circle_and_link_are_refused(tmp_path: Path) -> None:
    folder = base_and_later(tmp_path, {}, {"instance.toml": 'extends = "later"'})
    (tmp_path / "base" / "instance.toml").write_text('extends = "later"')
    (problem,) = problems_in(folder)
    assert problem.table == "base/instance.toml"
    assert problem.message == "extends itself: later → base → later"
    (tmp_path / "base").rename(tmp_path / "elsewhere")
    (tmp_path / "base").symlink_to("elsewhere")
    (problem,) = problems_in(folder)
    assert (problem.column, problem.message) == ("extends", "is a link")


def test_copy_stands_alone_and_has_the_same_hash(tmp_path: Path) -> None:
    manifest = LATER + "unserved = { penalty_per_mwh = 1e3 }\n"
    folder = base_and_later(tmp_path, {"instance.toml": manifest, "grid.csv": GRID})
    instance = read_instance(folder)
    copy_instance(instance, tmp_path / "far" / "copy")
    copy = read_instance(tmp_path / "far" / "copy")
    assert copy.sha256 == instance.sha256
    assert copy.manifest.extends is None
    assert copy.manifest.model_dump(exclude={"extends"}) == instance.manifest.model_dump(
        exclude={"extends"}
    )
    for name, table in instance.tables.items():
        pd.testing.assert_frame_equal(copy.tables[name], table)
    assert (tmp_path / "far" / "copy" / "grid.csv").read_bytes() == GRID


def test_copy_holds_what_was_read_even_if_the_folder_changed_since(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "i", SOUND)
    instance = read_instance(folder)
    (folder / "grid.csv").write_text("changed")
    (folder / "sites.csv").unlink()
    copy_instance(instance, tmp_path / "copy")
    assert read_instance(tmp_path / "copy").sha256 == instance.sha256


def test_hash_follows_content_alone(tmp_path: Path) -> None:
    def sha256(name: str, files: Files) -> str:
        return read_instance(write_files(tmp_path / name, files)).sha256

    sound = sha256("sound", SOUND)
    manifest = SOUND["instance.toml"]
    lines = [line.split("#")[0] for line in manifest.splitlines() if not line.startswith("#")]
    reordered = "\n".join(reversed(lines)).replace("0.25", "2.5e-1")
    assert sha256("moved", {**SOUND, "README.md": "x", "instance.toml": reordered}) == sound
    changed = [
        {**SOUND, "grid.csv": GRID + b"\n"},
        {**SOUND, "instance.toml": manifest.replace("0.25", "0.2")},
        {**SOUND, "instance.toml": manifest + FIT},
        {name: content for name, content in SOUND.items() if name != "sources.csv"},
    ]
    hashes = {sha256(str(number), files) for number, files in enumerate(changed)}
    assert len(hashes | {sound}) == 5
    assert read_instance(as_parquet(tmp_path / "sound")).sha256 != sound


CELLS = ["", "NaN", "-1", "1e300", "XX", "=1", "é", "\u202e", "2026", '"', "\n", ",", "\r", "@same"]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_folder_makes_reading_fail_in_another_way(tmp_path: Path, data: st.DataObject) -> None:
    changed: Files = dict(SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(changed)))
        content = changed[name]
        content = content if isinstance(content, bytes) else content.encode()
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(start + 40, len(content))))
        middle = data.draw(
            st.binary(max_size=8) | st.sampled_from([cell.encode() for cell in CELLS])
        )
        changed[name] = content[:start] + middle + content[end:]
    if data.draw(st.booleans()):
        del changed[data.draw(st.sampled_from(sorted(changed)))]
    shutil.rmtree(tmp_path / "i", ignore_errors=True)
    write_files(tmp_path / "i", changed)
    try:
        instance = read_instance(tmp_path / "i")
    except InvalidInstance as error:
        assert error.problems
        assert all(problem.message and problem.remedy for problem in error.problems)
        assert error.lines()
    else:
        assert set(instance.tables) == set(TABLES)
        assert instance.manifest.stages
