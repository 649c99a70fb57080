"""Numbers as people read them: few digits, thousands apart, units that leave no long tail."""

import math

# Units of money, from the largest; the first that leaves a number above one is taken.
SIZES = ((1e9, "bn"), (1e6, "m"), (1e3, "thousand"))
MOST_PLACES = 2
# Between a number and its unit no line is broken.
UNBROKEN = "\u00a0"


def digits(number: float, significant: int = 3) -> str:
    """Number with some significant digits, whole ones never cut, at most two after the point."""
    if not math.isfinite(number):
        return "–"
    if abs(number) < 0.5 * 10**-MOST_PLACES:
        return "0"
    kept = abs(float(f"{number:.{significant}g}"))
    after = significant - 1 - math.floor(math.log10(kept))
    return f"{number:,.{min(max(after, 0), MOST_PLACES)}f}".replace("-", "−")


def percent(share: float) -> str:
    """Share of one as per cent."""
    return f"{digits(100 * share)}{UNBROKEN}%"


def money_unit(amount: float) -> tuple[float, str]:
    """Size and name of the unit that leaves an amount few digits."""
    return next(((size, name) for size, name in SIZES if abs(amount) >= size), (1.0, ""))


def money(amount: float, currency: str, significant: int = 3) -> str:
    """Sum of money with its unit; thousands are written out."""
    size, unit = money_unit(amount) if abs(amount) >= 1e6 else (1.0, "")
    return UNBROKEN.join(filter(None, [digits(amount / size, significant), unit, currency]))
