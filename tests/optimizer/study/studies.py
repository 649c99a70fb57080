"""Studies that tests write for themselves, beside a copy of the instance solved by hand."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

TWO_SITES = Path(__file__).parents[3] / "instances" / "two_sites"
POWER = """
[factors.power]
table = "grid"
where = { node = "frankfurt", year = { at_least = 2026 } }
column = "firm_mw"
kind = "scale"
values = [0.1, 1, 2]
"""
MANY = POWER.replace("0.1, 1, 2", "0.1, 1, 1.5, 2")
RATE = """
[factors.rate]
key = "discount_rate"
values = [0.25, 0]
"""


def study_file(folder: Path, factors: str = POWER, design: str = "grid", more: str = "") -> Path:
    """Write a study of `two_sites`; `more` stands in the section of the design."""
    shutil.copytree(TWO_SITES, folder / "two_sites", dirs_exist_ok=True)
    file = folder / "study.toml"
    text = f'name = "test"\ninstance = "two_sites"\n[design]\nkind = "{design}"\n{more}\n{factors}'
    file.write_text(text, encoding="utf-8")
    return file


def tables_of(out: Path) -> dict[str, bytes]:
    """Every table of a sweep, as its bytes."""
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def kept(out: Path) -> int:
    """How many cases are kept in a folder."""
    return len(list((out / "cases").glob("[0-9a-f]*.json")))


def command(file: Path, out: Path, *options: str, **popen: object) -> subprocess.Popen:
    """Start the real command."""
    words = [sys.executable, "-m", "optimizer.cli", "sweep", file, "--out", out, "--quiet"]
    return subprocess.Popen([*words, *options], **popen)


def wait_for(process: subprocess.Popen, out: Path, cases: int) -> None:
    """Wait until a command has kept so many cases, or ends."""
    while process.poll() is None and kept(out) < cases:
        time.sleep(0.01)
