"""Limits made elastic: how much of each kind would have to give, alone or together.

Each limit may be broken at a price, and the least total breach says how much is missing. Nothing
but rows may hold a plan down then: halls are taken out of the model's bounds and stated as rows
of their own, and every eligible site keeps its services, however little it could serve.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, build_model
from models.footprint import facility_mwh
from optimizer.explain.limits import loosened, most_it_mw, with_halls, with_supply
from optimizer.highs import Control, Outcome, Solver
from optimizer.program import Program, compile_program

# Up to this size what a change is worth is found closely; above, nearly.
SMALL_COLUMNS = 5_000
# A breach below this is what a solver calls zero, in MW, sites or shares of money.
NO_BREACH = 1e-6
# A multiplier below this part of the largest one is not one.
ZERO_DUAL = 1e-9
# Whole numbers can make a least breach hard to prove: then the best one found is told.
SECONDS_PER_LEVER = 120.0
# How near to the least a breach in whole numbers comes; in a large problem the first one is near.
TIGHT_GAP, LOOSE_GAP = 1e-3, 0.2
DEMAND, GRID, HALLS, BUDGET = "demand", "grid", "halls", "budget"
SUPPLY, LAND, FLEXIBLE, CORRIDORS = "supply", "land", "flexible", "corridors"
CARBON, WATER, CLEAN, CAMPAIGNS = "carbon", "water", "clean", "campaigns"
HOURS_PER_YEAR = 8760
SLICED = {"flexible_limit": FLEXIBLE, "corridor_limit": CORRIDORS}
POLICIES = {
    "carbon_cap": (CARBON, -1.0),
    "water_cap": (WATER, -1.0),
    "clean_annual": (CLEAN, 1.0),
    "clean_hourly": (CLEAN, 1.0),
}
SHARE_ROWS = {
    "max_share_operator_outside": -1.0,
    "max_share_country": -1.0,
    "max_share_operator": -1.0,
    "min_share_at_home": 1.0,
    "min_sites_in": 1.0,
}


@dataclass
class Slack:
    """A limit that may give.

    Parameters
    ----------
    family : demand, grid, halls, budget, `rule NAME`, or one of power and its footprint.
    key : what it limits: (region, workload, stage), (node, stage), (site,), (stage,), (); of
        supply (site, technology, `mw` or `mwh`), of corridors (corridor, stage), (campaign,).
    price : of one unit beside units of other families, as a planner might weigh them.
    unit : how many MW, currency, sites, or whole shares a unit is: a sum of money is counted in
        what a MW costs, or else a solver would have to tell billions from ones.
    rows, effect : rows that give, and by how much for one unit.
    """

    family: str
    key: tuple
    price: float = 1.0
    unit: float = 1.0
    rows: list[int] = field(default_factory=list)
    effect: list[float] = field(default_factory=list)


Breach = list[tuple[Slack, float]]


class Elastic:
    """A problem whose limits may give, one family or several at a time.

    Parameters
    ----------
    inputs : of a problem proven to have no plan.
    control : of all solves.
    """

    def __init__(self, inputs: PlanInputs, control: Control) -> None:
        self.inputs = inputs
        loose = loosened(inputs)
        model = build_model(loose)
        model.demand.load_mw.setub(None)
        rigid = compile_program(model)
        self.kinds = [row.parent_component().local_name for row in rigid.constraints]
        self.keys = [as_tuple(row.index()) for row in rigid.constraints]
        rigid = with_halls(rigid, model, inputs, self.kinds, self.keys)
        if inputs.power is not None:
            rigid = with_supply(rigid, model, inputs, self.kinds, self.keys)
        self.model = model
        self.slacks = find_slacks(model, inputs, self.kinds, self.keys)
        self.first_slack = len(rigid.cost)
        self.program = with_slacks(rigid, self.slacks)
        self.control = control
        self.values = np.zeros(len(self.program.cost))

    @property
    def families(self) -> list[str]:
        """Families with limits in this problem, demand aside."""
        return [f for f in dict.fromkeys(s.family for s in self.slacks) if f != DEMAND]

    @property
    def is_large(self) -> bool:
        """Whether whole numbers take long."""
        return len(self.program.cost) > SMALL_COLUMNS

    def least(self, families: Collection[str], *, exact: bool = False) -> Breach | None:
        """Least total breach, by price, with which there is a plan; None if none suffices.

        Parameters
        ----------
        families : whose limits may give.
        exact : with whole numbers; without, a lower bound on what it takes.
        """
        plain = list(families) == [DEMAND] and not exact
        outcome = self.unserved if plain else self.solve(families, relaxed=not exact)
        if outcome.values is None:
            return None
        self.values = outcome.values
        units = outcome.values[self.first_slack :]
        largest = np.argsort(-units, kind="stable")
        slacks = [(self.slacks[i], float(units[i])) for i in largest if units[i] > NO_BREACH]
        return [(slack, amount * slack.unit) for slack, amount in slacks]

    def support(self) -> set[tuple[str, tuple]] | None:
        """Kind and key of rows that no plan keeps together, fractions of sites and blocks allowed.

        The multipliers of the least breach certify it, and rows without one play no part: what
        remains of the problem without them is as impossible. None: whole numbers are the cause.
        """
        outcome = self.unserved
        if outcome.values is None:  # Not even without any demand: all limits tell which it is.
            outcome = self.solve([DEMAND, *self.families], relaxed=True)
        if outcome.row_dual is None or outcome.objective <= NO_BREACH:
            return None
        # A budget's multiplier is MW for a EUR: what tells is what its terms come to, in any unit.
        weight = np.abs(outcome.row_dual) * abs(self.program.matrix).max(axis=1).toarray().ravel()
        rows = np.flatnonzero(weight > ZERO_DUAL * weight.max())
        return {(self.kinds[row], self.keys[row]) for row in rows}

    def relief_mw(self, gain_mw: pd.Series) -> float:
        """IT MW fewer that go unserved, at most, with more power at nodes, by (node, stage).

        The least unserved demand is convex in the power, so its multipliers bound what more would
        bring; infinite where not even without any demand there is a plan.
        """
        outcome = self.unserved
        if outcome.row_dual is None:
            return np.inf
        gain = gain_mw[gain_mw > 0].to_dict()
        return -sum(
            outcome.row_dual[row] * gain.get(key[:2], 0.0)
            for row, (kind, key) in enumerate(zip(self.kinds, self.keys, strict=True))
            if kind == "node_limit"
        )

    def facility_mwh(self, stage: int) -> float:
        """Energy that all sites need in a year of a stage, at the breach that was told last."""
        terms, constant = facility_mwh(self.model, self.inputs, stage)
        column_of = self.program.column_of()
        values = self.values
        return constant + sum(
            part * float(values[column_of[id(variable)]])
            for part, variable in terms
            if id(variable) in column_of
        )

    @cached_property
    def unserved(self) -> Outcome:
        """Least unserved demand, fractions of sites and blocks allowed."""
        return self.solve([DEMAND], relaxed=True)

    def solve(self, families: Collection[str], *, relaxed: bool) -> Outcome:
        """Let the limits of some families give at their price, and no others.

        Started afresh each time: from another family's optimum HiGHS takes longer.
        """
        solver = Solver(self.program, self.control, "explain", relaxed=relaxed)
        gives = np.array([slack.family in families for slack in self.slacks], dtype=bool)
        columns = self.first_slack + np.arange(len(self.slacks))
        solver.set_bounds(columns, np.zeros(len(columns)), np.where(gives, np.inf, 0.0))
        cost = np.zeros(len(self.program.cost))
        cost[columns] = [slack.price for slack in self.slacks]
        solver.set_cost(cost)
        if self.is_large:  # The simplex method takes twice as long from where nothing gives.
            solver.set_option("solver" if relaxed else "mip_lp_solver", "ipm")
        gap = LOOSE_GAP if self.is_large else TIGHT_GAP
        return solver.solve(gap=gap, seconds=SECONDS_PER_LEVER)


def find_slacks(
    model: pyo.ConcreteModel, inputs: PlanInputs, kinds: list[str], keys: list[tuple]
) -> list[Slack]:
    """Every limit that may give, with the rows it gives in."""
    slacks: dict[tuple[str, tuple], Slack] = {}
    total_mw = most_it_mw(inputs)
    # What a MW of load is worth in the units of policies: then a MW weighs as much in each.
    of_a_mw = {
        CARBON: HOURS_PER_YEAR * float(inputs.nodes.carbon_kg_per_mwh.mean()) / 1000,
        WATER: HOURS_PER_YEAR * float(inputs.sites.water_l_per_kwh.mean()),
        CLEAN: HOURS_PER_YEAR,
    }
    campaign_mw = inputs.power.campaign_mw.groupby(level=0).max() if inputs.power else {}
    a_mw_of_it = float(inputs.sites.it_cost_per_mw.median()) or 1.0

    def give(
        family: str, key: tuple, price: float, row: int, effect: float, unit: float = 1.0
    ) -> None:
        slack = slacks.setdefault((family, key), Slack(family, key, price, unit))
        slack.rows.append(row)
        slack.effect.append(effect * unit)

    for row, (kind, key) in enumerate(zip(kinds, keys, strict=True)):
        if kind == "all_served":
            give(DEMAND, key, 1.0, row, 1.0 / model.demand.demand_mw[key])
        elif kind == "node_limit":
            give(GRID, key[:2], 1.0, row, -1.0)
        elif kind in SLICED:
            give(SLICED[kind], key[:2], 1.0, row, -1.0)
        elif kind in POLICIES:
            family, sign = POLICIES[kind]
            give(family, key[:1], 1.0, row, sign, unit=of_a_mw[family] or 1.0)
        elif kind in ("room_mw", "room_mwh"):
            give(SUPPLY, (*key[:2], kind.removeprefix("room_")), 1.0, row, -1.0)
        elif kind == "within_land":
            give(LAND, key[:1], 1.0, row, -1.0)
        elif kind == "hosted_once":
            give(CAMPAIGNS, key, float(campaign_mw[key[0]]), row, 1.0)
        elif kind == "hall":
            give(HALLS, key[:1], 1.0, row, -1.0)
        elif kind == "within_budget":
            give(BUDGET, key, 1.0, row, -1.0, unit=a_mw_of_it)
        elif kind == "min_sites_in":
            give(f"rule {key[0]}", (), 1.0, row, 1.0)
        elif kind in SHARE_ROWS:
            governed_mw = model.sovereignty.governed_mw[key]
            give(f"rule {key[0]}", (), total_mw, row, SHARE_ROWS[kind] * governed_mw)
    return list(slacks.values())


def with_slacks(program: Program, slacks: list[Slack]) -> Program:
    """Program with a column for each slack, free of charge until they are allowed."""
    count = len(slacks)
    owner = np.repeat(np.arange(count), [len(slack.rows) for slack in slacks])
    rows = [row for slack in slacks for row in slack.rows]
    effect = [part for slack in slacks for part in slack.effect]
    columns = sparse.csr_array(
        (effect, (rows, owner)), shape=(program.matrix.shape[0], count), dtype=float
    )
    return replace(
        program,
        cost=np.zeros(len(program.cost) + count),
        offset=0.0,
        lower=np.concatenate([program.lower, np.zeros(count)]),
        upper=np.concatenate([program.upper, np.zeros(count)]),
        integer=np.concatenate([program.integer, np.zeros(count, dtype=bool)]),
        matrix=sparse.csr_array(sparse.hstack([program.matrix, columns])),
    )


def as_tuple(index: object) -> tuple:
    """Key of a row as a tuple."""
    return index if isinstance(index, tuple) else (index,)
