"""The order of an audit: read the run, check its decisions, compare everything that follows."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.audit import constraints
from optimizer.audit.blocks import Numbers
from optimizer.audit.costs import KEYS, energy_by_site, recomputed_costs
from optimizer.audit.derived import check_orders, check_services, check_sites, compare
from optimizer.audit.eligibility import Eligibility, check_ineligible, check_served_pairs
from optimizer.audit.facts import Facts
from optimizer.audit.footprint import check_policies, flat_footprints
from optimizer.audit.power_review import Use, audit_power
from optimizer.audit.report import AuditReport, Ledger
from optimizer.audit.sovereignty import check_compliance, check_rules, rule_rows
from optimizer.audit.tables import check_complete, read_tables, shapes_of
from optimizer.errors import SitewattError
from optimizer.files import MOST_BYTES_OF_PLAN, read_bytes
from optimizer.instance import Instance, read_instance
from optimizer.run_files import is_finite

MOST_PAIRS = 5_000_000


def audit_run(run: Path, *, thorough: bool | None = None) -> AuditReport:
    """Recompute every constraint and every cost of a run from its folder alone.

    Parameters
    ----------
    run : folder with plan.json, tables/ and instance/.
    thorough : count ruled-out pairs again, over all regions and sites; None: where these are
        few enough to take seconds (MOST_PAIRS).

    Raises
    ------
    SitewattError
        The folder is no run. What is wrong within a run is a violation, not an error.
    InvalidInstance
        The run's copy of its instance is damaged.
    """
    for needed in ("plan.json", "tables", "instance"):
        if not (run / needed).exists():
            raise SitewattError(f"{run} is no run of sitewatt: it has no {needed}.")
    ledger = Ledger()
    instance = read_instance(run / "instance")
    facts = Facts(instance)
    plan = read_plan(ledger, run / "plan.json")
    tables = read_tables(ledger, facts, run / "tables")
    if len(tables) < len(shapes_of(facts)):
        return ledger.report()  # Whatever else is wrong would only follow from this.
    if thorough is None:
        pairs = len(facts.sites) * len(facts.regions) * len(facts.workloads)
        thorough = pairs <= MOST_PAIRS
    objective = audit_tables(ledger, facts, tables, thorough=thorough)
    check_plan(ledger, instance, plan, objective)
    return ledger.report()


def audit_tables(
    ledger: Ledger, facts: Facts, tables: dict[str, pd.DataFrame], *, thorough: bool
) -> float:
    """Check decisions, compare what follows from them; returns their discounted cost."""
    serving = with_demand(ledger, facts, "serving", tables["serving"])
    unserved = with_demand(ledger, facts, "unserved", tables["unserved"])
    site_keys, node_keys = facts.grid_of_keys("site"), facts.grid_of_keys("node")
    capacity = check_complete(ledger, "capacity", tables["capacity"], site_keys)
    grid_use = check_complete(ledger, "grid_use", tables["grid_use"], node_keys)
    sites = check_complete(ledger, "sites", tables["sites"], site_keys[["site"]].drop_duplicates())
    upgrades = known_orders(ledger, facts, tables["upgrades"])

    installed = capacity.groupby("site").new_it_mw.cumsum()
    capacity["installed"] = installed + capacity.site.map(facts.sites.existing_it_mw)
    stages = facts.node_stages.assign(upgraded=constraints.upgraded_mw(facts, upgrades))
    limit_mw = (stages.firm_mw + stages.upgraded).to_numpy(dtype=float)
    own_tables = tables | {
        "serving": serving,
        "unserved": unserved,
        "capacity": capacity,
        "upgrades": upgrades,
    }

    judge = Eligibility(facts)
    rtt_ms = check_served_pairs(ledger, judge, serving)
    constraints.check_demand(ledger, facts, serving, unserved)
    constraints.check_siting(ledger, facts, capacity)
    constraints.check_capacity(ledger, facts, capacity)
    constraints.check_upgrades(ledger, facts, upgrades)
    if facts.hourly:
        use = audit_power(ledger, facts, judge, own_tables, limit_mw)
    else:
        use = audit_peaks(ledger, facts, own_tables, limit_mw)
    rules = rule_rows(facts, serving, capacity)
    check_rules(ledger, rules)
    constraints.check_budget(ledger, facts, use.costs)

    check_sites(ledger, facts, sites, capacity)
    check_services(ledger, serving, unserved, rtt_ms)
    check_orders(ledger, facts, upgrades)
    keys = ["site", "year"]
    own = capacity[[*keys, "installed"]].rename(columns={"installed": "installed_it_mw"})
    own = own.assign(served_it_mw=use.served, facility_mw=use.facility)
    compare(ledger, "capacity", capacity, own, keys)
    stages = stages.rename(columns={"upgraded": "upgrade_mw"}).assign(
        drawn_mw=use.drawn, headroom_mw=limit_mw - use.drawn, unpowered_mw=use.unpowered
    )
    compare(ledger, "grid_use", grid_use, stages, ["node", "year"])
    compare(ledger, "energy", tables["energy"], use.energy, keys)
    compare(ledger, "costs", tables["costs"], use.costs, KEYS)
    check_compliance(ledger, rules, tables["compliance"])
    if thorough:
        check_ineligible(ledger, judge, tables["ineligible"])
    return float(use.costs.discounted_cost.sum())


def audit_peaks(
    ledger: Ledger, facts: Facts, tables: dict[str, pd.DataFrame], limit_mw: Numbers
) -> Use:
    """Check what happens at peak and over a year, where there are no slices.

    Parameters
    ----------
    tables : as `audit_power` wants them.
    limit_mw : firm MW and upgrades at every node and stage.
    """
    serving, capacity = tables["serving"], tables["capacity"]
    pue = capacity.site.map(facts.sites.pue).to_numpy(dtype=float)
    served = constraints.served_mw(serving, capacity)
    node_years = [capacity.site.map(facts.sites.node), capacity.year]
    keys = pd.MultiIndex.from_frame(facts.node_stages[["node", "year"]])
    drawn, full = (
        (mw * pue).groupby(node_years).sum().reindex(keys, fill_value=0.0).to_numpy()
        for mw in (served, capacity.installed)
    )
    constraints.check_served(ledger, capacity.assign(served=served))
    constraints.check_grid(ledger, facts.node_stages, drawn, limit_mw)
    energy = energy_by_site(facts, serving)
    footprint = flat_footprints(facts, capacity, energy)
    check_policies(ledger, facts, footprint)
    return Use(
        served=served.to_numpy(),
        facility=served.to_numpy() * pue,
        drawn=drawn,
        unpowered=(full - limit_mw).clip(min=0.0),
        energy=energy,
        costs=recomputed_costs(
            facts, capacity, serving, tables["unserved"], tables["upgrades"], footprint
        ),
    )


def with_demand(ledger: Ledger, facts: Facts, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of shares with the IT MW they stand for, as `mw`; only where demand is."""
    keys = ["region", "workload", "year"]
    demand = facts.demand.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
    known = ~pd.isna(demand)
    ledger.holds(
        "demand",
        table[keys],
        known,
        name + " speaks of {workload} of {region} in {year}, where there is no demand",
    )
    return table.assign(mw=table.share * demand)[known].reset_index(drop=True)


