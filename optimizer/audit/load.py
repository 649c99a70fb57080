"""Load through the hours: what arrives at a site, what is moved or cut, and training campaigns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Block, Numbers
from optimizer.audit.eligibility import MAY_SERVE, Eligibility
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger


@dataclass(frozen=True)
class Load:
    """IT load of each workload at each site and stage, and what becomes of it, in MW.

    Parameters
    ----------
    rows : site, workload, year.
    arrived : what users send, before any of it moves.
    out, into, cut, ready : as the table `moved` has them.
    campaigns : MW of training at each of `site_rows`, the same in all slices.
    at_sites : IT load of each of `site_rows` in the end.
    """

    rows: Block
    arrived: Numbers
    out: Numbers
    into: Numbers
    cut: Numbers
    ready: Numbers
    campaigns: Numbers
    at_sites: Numbers

    def of_workload(self, power: PowerFacts, column: str) -> Numbers:
        """A column of `workloads` for each row."""
        workloads = power.facts.workloads[column]
        return self.rows.keys.workload.map(workloads).to_numpy(dtype=float)[:, None]

    def movable(self, power: PowerFacts) -> Numbers:
        """What may leave its slice: movable_share of what arrived where the site moves load."""
        moves = self.rows.keys.site.map(power.facts.sites.moves_load).to_numpy(dtype=float)
        return self.of_workload(power, "movable_share") * moves[:, None] * self.arrived


def load_of(power: PowerFacts, tables: dict[str, pd.DataFrame], serving: pd.DataFrame) -> Load:
    """Work out the load of every site from what it serves, moves and trains.

    A workload's load in a slice is share × peak MW × profile, summed over regions; at the site it
    is less what leaves the slice or is cut, plus what comes from others; campaigns come on top.

    Parameters
    ----------
    serving : with the audit's own `mw`.
    """
    keys = ["site", "workload", "year"]
    named = pd.concat([serving[keys], tables["moved"][keys]]).drop_duplicates()
    rows = Block(named, power.slices.index)
    pairs = serving[["region", "workload"]].drop_duplicates().reset_index(drop=True)
    shapes = power.load_shapes(pairs)
    pair_of = pd.MultiIndex.from_frame(pairs).get_indexer(
        pd.MultiIndex.from_frame(serving[["region", "workload"]])
    )
    arrived = rows.zeros
    # Pair by pair of few region-workloads, for routes × slices at once could fill the memory.
    for part in np.array_split(np.arange(len(serving)), 1 + len(serving) // 20_000):
        mw = serving.mw.to_numpy()[part, None] * shapes[pair_of[part]]
        arrived += rows.total(serving.iloc[part], mw)
    moved = {
        name: rows.spread(tables["moved"], column)
        for name, column in {
            "out": "out_mw",
            "into": "in_mw",
            "cut": "cut_mw",
            "ready": "ready_mw",
        }.items()
    }
    campaigns = campaign_mw(power, tables["campaign_sites"])
    left = arrived - moved["out"] + moved["into"] - moved["cut"]
    at_sites = power.site_rows.total(rows.keys, left) + campaigns
    return Load(rows=rows, arrived=arrived, campaigns=campaigns, at_sites=at_sites, **moved)


def campaign_mw(power: PowerFacts, campaign_sites: pd.DataFrame) -> Numbers:
    """MW of campaigns at each of `site_rows`, as a column.

    A campaign runs in every stage whose year is from `year` to before `until_year`.
    """
    runs = campaign_sites.merge(power.tables["campaigns"], on="campaign")
    stages = pd.DataFrame({"stage": list(power.facts.stages)})
    runs = runs.merge(stages, how="cross")
    runs = runs[(runs.stage >= runs.year) & (runs.stage < runs.until_year)]
    mw = runs.it_mw.to_numpy(dtype=float)[:, None]
    return power.site_rows.total(runs[["site"]].assign(year=runs.stage), mw)


def check_moves(ledger: Ledger, power: PowerFacts, load: Load) -> None:
    """What moves stays within its share and its day; so does what is cut.

    In a slice at most `movable_share` of a workload's load leaves it at a site that moves load,
    for other slices or for good. What comes into the slices of a day is what left others of them.
    Over a day at most `cut_share` of the workload's energy there is cut.
    """
    cells = load.rows.cells
    for name, values in (
        ("leaves", load.out),
        ("comes in", load.into),
        ("is cut", load.cut),
        ("is held ready", load.ready),
    ):
        ledger.at_least(
            "movable load",
            cells,
            values.ravel(),
            0.0,
            f"{{amount}} MW of {{workload}} at {{site}} {name} in slice {{slice}} of {{year}}",
        )
    ledger.at_most(
        "movable load",
        cells,
        (load.out + load.cut).ravel(),
        load.movable(power).ravel(),
        "{amount} MW of {workload} at {site} leave slice {slice} of {year}, at most {limit} may",
    )
    days = pd.Index([power.slices.day.iloc[day[0]] for day in power.days])
    cells = Block(load.rows.keys, days).cells.rename(columns={"slice": "day"})
    out, into, cut, arrived = (
        power.by_day(values * power.hours)
        for values in (load.out, load.into, load.cut, load.arrived)
    )
    ledger.equal(
        "movable load",
        cells,
        into.ravel(),
        out.ravel(),
        "{amount} MWh of {workload} at {site} come into slices of day {day} in {year},"
        " but {limit} leave others",
    )
    ledger.at_most(
        "movable load",
        cells,
        cut.ravel(),
        (load.of_workload(power, "cut_share") * arrived).ravel(),
        "{amount} MWh of {workload} at {site} are cut on day {day} in {year}, at most {limit} may",
    )


def check_campaigns(
    ledger: Ledger, power: PowerFacts, judge: Eligibility, campaign_sites: pd.DataFrame
) -> None:
    """Every campaign that a stage needs runs at one site, which the rules on pairs allow.

    They are judged for a user of its workload in its country; latency is not.
    """
    facts = power.facts
    campaigns = power.tables["campaigns"]
    count = campaign_sites.groupby("campaign").site.count()
    years = np.array(facts.stages)[None, :]
    start, end = (campaigns[name].to_numpy()[:, None] for name in ("year", "until_year"))
    needed = ((years >= start) & (years < end)).any(axis=1)
    named = campaigns[["campaign"]]
    sites = campaigns.campaign.map(count).fillna(0)
    ledger.at_most(
        "campaigns", named, sites, 1.0, "campaign {campaign} runs at {amount} sites, not at one"
    )
    ledger.at_least(
        "campaigns", named[needed], sites[needed], 1.0, "campaign {campaign} runs nowhere"
    )
    runs = campaign_sites.merge(campaigns, on="campaign")
    broken = np.full(len(runs), MAY_SERVE)
    for workload, at in runs.groupby("workload").indices.items():
        site = facts.sites.index.get_indexer(runs.site.iloc[at])
        broken[at] = judge.first_broken_rule(str(workload), at, site, homes=runs.country)
    names = np.array([*judge.rules.rule, ""], dtype=object)
    ledger.holds(
        "campaigns",
        runs[["campaign", "site"]].assign(rule=names[broken]),
        broken == MAY_SERVE,
        "campaign {campaign} runs at {site}, which rule {rule} forbids",
    )


def check_load(ledger: Ledger, power: PowerFacts, load: Load, installed: Numbers) -> None:
    """In every slice the load of a site is at most what is installed there."""
    ledger.at_most(
        "capacity",
        power.site_rows.cells,
        load.at_sites.ravel(),
        np.broadcast_to(installed[:, None], load.at_sites.shape).ravel(),
        "{site} serves {amount} IT MW in slice {slice} of {year} with {limit} MW installed",
    )


def facility_mw(power: PowerFacts, load: Load, installed: Numbers) -> Numbers:
    """Power that each of `site_rows` needs: PUE × (the idle part of what is installed + the rest).

    idle_share × installed is drawn without any load, (1 − idle_share) × load with it.
    """
    return power.pue * it_power_mw(power, load, installed)


def it_power_mw(power: PowerFacts, load: Load, installed: Numbers) -> Numbers:
    """IT power of each of `site_rows`, its idle part included."""
    idle = power.site_rows.keys.site.map(power.facts.sites.idle_share).to_numpy(dtype=float)
    return (idle * installed)[:, None] + (1.0 - idle)[:, None] * load.at_sites
