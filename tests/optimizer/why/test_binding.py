"""Rules that bind are told in few lines, however many countries or operators they bind for."""

import pandas as pd

from optimizer.why.binding import binding_rules

COLUMNS = ["rule", "kind", "subject", "year", "limit_it_mw", "margin"]


def told(*rows: tuple) -> list[str]:
    return list(binding_rules(pd.DataFrame(rows, columns=COLUMNS)))


def test_one_subject_is_told_with_all_its_years() -> None:
    rows = [("home", "min_share_at_home", "DE", year, 10.0, 0.0) for year in (2026, 2028)]
    assert told(*rows) == ["rule home (min_share_at_home, DE) in 2026, 2028"]
    everybody = ("cap", "max_share_operator_outside", "*", 2026, 10.0, 0.0)
    assert told(everybody) == ["rule cap (max_share_operator_outside) in 2026"]


def test_several_subjects_are_told_year_by_year_and_slack_ones_not() -> None:
    rows = [
        ("home", "min_share_at_home", "SE", 2026, 10.0, 0.0),
        ("home", "min_share_at_home", "DE", 2026, 10.0, 0.0),
        ("home", "min_share_at_home", "DE", 2028, 10.0, 0.0),
        ("home", "min_share_at_home", "SE", 2028, 10.0, 0.1),
    ]
    assert told(*rows) == [
        "rule home (min_share_at_home) in 2026: DE, SE",
        "rule home (min_share_at_home) in 2028: DE",
    ]
