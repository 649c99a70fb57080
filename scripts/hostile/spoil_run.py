"""Ways to spoil a run: its tables and its copy of the instance as instances are, its plan.json."""

import json
import random
from pathlib import Path
from typing import Any

from hostile.spoil import WAYS, Spoilt, cell, column, file, parquet, raw, row

PLAN, CERTIFICATE = "plan.json", "certificate.csv"
# What JSON can hold and no run writes.
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 0.0, 1e-12, 1.5, 1e308, float("nan"), float("inf"), 2**31, 10**400),
    *("", "x", "1", "\x1b[2J", "\u202e", "x" * 5000, "EUR", "luck", "optimal", "interrupted"),
    *([], {}, [1], {"a": {}}, [[]] * 100, {"gap": 0}, {"\x1b[2J": "\x9b"}),
]
WORDS = [b"", b"[]", b"{}", b"null", b"1", b"\xff", b"\0", b"[" * 100_000, b'{"a":' * 50_000]
TABLE_WAYS = [cell, cell, cell, row, column, raw, file, parquet]


def files_of(run: Path) -> Spoilt:
    """What of a run is read again."""
    wanted = [*run.glob("tables/*"), *run.glob("instance/*"), run / PLAN, run / CERTIFICATE]
    paths = (path for path in sorted(wanted) if path.is_file())
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in paths}


def spoil_run(sound: list[Spoilt], dice: random.Random) -> tuple[Spoilt, str]:
    """Spoil one of the sound runs in one to three ways, and say in which."""
    files = dict(dice.choice(sound))
    said = []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        part = dice.choices(["tables/", "instance/", PLAN, ""], weights=[10, 2, 5, 1])[0]
        if part == PLAN:
            said.append(f"plan {record(files, dice)}")
            continue
        inside = {n.removeprefix(part): content for n, content in files.items() if part in n}
        way = dice.choice(TABLE_WAYS if part != "instance/" else list(WAYS))
        said.append(f"{part}{way.__name__} {way(inside, dice)}")
        files = {name: content for name, content in files.items() if part not in name}
        files |= {part + name: content for name, content in inside.items()}
    return files, "; ".join(said)


def record(files: Spoilt, dice: random.Random) -> str:
    """A key of plan.json, or of a part of it, that is missing or has another value."""
    content = files.get(PLAN)
    try:
        plan = json.loads(content) if isinstance(content, bytes) else None
    except (ValueError, RecursionError):
        plan = None
    if not isinstance(plan, dict) or not plan or dice.random() < 0.1:
        files[PLAN] = dice.choice(WORDS)
        return repr(files[PLAN])[:20]
    parts = [plan, *(part for part in plan.values() if isinstance(part, dict) and part)]
    part = dice.choice([plan, plan, *parts])
    key, how = dice.choice(list(part)), dice.randrange(6)
    if how == 0:
        del part[key]
    elif how == 1:
        part[dice.choice(["x", "\x1b[2J", "gap", "threads"])] = dice.choice(VALUES)
    else:
        part[key] = dice.choice(VALUES)
    files[PLAN] = json.dumps(plan).encode()
    return f"{how} {key[:20]!r}"
