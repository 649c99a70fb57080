"""Tables and manifest as text that does not change unless the numbers do."""

from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

SIGNIFICANT_DIGITS = 6


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8, six significant digits, empty where there is nothing."""
    text = table.map(as_text).to_csv(index=False, lineterminator="\n")
    path.write_text(text, encoding="utf-8", newline="")


def write_manifest(path: Path, manifest: dict[str, object]) -> None:
    """Write the manifest as TOML."""
    path.write_text(tomli_w.dumps(manifest), encoding="utf-8", newline="")


def as_text(value: Any) -> str:
    """A cell as plain text, without exponents."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return f"{rounded:.10f}".rstrip("0").rstrip(".")
    return str(value)
