"""How large a model will be, counted from its inputs before anything is built."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.footprint import clean_shares
from models.inputs import PlanInputs, ShareRule
from models.sovereignty import subjects


@dataclass
class Size:
    """Rows, columns and nonzeros of a model; what nothing speaks of may be counted with it."""

    rows: int = 0
    columns: int = 0
    nonzeros: int = 0

    def add(self, rows: int, nonzeros: int) -> None:
        """Count rows that hold so many nonzeros together."""
        self.rows += int(rows)
        self.nonzeros += int(nonzeros)

    def add_columns(self, *columns: int) -> None:
        """Count columns."""
        self.columns += int(sum(columns))


@dataclass
class Frame:
    """What sizes are counted over, as arrays: one entry a site, route or stage.

    Parameters
    ----------
    inputs : the problem.
    size : what was counted so far.
    """

    inputs: PlanInputs
    size: Size = field(default_factory=Size)

    @cached_property
    def available(self) -> np.ndarray:
        """Whether something new may stand at a site, (sites, stages)."""
        earliest = self.inputs.sites.earliest_year.to_numpy()
        return earliest[:, None] <= np.array(self.inputs.stages)

    @cached_property
    def open(self) -> np.ndarray:
        """Where a site may open, (sites, stages)."""
        return self.available & ~self.standing[:, None]

    @cached_property
    def standing(self) -> np.ndarray:
        """Whether a site has capacity from the start, (sites,)."""
        return self.inputs.sites.existing_it_mw.to_numpy(float) > 0

    @cached_property
    def extended(self) -> np.ndarray:
        """Where any amount may be bought, (sites, stages)."""
        sites = self.inputs.sites
        room = (sites.max_it_mw > sites.existing_it_mw) & self.inputs.most_blocks.isna()
        return self.available & room.to_numpy()[:, None]

    @cached_property
    def blocks(self) -> np.ndarray:
        """Where whole blocks may be bought, (sites, stages)."""
        return self.available & (self.inputs.most_blocks > 0).to_numpy()[:, None]

    @cached_property
    def bought(self) -> np.ndarray:
        """Whether a column says what was bought, (sites, stages)."""
        return self.extended | self.blocks

    @cached_property
    def site(self) -> np.ndarray:
        """Position of a route's site, (routes,)."""
        return self.inputs.routed_site

    @cached_property
    def service(self) -> np.ndarray:
        """Where `serve` has a column, (routes, stages)."""
        return self.inputs.service

    def rise(self, columns: np.ndarray, priced: Iterable[float], stage: int) -> int:
        """Nonzeros of what a cumulative column gains in a stage, where that has a price."""
        both = columns[:, max(stage - 1, 0) : stage + 1].sum(axis=1)
        return int(both[np.nan_to_num(np.asarray(priced, dtype=float)) != 0].sum())


def count_siting(frame: Frame) -> None:
    """Count sites, what is bought, who is served, and upgrades."""
    size, inputs = frame.size, frame.inputs
    for columns in (frame.open, frame.extended, frame.blocks):
        kept = (columns[:, 1:] & columns[:, :-1]).sum()
        size.add_columns(columns.sum())
        size.add(kept, 2 * kept)
    halls = (frame.open & frame.bought).sum()
    size.add(halls, 2 * halls)
    services, stations = frame.service.sum(), frame.open.size
    demands = len(inputs.demand_mw)
    may_fail = inputs.unserved_penalty_per_mwh is not None
    size.add_columns(services, stations, demands * may_fail, 1)
    size.add(demands, services + (demands if may_fail else unreached(frame)))
    size.add(stations, services + stations)
    count_upgrades(frame)


def unreached(frame: Frame) -> int:
    """How many demands no route serves: their rows are stated on the column that is always 0."""
    demands = frame.inputs.routes.index.droplevel("site")
    served = sum(demands[column].nunique() for column in frame.service.T)
    return len(frame.inputs.demand_mw) - served


def count_upgrades(frame: Frame) -> None:
    """Count upgrades on order."""
    inputs, size = frame.inputs, frame.size
    for (_, _), upgrade in inputs.upgrades.iterrows():
        orders = sum(t >= upgrade.earliest_year for t in inputs.stages)
        size.add_columns(orders)
        size.add(max(orders - 1, 0), 2 * max(orders - 1, 0))
        if upgrade.after:
            size.add(orders, 2 * orders)


def in_time(inputs: PlanInputs) -> dict[tuple[str, int], int]:
    """How many upgrades of a node may have come by a stage."""
    come: dict[tuple[str, int], int] = {}
    for (node, _), upgrade in inputs.upgrades.iterrows():
        orders = [t for t in inputs.stages if t >= upgrade.earliest_year]
        for stage in inputs.stages:
            ready = any(t + upgrade.lead_years <= stage for t in orders)
            come[node, stage] = come.get((node, stage), 0) + ready
    return come


def firm_at_gate(inputs: PlanInputs, node: str, stage: int) -> bool:
    """Whether firm MW of a node are there only while its only site is open."""
    site = inputs.only_site.get(node)
    opens = site is not None and inputs.sites.earliest_year[site] <= stage
    return opens and bool(inputs.firm_mw[node, stage])


