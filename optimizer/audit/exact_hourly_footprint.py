"""Carbon, water and clean energy of a plan with slices, in fractions."""

from collections import defaultdict
from fractions import Fraction

import numpy as np

from optimizer.audit.exact_decisions import Decisions, HourlyDecisions
from optimizer.audit.exact_facts import ZERO
from optimizer.audit.exact_footprint import Footprint, embodied_in_sites
from optimizer.audit.exact_hours import HourFacts
from optimizer.audit.exact_power import SiteHours


def hourly_footprints(
    facts: HourFacts, decisions: Decisions, hourly: HourlyDecisions, sites: list[SiteHours]
) -> dict[int, Footprint]:
    """Footprint of each stage: of what is drawn, made, held ready for cuts, and embodied."""
    of: dict[int, Footprint] = defaultdict(Footprint)
    for at in sites:
        add_site(of[at.stage], facts, at)
    for t, tonnes in embodied_in_sites(facts.facts, decisions).items():
        of[t].embodied_t += tonnes
    for (s, k, year), amount in hourly.supply.items():
        option = facts.options[s, k]
        for size in ("mw", "mwh"):
            of[year].embodied_t += amount[size] * option[f"embodied_t_per_{size}"]
    return of


def add_site(own: Footprint, facts: HourFacts, at: SiteHours) -> None:
    """Add a site to its stage.

    Clean are clean technologies' energy and the grid's `clean_share`, less what is sold. To match
    the load of a slice, discharging adds to that and charging takes off it.
    """
    weights, nothing = facts.weight_hours, facts.constant(ZERO)
    grid_kg = (at.grid * facts.carbon(at.node)) @ weights
    supply_kg = at.of_units(lambda unit: unit.row["carbon_kg_per_mwh"] * unit.made) @ weights
    own.operating_t += (grid_kg + supply_kg + event_kg(facts, at)) / 1000
    own.water_m3 += at.row["water_l_per_kwh"] * (at.it_power @ weights)
    clean_of_grid = facts.facts.nodes[at.node]["clean_share"] * at.grid
    clean = at.of_units(lambda unit: unit.row["clean"] * unit.made) + clean_of_grid - at.exported
    left = clean + at.of_units(lambda unit: unit.discharged - unit.charged)
    matched = np.minimum(np.maximum(left, nothing), np.maximum(at.facility, nothing))
    own.clean_mwh += clean @ weights
    own.matched_mwh += matched @ weights
    own.facility_mwh += at.facility @ weights
    own.least_clean_mw[at.site] = left.min()


def event_kg(facts: HourFacts, at: SiteHours) -> Fraction:
    """Kg a year in the hours that are cut: of what is held ready in the dirtiest slice."""
    hourly_kg = at.of_units(lambda unit: unit.row["carbon_kg_per_mwh"] * unit.ready)
    return Fraction(facts.flexible(at.node, at.stage).curtailed_hours * hourly_kg.max())
