"""Names that nobody knows: the remedy is the nearest known one."""

import pytest

from optimizer import names


def test_remedies_are_not_looked_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST_COMPARED", 6)
    remedy = names.remedies(["oslo", "bergen"])
    told = [remedy(value) for value in ("osl", "berge", "oslo1", "oslo2", "osl")]
    assert told[:3] == ["did you mean oslo?", "did you mean bergen?", "did you mean oslo?"]
    assert told[3:] == ["check the name", "did you mean oslo?"]
    assert names.remedies([f"node{number}" for number in range(7)])("node") == "check the name"


def test_where_nothing_is_known_there_is_a_remedy_all_the_same() -> None:
    assert names.nearest("oslo", []) == "nothing of the kind is known: add it, or take this out"
