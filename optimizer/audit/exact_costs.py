"""Every cost of a plan in fractions, discount factors included."""

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.audit.exact_facts import HOURS_PER_YEAR, ZERO, ExactFacts

if TYPE_CHECKING:
    from optimizer.audit.exact import Decisions

KINDS = ("opening", "it", "upgrade", "fixed", "energy", "carbon", "network", "unserved")
# Kinds that rest on what happens in the slices, where there are any.
BY_THE_HOUR = ("energy", "carbon", "unserved")


def recomputed_costs(
    facts: ExactFacts, decisions: "Decisions"
) -> tuple[dict[str, Fraction], dict[int, Fraction]]:
    """Discounted cost by kind, and undiscounted capital (opening, IT, upgrades) by stage.

    With slices without the kinds that rest on what happens in them.
    """
    costs = dict.fromkeys(KINDS, ZERO)
    capital: dict[int, Fraction] = defaultdict(Fraction)  # also of years that are no stage
    annuity = {t: facts.annuity(t) for t in facts.stages}
    carbon = {t: facts.annuity(t, facts.policy("carbon_price", ZERO)) for t in facts.stages}

    def spend(kind: str, t: int, amount: Fraction) -> None:
        costs[kind] += amount * facts.worth(t)
        capital[t] += amount

    for s, site in facts.sites.items():
        before = site["existing_it_mw"] > 0
        for t in facts.stages:
            if decisions.open[s, t] and not before:
                spend("opening", t, site["opening_cost"])
                before = True
            spend("it", t, decisions.new_mw[s, t] * site["it_cost_per_mw"])
            costs["fixed"] += decisions.open[s, t] * site["fixed_cost_per_year"] * annuity[t]
    for g, u, t in decisions.orders:
        spend("upgrade", t, facts.upgrades[g, u]["cost"])
    listed = facts.listed((r, s) for r, _, s, _ in decisions.served)
    for (r, w, s, t), share in decisions.served.items():
        if (r, s) in listed:
            mw = share * facts.demand[r, w, t]
            costs["network"] += mw * listed[r, s]["network_cost_per_mw_year"] * annuity[t]
    if facts.hourly:
        return {kind: cost for kind, cost in costs.items() if kind not in BY_THE_HOUR}, capital
    for (s, t), it_mwh in energy_by_site(facts, decisions).items():
        site, node = facts.sites[s], facts.nodes[facts.sites[s]["node"]]
        facility_mwh = it_mwh * site["pue"]
        costs["energy"] += facility_mwh * node["energy_price_per_mwh"] * annuity[t]
        costs["carbon"] += facility_mwh * node["carbon_kg_per_mwh"] / 1000 * carbon[t]
    price = facts.policy("carbon_price", ZERO)
    for (_, t), mass in embodied_t(facts, decisions).items():
        costs["carbon"] += mass * price(t) * facts.worth(t)
    for (r, w, t), share in decisions.unserved.items():
        mwh = share * facts.demand[r, w, t] * facts.workloads[w]["load_factor"] * HOURS_PER_YEAR
        costs["unserved"] += mwh * (facts.penalty or ZERO) * annuity[t]
    return costs, capital


def energy_by_site(facts: ExactFacts, decisions: "Decisions") -> dict[tuple[str, int], Fraction]:
    """IT MWh in each year of a stage, by (site, stage) that serves."""
    it_mwh: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for (r, w, s, t), share in decisions.served.items():
        mw = share * facts.demand[r, w, t]
        it_mwh[s, t] += mw * facts.workloads[w]["load_factor"] * HOURS_PER_YEAR
    return it_mwh


def embodied_t(facts: ExactFacts, decisions: "Decisions") -> dict[tuple[str, int], Fraction]:
    """Tonnes in what opens and in the IT that is installed, by (site, stage)."""
    mass: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for s, site in facts.sites.items():
        before = site["existing_it_mw"] > 0
        for t in facts.stages:
            mass[s, t] += decisions.new_mw[s, t] * site["embodied_t_per_it_mw"]
            if decisions.open[s, t] and not before:
                mass[s, t] += site["embodied_t"]
                before = True
    return mass
