"""A table on its way from file to frame: what could be made out, and all that is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from optimizer.columns import Mask
from optimizer.errors import Problem
from optimizer.names import as_written

# Cells of one kind of problem that are listed; the rest is counted. A table can have millions.
MOST_LISTED = 10_000
# Characters of a bad value that a report carries.
MOST_SHOWN = 200

Words = str | Callable[[str], str]


@dataclass
class Reading:
    """A table and its problems.

    Attributes
    ----------
    table : its name in the schema.
    label : what problems call it.
    frame : typed columns, all that the schema knows; an unsound cell holds anything.
    written : cells as the file has them, by column.
    lines : line of the file that each row of the frame stands on; the header is line 1.
    sound : by column, which cells can be relied on.
    complete : whether every row of the file is in the frame.
    """

    table: str
    label: str
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    written: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    lines: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    sound: dict[str, Mask] = field(default_factory=dict)
    complete: bool = True
    problems: list[Problem] = field(default_factory=list)

    def reject(self, message: str, remedy: str, *, row: int | None = None, column: str = "",
               value: str = "") -> None:  # fmt: skip
        """Enter a problem that concerns no cell."""
        self.problems.append(Problem(self.label, row, column, value[:MOST_SHOWN], message, remedy))

    def blame(self, column: str, wrong: npt.ArrayLike, message: Words, remedy: Words) -> None:
        """Enter a problem for each wrong cell of a column, unless the cell has one already.

        Parameters
        ----------
        wrong : a truth value for each row.
        message, remedy : text, or a function of the cell as written.
        """
        rows = np.flatnonzero(np.asarray(wrong, dtype=bool) & self.sound[column])
        if not len(rows):
            return
        self.sound[column][rows] = False
        for row in rows[:MOST_LISTED]:
            value = self.as_written(column, int(row))
            said, remedied = (
                words if isinstance(words, str) else words(value) for words in (message, remedy)
            )
            self.reject(said, remedied, row=int(self.lines[row]), column=column, value=value)
        if len(rows) > MOST_LISTED:
            self.reject(
                f"{len(rows) - MOST_LISTED:,} more cells are as wrong as those listed",
                "mend them likewise",
                column=column,
            )

    def blame_column(self, column: str, message: str, remedy: str) -> None:
        """Enter one problem for a whole column."""
        self.sound[column][:] = False
        self.reject(message, remedy, column=column)

    def as_written(self, column: str, row: int) -> str:
        """Cell as the file has it, "" where it is empty or the column is missing."""
        if column not in self.written:
            return ""
        value = self.written[column][row].as_py()
        return "" if value is None else as_written(value)

    def sound_rows(self, *columns: str) -> Mask:
        """Rows in which each of these cells can be relied on."""
        return np.logical_and.reduce([self.sound[column] for column in columns])

    def has_rows(self) -> bool:
        """Whether the table has rows, and all of them could be read."""
        return self.complete and len(self.frame) > 0


Readings = dict[str, Reading]
