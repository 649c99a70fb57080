"""Carbon, water and clean energy of a plan, in fractions, and the policies that limit them."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.audit.exact_decisions import Decisions
from optimizer.audit.exact_facts import HOURS_PER_YEAR, ZERO, ExactFacts
from optimizer.audit.exact_report import ExactReport

FAMILY = "policies"


@dataclass
class Footprint:
    """What all sites use and emit in a year of a stage.

    Parameters
    ----------
    operating_t, embodied_t : tonnes; what is embodied counts in the stage's first year.
    water_m3, clean_mwh, facility_mwh : in any year.
    matched_mwh : clean energy up to the facility load of each slice.
    least_clean_mw : by site, the least clean power that is left in a slice to match its load.
    """

    operating_t: Fraction = ZERO
    embodied_t: Fraction = ZERO
    water_m3: Fraction = ZERO
    clean_mwh: Fraction = ZERO
    matched_mwh: Fraction = ZERO
    facility_mwh: Fraction = ZERO
    least_clean_mw: dict[str, Fraction] = field(default_factory=dict)


def check_policies(report: ExactReport, facts: ExactFacts, footprint: dict[int, Footprint]) -> None:
    """Carbon and water keep to their caps in any year, clean energy to its share.

    Where that counts hour by hour, no site charges or sells more clean energy than it has.
    """
    caps = facts.policy("carbon_cap", None), facts.policy("water_cap", None)
    clean_share = facts.policy("clean_share", ZERO)
    unit = facts.policy("clean_share", "annual", column="unit")
    for t in facts.stages:
        own = footprint[t]
        for year in facts.years(t):
            embodied = own.embodied_t if year == t else ZERO
            amounts = own.operating_t + embodied, own.water_m3
            for name, cap, amount in zip(("carbon", "water"), caps, amounts, strict=True):
                if (limit := cap(year)) is not None:
                    report.at_most(FAMILY, amount, limit, f"{name}, {year}")
            needed_mwh = clean_share(year) * own.facility_mwh
            if needed_mwh:
                by_the_hour = unit(year) == "hourly"
                had_mwh = own.matched_mwh if by_the_hour else own.clean_mwh
                report.at_most(FAMILY, -had_mwh, -needed_mwh, f"clean energy, {year}")
                for site, mw in own.least_clean_mw.items() if by_the_hour else ():
                    report.at_most(FAMILY, -mw, ZERO, f"clean energy left at {site}, {year}")


def flat_footprints(facts: ExactFacts, decisions: Decisions) -> dict[int, Footprint]:
    """Footprint of each stage without slices: all of its energy is drawn from the grid."""
    of: dict[int, Footprint] = defaultdict(Footprint)
    for (s, t), it_mwh in energy_by_site(facts, decisions).items():
        site, node = facts.sites[s], facts.nodes[facts.sites[s]["node"]]
        facility_mwh = it_mwh * site["pue"]
        of[t].operating_t += facility_mwh * node["carbon_kg_per_mwh"] / 1000
        of[t].water_m3 += it_mwh * site["water_l_per_kwh"]
        of[t].clean_mwh += facility_mwh * node["clean_share"]
        of[t].facility_mwh += facility_mwh
    for t, tonnes in embodied_in_sites(facts, decisions).items():
        of[t].embodied_t += tonnes
    return of


def energy_by_site(facts: ExactFacts, decisions: Decisions) -> dict[tuple[str, int], Fraction]:
    """IT MWh in each year of a stage, by (site, stage) that serves."""
    it_mwh: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for (r, w, s, t), share in decisions.served.items():
        mw = share * facts.demand[r, w, t]
        it_mwh[s, t] += mw * facts.workloads[w]["load_factor"] * HOURS_PER_YEAR
    return it_mwh


def embodied_in_sites(facts: ExactFacts, decisions: Decisions) -> dict[int, Fraction]:
    """Tonnes in what opens and in the IT that is installed, by stage."""
    tonnes: dict[int, Fraction] = defaultdict(Fraction)
    for s, site in facts.sites.items():
        before = site["existing_it_mw"] > 0
        for t in facts.stages:
            tonnes[t] += decisions.new_mw[s, t] * site["embodied_t_per_it_mw"]
            if decisions.open[s, t] and not before:
                tonnes[t] += site["embodied_t"]
                before = True
    return tonnes
