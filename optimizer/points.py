"""A plan as a point of its program, to start another solve from that has the same columns."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.relaxation import Links

# What HiGHS, too, takes for feasible.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Point:
    """Values of the columns of a program.

    Parameters
    ----------
    columns : hash of the names of the columns, in their order.
    values : (columns,) floats.
    """

    columns: str
    values: np.ndarray

    @classmethod
    def of(cls, program: Program, values: np.ndarray) -> "Point":
        """State values of a program's columns."""
        return cls(names_of(program), values)

    def start(self, program: Program, links: Links) -> Outcome | None:
        """The point as a plan of a program; None unless it is one, with every limit kept."""
        if len(self.values) != len(program.cost) or self.columns != names_of(program):
            return None
        values = np.where(program.integer, np.rint(self.values), self.values)
        if program.violation(values) > TOLERANCE or links.broken_by(values).size:
            return None
        return Outcome(Status.OPTIMAL, values, program.objective(values), -np.inf)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it: most values are 0."""
        at = np.flatnonzero(self.values)
        return {
            "columns": self.columns,
            "count": len(self.values),
            "at": at.tolist(),
            "values": self.values[at].tolist(),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Point":
        """From what `as_dict` gives."""
        values = np.zeros(content["count"])
        values[content["at"]] = content["values"]
        return cls(content["columns"], values)


def names_of(program: Program) -> str:
    """Hash of the names of a program's columns."""
    names = "\n".join(variable.name for variable in program.variables)
    return hashlib.sha256(names.encode()).hexdigest()
