"""Amounts in words."""

import math
from collections.abc import Mapping

MOST_AMOUNTS = 5
# As many as a planner can use, of amounts below and above 1000.
FEW_DIGITS, MORE_DIGITS = 3, 4
# What a least breach needs on top, so that rounding does not take it away again.
ROUNDING = 1e-6


def rounded_up(units: float) -> float:
    """The next amount with as few digits as are told: what is told has to be enough."""
    if units <= 0:
        return 0.0
    digits = FEW_DIGITS if units < 1000 else MORE_DIGITS
    step = 10.0 ** (math.floor(math.log10(units)) + 1 - digits)
    return math.ceil(units * (1 - ROUNDING) / step) * step


def a_bit_more(units: float) -> float:
    """An amount that a solver's tolerances do not take away again."""
    return units * (1 + ROUNDING) + ROUNDING


def in_words(pattern: str, amounts: Mapping[tuple, float]) -> str:
    """Amounts by key as a list, in their order."""
    return ", ".join(pattern.format(number(units), *key) for key, units in amounts.items())


def shortened(words: str) -> str:
    """The first few of a list of amounts, and how many more there are."""
    every = words.split(", ")
    more = f" and {len(every) - MOST_AMOUNTS} more such" if len(every) > MOST_AMOUNTS else ""
    return ", ".join(every[:MOST_AMOUNTS]) + more


def number(units: float) -> str:
    """Number with as many digits as a planner can use."""
    return f"{units:,.0f}" if units >= 1000 else f"{units:.{FEW_DIGITS}g}"
