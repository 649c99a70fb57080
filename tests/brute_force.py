"""An oracle for tiny instances: every yes and no tried in turn, the rest a small linear program.

When each site opens, how many blocks it buys in each stage and when each upgrade is ordered are
enumerated, and what these cost worked out by hand.
"""

import itertools
from dataclasses import dataclass, field
from math import floor, inf, isnan

import numpy as np

from optimizer.instance import Instance
from tests.oracle import (
    CLOSE,
    Data,
    Program,
    add_demand_rows,
    add_share_columns,
    add_share_rows,
    drawn_terms,
    served_terms,
)


@dataclass(frozen=True)
class BruteForceResult:
    """The least cost, None if there is no plan at all, and the choices that reach it.

    Parameters
    ----------
    objective : discounted cost in the instance's currency.
    opened : stage in which each site opens, for those that do.
    blocks : blocks bought, by (site, stage).
    ordered : stage in which each upgrade (node, upgrade) is ordered.
    choices : combinations looked at.
    programs : linear programs solved.
    """

    objective: float | None
    opened: dict[str, int] = field(default_factory=dict)
    blocks: dict[tuple[str, int], int] = field(default_factory=dict)
    ordered: dict[tuple[str, str], int] = field(default_factory=dict)
    choices: int = 0
    programs: int = 0


def brute_force(instance: Instance, most_choices: int = 200_000) -> BruteForceResult:
    """Try every combination of yes and no, cheapest first; stop when none left can be cheaper.

    Parameters
    ----------
    most_choices : refuse instances with more combinations than this.
    """
    data = Data(instance)
    options = [site_options(data, site) for site in data.sites]
    options += [upgrade_options(data, upgrade) for upgrade in data.upgrades]
    total = int(np.prod([len(option) for option in options]))
    assert total <= most_choices, f"{total} combinations are too many for brute force"
    ranked = sorted(
        (
            (fixed_cost(data, choice) + cheapest_serving(data, choice), number, choice)
            for number, choice in enumerate(map(Choice.merge, itertools.product(*options)))
        ),
        key=lambda ranking: ranking[:2],
    )
    best, best_choice, programs = inf, Choice(), 0
    for least, _, choice in ranked:
        if least >= best:
            break
        if not choice_is_allowed(data, choice):
            continue
        programs += 1
        serving = serving_program(data, choice).solve()
        if serving is not None and fixed_cost(data, choice) + serving < best:
            best, best_choice = fixed_cost(data, choice) + serving, choice
    if best == inf:
        return BruteForceResult(None, choices=total, programs=programs)
    return BruteForceResult(
        best, best_choice.opened, best_choice.blocks, best_choice.ordered, total, programs
    )


@dataclass(frozen=True)
class Choice:
    """One combination: stage each site opens in, blocks by (site, stage), stage of each order."""

    opened: dict[str, int] = field(default_factory=dict)
    blocks: dict[tuple[str, int], int] = field(default_factory=dict)
    ordered: dict[tuple[str, str], int] = field(default_factory=dict)

    @staticmethod
    def merge(parts: tuple["Choice", ...]) -> "Choice":
        whole = Choice()
        for part in parts:
            whole.opened.update(part.opened)
            whole.blocks.update(part.blocks)
            whole.ordered.update(part.ordered)
        return whole


def site_options(data: Data, site: dict) -> list[Choice]:
    """Never open, or any stage to open in with any blocks from then on."""
    s = site["site"]
    if site["existing_it_mw"] > 0:
        starts = [data.stages[0]]
    else:
        starts = [t for t in data.stages if t >= site["earliest_year"]]
    options = [] if site["existing_it_mw"] > 0 else [Choice()]
    room_mw = site["max_it_mw"] - site["existing_it_mw"]
    most = 0 if isnan(site["block_mw"]) else floor(room_mw / site["block_mw"] + CLOSE)
    for start in starts:
        buying = [t for t in data.stages if t >= start and t >= site["earliest_year"]]
        for counts in itertools.product(range(most + 1), repeat=len(buying)):
            if sum(counts) <= most:
                blocks = {(s, t): n for t, n in zip(buying, counts, strict=True) if n}
                options.append(Choice({s: start}, blocks))
    return options


def upgrade_options(data: Data, upgrade: dict) -> list[Choice]:
    """Never order, or any stage to order in."""
    key = upgrade["node"], upgrade["upgrade"]
    stages = [t for t in data.stages if t >= upgrade["earliest_year"]]
    return [Choice(), *(Choice(ordered={key: t}) for t in stages)]


