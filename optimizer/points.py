"""A plan as a point of its program, to start another solve from that has the same columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.basis import Basis
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
    basis : where its relaxation ended; None where there was none.
    """

    columns: str
    values: np.ndarray
    basis: Basis | None = None

    @classmethod
    def of(cls, program: Program, values: np.ndarray, basis: Basis | None = None) -> "Point":
        """State values of a program's columns."""
        return cls(program.names, values, basis)

    def start(self, program: Program, links: Links) -> Outcome | None:
        """The point as a plan of a program; None unless it is one, with every limit kept."""
        if len(self.values) != len(program.cost) or self.columns != program.names:
            return None
        values = np.where(program.integer, np.rint(self.values), self.values)
        if program.violation(values) > TOLERANCE or links.broken_by(values).size:
            return None
        return Outcome(Status.OPTIMAL, values, program.objective(values), -np.inf)

    def basis_of(self, program: Program, links: Links) -> Basis | None:
        """The basis as one of a program's relaxation; None unless it may be, good or bad."""
        rows, columns = program.matrix.shape
        suits = self.basis and self.basis.suits(columns, rows, len(links.column))
        return self.basis if suits and self.columns == program.names else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it: most values are 0."""
        at = np.flatnonzero(self.values)
        return {
            "columns": self.columns,
            "count": len(self.values),
            "at": at.tolist(),
            "values": self.values[at].tolist(),
            "basis": self.basis and self.basis.as_dict(),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Point":
        """From what `as_dict` gives."""
        values = np.zeros(content["count"])
        values[content["at"]] = content["values"]
        basis = content.get("basis")  # Not there in a sweep that was begun before there was one.
        return cls(content["columns"], values, Basis.from_dict(basis) if basis else None)
