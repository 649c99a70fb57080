"""The waterfall starts each kind of cost where the one before ends, and comes to the objective."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.figures.costs import cost_parts, draw_costs
from optimizer.finished import read_finished
from tests.optimizer.figures.runs import changed, plain, ticks, words
from tests.optimizer.hand_made_run import OBJECTIVE

__all__ = ["plain"]


def test_steps_lead_to_the_present_value(plain: Path) -> None:
    (axes,) = draw_costs(read_finished(plain)).axes
    starts = [bar.get_x() for bar in axes.patches]
    widths = [bar.get_width() for bar in axes.patches]
    ends = [start + width for start, width in zip(starts, widths, strict=True)]
    assert starts[1:-1] == pytest.approx(ends[:-2])
    assert widths[-1] == pytest.approx(OBJECTIVE / 1e6)
    assert ticks(axes.yaxis)[0] == "IT hardware"
    assert ticks(axes.yaxis)[-1] == "present value"
    assert axes.get_xlabel() == "m EUR, discounted to 2026 at 25 % a year"


def test_what_comes_back_is_below_zero_and_last(plain: Path) -> None:
    costs = read_finished(plain).tables["costs"]
    sold = costs.head(1).assign(kind="export", discounted_cost=-1_500_000.0)
    run = changed(plain, costs=pd.concat([costs, sold]))
    assert cost_parts(run).index[-1] == "export"
    assert words(draw_costs(run).axes[0])[-2] == "−1.50"
