"""Arrays with a column for each slice, and the names that their rows go by."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


class Block:
    """Rows of arrays whose columns are slices.

    Parameters
    ----------
    keys : names of each row, `site` and `year` for instance.
    slices : names of the columns.
    """

    def __init__(self, keys: pd.DataFrame, slices: pd.Index) -> None:
        self.keys = keys.reset_index(drop=True)
        self.slices = slices
        self.index = pd.MultiIndex.from_frame(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Names of every cell, row by row, as the ledger wants them."""
        cells = self.keys.loc[self.keys.index.repeat(len(self.slices))].reset_index(drop=True)
        return cells.assign(slice=np.tile(self.slices.to_numpy(dtype=object), len(self.keys)))

    @property
    def zeros(self) -> Numbers:
        """Array of nothing."""
        return np.zeros((len(self.keys), len(self.slices)))

    def rows_of(self, names: pd.DataFrame) -> Positions:
        """Row that each of `names` falls in, by the columns of `keys`; -1 for none."""
        return self.index.get_indexer(pd.MultiIndex.from_frame(names[list(self.keys.columns)]))

    def spread(self, table: pd.DataFrame, column: str) -> Numbers:
        """A column of a table that has a row for each key and slice; what is not there is 0."""
        values, row = self.zeros, self.rows_of(table)
        known = row >= 0
        at = self.slices.get_indexer(table.slice)[known]
        values[row[known], at] = table[column].to_numpy(dtype=float)[known]
        return values

    def total(self, names: pd.DataFrame, values: Numbers) -> Numbers:
        """Sum of the rows of another array, each of which falls in the row of its `names`."""
        sums, row = np.zeros((len(self.keys), *values.shape[1:])), self.rows_of(names)
        np.add.at(sums, row[row >= 0], values[row >= 0])
        return sums

    def table(self, **columns: Numbers) -> pd.DataFrame:
        """Names of every cell with the values of arrays."""
        return self.cells.assign(**{name: values.ravel() for name, values in columns.items()})

    def figures(self, **columns: npt.ArrayLike) -> pd.DataFrame:
        """Keys with a number each."""
        return self.keys.assign(**columns)
