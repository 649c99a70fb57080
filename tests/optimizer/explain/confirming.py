"""What an explanation says, held against the oracle, which knows the instance format alone."""

from optimizer.explain import Explanation
from optimizer.explain.causes import families
from optimizer.instance import Instance
from tests.test_oracles import optimum


def confirm(instance: Instance, told: Explanation) -> None:
    """Its causes leave no plan by themselves; each way out leads to one, at the cost told."""
    assert told.verdict.possible is False
    assert told.conflicts, "no cause is told"
    for conflict, _ in told.conflicts:
        alone = instance
        for family in families(instance):
            if family.name not in conflict.families:
                alone = family.without(alone)
        assert optimum(alone) is None, f"there is a plan under {conflict.families} alone"
    for way in told.ways:
        least = optimum(way.change(instance))
        assert least is not None, f"no plan after: {way.words}"
        slack = 1e-6 * max(1.0, abs(least))
        assert way.verdict.bound - slack <= least <= way.verdict.cost + slack, way.words
