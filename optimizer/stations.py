"""Sites in their stages as columns of a program: what a pricing of rows needs to know of them."""

from dataclasses import dataclass, replace

import numpy as np
import pyomo.environ as pyo

from models import PlanInputs
from optimizer.program import Program

# Rows that a site keeps by itself.
SITE_ROWS = ("load_balance", "hall_limit", "stays_open")


@dataclass(frozen=True)
class Stations:
    """Sites in their stages, as columns of a program.

    Parameters
    ----------
    load, gate, extension : (stations,) columns of load, open, and new capacity; -1 for none.
    reach_it_mw, most_extension : (stations,) upper limits of load and extension.
    site_start : (stations,) whether a station is the first of its site; stages follow in order.
    serve : (services,) columns, those of a station together.
    station, mw : (services,) station that each belongs to, and IT MW of a whole share.
    priced_rows : (rows,) mask of the rows that are given prices.
    haste : (rows,) how much longer than others the steps of a row's price are.
    served_rows, capacity_rows : positions of `all_served`, and by station of `enough_capacity`.
    """

    load: np.ndarray
    gate: np.ndarray
    extension: np.ndarray
    reach_it_mw: np.ndarray
    most_extension: np.ndarray
    site_start: np.ndarray
    serve: np.ndarray
    station: np.ndarray
    mw: np.ndarray
    priced_rows: np.ndarray
    haste: np.ndarray
    served_rows: np.ndarray
    capacity_rows: np.ndarray

    @classmethod
    def of(cls, model: pyo.ConcreteModel, inputs: PlanInputs, program: Program) -> "Stations":
        """Find the stations of a model in its program."""
        siting, demand = model.siting, model.demand
        keys = [(s, t) for s in inputs.sites.index for t in inputs.stages]

        def columns(variable: pyo.Var) -> np.ndarray:
            held = dict(variable.items())
            return program.columns_of([held.get(key) for key in keys])

        blocks = np.array([key in siting.blocks for key in keys])
        extension = np.maximum(columns(siting.extended_mw), columns(siting.blocks))
        families = [row.parent_component().local_name for row in program.constraints]
        capacity = {
            row.index(): position
            for position, row in enumerate(program.constraints)
            if families[position] == "enough_capacity"
        }
        by_station = np.argsort(inputs.served_station, kind="stable")
        return cls(
            load=columns(demand.load_mw),
            gate=columns(siting.open),
            extension=extension,
            reach_it_mw=np.maximum([inputs.reach_it_mw[key] for key in keys], 0.0),
            most_extension=np.where(
                blocks,
                [siting.most_blocks.get(s, 0) for s, _ in keys],
                [siting.room_mw.get(s, 0.0) for s, _ in keys],
            ),
            site_start=np.array([t == inputs.stages[0] for _, t in keys]),
            serve=program.columns_of(demand.each_share)[by_station],
            station=inputs.served_station[by_station],
            mw=inputs.routed_mw[inputs.services][by_station],
            priced_rows=np.array([family not in SITE_ROWS for family in families]),
            haste=np.ones(len(families)),
            served_rows=np.flatnonzero([family == "all_served" for family in families]),
            capacity_rows=np.array([capacity.get(key, -1) for key in keys]),
        )

    @property
    def stages(self) -> int:
        """How many stations each site has."""
        return len(self.site_start) // max(int(self.site_start.sum()), 1)

    def demand_rows(self, program: Program) -> np.ndarray:
        """Row of `all_served` in which each service stands."""
        is_demand = np.zeros(program.matrix.shape[0], dtype=bool)
        is_demand[self.served_rows] = True
        entries = program.matrix.tocoo()
        hit = is_demand[entries.coords[0]]
        row = np.full(program.matrix.shape[1], -1)
        row[entries.coords[1][hit]] = entries.coords[0][hit]
        return row[self.serve]

    def behind(self, program: Program, gates: np.ndarray) -> tuple[Program, "Stations", np.ndarray]:
        """The same without the services of some stations, which are 0 there.

        Parameters
        ----------
        gates : (stations,) mask of those that keep their services.

        Returns
        -------
        Program, Stations
            Of the columns that are left.
        np.ndarray
            Those columns, as positions in `program`.
        """
        keep = gates[self.station]
        left = np.ones(len(program.cost), dtype=bool)
        left[self.serve[~keep]] = False
        columns = np.flatnonzero(left)
        position = np.append(np.cumsum(left) - 1, -1)  # a column of -1 stays one
        stations = replace(
            self,
            load=position[self.load],
            gate=position[self.gate],
            extension=position[self.extension],
            serve=position[self.serve[keep]],
            station=self.station[keep],
            mw=self.mw[keep],
        )
        return program.of_columns(columns), stations, columns
