"""Every cost of a plan in fractions, discount factors included."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.audit.exact_decisions import Decisions
from optimizer.audit.exact_facts import HOURS_PER_YEAR, ZERO, ExactFacts
from optimizer.audit.exact_footprint import Footprint, energy_by_site

CAPITAL = ("opening", "it", "upgrade", "supply", "resale")


@dataclass
class Costs:
    """Costs so far.

    Parameters
    ----------
    by_kind : discounted.
    capital : what is spent on capital in a stage, undiscounted; also of years that are no stage.
    """

    facts: ExactFacts
    by_kind: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    capital: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def once(self, kind: str, year: int, amount: Fraction) -> None:
        """Add what is due once, in a year."""
        self.by_kind[kind] += amount * self.facts.worth(year)
        if kind in CAPITAL:
            self.capital[year] += amount

    def yearly(self, kind: str, stage: int, amount: Fraction) -> None:
        """Add what is due in each year of a stage."""
        self.by_kind[kind] += amount * self.facts.annuity(stage)


def decided_costs(costs: Costs, facts: ExactFacts, decisions: Decisions) -> None:
    """Costs of sites, IT, upgrades and networks, which no slice has a part in."""
    for s, site in facts.sites.items():
        before = site["existing_it_mw"] > 0
        for t in facts.stages:
            if decisions.open[s, t] and not before:
                costs.once("opening", t, site["opening_cost"])
                before = True
            costs.once("it", t, decisions.new_mw[s, t] * site["it_cost_per_mw"])
            costs.yearly("fixed", t, decisions.open[s, t] * site["fixed_cost_per_year"])
    for g, u, t in decisions.orders:
        costs.once("upgrade", t, facts.upgrades[g, u]["cost"])
    listed = facts.listed((r, s) for r, _, s, _ in decisions.served)
    for (r, w, s, t), share in decisions.served.items():
        if (r, s) in listed:
            mw = share * facts.demand[r, w, t]
            costs.yearly("network", t, mw * listed[r, s]["network_cost_per_mw_year"])


def flat_costs(costs: Costs, facts: ExactFacts, decisions: Decisions) -> None:
    """Costs of energy and of who is not served, without slices."""
    for (s, t), mwh in energy_by_site(facts, decisions).items():
        site, node = facts.sites[s], facts.nodes[facts.sites[s]["node"]]
        costs.yearly("energy", t, mwh * site["pue"] * node["energy_price_per_mwh"])
    for (r, w, t), share in decisions.unserved.items():
        mwh = share * facts.demand[r, w, t] * facts.workloads[w]["load_factor"] * HOURS_PER_YEAR
        costs.yearly("unserved", t, mwh * (facts.penalty or ZERO))


def carbon_cost(costs: Costs, facts: ExactFacts, footprint: dict[int, Footprint]) -> None:
    """Price of each year on its tonnes, that of a stage's first year on what is embodied."""
    price = facts.policy("carbon_price", ZERO)
    for t, own in footprint.items():
        costs.by_kind["carbon"] += own.operating_t * facts.annuity(t, price)
        costs.once("carbon", t, own.embodied_t * price(t))
