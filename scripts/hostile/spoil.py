"""Ways to spoil an instance: cells, rows, columns, bytes, files, Parquet, the manifest."""

import csv
import io
import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from optimizer.power_tables import TECHNOLOGY_KINDS
from optimizer.schema import LATER_TABLES, POLICIES, RULE_KINDS, TABLES
from optimizer.starter import FILES
from tests.optimizer.folder_of_files import HOURLY
from tests.random_instances import SWITCHES, random_instance


@dataclass(frozen=True)
class Odd:
    """Something that is no regular file: `link` to a target, `pipe` or `folder`."""

    kind: str
    target: str = ""


# Files by name; what begins with ../ lies beside the instance.
Files = dict[str, str | bytes]
Spoilt = dict[str, bytes | Odd]
MANIFEST = "instance.toml"

NUMBERS = [
    *("0", "-0", "-1", "1", "0.5", "1e-9", "1e-10", "1e11", "1e12", "1e300", "1e400", "-1e308"),
    *("nan", "NaN", "inf", "-inf", "Infinity", "1e", "1,5", "1.5.5", "0x10", "1_000", "١٢", "½"),
    *(
        "2026",
        "2027",
        "1899",
        "2201",
        "9" * 30,
        "9" * 5000,
        "2026.5",
        " 7 ",
        "+3",
        "4.",
        ".5",
        "1d",
    ),
    *(
        "2147483648",
        "9223372036854775808",
        "5e-324",
        "1e12",
        "999999999999",
        "null",
        "None",
        "TRUE",
    ),
]
TEXTS = [
    *("", " ", "NA", "XX", "DE", "de", "*", "@same", "EU", "chat", "oslo", "OSLO", "oslo ", "nan"),
    *("=1+1", "+1", "-x", "@SUM(A1)", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; --"),
    *(
        "\x1b[2J\x1b]0;owned\x07",
        "\x9b31m",
        "a\nb",
        "a\r\nb",
        "a\tb",
        "\x00",
        "\x7f",
        "\u202egnp.exe",
    ),
    *("\ufeffx", "\u200b", "\ud7ff", "\U0010ffff", "é", "e\u0301", "Ｏslo", "x" * 201, "x" * 70000),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\x",
        "file:" + "///etc/passwd",
        "http://localhost:1/",
        "~",
    ),
    *("{0}", "{x.__class__}", "%s%n", "${HOME}", "`id`", "$(id)", "\\", '"', "'", ",", ";", "#"),
    *("[bold]x[/bold]", "[/]", "**x**", "|", "Europe/Berlin", "../Berlin", *RULE_KINDS, *POLICIES),
    *("2026-01-15T13:00", "2026-02-30T24:00", "annual", "hourly", "solar", *TECHNOLOGY_KINDS),
]
VALUES = [
    *("0", "-1", "1e400", "nan", "-inf", "[]", "{}", '""', '"x"', "true", "2026", "1979-05-27"),
    *("[2026, 2026]", "[2027, 2026]", "[[2026]]", '["2026"]', "[2026.0]", "9" * 400, "07:32:00"),
    *('"../europe"', '"."', '".."', '"base"', '"instance"', '"/etc"', '"a/b"', '"\\u001b[2J"'),
    *("{ penalty_per_mwh = 1e300 }", "{ penalty_per_mwh = 0 }", "{ base_ms = -1 }", '"€"'),
    *(
        '"' + "x" * 300 + '"',
        '"' + "é" * 199 + '"',
        "[" * 200 + "]" * 200,
        "[" * 5000,
        '"""a\nb"""',
    ),
]
REPLACEMENTS = [
    *((b",", b";"), (b",", b"\t"), (b".", b","), (b",", b',"'), (b"\n", b"")),
    *((b"\n", b"\r"), (b"\n", b"\r\n"), (b"\n", b"\n\n")),
]
TYPES: list[Callable[[list[str]], pa.Array]] = [
    lambda cells: pa.array(cells, pa.large_string()),
    lambda cells: pa.array(cells, pa.string_view()),
    lambda cells: pa.array([cell.encode() for cell in cells], pa.binary()),
    lambda cells: pa.array(cells).dictionary_encode(),
    lambda cells: pa.array([[cell] for cell in cells]),
    lambda cells: pa.array([{"a": cell} for cell in cells]),
    lambda cells: pa.array([{cell: 1} for cell in cells], pa.map_(pa.string(), pa.int64())),
    lambda cells: pa.array([Decimal("1.5") for _ in cells]),
    lambda cells: pa.array([Decimal(10) ** 60 for _ in cells], pa.decimal256(70)),
    lambda cells: pa.array([True for _ in cells]),
    lambda cells: pa.array([10**15 for _ in cells], pa.timestamp("us", tz="UTC")),
    lambda cells: pa.array([7 for _ in cells], pa.date32()),
    lambda cells: pa.array([7 for _ in cells], pa.time64("us")),
    lambda cells: pa.array([7 for _ in cells], pa.duration("s")),
    lambda cells: pa.array([7 for _ in cells]).dictionary_encode(),
    lambda cells: pa.array([2**63 + 1 for _ in cells], pa.uint64()),
    lambda cells: pa.array([-(2**63) for _ in cells], pa.int64()),
    lambda cells: pa.array([2026 for _ in cells], pa.int8() if not cells else pa.int16()),
    lambda cells: pa.array([float("inf") for _ in cells], pa.float32()),
    lambda cells: pa.array([2.0 for _ in cells], pa.float32()).cast(pa.float16()),
    lambda cells: pa.nulls(len(cells)),
    lambda cells: pa.nulls(len(cells), pa.string()),
    lambda cells: pa.nulls(len(cells), pa.float64()),
]


