"""Power in every slice: balance of each site, what technologies can make, what storage holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger

CAN_BE_CURTAILED = ("solar", "wind", "ppa")


@dataclass(frozen=True)
class Dispatch:
    """Power in MW, by slice.

    Parameters
    ----------
    facility : what each of `site_rows` needs, by the audit's own reckoning.
    grid, flexible, exported : at each of `site_rows`, as the table `dispatch` has them.
    mw, mwh : what stands at each of `supply_rows`, by the audit's own reckoning.
    made, charged, discharged, stored, ready : at each of `supply_rows`, as the table `generation`
        has them.
    """

    power: PowerFacts
    facility: Numbers
    grid: Numbers
    flexible: Numbers
    exported: Numbers
    mw: Numbers
    mwh: Numbers
    made: Numbers
    charged: Numbers
    discharged: Numbers
    stored: Numbers
    ready: Numbers

    @property
    def could_make(self) -> Numbers:
        """Share of MW that is available × MW, at each of `supply_rows`; 0 for batteries."""
        makes = (~self.power.battery).astype(float)
        return self.power.available * (self.mw * makes)[:, None]

    @property
    def root(self) -> Numbers:
        """√efficiency of each of `supply_rows`, which a battery loses on each way."""
        return np.sqrt(self.power.option.efficiency.to_numpy(dtype=float))[:, None]

    def at_sites(self, values: Numbers) -> Numbers:
        """Sum over the technologies of each of `site_rows`."""
        return self.power.site_rows.total(self.power.supply_rows.keys, values)

    def at_nodes(self, values: Numbers) -> Numbers:
        """Sum over the sites of each of `node_rows`."""
        return self.power.node_rows.total(self.power.site_node, values)

    @property
    def delivered(self) -> Numbers:
        """What contracts deliver to each of `site_rows`, through the grid connection."""
        return self.at_sites(self.made * self.power.contract[:, None])

    @property
    def drawn(self) -> Numbers:
        """What each of `site_rows` takes through its connection: from the grid, under contracts."""
        return self.grid + self.delivered


def dispatch_of(
    power: PowerFacts,
    tables: dict[str, pd.DataFrame],
    facility: Numbers,
    mw: Numbers,
    mwh: Numbers,
) -> Dispatch:
    """Read the decisions of `dispatch` and `generation`; a row that is not there counts as 0."""
    site = {
        name: power.site_rows.spread(tables["dispatch"], f"{name}_mw")
        for name in ("grid", "flexible", "exported")
    }
    supply = {
        name: power.supply_rows.spread(tables["generation"], f"{name}_mw")
        for name in ("made", "charged", "discharged", "ready")
    }
    stored = power.supply_rows.spread(tables["generation"], "stored_mwh")
    return Dispatch(power=power, facility=facility, mw=mw, mwh=mwh, stored=stored, **site, **supply)


def check_balance(ledger: Ledger, flows: Dispatch) -> None:
    """Drawn + made + delivered + discharged = facility load + charged + exported.

    At each site and in each slice; nothing drawn or exported is below 0.
    """
    cells = flows.power.site_rows.cells
    for values, words in (
        (flows.grid, "draws {amount} MW from the grid"),
        (flows.flexible, "draws {amount} MW flexibly"),
        (flows.exported, "exports {amount} MW"),
    ):
        message = f"{{site}} {words} in slice {{slice}} of {{year}}"
        ledger.at_least("balance", cells, values.ravel(), 0.0, message)
    ledger.equal(
        "balance",
        cells,
        (flows.grid + flows.at_sites(flows.made + flows.discharged)).ravel(),
        (flows.facility + flows.at_sites(flows.charged) + flows.exported).ravel(),
        "{site} has {amount} MW in slice {slice} of {year}, but needs, charges and exports {limit}",
    )


def check_generation(ledger: Ledger, flows: Dispatch) -> None:
    """Technologies make at most availability × the MW that stand; batteries make nothing."""
    cells = flows.power.supply_rows.cells
    ledger.at_least(
        "generation",
        cells,
        flows.made.ravel(),
        0.0,
        "{technology} at {site} makes {amount} MW in slice {slice} of {year}",
    )
    ledger.at_most(
        "generation",
        cells,
        flows.made.ravel(),
        flows.could_make.ravel(),
        "{technology} at {site} makes {amount} MW in slice {slice} of {year}, at most {limit} can"
        " be had",
    )


def check_storage(ledger: Ledger, flows: Dispatch) -> None:
    """A battery charges and discharges up to its MW; its level follows, between 0 and its MWh.

    Level at the end of a slice = that at the end of the slice before, in the circle of its day,
    + √efficiency × charge × hours − discharge × hours / √efficiency. What is no battery stores
    nothing.
    """
    power = flows.power
    cells = power.supply_rows.cells
    limit = np.broadcast_to((flows.mw * power.battery)[:, None], flows.made.shape).ravel()
    name = "{technology} at {site} "
    when = " in slice {slice} of {year}"
    for values, verb in ((flows.charged, "charges"), (flows.discharged, "discharges")):
        ledger.at_least("storage", cells, values.ravel(), 0.0, f"{name}{verb} {{amount}} MW{when}")
        ledger.at_most(
            "storage",
            cells,
            values.ravel(),
            limit,
            f"{name}{verb} {{amount}} MW{when}, with {{limit}} MW of storage standing",
        )
    own = (
        flows.stored[:, power.before]
        + flows.root * flows.charged * power.hours
        - flows.discharged * power.hours / flows.root
    )
    ledger.equal(
        "storage",
        cells,
        flows.stored.ravel(),
        own.ravel(),
        name + "holds {amount} MWh at the end of slice {slice} of {year}, but {limit} follow from"
        " the slice before",
    )
    holds = name + "holds {amount} MWh at the end of slice {slice} of {year}"
    ledger.at_least("storage", cells, flows.stored.ravel(), 0.0, holds)
    room = np.broadcast_to((flows.mwh * power.battery)[:, None], flows.made.shape)
    ledger.at_most(
        "storage", cells, flows.stored.ravel(), room.ravel(), holds + ", with room for {limit}"
    )


def check_exports(ledger: Ledger, flows: Dispatch) -> None:
    """At most what is made and discharged on site is exported, and at most the node's limit."""
    power = flows.power
    on_site = flows.made * ~power.contract[:, None] + flows.discharged
    ledger.at_most(
        "export",
        power.site_rows.cells,
        flows.exported.ravel(),
        flows.at_sites(on_site).ravel(),
        "{site} exports {amount} MW in slice {slice} of {year}, but {limit} MW are made and"
        " discharged there",
    )
    most = power.node_rows.keys.node.map(power.facts.nodes.export_mw).to_numpy(dtype=float)
    ledger.at_most(
        "export",
        power.node_rows.cells,
        flows.at_nodes(flows.exported).ravel(),
        np.broadcast_to(most[:, None], (len(most), len(power.slices))).ravel(),
        "the sites of {node} export {amount} MW in slice {slice} of {year}, at most {limit} may",
    )


def dispatch_tables(flows: Dispatch, load_mw: Numbers) -> dict[str, pd.DataFrame]:
    """Columns of `dispatch` and `generation` that follow from the decisions.

    Curtailed is what the sun, the wind or a contract could have given, and did not.
    """
    power = flows.power
    free = power.option.kind.isin(CAN_BE_CURTAILED).to_numpy()[:, None]
    return {
        "dispatch": power.site_rows.table(load_mw=load_mw, facility_mw=flows.facility),
        "generation": power.supply_rows.table(
            curtailed_mw=np.where(free, flows.could_make - flows.made, 0.0)
        ),
    }
