"""Carbon, water and clean energy of a plan without slices, in fractions, and their limits."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.audit.exact_costs import embodied_t, energy_by_site
from optimizer.audit.exact_facts import ZERO, ExactFacts
from optimizer.audit.exact_report import ExactReport

if TYPE_CHECKING:
    from optimizer.audit.exact import Decisions


@dataclass
class Footprint:
    """What all sites use and emit in a year of a stage.

    Parameters
    ----------
    operating_t, embodied_t : tonnes; what is embodied counts in the stage's first year.
    water_m3, clean_mwh, facility_mwh : in any year.
    """

    operating_t: Fraction = ZERO
    embodied_t: Fraction = ZERO
    water_m3: Fraction = ZERO
    clean_mwh: Fraction = ZERO
    facility_mwh: Fraction = ZERO


def check_footprint(report: ExactReport, facts: ExactFacts, decisions: "Decisions") -> None:
    """Carbon and water keep to their caps in any year, clean energy to its share."""
    stage = footprints(facts, decisions)
    caps = facts.policy("carbon_cap", None), facts.policy("water_cap", None)
    clean_share = facts.policy("clean_share", ZERO)
    for t in facts.stages:
        own = stage[t]
        for year in facts.years(t):
            embodied = own.embodied_t if year == t else ZERO
            amounts = own.operating_t + embodied, own.water_m3
            for name, cap, amount in zip(("carbon", "water"), caps, amounts, strict=True):
                if (limit := cap(year)) is not None:
                    report.at_most("policies", amount, limit, f"{name}, {year}")
            needed_mwh = clean_share(year) * own.facility_mwh
            if needed_mwh:
                report.at_most("policies", -own.clean_mwh, -needed_mwh, f"clean energy, {year}")


def footprints(facts: ExactFacts, decisions: "Decisions") -> dict[int, Footprint]:
    """Footprint of each stage, all of its energy drawn from the grid."""
    of: dict[int, Footprint] = defaultdict(Footprint)
    for (s, t), it_mwh in energy_by_site(facts, decisions).items():
        site, node = facts.sites[s], facts.nodes[facts.sites[s]["node"]]
        facility_mwh = it_mwh * site["pue"]
        of[t].operating_t += facility_mwh * node["carbon_kg_per_mwh"] / 1000
        of[t].water_m3 += it_mwh * site["water_l_per_kwh"]
        of[t].clean_mwh += facility_mwh * node["clean_share"]
        of[t].facility_mwh += facility_mwh
    for (_, t), mass in embodied_t(facts, decisions).items():
        of[t].embodied_t += mass
    return of