def sound_instances() -> list[Files]:
    """What to begin with: with every table, small, extending another, and with slices."""
    whole: Files = {name: text for name, text in FILES.items() if name != "README.md"}
    whole["policies.csv"] = "policy,year,value,unit\ncarbon_price,2026,80,EUR/t\n"
    needed = (MANIFEST, *(f"{table}.csv" for table, schema in TABLES.items()
                          if schema.metadata["needed"]), "latency.csv", "upgrades.csv")  # fmt: skip
    small: Files = {name: text for name, text in whole.items() if name in needed}
    base = {f"../base/{name}": text for name, text in small.items()}
    manifest = 'extends = "base"\nname = "near"\n'
    near: Files = {**base, MANIFEST: manifest, "grid.csv": whole["grid.csv"]}
    # The first instance weighs most: fewer tables take less time, and fewer mask one another.
    of_chance = (of_aspects(seed) for seed in range(4))
    return [small, small, small, whole, near, *of_chance, HOURLY, HOURLY, shipped("bridge")]


def shipped(name: str) -> Files:
    """An instance that comes with Sitewatt: with slices and a plan, as HOURLY has none."""
    folder = Path(__file__).parents[2] / "instances" / name
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def of_aspects(seed: int) -> Files:
    """A random instance with half of all aspects at work."""
    dice = random.Random(seed)
    switches = {name: True for name in SWITCHES if dice.random() < 0.5}
    with tempfile.TemporaryDirectory() as scratch:
        folder = random_instance(Path(scratch) / "instance", seed, **switches)
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def spoil(sound: list[Files], dice: random.Random) -> tuple[Spoilt, str]:
    """Spoil one of the sound instances in one to three ways, and say in which."""
    chosen = dice.choice(sound)
    files: Spoilt = {
        name: content if isinstance(content, bytes) else content.encode()
        for name, content in chosen.items()
    }
    said = []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        way = dice.choices(list(WAYS), weights=list(WAYS.values()))[0]
        said.append(f"{way.__name__} {way(files, dice)}")
    return files, "; ".join(said)


