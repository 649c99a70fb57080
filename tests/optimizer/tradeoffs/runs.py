"""Small runs to compare, vary and price."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from optimizer.highs import Control
from optimizer.instance import Instance
from optimizer.run import Clock, Options, solve_instance, write_run


def solved(instance: Instance, out: Path, gap: float = 0.0) -> Path:
    """Solve an instance and write its run folder."""
    plan = solve_instance(instance, Options(gap=gap), Control(), Clock(lambda *_: None))
    assert write_run(plan, instance, out, None).passed
    return out


def rationed(solves: int) -> Callable[[Control, float], Control]:
    """Stand in for `share`: so many solves have all the time they want, those after them none."""
    left = iter([None] * solves)

    def share(control: Control, _parts: float) -> Control:
        return replace(control, time_limit=next(left, 0.0))

    return share
