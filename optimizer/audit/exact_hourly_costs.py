"""Costs of power and load through the hours, in fractions."""

from collections import defaultdict
from fractions import Fraction

import numpy as np

from optimizer.audit.exact_costs import Costs
from optimizer.audit.exact_decisions import Decisions, HourlyDecisions
from optimizer.audit.exact_facts import ZERO
from optimizer.audit.exact_hours import ONE, HourFacts
from optimizer.audit.exact_power import SiteHours


def hourly_costs(
    costs: Costs,
    facts: HourFacts,
    decisions: Decisions,
    hourly: HourlyDecisions,
    sites: list[SiteHours],
) -> None:
    """Supply bought and sold, energy, connections, moved and cut load, events, who is unserved."""
    for (_, k, year), amount in hourly.supply.items():
        costs.once("supply", year, cost_when_ordered(facts, k, year, amount))
    for (s, k, year, sold), amount in hourly.retired.items():
        option = facts.options[s, k]
        life = option["life_years"]
        left = ONE if life is None else max(ZERO, 1 - (sold - year) / life)
        cost = cost_when_ordered(facts, k, year, amount)
        costs.once("resale", sold, -option["resale_share"] * left * cost)
    highest_mw: dict[str, Fraction] = defaultdict(Fraction)
    for at in sites:
        node, peak_mw = facts.facts.nodes[at.node], at.drawn.max()
        gained_mw = max(ZERO, peak_mw - highest_mw[at.site])
        highest_mw[at.site] += gained_mw
        costs.once("connection", at.stage, gained_mw * node["connection_fee_per_mw"])
        costs.yearly("demand_charge", at.stage, peak_mw * node["demand_charge_per_mw_year"])
        energy_costs(costs, facts, at)
        event_costs(costs, facts, at)
    for (r, w, t), share in decisions.unserved.items():
        full_hours = facts.shape(*facts.load_profile(r, w)) @ facts.weight_hours
        mwh = share * facts.facts.demand[r, w, t] * full_hours
        costs.yearly("unserved", t, mwh * (facts.facts.penalty or ZERO))


def cost_when_ordered(
    facts: HourFacts, technology: str, year: int, amount: dict[str, Fraction]
) -> Fraction:
    """What MW and MWh cost in the year in which they are ordered."""
    columns = {"mw": "cost_per_mw", "mwh": "cost_per_mwh_storage"}
    return sum(
        (
            amount[size] * facts.cost_of(technology, column, year)
            for size, column in columns.items()
        ),
        ZERO,
    )


def energy_costs(costs: Costs, facts: HourFacts, at: SiteHours) -> None:
    """Energy drawn, sold, made and discharged by a site in a stage, and load moved and cut."""
    weights, price = facts.weight_hours, facts.price(at.node)
    earned = facts.facts.nodes[at.node]["export_price_share"] * np.maximum(
        price, facts.constant(ZERO)
    )
    costs.yearly("energy", at.stage, (at.grid * price) @ weights)
    costs.yearly("export", at.stage, -(at.exported * earned) @ weights)
    for unit in at.units:
        costs.yearly("supply_fixed", at.stage, unit.mw * unit.row["fixed_cost_per_mw_year"])
        mwh = (unit.made + unit.discharged) @ weights
        for year in facts.facts.years(at.stage):
            costs.once("supply_energy", year, mwh * facts.energy_cost(unit.row["technology"], year))
    for load in at.loads:
        costs.yearly("moving", at.stage, load.out @ weights * load.row["move_cost_per_mwh"])
        costs.yearly("cutting", at.stage, load.cut @ weights * load.row["cut_cost_per_mwh"])


def event_costs(costs: Costs, facts: HourFacts, at: SiteHours) -> None:
    """Hours cut × an hour of what is held ready in the dearest slice, at each year's prices."""
    hours = facts.flexible(at.node, at.stage).curtailed_hours
    pauses = sum(
        (load.row["move_cost_per_mwh"] * load.ready for load in at.loads), facts.constant(ZERO)
    )
    for year in facts.facts.years(at.stage) if hours else ():
        hourly_cost = pauses + sum(
            facts.energy_cost(unit.row["technology"], year) * unit.ready for unit in at.units
        )
        costs.once("events", year, hours * max(ZERO, hourly_cost.max()))
