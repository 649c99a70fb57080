"""What the deletion filter keeps has no plan, and has one without any single part of it."""

from hypothesis import given
from hypothesis import strategies as st

from optimizer.explain.causes import Family, deletion_filter

NAMES = "abcdef"


@given(st.sets(st.frozensets(st.sampled_from(NAMES), min_size=1), min_size=1))
def test_kept_families_are_a_smallest_conflict(conflicts: set[frozenset[str]]) -> None:
    # Instead of an instance, the set of families that it still has.
    def without(name: str) -> Family:
        return Family(name, lambda present: present - {name})

    def impossible(present: frozenset[str]) -> bool:
        return any(conflict <= present for conflict in conflicts)

    kept = deletion_filter(frozenset(NAMES), map(without, NAMES), impossible)
    names = frozenset(family.name for family in kept)
    assert impossible(names)
    assert not any(impossible(names - {name}) for name in names)


def test_last_families_are_blamed_first() -> None:
    def impossible(present: frozenset[str]) -> bool:
        return "a" in present or "f" in present

    families = [Family(name, lambda present, name=name: present - {name}) for name in NAMES]
    assert [f.name for f in deletion_filter(frozenset(NAMES), families, impossible)] == ["f"]
