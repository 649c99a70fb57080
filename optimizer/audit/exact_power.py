"""What happens at each site in the slices of a stage, in fractions: load, supply, dispatch."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from optimizer.audit.exact_decisions import Decisions, HourlyDecisions
from optimizer.audit.exact_facts import ZERO
from optimizer.audit.exact_hours import ONE, HourFacts, Hours, square_root
from optimizer.audit.exact_supply import Standing
from optimizer.audit.exact_tables import Row


@dataclass(frozen=True)
class Load:
    """IT load of a workload at a site in a stage, in MW by slice.

    Parameters
    ----------
    where : names it.
    row : of the workload.
    arrived : what users send, before any of it moves.
    movable : how much of that may leave its slice.
    out, into, cut, ready : as the table `moved` has them.
    """

    where: str
    row: Row
    arrived: Hours
    movable: Hours
    out: Hours
    into: Hours
    cut: Hours
    ready: Hours

    @property
    def left(self) -> Hours:
        """What is left of it at the site in the end."""
        return self.arrived - self.out + self.into - self.cut


@dataclass(frozen=True)
class Unit:
    """A technology at a site in a stage, in MW and MWh.

    Parameters
    ----------
    where : names it.
    row : all about it.
    mw, mwh : what stands.
    could_make : by slice, nothing for a battery.
    made, charged, discharged, stored, ready : by slice, as the table `generation` has them.
    """

    where: str
    row: Row
    mw: Fraction
    mwh: Fraction
    could_make: Hours
    made: Hours
    charged: Hours
    discharged: Hours
    stored: Hours
    ready: Hours

    @property
    def battery(self) -> bool:
        """Whether it stores."""
        return bool(self.row["kind"] == "battery")

    @property
    def contract(self) -> bool:
        """Whether what it gives comes through the grid connection."""
        return bool(self.row["kind"] == "ppa")

    @cached_property
    def root(self) -> Fraction:
        """√efficiency, which a battery loses on each way."""
        return square_root(self.row["efficiency"])[0]


@dataclass(frozen=True)
class SiteHours:
    """A site in a stage, in MW by slice unless said otherwise.

    Parameters
    ----------
    site, stage : names.
    row : of the site.
    installed_mw : IT, the same in all slices.
    load : IT load in the end, campaigns included.
    it_power : what IT needs, the idle part included.
    pue : facility power by IT power.
    grid, flexible, exported : as the table `dispatch` has them.
    loads, units : what its load consists of, and what stands.
    """

    site: str
    stage: int
    row: Row
    installed_mw: Fraction
    load: Hours
    it_power: Hours
    pue: Hours
    grid: Hours
    flexible: Hours
    exported: Hours
    loads: list[Load]
    units: list[Unit]

    @property
    def where(self) -> str:
        """Names it."""
        return f"{self.site}, {self.stage}"

    @property
    def node(self) -> str:
        """Grid node that it hangs on."""
        return str(self.row["node"])

    @cached_property
    def facility(self) -> Hours:
        """What the whole site needs."""
        return self.pue * self.it_power

    @cached_property
    def drawn(self) -> Hours:
        """What it takes through its connection: from the grid, and under contracts."""
        return self.grid + self.of_units(lambda unit: unit.contract * unit.made)

    def of_units(self, amount: Callable[[Unit], Hours]) -> Hours:
        """Sum of an amount over what stands here, by slice."""
        return sum((amount(unit) for unit in self.units), self.grid * 0)


def site_hours(
    facts: HourFacts, decisions: Decisions, hourly: HourlyDecisions, standing: Standing
) -> list[SiteHours]:
    """Every site in every stage."""
    arrived = arrived_mw(facts, decisions)
    campaign_mw = campaigns_mw(facts, hourly)
    nothing = facts.constant(ZERO)
    loads: dict[tuple[str, int], list[Load]] = defaultdict(list)
    for s, w, t in sorted({*arrived, *hourly.moved}):
        row, own = facts.facts.workloads[w], arrived.get((s, w, t), nothing)
        movable = row["movable_share"] * facts.facts.sites[s]["moves_load"] * own
        load = Load(f"{w} at {s}, {t}", row, own, movable, **hourly.moved[s, w, t])
        loads[s, t].append(load)
    found = []
    for s, site in facts.facts.sites.items():
        pue, idle = facts.pue(s), site["idle_share"]
        installed_mw = site["existing_it_mw"]
        for t in facts.facts.stages:
            installed_mw += decisions.new_mw[s, t]
            load_mw = sum((own.left for own in loads[s, t]), nothing + campaign_mw[s, t])
            it_power = idle * installed_mw + (ONE - idle) * load_mw
            found.append(
                SiteHours(
                    site=s,
                    stage=t,
                    row=site,
                    installed_mw=installed_mw,
                    load=load_mw,
                    it_power=it_power,
                    pue=pue,
                    loads=loads[s, t],
                    units=units_at(facts, hourly, standing, s, t),
                    **hourly.dispatch[s, t],
                )
            )
    return found


def units_at(
    facts: HourFacts, hourly: HourlyDecisions, standing: Standing, site: str, stage: int
) -> list[Unit]:
    """Technologies at a site in a stage, but for those of which nothing stands or is said."""
    nothing, units = facts.constant(ZERO), []
    for k in facts.technologies_at[site]:
        mw, mwh = standing[site, k, stage]
        if not (mw or mwh or (site, k, stage) in hourly.generation):
            continue
        row, flows = facts.options[site, k], hourly.generation[site, k, stage]
        could_make = nothing if row["kind"] == "battery" else facts.available(site, k) * mw
        units.append(Unit(f"{k} at {site}, {stage}", row, mw, mwh, could_make, **flows))
    return units


def arrived_mw(facts: HourFacts, decisions: Decisions) -> dict[tuple[str, str, int], Hours]:
    """Share × peak MW × profile by slice, summed over regions, by (site, workload, stage)."""
    peak_mw: dict[tuple, Fraction] = defaultdict(Fraction)
    for (r, w, s, t), share in decisions.served.items():
        peak_mw[s, w, t, facts.load_profile(r, w)] += share * facts.facts.demand[r, w, t]
    arrived: dict[tuple[str, str, int], Hours] = defaultdict(lambda: facts.constant(ZERO))
    for (s, w, t, profile), mw in peak_mw.items():
        arrived[s, w, t] += mw * facts.shape(*profile)
    return dict(arrived)


def campaigns_mw(facts: HourFacts, hourly: HourlyDecisions) -> dict[tuple[str, int], Fraction]:
    """MW of training by (site, stage), the same in all slices."""
    total_mw: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for c, s in hourly.campaign_sites:
        campaign = facts.campaigns[c]
        for t in facts.facts.stages:
            if campaign["year"] <= t < campaign["until_year"]:
                total_mw[s, t] += campaign["it_mw"]
    return total_mw
