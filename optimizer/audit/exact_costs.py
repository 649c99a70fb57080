"""Every cost of a plan in fractions, discount factors included."""

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.audit.exact_facts import HOURS_PER_YEAR, ZERO, ExactFacts

if TYPE_CHECKING:
    from optimizer.audit.exact import Decisions

KINDS = ("opening", "it", "upgrade", "fixed", "energy", "carbon", "network", "unserved")


def recomputed_costs(
    facts: ExactFacts, decisions: "Decisions"
) -> tuple[dict[str, Fraction], dict[int, Fraction]]:
    """Discounted cost by kind, and undiscounted capital (opening, IT, upgrades) by stage."""
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
    for (s, t), it_mwh in energy_by_site(facts, decisions).items():
        site, node = facts.sites[s], facts.nodes[facts.sites[s]["node"]]
        facility_mwh = it_mwh * site["pue"]
        costs["energy"] += facility_mwh * node["energy_price_per_mwh"] * annuity[t]
        costs["carbon"] += facility_mwh * node["carbon_kg_per_mwh"] / 1000 * carbon[t]
    listed = facts.listed((r, s) for r, _, s, _ in decisions.served)
    for (r, w, s, t), share in decisions.served.items():
        if (r, s) in listed:
            mw = share * facts.demand[r, w, t]
            costs["network"] += mw * listed[r, s]["network_cost_per_mw_year"] * annuity[t]
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
