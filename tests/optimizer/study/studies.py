"""Studies that tests write for themselves, beside a copy of the instance solved by hand."""

import shutil
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
