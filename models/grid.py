"""Power at the node: firm MW by year, and reinforcements that come a lead time after the order."""

import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.siting import never_falls


def add_grid(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.grid`.

    Sets: `ORDERS` (node, upgrade, stage) in which an upgrade may be on order or in place.

    Variables: `ordered` binary and cumulative: the upgrade was ordered in this stage or before.
    """
    grid = model.grid = pyo.Block()
    upgrades = grid.upgrades = inputs.upgrades.to_dict("index")
    grid.firm_mw = inputs.firm_mw.to_dict()
    grid.pue = inputs.sites.pue.to_dict()
    grid.lacking_mw = inputs.lacking_mw.to_dict()
    grid.only_site = inputs.only_site
    grid.stage_before = {t: inputs.before(t) for t in inputs.stages}
    grid.sites_at = {g: [] for g in inputs.nodes.index}
    for s, g in inputs.sites.node.items():
        grid.sites_at[g].append(s)
    grid.upgrades_at = {g: [] for g in inputs.nodes.index}
    for g, u in upgrades:
        grid.upgrades_at[g].append(u)
    # The last stage in which an order still comes in time for stage t; none: no such stage.
    grid.order_by = {
        (g, u, t): max(
            (
                early
                for early in inputs.stages
                if early >= upgrade["earliest_year"] and early + upgrade["lead_years"] <= t
            ),
            default=None,
        )
        for (g, u), upgrade in upgrades.items()
        for t in inputs.stages
    }
    grid.ORDERS = pyo.Set(
        dimen=3,
        initialize=[
            (g, u, t)
            for (g, u), upgrade in upgrades.items()
            for t in inputs.stages
            if t >= upgrade["earliest_year"]
        ],
    )
    # Starts at 0, and stays there where no row and no cost speaks of an upgrade.
    grid.ordered = pyo.Var(grid.ORDERS, domain=pyo.Binary, initialize=0)
    grid.ordered_once = pyo.Constraint(grid.ORDERS, rule=ordered_once)
    grid.in_sequence = pyo.Constraint(grid.ORDERS, rule=in_sequence)
    if inputs.power is None:
        grid.node_limit = pyo.Constraint(model.NODES, model.STAGES, rule=node_limit)


def ordered_once(grid: pyo.Block, g: str, u: str, t: int) -> object:
    r"""An upgrade is ordered at most once, and stays ordered.

    $$\mathrm{ordered}_{g,u,t-1} \le \mathrm{ordered}_{g,u,t}$$

    Unit: none; `ordered` is at most 1 and its cost falls where it rises. Source: instance
    format, "An upgrade is ordered at most once".
    """
    return never_falls(grid.ordered, (g, u, grid.stage_before[t]), (g, u, t))


def in_sequence(grid: pyo.Block, g: str, u: str, t: int) -> object:
    r"""An upgrade that comes after another is ordered no earlier.

    $$\mathrm{ordered}_{g,u,t} \le \mathrm{ordered}_{g,\mathrm{after}_u,t}$$

    Unit: none. Source: power through the hours, "Upgrades in sequence".
    """
    first = grid.upgrades[g, u].get("after")
    if not first:
        return pyo.Constraint.Skip
    if (g, first, t) not in grid.ordered:
        return grid.ordered[g, u, t] <= 0
    return grid.ordered[g, u, t] <= grid.ordered[g, first, t]


def node_limit(grid: pyo.Block, g: str, t: int) -> object:
    r"""Power drawn at a node is at most its firm MW and the upgrades that have come in time.

    $$\sum_{s \in g} \mathrm{pue}_s\,\mathrm{load\_mw}_{s,t} \le \mathrm{firm\_mw}_{g,t}\,
      \mathrm{open}_{g,t} + \sum_u \min(\mathrm{mw}_{g,u}, L_{g,t})\,
      \mathrm{ordered}_{g,u,t'}, \qquad
      t' = \max\{\tau : \tau + \mathrm{lead\_years}_{g,u} \le t\}$$

    where `open` is that of the node's only site, if it may be closed, else 1; $L$ is what the sites
    could draw at most beyond firm (`PlanInputs.lacking_mw`). Both are true of every plan, for a
    closed site draws nothing and no upgrade brings more than there is use for. In fractions they
    say that who opens half a site has half of its firm MW, and no third of a line that is twice as
    large as what can be drawn: of a problem of 60 sites in 8 stages that closes three quarters of
    the gap between relaxation and optimum. Unit: MW at the connection. What is installed but not
    served draws nothing. Source: instance format, "At each node and stage"; coefficient tightening,
    Savelsbergh 1994.
    """
    load_mw = grid.model().demand.load_mw
    sites = grid.sites_at[g]
    if not sites:
        return pyo.Constraint.Skip
    terms, firm_mw = [(grid.pue[s], load_mw[s, t]) for s in sites], grid.firm_mw[g, t]
    if lacking_mw := grid.lacking_mw[g, t]:
        limit, firm_mw = firm_terms(grid.model(), g, t)
        limit += [(min(mw, lacking_mw), ordered) for mw, ordered in upgrades_in_time(grid, g, t)]
        terms += [(-mw, variable) for mw, variable in limit]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= firm_mw


def firm_terms(model: pyo.ConcreteModel, g: str, t: int) -> tuple[list, float]:
    """Firm MW of a node as terms and a constant: none of use while its only site is closed."""
    firm_mw, key = model.grid.firm_mw[g, t], (model.grid.only_site.get(g), t)
    if key in model.siting.open:
        return [(firm_mw, model.siting.open[key])], 0.0
    return [], firm_mw


def upgrades_in_time(grid: pyo.Block, g: str, t: int) -> list:
    """MW of a node's upgrades and whether they were ordered in time for a stage, as terms."""
    return [
        (grid.upgrades[g, u]["mw"], grid.ordered[g, u, grid.order_by[g, u, t]])
        for u in grid.upgrades_at[g]
        if grid.order_by[g, u, t] is not None
    ]
