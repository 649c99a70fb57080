"""PowerInputs: what the model is told of power through the hours, where an instance has slices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

# By blocks, how many slices limit what cannot be decided: of the others the bound knows nothing.
MOST_LIMITING = 3


@dataclass(frozen=True)
class PowerInputs:
    """Slices and what happens in them, indexed by keys, units in names.

    Parameters
    ----------
    slices : by slice, in order; `day`, `weight_hours` a year, `hours` it lasts.
    load_profiles : (profile, slice) load per peak load, 0 to 1, one row for each kind of day.
    profile_of : by (region, workload) with demand; the row of `load_profiles` that it follows.
    workloads : by workload; `movable_share`, `move_cost_per_mwh`, `cut_share`,
        `cut_cost_per_mwh`.
    pue : (site, slice) facility power per IT power.
    price_per_mwh, carbon_kg_per_mwh : (node, slice) of power drawn from the grid.
    technologies : by technology; `kind`, `efficiency`, `fixed_cost_per_mw_year`, `lead_years`,
        `life_years` (NaN: for good), `resale_share`, `clean`, `carbon_kg_per_mwh`,
        `embodied_t_per_mw`, `embodied_t_per_mwh`, `land_ha_per_mw`.
    cost_per_mw, cost_per_mwh_storage : by (technology, stage) of the order.
    energy_cost_per_mwh : by (technology, year); variable cost and fuel.
    allowed : by (site, technology); `max_mw`, `max_mwh` (NaN: no limit), `existing_mw`,
        `existing_mwh`, `earliest_year`.
    availability : (site, technology) rows of `allowed` by slice, 0 to 1.
    flexible : by (node, stage); `flexible_mw`, `curtailed_hours_per_year`, `event_hours`.
    corridor_mw : by (corridor, stage); infinite where there is no limit.
    corridor_factor : by (corridor, node).
    campaign_mw : by (campaign, stage) in which it runs.
    hosts : (campaign, site) pairs that its workload's rules allow.
    highest_pue, highest_price_per_mwh : where slices are blocks of others (`models.coarse`), the
        highest of a block, while `pue` and `price_per_mwh` are the lowest; None: the same.
    fine : the slices that blocks are made of; None where they are no blocks.
    """

    slices: pd.DataFrame
    load_profiles: pd.DataFrame
    profile_of: pd.Series
    workloads: pd.DataFrame
    pue: pd.DataFrame
    price_per_mwh: pd.DataFrame
    carbon_kg_per_mwh: pd.DataFrame
    technologies: pd.DataFrame
    cost_per_mw: pd.Series
    cost_per_mwh_storage: pd.Series
    energy_cost_per_mwh: pd.Series
    allowed: pd.DataFrame
    availability: pd.DataFrame
    flexible: pd.DataFrame
    corridor_mw: pd.Series
    corridor_factor: pd.Series
    campaign_mw: pd.Series
    hosts: tuple[tuple[str, str], ...]
    highest_pue: pd.DataFrame | None = None
    highest_price_per_mwh: pd.DataFrame | None = None
    fine: "PowerInputs | None" = None

    @property
    def finest(self) -> "PowerInputs":
        """The slices as the instance has them."""
        return self.fine or self

    @property
    def most_limiting(self) -> int | None:
        """How many slices may limit a site that decides nothing; None: as many as there are."""
        return MOST_LIMITING if self.fine is not None else None

    @cached_property
    def weight(self) -> np.ndarray:
        """Hours of a year that each slice stands for."""
        return self.slices.weight_hours.to_numpy(dtype=float)

    @cached_property
    def hours(self) -> np.ndarray:
        """Hours that each slice lasts."""
        return self.slices.hours.to_numpy(dtype=float)

    @cached_property
    def profile(self) -> dict[str, np.ndarray]:
        """Values of each load profile by slice."""
        return dict(zip(self.load_profiles.index, self.load_profiles.to_numpy(float), strict=True))

    @cached_property
    def slice_before(self) -> np.ndarray:
        """Position of the slice before each, in the circle of its day."""
        before = np.arange(len(self.slices)) - 1
        for _, day in self.slices.reset_index().groupby("day", sort=False):
            before[day.index[0]] = day.index[-1]
        return before

    def event(self, end: int, event_hours: float) -> list[tuple[int, float]]:
        """Slices of the longest event that ends with one, and the hours of each that it takes.

        Back from the end as far as `event_hours` reach, once around the day at most. Of blocks
        only those that it takes whole: how much is ready in a part of one, nobody knows.
        """
        taken: list[tuple[int, float]] = []
        left, position = event_hours, end
        while left > 1e-9 and not (taken and position == end):
            lasting = min(left, self.hours[position])
            if self.fine is not None and lasting < self.hours[position]:
                break
            taken.append((position, lasting))
            left -= lasting
            position = int(self.slice_before[position])
        return taken

    def arrives(self, technology: str, ordered: int, stages: tuple[int, ...]) -> int | None:
        """Stage in which an order comes; None: after the last."""
        ready = ordered + int(self.technologies.lead_years[technology])
        return min((t for t in stages if t >= ready), default=None)

    def stands(self, technology: str, ordered: int, stages: tuple[int, ...]) -> tuple[int, ...]:
        """Stages in which an order stands unless it is retired."""
        arrival = self.arrives(technology, ordered, stages)
        life = self.technologies.life_years[technology]
        lead = int(self.technologies.lead_years[technology])
        end = np.inf if pd.isna(life) else ordered + lead + life
        return tuple(t for t in stages if arrival is not None and arrival <= t < end)

    def worth(self, technology: str, ordered: int, stage: int) -> float:
        """Part of its cost that an order brings when it is sold in a stage."""
        life = self.technologies.life_years[technology]
        ageing = 0.0 if pd.isna(life) else (stage - ordered) / life
        return float(self.technologies.resale_share[technology]) * max(0.0, 1.0 - ageing)


def undominated(rows: np.ndarray, most: int | None = None) -> list[int]:
    """Positions of rows that no other row is at least as large as in every column.

    A limit on non-negative columns that holds for these rows holds for all: what lies below
    another row asks for nothing of its own. Of equal rows the first stays.

    Parameters
    ----------
    most : how many to keep at most, those of the largest sums; a relaxation, then.
    """
    order = np.argsort(-rows.sum(axis=1), kind="stable")
    kept: list[int] = []
    for position in order:
        if len(kept) == most:
            break
        if not (rows[kept] >= rows[position]).all(axis=1).any():
            kept.append(int(position))
    return sorted(kept)
