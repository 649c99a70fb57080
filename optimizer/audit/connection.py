"""Connections: what nodes and corridors carry, and how flexible power can be done without."""

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Block, Numbers
from optimizer.audit.dispatch import Dispatch
from optimizer.audit.load import Load
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger


def check_nodes(ledger: Ledger, flows: Dispatch, limit_mw: Numbers) -> None:
    """What a node's sites take is at most what is firm, upgrades, and what is drawn flexibly.

    Of the latter at most the least flexible MW of the stage's years.

    Parameters
    ----------
    limit_mw : firm MW and upgrades at each of `node_rows`.
    """
    power = flows.power
    cells, shape = power.node_rows.cells, (len(power.node_rows), len(power.slices))
    flexible = flows.at_nodes(flows.flexible)
    ledger.at_most(
        "grid",
        cells,
        (flows.at_nodes(flows.drawn) - flexible).ravel(),
        np.broadcast_to(limit_mw[:, None], shape).ravel(),
        "{node} draws {amount} MW in slice {slice} of {year} besides what is flexible, but its"
        " connection gives {limit} MW",
    )
    most = power.flexible.flexible_mw.to_numpy(dtype=float)
    ledger.at_most(
        "flexible power",
        cells,
        flexible.ravel(),
        np.broadcast_to(most[:, None], shape).ravel(),
        "{node} draws {amount} MW flexibly in slice {slice} of {year}, at most {limit} MW are"
        " offered",
    )


def check_ride_through(ledger: Ledger, flows: Dispatch, load: Load) -> None:
    """What a site draws flexibly it can do without: other power, or load that pauses, is ready.

    Ready are at most: of a technology, what it could make beyond what it makes; of a battery, its
    MW − discharge + charge; of movable load, movable_share × load less what has left the slice;
    nothing of contracts, which come through the connection. Load counts as PUE × its part of the
    power above idle.
    """
    power = flows.power
    sites, options = power.site_rows.cells, power.supply_rows.cells
    ledger.at_most(
        "flexible power",
        sites,
        flows.flexible.ravel(),
        flows.drawn.ravel(),
        "{site} draws {amount} MW flexibly in slice {slice} of {year}, but takes only {limit} MW",
    )
    ledger.at_most(
        "flexible power",
        sites,
        flows.flexible.ravel(),
        (flows.at_sites(flows.ready) + paused_mw(power, load)).ravel(),
        "{site} draws {amount} MW flexibly in slice {slice} of {year}, but has only {limit} MW"
        " ready to do without",
    )
    charging = flows.mw[:, None] - flows.discharged + flows.charged
    spare = np.where(power.battery[:, None], charging, flows.could_make - flows.made)
    spare = np.where(power.contract[:, None], 0.0, spare)
    words = "{technology} at {site} holds {amount} MW ready in slice {slice} of {year}"
    ledger.at_least("flexible power", options, flows.ready.ravel(), 0.0, words)
    ledger.at_most(
        "flexible power", options, flows.ready.ravel(), spare.ravel(), words + ", but has {limit}"
    )
    ledger.at_most(
        "flexible power",
        load.rows.cells,
        load.ready.ravel(),
        (load.movable(power) - load.out - load.cut).ravel(),
        "{amount} MW of {workload} at {site} are held ready in slice {slice} of {year}, but only"
        " {limit} could pause",
    )


def paused_mw(power: PowerFacts, load: Load) -> Numbers:
    """Facility power that load held ready would free at each of `site_rows`."""
    idle = power.site_rows.keys.site.map(power.facts.sites.idle_share).to_numpy(dtype=float)
    ready = power.site_rows.total(load.rows.keys, load.ready)
    return power.pue * (1.0 - idle)[:, None] * ready


def check_events(ledger: Ledger, flows: Dispatch) -> None:
    """An event that ends with any slice takes no more from a battery than it holds by then.

    Its energy is the sum of what is held ready × hours / √efficiency over the slices of the day,
    going back as far as the event's hours reach.
    """
    power = flows.power
    at = power.site_rows.rows_of(power.supply_rows.keys)
    event_hours = power.flexible_at_sites("event_hours")[at]
    for hours in np.unique(event_hours[power.battery]):
        rows = np.flatnonzero(power.battery & (event_hours == hours))
        held = flows.ready[rows] / flows.root[rows]
        needed = np.asarray((power.reach(float(hours)) @ held.T).T)
        part = Block(power.supply_rows.keys.iloc[rows], power.slices.index)
        ledger.at_most(
            "flexible power",
            part.cells.assign(hours=float(hours)),
            needed.ravel(),
            flows.stored[rows].ravel(),
            "{technology} at {site} would give {amount} MWh in a cut of {hours} h that ends with"
            " slice {slice} of {year}, but holds {limit} MWh",
        )


def check_corridors(ledger: Ledger, flows: Dispatch) -> None:
    """In every slice a corridor carries at most the least limit of the stage's years.

    It carries the sum over its nodes of factor × what their sites take less what they export.
    """
    power = flows.power
    keys = power.corridors[["corridor", "year"]]
    rows = Block(keys, power.slices.index)
    net = flows.at_nodes(flows.drawn - flows.exported)
    members = power.tables["corridor_nodes"].merge(
        power.node_rows.keys.assign(row=np.arange(len(power.node_rows))), on="node"
    )
    carried = rows.total(
        members, members.factor.to_numpy(dtype=float)[:, None] * net[members.row.to_numpy()]
    )
    limit = power.corridors.max_mw.to_numpy(dtype=float)
    bounded = np.flatnonzero(np.isfinite(limit))
    part = Block(keys.iloc[bounded], power.slices.index)
    ledger.at_most(
        "corridors",
        part.cells,
        carried[bounded].ravel(),
        np.broadcast_to(limit[bounded, None], (len(bounded), len(power.slices))).ravel(),
        "corridor {corridor} carries {amount} MW in slice {slice} of {year}, at most {limit} may",
    )


def connection_peaks(flows: Dispatch) -> pd.DataFrame:
    """Columns of `connections`: each site's highest draw, and its gain on all earlier stages."""
    rows = flows.power.site_rows
    peaks = rows.figures(peak_mw=flows.drawn.max(axis=1))
    by_site = peaks.sort_values("year").groupby("site").peak_mw
    earlier = by_site.cummax().groupby(peaks.site).shift(fill_value=0.0)
    return peaks.assign(gained_mw=(peaks.peak_mw - earlier).clip(lower=0.0))


def node_hours(flows: Dispatch, limit_mw: Numbers) -> pd.DataFrame:
    """Columns of `node_hours`: limit, flexible MW, highest draw, hours that bind beyond doubt.

    `most_hours` counts slices in which what is left is within the tolerance of results, too.
    """
    power = flows.power
    drawn = flows.at_nodes(flows.drawn)
    left = limit_mw[:, None] - (drawn - flows.at_nodes(flows.flexible))
    slack = 1e-5 * np.maximum(1.0, limit_mw)[:, None]
    return power.node_rows.figures(
        limit_mw=limit_mw,
        flexible_mw=power.flexible.flexible_mw.to_numpy(dtype=float),
        highest_mw=drawn.max(axis=1),
        least_hours=(left <= 1e-9) @ power.weight_hours,
        most_hours=(left <= slack) @ power.weight_hours,
    )
