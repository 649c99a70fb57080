"""What is legal in the tables of power but odd."""

from collections.abc import Callable

import pandas as pd

from optimizer.patient import Found, Patient, named
from optimizer.prepare_power import load_classes

# Load is stated at its peak: slices that show less than this of it leave the peak out.
NEAR_PEAK = 0.85
# A battery that takes six weeks to empty is in kWh, or a reservoir.
MOST_HOURS_OF_STORAGE = 1_000
# No place on earth was ever hotter: more is in Kelvin, or in Fahrenheit.
MOST_CELSIUS = 60


def peaks_missed(patient: Patient) -> Found:
    """Load that comes near its peak in no slice, so that nothing is built for it."""
    slices = patient.table("slices").set_index("slice")
    if slices.empty:
        return
    profiles = patient.table("profiles").pivot(index="profile", columns="slice", values="value")
    demanded = pd.MultiIndex.from_frame(patient.demand[["region", "workload"]].drop_duplicates())
    loads, _ = load_classes(
        patient.instance, slices, profiles.reindex(columns=slices.index), demanded
    )
    low = loads.index[loads.max(axis="columns") < NEAR_PEAK]
    message = f"load is below {NEAR_PEAK:g} of its peak in every slice where it follows"
    yield from named("demand_profiles", message, low)


def profiles_nobody_follows(patient: Patient) -> Found:
    """Profiles that nothing follows."""
    users = ("demand_profiles", "place_profiles", "technologies", "technology_profiles")
    followed = {name for table in users for name in patient.table(table).profile}
    for table in ("profiles", "local_profiles"):
        names = patient.table(table).profile
        yield from named(table, "nothing follows", names[~names.isin(followed)])


def temperatures_in_other_units(patient: Patient) -> Found:
    """Temperatures that no place on earth has in °C."""
    places, profiles = patient.table("place_profiles"), patient.table("profiles")
    temperature = profiles.profile.isin(places.profile[places.quantity == "temperature"])
    hot = profiles.profile[temperature & (profiles.value > MOST_CELSIUS)]
    yield from named("profiles", f"above {MOST_CELSIUS} °C, is that in °C? At", hot)


def technologies_nobody_may_build(patient: Patient) -> Found:
    """Technologies that no site allows."""
    allowed = patient.table("site_technologies")
    names = patient.table("technologies").technology
    unused = names[~names.isin(allowed.technology[allowed.max_mw > 0])]
    yield from named("technologies", "no site allows", unused)


def storage_for_weeks(patient: Patient) -> Found:
    """Batteries that take weeks to empty, as those whose MWh are kWh do."""
    allowed = patient.table("site_technologies")
    long = allowed[
        (allowed.max_mw > 0) & (allowed.max_mwh > MOST_HOURS_OF_STORAGE * allowed.max_mw)
    ]
    message = f"max_mwh is above {MOST_HOURS_OF_STORAGE:,} hours of max_mw, is that in kWh? At"
    yield from named("site_technologies", message, long.site + "/" + long.technology)


def flexible_grid_at_unused_nodes(patient: Patient) -> Found:
    """Flexible power that nobody would draw."""
    nodes = patient.table("flexible_grid").node
    unused = nodes[~nodes.isin(patient.table("sites").node)]
    yield from named("flexible_grid", "no site draws from", unused)


POWER_CHECKS: tuple[Callable[[Patient], Found], ...] = (
    peaks_missed,
    profiles_nobody_follows,
    temperatures_in_other_units,
    technologies_nobody_may_build,
    storage_for_weeks,
    flexible_grid_at_unused_nodes,
)
