"""Where a linear relaxation ended: what another one of the same columns may go on from."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

# HiGHS' number for what is free to move: as many columns and rows as there are rows.
BASIC = 1


@dataclass(frozen=True)
class Basis:
    """A basis of a program's relaxation and the strong links that were written there.

    Parameters
    ----------
    links : positions of the links, as they were added.
    columns : (columns,) HiGHS' number for where each is: at a limit, or free to move.
    rows : (rows,) the same of the program's rows, then of the links.
    """

    links: np.ndarray
    columns: np.ndarray
    rows: np.ndarray

    def suits(self, columns: int, rows: int, links: int) -> bool:
        """Whether it may be one of a program with so many columns and rows, and possible links."""
        free = (self.columns == BASIC).sum() + (self.rows == BASIC).sum()
        return (
            len(self.columns) == columns
            and len(self.rows) == rows + len(self.links) == free
            and bool((self.links < links).all())
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it: 5 kB of 100,000 columns, of which few are free to move."""
        return {
            "links": self.links.tolist(),
            "columns": packed(self.columns),
            "rows": packed(self.rows),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Basis":
        """From what `as_dict` gives."""
        links = np.array(content["links"], dtype=int)
        return cls(links, unpacked(content["columns"]), unpacked(content["rows"]))


def packed(numbers: np.ndarray) -> str:
    """Small numbers as a text, those that repeat in little space."""
    return base64.b64encode(zlib.compress(numbers.astype(np.uint8).tobytes())).decode()


def unpacked(text: str) -> np.ndarray:
    """Numbers of a text that `packed` made."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