def capital(data: Data, choice: Choice, t: int) -> float:
    """Undiscounted cost of what a choice opens, buys in blocks and orders in a stage."""
    spent = 0.0
    for site in data.sites:
        s = site["site"]
        if site["existing_it_mw"] == 0 and choice.opened.get(s) == t:
            spent += site["opening_cost"]
        if choice.blocks.get((s, t)):
            spent += choice.blocks[s, t] * site["block_mw"] * site["it_cost_per_mw"]
    for upgrade in data.upgrades:
        if choice.ordered.get((upgrade["node"], upgrade["upgrade"])) == t:
            spent += upgrade["cost"]
    return spent


def fixed_cost(data: Data, choice: Choice) -> float:
    """Discounted cost of a choice itself, whoever is served from where."""
    cost = sum(data.worth(t) * capital(data, choice, t) for t in data.stages)
    for site in data.sites:
        for t in data.stages:
            if is_open(choice, site, t):
                cost += site["fixed_cost_per_year"] * data.annuity(t)
    return cost


def is_open(choice: Choice, site: dict, t: int) -> bool:
    return choice.opened.get(site["site"], inf) <= t


def cheapest_serving(data: Data, choice: Choice) -> float:
    """No plan of a choice serves for less: everybody at their cheapest open site."""
    cost = 0.0
    for (r, w, t), mw in data.demand.items():
        offers = [
            data.cost_of_serving(r, w, site, t)
            for site in data.sites
            if is_open(choice, site, t) and (r, w, site["site"]) in data.may_serve
        ]
        if data.penalty is not None:
            offers.append(data.cost_of_failing(w, t))
        cost += mw * min(offers, default=inf)
    return cost


def choice_is_allowed(data: Data, choice: Choice) -> bool:
    """Limits that concern nothing but the choice: sites asked for, and the budget."""
    for rule in data.rules:
        if rule["kind"] == "min_sites_in":
            for t in data.stages:
                count = sum(
                    is_open(choice, site, t) and data.in_group(site["country"], rule["group"])
                    for site in data.sites
                )
                if data.in_force(rule, t) and count < rule["value"]:
                    return False
    return all(
        capital(data, choice, t) <= data.policy("capital_budget", t, inf) for t in data.stages
    )


def serving_program(data: Data, choice: Choice) -> Program:
    """The rest, given a choice: shares served, and MW bought in any amount."""
    program = Program()
    for site in data.sites:
        for t in data.stages:
            early = t < site["earliest_year"] or not is_open(choice, site, t)
            if isnan(site["block_mw"]) and not early:
                cost = site["it_cost_per_mw"] * data.worth(t)
                program.add_column(("new", site["site"], t), cost)
    add_share_columns(data, program, lambda site, t: is_open(choice, site, t))
    served = served_terms(data, program)
    add_demand_rows(data, program)
    add_share_rows(data, program)
    for t in data.stages:
        for site in data.sites:
            add_capacity_rows(data, choice, program, site, t, served)
        for g in data.nodes:
            firm_mw = data.firm_mw(g, t)
            for upgrade in data.upgrades:
                order = choice.ordered.get((g, upgrade["upgrade"]), inf)
                if upgrade["node"] == g and order + upgrade["lead_years"] <= t:
                    firm_mw += upgrade["mw"]
            program.add_row(drawn_terms(data, served, g, t), -inf, firm_mw)
        budget = data.policy("capital_budget", t, inf)
        if budget < inf:
            spent = {
                ("new", site["site"], t): site["it_cost_per_mw"]
                for site in data.sites
                if ("new", site["site"], t) in program.columns
            }
            program.add_row(spent, -inf, budget - capital(data, choice, t))
    return program


def add_capacity_rows(
    data: Data, choice: Choice, program: Program, site: dict, t: int, served: dict
) -> None:
    """Load within what stands, and what stands within the hall."""
    s = site["site"]
    so_far = [u for u in data.stages if u <= t]
    blocks = sum(choice.blocks.get((s, u), 0) for u in so_far)
    stands_mw = site["existing_it_mw"] + (blocks * site["block_mw"] if blocks else 0.0)
    new = [key for u in so_far if (key := ("new", s, u)) in program.columns]
    program.add_row(served[s, t] | dict.fromkeys(new, -1.0), -inf, stands_mw)
    if new:
        program.add_row(dict.fromkeys(new, 1.0), -inf, site["max_it_mw"] - stands_mw)