def known_orders(ledger: Ledger, facts: Facts, upgrades: pd.DataFrame) -> pd.DataFrame:
    """Orders of upgrades that their node has an option of."""
    named = upgrades[["node", "upgrade"]]
    known = pd.MultiIndex.from_frame(named).isin(facts.upgrades.index)
    ledger.holds("upgrades", named, known, "the instance has no upgrade {upgrade} at {node}")
    return upgrades[known].reset_index(drop=True)


def read_plan(ledger: Ledger, path: Path) -> dict[str, Any]:
    """plan.json, empty where it cannot be read."""
    content, problems = read_bytes(path, "plan.json", MOST_BYTES_OF_PLAN)
    try:
        plan, trouble = json.loads(content or b"{}"), "".join(map(str, problems))
    except (ValueError, RecursionError) as error:
        plan, trouble = {}, f"plan.json cannot be read: {error}"
    if not isinstance(plan, dict):
        plan, trouble = {}, "plan.json holds no object"
    ledger.fact("tables", not trouble, "plan.json", trouble)
    return plan


def check_plan(ledger: Ledger, instance: Instance, plan: dict[str, Any], cost: float) -> None:
    """plan.json states the plan's cost, a bound no higher, their gap, and whose plan it is.

    objective is the sum of discounted costs; bound <= objective; gap is their difference over
    max(|objective|, 1e-9); a plan called optimal has no larger gap than was asked for.
    """
    figures = pd.DataFrame({"figure": ["objective", "bound", "gap"]})
    objective, bound, gap = (finite(plan.get(figure)) for figure in figures.figure)
    known = [not math.isnan(value) for value in (objective, bound, gap)]
    ledger.holds("objective", figures, known, "plan.json has no finite {figure}")
    ledger.equal(
        "objective",
        figures[:1],
        objective,
        cost,
        "the objective is {amount}, but the plan's costs add up to {limit}",
    )
    ledger.at_most(
        "objective",
        figures[1:2],
        bound,
        objective,
        "the bound {amount} is above the objective {limit}",
    )
    ledger.equal(
        "objective",
        figures[2:],
        gap,
        (objective - bound) / max(abs(objective), 1e-9),
        "the gap is {amount}, but between objective and bound it is {limit}",
    )
    options = plan.get("options")
    asked = finite(options.get("gap")) if isinstance(options, dict) else math.nan
    if plan.get("status") == "optimal" and not math.isnan(asked):
        ledger.at_most(
            "objective",
            figures[2:],
            gap,
            asked,
            "the plan is called optimal with a gap of {amount}, {limit} was asked for",
        )
    for key, own in (
        ("instance_sha256", instance.sha256),
        ("instance_name", instance.manifest.name),
        ("currency", instance.manifest.currency),
    ):
        ledger.fact(
            "identity",
            plan.get(key) == own,
            key,
            f"plan.json: {key} is {plan.get(key)}, but the instance's is {own}",
        )


def finite(value: Any) -> float:
    """A JSON number, NaN for anything else."""
    return float(value) if is_finite(value) else math.nan
