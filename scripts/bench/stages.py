"""The first stages of a shipped instance: how time grows with stages of real data."""

import re
import shutil
from pathlib import Path

import pandas as pd

from optimizer.instance import read_instance

STAGES = re.compile(r"^stages = \[.*?\]", re.DOTALL | re.MULTILINE)
# Tables whose rows are dated. Demand of a later year would be refused, and nothing later is used.
DATED = ("demand", "grid", "policies", "rules")


def write_first_stages(source: Path, count: int, folder: Path) -> None:
    """Write an instance of the first stages of another, whose last goes on until the same end."""
    stages = list(read_instance(source).manifest.stages[:count])
    shutil.copytree(source, folder, dirs_exist_ok=True)
    manifest = (source / "instance.toml").read_text(encoding="utf-8")
    (folder / "instance.toml").write_text(
        STAGES.sub(f"stages = {stages}", manifest), encoding="utf-8"
    )
    for file in (folder / f"{table}.csv" for table in DATED):
        if file.exists():
            rows = pd.read_csv(file, dtype=str, keep_default_na=False)
            early = rows.year <= str(stages[-1])  # One without a year always holds.
            rows[early].to_csv(file, index=False, lineterminator="\n")
