"""What a plan is measured by beside its cost, from its tables and its instance alone."""

from dataclasses import asdict, dataclass

import pandas as pd

from optimizer.finished import Finished


@dataclass(frozen=True)
class Measures:
    """Key figures of a plan; none of them is discounted.

    Parameters
    ----------
    carbon_t : carbon dioxide of all years until the horizon, embodied included.
    mean_rtt_ms : round trip of what is served, weighted by MW and by the years of its stage;
        0 where nothing is served.
    foreign_share : part of what is served, weighted alike, that is served by an operator whose
        country of control is not the user's.
    water_m3 : of all years until the horizon.
    largest_site_share, largest_node_share, largest_operator_share : part of what is served in the
        stage in which it is greatest, that the largest site, grid node or operator serves: what
        fails with it.
    """

    carbon_t: float
    mean_rtt_ms: float
    foreign_share: float
    water_m3: float
    largest_site_share: float
    largest_node_share: float
    largest_operator_share: float

    def as_dict(self) -> dict[str, float]:
        """Figures by name."""
        return asdict(self)


# How each is told, with its unit.
NAMES = {
    "carbon_t": ("carbon dioxide of all years", "t"),
    "mean_rtt_ms": ("mean round trip", "ms"),
    "foreign_share": ("share under foreign control", "%"),
    "water_m3": ("water of all years", "m³"),
    "largest_site_share": ("largest share of one site", "%"),
    "largest_node_share": ("largest share of one node", "%"),
    "largest_operator_share": ("largest share of one operator", "%"),
}


def measure(run: Finished) -> Measures:
    """Measure a plan."""
    serving, sites = run.serving, run.sites
    years = serving.year.map({t: len(run.years_of(t)) for t in run.stages}).astype(float)
    weight = serving.it_mw * years
    total = weight.sum() or 1.0
    foreign = serving.user_country != serving.operator_country
    return Measures(
        carbon_t=carbon_t(run),
        mean_rtt_ms=float((weight * serving.rtt_ms).sum() / total),
        foreign_share=float(weight[foreign].sum() / total),
        water_m3=water_m3(run),
        largest_site_share=largest_share(serving, serving.site),
        largest_node_share=largest_share(serving, serving.site.map(sites.node)),
        largest_operator_share=largest_share(serving, serving.site.map(sites.operator)),
    )


def carbon_t(run: Finished) -> float:
    """Tonnes of all years: what is emitted in each, and what is embodied in what is built."""
    years = run.tables["energy"].year.map({t: len(run.years_of(t)) for t in run.stages})
    emitted = float((run.tables["energy"].carbon_t * years).sum())
    if run.hourly:
        return emitted + float(run.tables["footprint"].embodied_t.sum())
    own = run.instance.tables["sites"].set_index("site")
    opened = run.sites.index[run.sites.opened_year.notna() & (run.sites.existing_it_mw == 0)]
    installed = run.tables["capacity"].groupby("site").new_it_mw.sum()
    per_mw = own.embodied_t_per_it_mw.reindex(installed.index)
    return emitted + float(own.embodied_t[opened].sum() + (installed * per_mw).sum())


def water_m3(run: Finished) -> float:
    """Cubic metres of all years: a litre per kWh is a cubic metre per MWh."""
    energy = run.tables["energy"]
    litres = run.instance.tables["sites"].set_index("site").water_l_per_kwh
    years = energy.year.map({t: len(run.years_of(t)) for t in run.stages})
    return float((energy.it_mwh * energy.site.map(litres) * years).sum())


def largest_share(serving: pd.DataFrame, owner: pd.Series) -> float:
    """Largest part of what is served in a stage that one owner serves."""
    by_owner = serving.it_mw.groupby([serving.year, owner]).sum()
    if by_owner.empty:
        return 0.0
    return float((by_owner / by_owner.groupby(level=0).transform("sum")).max())
