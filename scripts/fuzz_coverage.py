"""Search for bytes that bring a reader down, led by the lines of code that they reach (atheris).

    pip install atheris
    python scripts/fuzz_coverage.py -max_total_time=600 build/corpus

The first byte chooses the reader: the manifest, a table as CSV or as Parquet, a run's table as
either, its plan.json. What a reader says of the rest does not matter; any exception that is none of
ours is a fault, and so is a minute or two gigabytes. All other words are libFuzzer's. Bytes that
reach something new are kept in the corpus, with which the next search begins.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["optimizer"]):
    from optimizer.errors import SitewattError
    from optimizer.extends import read_keys
    from optimizer.manifest import parse_manifest
    from optimizer.rerun import recorded
    from optimizer.run_tables import read_table as read_result
    from optimizer.schema import TABLES
    from optimizer.table import read_table

from hostile.spoil import as_parquet, sound_instances

from tests.optimizer.hand_made_run import TABLES as RESULTS
from tests.optimizer.hand_made_run import write_run

LIMITS = ["-timeout=60", "-rss_limit_mb=2048", "-max_len=20000"]
IN_MEMORY = Path("/dev/shm")
FOLDER = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
SCRATCH = Path(FOLDER.name)
NAMES = sorted(TABLES)
RESULT_NAMES = sorted(RESULTS)


def manifest(content: bytes) -> None:
    """Read a manifest."""
    file = SCRATCH / "instance.toml"
    file.write_bytes(content)
    keys, _ = read_keys(file, file.name)
    parse_manifest(keys)


def table(content: bytes, ending: str) -> None:
    """Read a table of an instance, chosen by the first byte."""
    name = NAMES[content[0] % len(NAMES)] if content else NAMES[0]
    reading = read_table(name, name, 2026, content[1:], Path(name + ending))
    assert reading.complete or reading.problems
    assert len(reading.frame) == len(reading.lines)


def result(content: bytes, ending: str) -> None:
    """Read a table of a run, chosen by the first byte."""
    name = RESULT_NAMES[content[0] % len(RESULT_NAMES)] if content else RESULT_NAMES[0]
    file = RUN / "tables" / (name + ending)
    file.write_bytes(content[1:])
    try:
        read_result(RUN, name)
    finally:
        file.unlink()


def record(content: bytes) -> None:
    """Read a run's plan.json."""
    (RUN / "plan.json").write_bytes(content)
    recorded(RUN)


READERS: list[Callable[[bytes], None]] = [
    manifest,
    lambda content: table(content, ".csv"),
    lambda content: table(content, ".parquet"),
    lambda content: result(content, ".csv"),
    lambda content: result(content, ".parquet"),
    record,
]


def read(content: bytes) -> None:
    """Give bytes to the reader that the first of them chooses."""
    if content:
        with suppress(SitewattError):
            READERS[content[0] % len(READERS)](content[1:])


def write_corpus(corpus: Path) -> None:
    """Write sound files to begin with, each behind the bytes that choose its reader."""
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = [bytes([5]) + (RUN / "plan.json").read_bytes()]
    for files in sound_instances():
        for file, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            name = file.removeprefix("../base/").removesuffix(".csv")
            if name == "instance.toml":
                seeds.append(bytes([0]) + content)
            elif name in TABLES:
                place = bytes([NAMES.index(name)])
                seeds += [b"\1" + place + content, b"\2" + place + as_parquet(content)]
    for name, text in RESULTS.items():
        place = bytes([RESULT_NAMES.index(name)])
        seeds += [b"\3" + place + text.encode(), b"\4" + place + as_parquet(text.encode())]
    for number, content in enumerate(sorted(set(seeds))):
        (corpus / f"sound-{number}").write_bytes(content)


def write_record() -> Path:
    """Write a run without tables, but with all that `recorded` asks for."""
    run = write_run(SCRATCH / "run")
    plan = json.loads((run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps({**plan, "versions": {}}))
    for file in (run / "tables").iterdir():
        file.unlink()
    return run


RUN = write_record()

if __name__ == "__main__":
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    if folders:
        write_corpus(Path(folders[0]))
    atheris.Setup([sys.argv[0], *LIMITS, *sys.argv[1:]], read)
    atheris.Fuzz()
