"""Who controls the data: rules that limit shares of demand, or ask for sites in a group.

Rules that say yes or no to a pair of user and site are settled before the model: they decide
which routes exist.
"""

from collections import defaultdict

import pyomo.environ as pyo

from models.inputs import PlanInputs, ShareRule
from models.linear import WeightedSum


def add_sovereignty(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.sovereignty`: one constraint a kind, indexed by (rule, subject, stage).

    The subject is what a row is about: a country, an operator, or `*` for the whole group.
    `served` holds the terms (MW, variable) of each row's left-hand side, `governed_mw` the
    demand its share is taken of.
    """
    block = model.sovereignty = pyo.Block()
    block.rules = {rule.rule: rule for rule in inputs.share_rules}
    block.served = defaultdict(list)
    block.governed_mw = {}
    for rule in inputs.share_rules:
        if rule.kind == "min_share_at_home":
            collect_at_home(model, inputs, rule)
        elif rule.kind != "min_sites_in":
            collect_by_subject(model, inputs, rule)
    for kind, row in (
        ("max_share_operator_outside", max_share_operator_outside),
        ("max_share_country", max_share_country),
        ("max_share_operator", max_share_operator),
        ("min_share_at_home", min_share_at_home),
    ):
        index = [key for key in block.governed_mw if block.rules[key[0]].kind == kind]
        setattr(block, kind, pyo.Constraint(index, rule=row))
    block.sites_in = {
        rule.rule: [s for s, country in inputs.sites.country.items() if country in rule.group]
        for rule in inputs.share_rules
        if rule.kind == "min_sites_in"
    }
    block.min_sites_in = pyo.Constraint(
        [
            (name, "*", t)
            for name in block.sites_in
            for t in inputs.stages
            if t >= block.rules[name].from_year
        ],
        rule=min_sites_in,
    )


def max_share_operator_outside(block: pyo.Block, rule: str, subject: str, t: int) -> object:
    r"""At most a share of the governed demand is served by operators from outside a group.

    $$\sum_{s:\,\mathrm{operator\_country}_s \notin G} x_{s,t} \le \mathrm{value} \cdot D_t$$

    Unit: IT MW; x is governed MW served from a site, D all governed MW, served or not. Source:
    instance format, "Sovereignty rules are data".
    """
    return at_most_share(block, rule, subject, t)


def max_share_country(block: pyo.Block, rule: str, country: str, t: int) -> object:
    r"""At most a share of the governed demand is served in any one country.

    $$\sum_{s:\,\mathrm{country}_s = c} x_{s,t} \le \mathrm{value} \cdot D_t
      \quad \text{for each country } c$$

    Unit: IT MW. Source: instance format, "Sovereignty rules are data".
    """
    return at_most_share(block, rule, country, t)


def max_share_operator(block: pyo.Block, rule: str, operator: str, t: int) -> object:
    r"""At most a share of the governed demand is served by any one operator.

    $$\sum_{s:\,\mathrm{operator}_s = o} x_{s,t} \le \mathrm{value} \cdot D_t
      \quad \text{for each operator } o$$

    Unit: IT MW. Source: instance format, "Sovereignty rules are data".
    """
    return at_most_share(block, rule, operator, t)


def min_share_at_home(block: pyo.Block, rule: str, country: str, t: int) -> object:
    r"""At least a share of each user country's governed demand is served in that country.

    $$\sum_{s:\,\mathrm{country}_s = c} x^c_{s,t} \ge \mathrm{value} \cdot D^c_t
      \quad \text{for each user country } c$$

    Unit: IT MW; x and D count users of country c alone. Source: instance format, "Sovereignty
    rules are data".
    """
    required_mw = block.rules[rule].value * block.governed_mw[rule, country, t]
    terms = block.served.get((rule, country, t)) or [(1.0, block.model().nothing)]
    return WeightedSum(*map(list, zip(*terms, strict=True))) >= required_mw


def min_sites_in(block: pyo.Block, rule: str, _subject: str, t: int) -> object:
    r"""At least so many sites are open in a group of countries.

    $$\sum_{s:\,\mathrm{country}_s \in G} \mathrm{in\_use}_{s,t} \ge \mathrm{value}$$

    Unit: sites. Source: instance format, "Sovereignty rules are data".
    """
    siting = block.model().siting
    sites = block.sites_in[rule]
    standing = sum(1 for s in sites if siting.sites[s]["existing_it_mw"])
    missing = block.rules[rule].value - standing
    if missing <= 0:
        return pyo.Constraint.Skip
    undecided = [siting.open[s, t] for s in sites if (s, t) in siting.open]
    undecided = undecided or [block.model().nothing]
    return WeightedSum([1.0] * len(undecided), undecided) >= missing


def at_most_share(block: pyo.Block, rule: str, subject: str, t: int) -> object:
    """Row of a `max_share_…` rule for one subject."""
    limit_mw = block.rules[rule].value * block.governed_mw[rule, subject, t]
    terms = block.served[rule, subject, t]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= limit_mw


def collect_by_subject(model: pyo.ConcreteModel, inputs: PlanInputs, rule: ShareRule) -> None:
    """Gather the terms of a `max_share_…` rule, for each subject that its sites fall under."""
    block, demand = model.sovereignty, model.demand
    subject_of = subjects(inputs, rule)
    governed = governed_demand_mw(model, inputs, rule)
    governed_mw: dict[int, float] = defaultdict(float)
    for (_, _, t), mw in governed.items():
        governed_mw[t] += mw
    if len(governed) == len(demand.demand_mw):
        # Everything is governed: a site's one load column stands for all its services.
        terms = [(s, t, 1.0, load_mw) for (s, t), load_mw in demand.load_mw.items()]
    else:
        terms = [
            (s, t, governed[r, w, t], serve)
            for (r, w, s, t), serve in demand.serve.items()
            if (r, w, t) in governed
        ]
    for s, t, mw, variable in terms:
        if s in subject_of and t in governed_mw:
            key = rule.rule, subject_of[s], t
            block.served[key].append((mw, variable))
            block.governed_mw[key] = governed_mw[t]


def collect_at_home(model: pyo.ConcreteModel, inputs: PlanInputs, rule: ShareRule) -> None:
    """Gather the terms of a `min_share_at_home` rule, for each country with governed users."""
    block, demand = model.sovereignty, model.demand
    user_country, site_country = inputs.user_country.to_dict(), inputs.sites.country.to_dict()
    for (r, w, t), mw in governed_demand_mw(model, inputs, rule).items():
        key = rule.rule, user_country[r], t
        block.governed_mw[key] = block.governed_mw.get(key, 0.0) + mw
        for serve in demand.shares[r, w, t]:
            if site_country[serve.index()[2]] == user_country[r]:
                block.served[key].append((mw, serve))


def governed_demand_mw(
    model: pyo.ConcreteModel, inputs: PlanInputs, rule: ShareRule
) -> dict[tuple[str, str, int], float]:
    """IT MW of the demand that a share rule governs, by (region, workload, stage)."""
    country = inputs.user_country.to_dict()
    return {
        (r, w, t): mw
        for (r, w, t), mw in model.demand.demand_mw.items()
        if t >= rule.from_year and w in rule.workloads and country[r] in rule.user_countries
    }


def subjects(inputs: PlanInputs, rule: ShareRule) -> dict[str, str]:
    """Subject of a `max_share_…` rule under which each site falls; none for other sites."""
    if rule.kind == "max_share_country":
        return inputs.sites.country.to_dict()
    if rule.kind == "max_share_operator":
        return inputs.sites.operator.to_dict()
    return {s: "*" for s, c in inputs.sites.operator_country.items() if c not in rule.group}