def write_spoilt(folder: Path, files: Spoilt) -> None:
    """Write files, and what is none, into a new folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.kind == "link":
            path.symlink_to(content.target)
        elif content.kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()


def cell(files: Spoilt, dice: random.Random) -> str:
    """Another text in a cell, or a number that is none."""
    name, rows = some_rows(files, dice)
    row = dice.choice(rows)
    if not row:
        return name
    place = dice.randrange(len(row))
    row[place] = dice.choice(dice.choice([NUMBERS, TEXTS, rows[-1], [str(dice.uniform(-1, 99))]]))
    return f"{name} {row[place][:20]!r}" + put_rows(files, name, rows, dice)


def row(files: Spoilt, dice: random.Random) -> str:
    """A row that is doubled, missing, elsewhere, too short, too long or empty."""
    name, rows = some_rows(files, dice)
    place = dice.randrange(len(rows))
    how = dice.randrange(7)
    if how == 0:
        rows.insert(dice.randrange(len(rows) + 1), list(rows[place]))
    elif how == 1:
        del rows[place]
    elif how == 2:
        dice.shuffle(rows)
    elif how == 3:
        del rows[place][dice.randrange(len(rows[place]) + 1) :]
    elif how == 4:
        rows[place] += dice.choices(NUMBERS, k=dice.choice([1, 3, 2000]))
    elif how == 5:
        rows.insert(place, [])
    else:
        rows[:] = rows[:1] + rows[1:] * dice.choice([2, 50])
    return f"{name} {how}" + put_rows(files, name, rows, dice)


def column(files: Spoilt, dice: random.Random) -> str:
    """A column that is missing, doubled, new, elsewhere, renamed, or all the same."""
    name, rows = some_rows(files, dice)
    if not rows[0]:
        return name
    place, how = dice.randrange(len(rows[0])), dice.randrange(6)
    value = dice.choice(NUMBERS + TEXTS)
    for number, cells in enumerate(rows):
        if place >= len(cells):
            continue
        if how == 0:
            del cells[place]
        elif how == 1:
            cells.append(cells[place])
        elif how == 2:
            cells.insert(place, value)
        elif how == 3:
            cells.insert(0, cells.pop(place))
        elif how == 4 and number == 0:
            cells[place] = dice.choice(TEXTS + [n for t in TABLES.values() for n in t.columns])
        elif how == 5 and number:
            cells[place] = value
    return f"{name} {how}" + put_rows(files, name, rows, dice)


def raw(files: Spoilt, dice: random.Random) -> str:
    """Bytes that are changed, cut, doubled or in another encoding."""
    name, content = some_file(files, dice)
    place, how = dice.randrange(len(content) + 1), dice.randrange(8)
    if how == 0:
        content = content[:place] + bytes([dice.randrange(256)]) + content[place + 1 :]
    elif how == 1:
        content = content[:place] + dice.randbytes(dice.choice([1, 3, 40])) + content[place:]
    elif how == 2:
        content = content[:place]
    elif how == 3:
        content = content[place:]
    elif how == 4:
        content = content[:place] + content[place:][:100] * dice.choice([2, 200]) + content[place:]
    elif how == 5:
        encoding = dice.choice(["utf-16", "utf-8-sig", "utf-32", "cp037", "utf-7"])
        content = content.decode("utf-8", "replace").encode(encoding, "replace")
    elif how == 6:
        old, new = dice.choice(REPLACEMENTS)
        content = content.replace(old, new)
    else:
        for _ in range(dice.choice([2, 20])):
            place = dice.randrange(len(content) + 1)
            content = content[:place] + bytes([dice.randrange(256)]) + content[place + 1 :]
    files[name] = content
    return f"{name} {how}"


def file(files: Spoilt, dice: random.Random) -> str:
    """A file that is missing, empty, another, a link, a pipe or a folder."""
    name, content = some_file(files, dice)
    how = dice.randrange(8)
    if how == 0:
        del files[name]
    elif how == 1:
        files[name] = dice.choice([b"", b"\n", b",", b"\xef\xbb\xbf", b"a", b'"', b"PAR1PAR1"])
    elif how == 2:
        other, its = some_file(files, dice)
        files[name], files[other] = its, content
    elif how == 3:
        targets = ["/etc/passwd", "/dev/zero", "/proc/self/mem", "nowhere", name, "..", "sites.csv"]
        files[name] = Odd("link", dice.choice(targets))
    elif how == 4:
        files[name] = Odd(dice.choice(["pipe", "folder"]))
    elif how == 5:
        strange = ["site.csv", "Sites.csv", "sites.CSV", ".csv", "\x1b[2J.csv", "sites.csv.csv"]
        strange += [f"{table}.csv" for table in LATER_TABLES] + ["x" * 200 + ".csv", "é.parquet"]
        files[dice.choice(strange)] = content
    elif how == 6:
        files[name.replace(".csv", ".parquet")] = content
    else:
        files[dice.choice([name, *(f"{table}.csv" for table in TABLES)])] = content
    return f"{name} {how}"


def parquet(files: Spoilt, dice: random.Random) -> str:
    """A table as Parquet, with columns of strange types or bytes that are changed."""
    name, rows = some_rows(files, dice)
    width = len(rows[0])
    if not width or any(len(cells) != width for cells in rows) or not name.endswith(".csv"):
        return name
    try:
        table = pa.csv.read_csv(io.BytesIO(as_csv(rows)))
    except pa.ArrowInvalid:
        return f"{name} is no CSV"
    how = dice.randrange(4)
    for _ in range(min(how, 2) if table.num_columns else 0):
        place = dice.randrange(table.num_columns)
        cells = [str(value) for value in table.column(place).to_pylist()]
        of_type = dice.choice(TYPES)(cells)
        table = table.set_column(place, table.column_names[place], of_type)
    sink = io.BytesIO()
    try:
        pq.write_table(table, sink, compression=dice.choice(["none", "zstd", "snappy", "gzip"]))
    except (pa.ArrowException, ValueError):
        return f"{name} cannot be written"
    content = bytearray(sink.getvalue())
    if how == 3:
        for _ in range(dice.choice([1, 5, 50])):
            content[dice.randrange(len(content))] = dice.randrange(256)
        content = content[: dice.choice([len(content), dice.randrange(len(content))])]
    del files[name]
    files[name.removesuffix(".csv") + ".parquet"] = bytes(content)
    return f"{name} {how} {table.schema.types if how in (1, 2) else ''}"


def manifest(files: Spoilt, dice: random.Random) -> str:
    """A key that is missing, doubled, unknown, or has a value that it must not have."""
    content = files.get(MANIFEST)
    if not isinstance(content, bytes):
        return ""
    lines = content.decode("utf-8", "replace").splitlines()
    lines = [line for line in lines if line] or [""]
    place, how = dice.randrange(len(lines)), dice.randrange(6)
    key = lines[place].split("=")[0]
    if how == 0:
        del lines[place]
    elif how == 1:
        lines.insert(place, dice.choice(lines))
    elif how == 2:
        key = dice.choice(["extends", "latency", "unserved", "x", "a.b.c", '""', "base_ms", "Name"])
        lines.insert(0, f"{key} = {dice.choice(VALUES)}")
    elif how == 3:
        lines.insert(place, dice.choice(["[latency]", "[[latency]]", "[x]", "[unserved]", "[a.b"]))
    else:
        lines[place] = f"{key}= {dice.choice(VALUES + NUMBERS)}"
    files[MANIFEST] = "\n".join(lines).encode()
    return f"{how} {key[:20]}"


WAYS: dict[Callable[[Spoilt, random.Random], str], int] = {
    **{cell: 8, row: 4, column: 4},
    **{raw: 5, file: 2, parquet: 4, manifest: 4},
}


def some_file(files: Spoilt, dice: random.Random) -> tuple[str, bytes]:
    """Any regular file of an instance."""
    regular = {name: content for name, content in files.items() if isinstance(content, bytes)}
    if not regular:
        files["sites.csv"] = b""
        return "sites.csv", b""
    name = dice.choice(list(regular))
    return name, regular[name]


def some_rows(files: Spoilt, dice: random.Random) -> tuple[str, list[list[str]]]:
    """Rows of any table, header first."""
    tables = {name: content for name, content in files.items() if name.endswith(".csv")}
    name, content = some_file(tables, dice)
    text = content.decode("utf-8", "replace").replace("\0", "")
    # Python's reader gives up at long cells and at stray quotes; the readers are to be tested.
    return name, [line.split(",") for line in text.splitlines()] or [[]]


def put_rows(files: Spoilt, name: str, rows: list[list[str]], dice: random.Random) -> str:
    """Write rows back as CSV: quoted as they should be, or as they come."""
    if dice.random() < 0.8:
        files[name] = as_csv(rows)
        return ""
    files[name] = "\n".join(",".join(cells) for cells in rows).encode("utf-8", "replace")
    return " unquoted"


def as_csv(rows: list[list[str]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def as_parquet(content: bytes) -> bytes:
    """Table as Parquet instead of CSV."""
    sink = io.BytesIO()
    pq.write_table(pa.csv.read_csv(io.BytesIO(content)), sink)
    return sink.getvalue()
