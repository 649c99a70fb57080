"""Amounts in words."""

from collections.abc import Mapping

MOST_AMOUNTS = 5
# What a least breach needs on top, so that rounding does not take it away again.
ROUNDING = 1e-6


def in_words(pattern: str, amounts: Mapping[tuple, float]) -> str:
    """Amounts by key as a list, largest first, the first few of them."""
    every = [pattern.format(number(units), *key) for key, units in amounts.items()]
    more = f" and {len(every) - MOST_AMOUNTS} more such" if len(every) > MOST_AMOUNTS else ""
    return ", ".join(every[:MOST_AMOUNTS]) + more


def number(units: float) -> str:
    """Number with as many digits as a planner can use."""
    return f"{units:,.0f}" if units >= 1000 else f"{units:.3g}"
