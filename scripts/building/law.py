"""Rules and groups as tables, which every instance writes alike."""

from collections.abc import Iterable, Mapping

import pandas as pd

COLUMNS = ["rule", "workload", "applies_to", "kind", "group", "value", "year", "basis"]


def rule_table(rules: Iterable[tuple]) -> pd.DataFrame:
    """One rule a row, each with the law or the choice behind it."""
    return pd.DataFrame(rules, columns=COLUMNS).astype({"year": "Int64"})


def group_table(typed: pd.DataFrame, following: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Groups typed as (group, country), and those that follow from others."""
    rows = [(name, country) for name, countries in following.items() for country in countries]
    both = pd.concat([typed, pd.DataFrame(rows, columns=typed.columns)])
    return both.sort_values(["group", "country"], ignore_index=True)
