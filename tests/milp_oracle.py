"""An oracle for small instances with too many choices to enumerate: integers, stage by stage."""

from math import inf, isnan

from optimizer.instance import Instance
from tests.oracle import (
    Data,
    Program,
    add_demand_rows,
    add_share_columns,
    add_share_rows,
    drawn_terms,
    served_terms,
)


def milp_oracle(instance: Instance) -> float | None:
    """Least cost of an instance by `scipy.optimize.milp`, None if it has no plan."""
    return milp_program(instance).solve()


def milp_program(instance: Instance) -> Program:
    """The whole problem with integer variables.

    A variable stands for what happens in one stage, never for a sum over stages.
    """
    data = Data(instance)
    program = Program()
    for site in data.sites:
        add_site_columns(data, program, site)
    for upgrade in data.upgrades:
        orders = []
        for t in data.stages:
            if t >= upgrade["earliest_year"]:
                orders.append(("order", upgrade["node"], upgrade["upgrade"], t))
                program.add_column(orders[-1], upgrade["cost"] * data.worth(t), 1.0, whole=True)
        program.add_row(dict.fromkeys(orders, 1.0), -inf, 1.0)
    add_share_columns(data, program, lambda *_: True)
    served = served_terms(data, program)
    add_demand_rows(data, program)
    add_share_rows(data, program)
    for site in data.sites:
        add_site_rows(data, program, site, served)
    for t in data.stages:
        for g in data.nodes:
            add_node_row(data, program, g, t, served)
        add_budget_row(data, program, t)
        add_count_rows(data, program, t)
    return program


def add_site_columns(data: Data, program: Program, site: dict) -> None:
    """Whether a site opens in a stage, and what it buys there: MW, or whole blocks."""
    s, in_blocks = site["site"], not isnan(site["block_mw"])
    unit_mw = site["block_mw"] if in_blocks else 1.0
    for t in data.stages:
        upkeep = site["fixed_cost_per_year"] * sum(data.annuity(u) for u in data.stages if u >= t)
        if site["existing_it_mw"] > 0:
            if t == data.stages[0]:
                program.add_column(("open", s, t), upkeep, 1.0, whole=True)
                program.add_row({("open", s, t): 1.0}, 1.0, 1.0)
        elif t >= site["earliest_year"]:
            opening = site["opening_cost"] * data.worth(t)
            program.add_column(("open", s, t), opening + upkeep, 1.0, whole=True)
        if t >= site["earliest_year"]:
            cost = unit_mw * site["it_cost_per_mw"] * data.worth(t)
            program.add_column(("new", s, t), cost, whole=in_blocks)


def add_site_rows(data: Data, program: Program, site: dict, served: dict) -> None:
    """Open once; hold no more than the hall, and nothing while closed; serve what is installed."""
    s = site["site"]
    unit_mw = 1.0 if isnan(site["block_mw"]) else site["block_mw"]
    room_mw = site["max_it_mw"] - site["existing_it_mw"]
    for t in data.stages:
        so_far = [u for u in data.stages if u <= t]
        opened = [key for u in so_far if (key := ("open", s, u)) in program.columns]
        new = [key for u in so_far if (key := ("new", s, u)) in program.columns]
        program.add_row(dict.fromkeys(opened, 1.0), -inf, 1.0)
        holds = dict.fromkeys(new, unit_mw) | dict.fromkeys(opened, -room_mw)
        program.add_row(holds, -inf, 0.0)
        serves = served[s, t] | dict.fromkeys(new, -unit_mw)
        program.add_row(serves, -inf, site["existing_it_mw"])


def add_node_row(data: Data, program: Program, g: str, t: int, served: dict) -> None:
    """What is drawn at a node, less what orders bring in time, within the firm MW."""
    terms = drawn_terms(data, served, g, t)
    for upgrade in data.upgrades:
        for u in data.stages:
            key = ("order", g, upgrade["upgrade"], u)
            in_time = u + upgrade["lead_years"] <= t
            if upgrade["node"] == g and key in program.columns and in_time:
                terms[key] = -upgrade["mw"]
    program.add_row(terms, -inf, data.firm_mw(g, t))


def add_count_rows(data: Data, program: Program, t: int) -> None:
    """Open sites that rules ask for in a stage."""
    for rule in data.rules:
        if rule["kind"] == "min_sites_in" and data.in_force(rule, t):
            opened = [
                key
                for site in data.sites
                if data.in_group(site["country"], rule["group"])
                for u in data.stages
                if u <= t and (key := ("open", site["site"], u)) in program.columns
            ]
            program.add_row(dict.fromkeys(opened, 1.0), rule["value"], inf)


def add_budget_row(data: Data, program: Program, t: int) -> None:
    """Opening, IT and orders of a stage within its budget."""
    budget = data.policy("capital_budget", t, inf)
    if budget == inf:
        return
    spent = {}
    for site in data.sites:
        unit_mw = 1.0 if isnan(site["block_mw"]) else site["block_mw"]
        if site["existing_it_mw"] == 0:
            spent["open", site["site"], t] = site["opening_cost"]
        spent["new", site["site"], t] = unit_mw * site["it_cost_per_mw"]
    for upgrade in data.upgrades:
        spent["order", upgrade["node"], upgrade["upgrade"], t] = upgrade["cost"]
    program.add_row({key: c for key, c in spent.items() if key in program.columns}, -inf, budget)
