"""Step functions of the year, at their worst in a stage."""

from pathlib import Path

import pandas as pd

from optimizer.instance import read_instance
from optimizer.steps import by_stage
from tests.optimizer.folder_of_files import SOUND, write_files


def test_worst_year_of_a_stage_counts_and_no_rows_have_both_keys_all_the_same(
    tmp_path: Path,
) -> None:
    manifest = read_instance(write_files(tmp_path, SOUND)).manifest
    first, second = manifest.stages
    rows = [("a", first + 1, 4.0), ("b", first, 3.0), ("b", second, 5.0)]
    table = pd.DataFrame(rows, columns=["node", "year", "mw"])
    found = by_stage(manifest, table, "node", "mw", 0.0, min)
    assert found.to_dict() == {
        ("a", first): 0.0, ("a", second): 4.0, ("b", first): 3.0, ("b", second): 5.0
    }  # fmt: skip
    none = by_stage(manifest, table[:0], "node", "mw", 0.0, min)
    assert none.index.names == ["node", "stage"]
    assert none.empty
