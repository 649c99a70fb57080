"""A number that no public source has, with its range and the reason for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumed:
    """A number without a public source.

    Parameters
    ----------
    value : what the instance uses.
    low, high : the range a planner should try.
    unit : of all three.
    why : what speaks for the value.
    """

    value: float
    low: float
    high: float
    unit: str
    why: str

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit} ({self.low:g} to {self.high:g}): {self.why}"