def count_peaks(frame: Frame) -> None:
    """Count capacity and node limits where there are no slices."""
    inputs, size = frame.inputs, frame.size
    size.add(frame.open.size, frame.open.size + frame.bought.sum())
    upgrades = in_time(inputs)
    for node, sites in inputs.sites.groupby("node").size().items():
        for stage in inputs.stages:
            limit = upgrades.get((node, stage), 0) + firm_at_gate(inputs, node, stage)
            size.add(1, sites + (limit if inputs.lacking_mw[node, stage] else 0))
    for position, served in enumerate(frame.service.sum(axis=0)):
        count_yearly(frame, position, served, served, served)


def count_rules(frame: Frame) -> None:
    """Count the rows of share rules."""
    for rule in frame.inputs.share_rules:
        if rule.kind == "min_sites_in":
            count_sites_in(frame, rule)
        else:
            count_shares(frame, rule)


def count_sites_in(frame: Frame, rule: ShareRule) -> None:
    """Count the rows of a rule that asks for sites."""
    inside = frame.inputs.sites.country.isin(rule.group).to_numpy()
    if rule.value > frame.standing[inside].sum():
        for position, stage in enumerate(frame.inputs.stages):
            if stage >= rule.from_year:
                frame.size.add(1, max(frame.open[inside, position].sum(), 1))


def count_shares(frame: Frame, rule: ShareRule) -> None:
    """Count the rows of a rule that limits shares: one a subject and stage."""
    inputs, size = frame.inputs, frame.size
    routes, demands = inputs.routes.index, inputs.demand_mw.index

    def governed(keys: object) -> np.ndarray:
        country = keys.get_level_values("region").map(inputs.user_country)  # type: ignore[attr-defined]
        workload = keys.get_level_values("workload")  # type: ignore[attr-defined]
        return np.asarray(workload.isin(rule.workloads) & country.isin(rule.user_countries))

    later = np.array(inputs.stages) >= rule.from_year
    asked = governed(demands) & (demands.get_level_values("stage") >= rule.from_year)
    counted = frame.service & governed(routes)[:, None] & later
    if rule.kind == "min_share_at_home":
        country = demands.get_level_values("region").map(inputs.user_country)
        subject = list(zip(country[asked], demands.get_level_values("stage")[asked], strict=True))
        user = routes.get_level_values("region").map(inputs.user_country).to_numpy()
        home = user == inputs.sites.country.to_numpy()[frame.site]
        size.add(len(set(subject)), counted[home].sum() + len(set(subject)))
        return
    subject_of = subjects(inputs, rule)
    of_site = [subject_of.get(s) for s in inputs.sites.index]
    falls = np.array([subject is not None for subject in of_site], dtype=bool)
    if asked.all():
        stages = set(demands.get_level_values("stage"))
        terms = np.repeat([[t in stages for t in inputs.stages]], len(of_site), axis=0)
        terms[~falls] = False
        size.nonzeros += int(terms.sum())
    else:
        terms = np.zeros(frame.open.shape, dtype=bool)
        kept = counted & falls[frame.site][:, None]
        for position in range(len(inputs.stages)):
            terms[frame.site[kept[:, position]], position] = True
        size.nonzeros += int(kept.sum())
    size.rows += len({(of_site[i], t) for i, t in np.argwhere(terms)})


def count_yearly(frame: Frame, position: int, carbon: int, water: int, clean: int) -> None:
    """Count the limits on a stage's years, of so many terms, and its budget."""
    inputs, size, sites = frame.inputs, frame.size, frame.inputs.sites
    stage = inputs.stages[position]
    years = inputs.years(stage)
    if inputs.carbon_cap_t is not None:
        first, *later = (bool(np.isfinite(inputs.carbon_cap_t[year])) for year in years)
        embodied = (
            frame.rise(frame.open, sites.embodied_t, position)
            + frame.rise(frame.bought, sites.embodied_t_per_it_mw, position)
            + ordered(frame, stage)
        )
        size.add(first + any(later), carbon * (first + any(later)) + embodied * first)
    water_cap = inputs.water_cap_m3
    if water_cap is not None and any(np.isfinite(water_cap[year]) for year in years):
        size.add(1, water)
    if stage in clean_shares(inputs, hourly=False):
        size.add(1, clean)
    if np.isfinite(inputs.capital_budget[stage]):
        upgrades = [
            (t >= upgrade.earliest_year)
            for _, upgrade in inputs.upgrades.iterrows()
            if upgrade.cost
            for t in (stage, inputs.before(stage))
            if t is not None
        ]
        spent = (
            frame.rise(frame.open, sites.opening_cost, position)
            + frame.rise(frame.bought, sites.it_cost_per_mw, position)
            + sum(upgrades)
            + ordered(frame, stage)
        )
        size.add(1, spent)


def ordered(frame: Frame, stage: int) -> int:
    """Columns of supply that may be ordered or retired in a stage."""
    power = frame.inputs.power
    if power is None:
        return 0
    columns = 0
    for (_, k), allowed in power.allowed.iterrows():
        units = 2 if power.technologies.kind[k] == "battery" else 1
        for order in frame.inputs.stages:
            stands = power.stands(k, order, frame.inputs.stages)
            if allowed.max_mw > 0 and order >= allowed.earliest_year:
                columns += units * (stage in stands[1:]) + units * (order == stage and bool(stands))
    return columns
