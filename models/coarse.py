"""Power by blocks of hours instead of slices: a smaller problem that no plan can undercut."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from models.power_inputs import PowerInputs

# What slices of a site and stage cost beyond its blocks, and variables by slice, whose indices
# begin with a site and end with a stage and a slice.
BEYOND = "dispatch.beyond"
BY_SLICE = frozenset(
    {
        *(f"dispatch.{kind}_mw" for kind in ("load", "grid", "exported", "out", "in", "cut")),
        *(f"connection.{kind}_mw" for kind in ("flexible", "ready", "paused")),
        *(f"storage.{kind}" for kind in ("charge_mw", "discharge_mw", "stored_mwh")),
        "supply.made_mw",
        "footprint.matched_mw",
    }
)


def coarse(power: PowerInputs, blocks: Sequence[Sequence[int]]) -> PowerInputs:
    """Treat slices that follow each other in a day as one.

    Whatever a plan does by the slice, its means over the blocks, weighted by hours, keep every
    row of the model by blocks and cost no more there. Rows with the same coefficients in all
    slices of a block hold for means as they are. Where coefficients differ, a block has those
    that ask for least: the lowest PUE, price and carbon of what is drawn, the highest price of
    what is sold, the highest PUE of what pausing saves. Supply may exceed the load, and an
    event takes whole blocks only. Sites that decide nothing by the slice stay as they are.

    Parameters
    ----------
    blocks : positions of the slices of each block, in order; together all slices, once each.
    """
    hours = power.hours
    member = np.zeros((len(hours), len(blocks)))
    for block, positions in enumerate(blocks):
        member[list(positions), block] = hours[list(positions)]
    mean = member / member.sum(axis=0)
    names = pd.Index([power.slices.index[positions[0]] for positions in blocks], name="slice")

    def averaged(table: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(table.to_numpy(float) @ mean, index=table.index, columns=names)

    def extreme(table: pd.DataFrame, choose: np.ufunc) -> pd.DataFrame:
        values = table.to_numpy(float)
        worst = [choose.reduce(values[:, list(positions)], axis=1) for positions in blocks]
        return pd.DataFrame(np.stack(worst, axis=1), index=table.index, columns=names)

    firsts = [positions[0] for positions in blocks]
    slices = power.slices.iloc[firsts].assign(
        weight_hours=[power.weight[list(positions)].sum() for positions in blocks],
        hours=[hours[list(positions)].sum() for positions in blocks],
    )
    return replace(
        power,
        slices=slices,
        load_profiles=averaged(power.load_profiles),
        pue=extreme(power.pue, np.minimum),
        highest_pue=extreme(power.pue, np.maximum),
        price_per_mwh=extreme(power.price_per_mwh, np.minimum),
        highest_price_per_mwh=extreme(power.price_per_mwh, np.maximum),
        carbon_kg_per_mwh=extreme(power.carbon_kg_per_mwh, np.minimum),
        availability=averaged(power.availability),
        fine=power,
    )


def blocks_of(power: PowerInputs, each_day: int) -> list[list[int]]:
    """Blocks of slices that are alike in prices, PUE, availability and load.

    Neighbours in a day are joined, the most alike first (Ward 1963), until a day has `each_day`.
    """
    tables = (power.price_per_mwh, power.pue, power.availability, power.load_profiles)
    features = np.concatenate([scaled(table.to_numpy(float)) for table in tables if len(table)])
    blocks: list[list[int]] = []
    for _, day in power.slices.reset_index().groupby("day", sort=False):
        of_day = [[int(position)] for position in day.index]
        while len(of_day) > each_day:
            costs = [
                spread(features, left + right) - spread(features, left) - spread(features, right)
                for left, right in pairwise(of_day)
            ]
            closest = int(np.argmin(costs))
            of_day[closest : closest + 2] = [of_day[closest] + of_day[closest + 1]]
        blocks += of_day
    return blocks


def scaled(values: np.ndarray) -> np.ndarray:
    """Rows over their mean size, each table counting as much as any other."""
    size = np.abs(values).mean()
    return values / (size or 1.0) / np.sqrt(len(values))


def spread(features: np.ndarray, positions: list[int]) -> float:
    """Sum of squares about the mean."""
    values = features[:, positions]
    return float(((values - values.mean(axis=1, keepdims=True)) ** 2).sum())
