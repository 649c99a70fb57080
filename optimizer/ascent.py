"""A bound without a linear program: prices of a Lagrangian relaxation, raised by subgradients.

Source: Held, Wolfe and Crowder 1974 for the steps, Polyak 1969 for their length where the bound to
be reached is known; Barahona and Anbil 2000 for reading a fractional plan off the average of the
sites' answers.
"""

import math
import time
from dataclasses import dataclass

import numpy as np

from optimizer.outcome import Control
from optimizer.pricing import Answer, Pricing

MOST_STEPS = 800
# A step aims this part of the bound higher, less each time that it has missed for a while.
FIRST_AIM, LEAST_AIM = 0.3, 2e-5
MISSES_BEFORE_SHORTER, SHORTER = 12, 0.6
# For prices that are nearly there already.
WARM_AIM = 0.01
# With a target it aims at this part of the way, and gives up below that.
FIRST_REACH, LEAST_REACH = 1.0, 0.05
# Weight of the newest answer in the averages of answers and of directions.
NEWEST, TURN = 0.05, 0.5


@dataclass(frozen=True)
class Ascent:
    """The best prices found.

    Parameters
    ----------
    price : (rows,) the best prices.
    answer : to them.
    average : (columns,) average of late answers: nearly a fractional plan.
    openings : best bound of the answers by what they open, a (stations,) mask as bytes.
    """

    price: np.ndarray
    answer: Answer
    average: np.ndarray
    openings: dict[bytes, float]


def ascend(
    pricing: Pricing,
    price: np.ndarray,
    control: Control,
    *,
    seconds: float = math.inf,
    target: float = math.inf,
    steps: int = MOST_STEPS,
    first_aim: float = FIRST_AIM,
) -> Ascent:
    """Raise the bound by steps along the rows that the sites' answers break.

    Parameters
    ----------
    price : (rows,) to start from.
    seconds, steps : to spend at most.
    target : a bound that is enough; steps are measured by the way to it.
    first_aim : part of the bound that the first steps aim higher, where there is no target.
    """
    until = time.monotonic() + seconds
    best = answer = pricing.answer(price)
    best_price, average = price, best.values
    gates, openings = pricing.stations.gate, dict[bytes, float]()
    direction = np.zeros(len(price))
    known = math.isfinite(target)
    aim, least_aim = (FIRST_REACH, LEAST_REACH) if known else (first_aim, LEAST_AIM)
    misses = 0
    for _ in range(steps):
        if best.bound >= target or aim < least_aim:
            break
        if control.must_stop() or time.monotonic() > until:
            break
        broken = pricing.rhs - pricing.matrix @ answer.values
        direction = broken + TURN * direction
        # A price at the end of its range goes no further.
        stuck = (price <= pricing.least) & (direction < 0) | (price >= pricing.most) & (
            direction > 0
        )
        direction[stuck] = 0.0
        length = float((direction**2 * pricing.weight).sum())
        if length <= 0:
            break
        step = aim * (target - answer.bound if known else abs(best.bound)) / length
        price = np.clip(price + step * pricing.weight * direction, pricing.least, pricing.most)
        answer = pricing.answer(price)
        average = (1 - NEWEST) * average + NEWEST * answer.values
        opened = (answer.values[gates] > 0.5).tobytes()
        openings[opened] = max(openings.get(opened, -math.inf), answer.bound)
        if answer.bound > best.bound:
            best, best_price, misses = answer, price, 0
        else:
            misses += 1
        if misses > MISSES_BEFORE_SHORTER:
            if known or answer.bound < best.bound - aim * abs(best.bound):
                answer, price = best, best_price  # lost: too long steps led nowhere
            aim, misses = aim * SHORTER, 0
    return Ascent(best_price, best, average, openings)
