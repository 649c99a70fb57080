"""What is cheaper in the same group adds up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from optimizer.groups import within

ENTRIES = some.lists(
    some.tuples(some.integers(0, 3), some.integers(0, 9), some.integers(1, 5)), max_size=30
)


@given(ENTRIES)
def test_what_is_cheaper_in_the_same_group_adds_up(entries: list[tuple[int, int, int]]) -> None:
    group, cost, size = np.array(entries, dtype=int).reshape(-1, 3).T
    sums = within(group, cost, size)
    for i, (g, c, _) in enumerate(entries):
        cheaper = (s for j, (h, d, s) in enumerate(entries) if g == h and (d, j) < (c, i))
        assert sums[i] == sum(cheaper)
