"""Runs side by side: what opens, moves and costs differently from the first of them, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.errors import SitewattError
from optimizer.finished import NOTHING_MW, Finished, read_finished
from optimizer.folders import written_aside
from optimizer.results import BINDING
from optimizer.run_files import read_record
from optimizer.tradeoffs.inputs import differing_inputs
from optimizer.tradeoffs.measures import measure
from optimizer.why.answer import Interval

DEMAND = ["region", "workload", "year"]
# Kind, name and stage of a limit; None where it holds in all.
Limit = tuple[str, str, int | None]


@dataclass(frozen=True)
class Compared:
    """One of the runs.

    Parameters
    ----------
    label : folder as it was named.
    """

    label: str
    record: dict[str, Any]
    run: Finished

    @classmethod
    def read(cls, folder: Path) -> "Compared":
        """Read a run folder.

        Raises
        ------
        SitewattError
            It is no run.
        """
        return cls(str(folder), read_record(folder), read_finished(folder))

    @property
    def cost(self) -> Interval:
        """What the cheapest plan costs at least, and this one does."""
        return Interval(self.record["bound"], self.record["objective"])

    @cached_property
    def binding(self) -> set[Limit]:
        """What leaves no room."""
        run = self.run
        return {*full_nodes(run), *full_halls(run), *tight_rules(run), *route_rules(run)}


@dataclass(frozen=True)
class Comparison:
    """How runs differ from the first; each table has the other run's label in its column `run`.

    Parameters
    ----------
    runs : a row each: cost, bound, key figures, and whether its cost can be told from the first's.
    opened : sites and upgrades with the year in which they open or are ordered in each.
    moved : MW of a demand that a site serves in each.
    costs : present value by kind in each.
    inputs : numbers in which the instances differ.
    binding : limits that bind in one and not in the other.
    moved_mw : by label, IT MW of the last stage that are served from elsewhere.
    """

    currency: str
    runs: pd.DataFrame
    opened: pd.DataFrame
    moved: pd.DataFrame
    costs: pd.DataFrame
    inputs: pd.DataFrame
    binding: pd.DataFrame
    moved_mw: dict[str, float] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by the name of their file."""
        names = ("runs", "opened", "moved", "costs", "inputs", "binding")
        return {name: getattr(self, name) for name in names}

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        held = {name: records(table) for name, table in self.tables.items()}
        return {"currency": self.currency, "moved_mw": self.moved_mw, **held}

    def write(self, out: Path, *, overwrite: bool = False) -> None:
        """Write the tables as CSV files into a folder."""
        write_tables(self.tables, out, overwrite=overwrite)


def compare_runs(folders: Sequence[Path]) -> Comparison:
    """Compare runs with the first of them.

    Raises
    ------
    SitewattError
        Fewer than two are named, one of them twice, they are in other currencies, or one is no run.
    """
    if len({folder.resolve() for folder in folders}) < max(2, len(folders)):
        raise Incomparable("Name two different run folders or more.")
    runs = [Compared.read(folder) for folder in folders]
    first, *others = runs
    for other in others:
        if other.record["currency"] != first.record["currency"]:
            raise Incomparable(f"{other.label} is in another currency than {first.label}.")

    def stacked(difference: Any) -> pd.DataFrame:
        found = [difference(first, other) for other in others]
        tables = [t.assign(run=o.label) for t, o in zip(found, others, strict=True)]
        table = pd.concat(tables, ignore_index=True)
        return table[["run", *table.columns.drop("run")]]

    return Comparison(
        currency=first.record["currency"],
        runs=pd.DataFrame([figures(run, first) for run in runs]),
        opened=stacked(opened_otherwise),
        moved=stacked(moved),
        costs=stacked(cost_by_kind),
        inputs=stacked(lambda a, b: differing_inputs(a.run.instance, b.run.instance)),
        binding=stacked(bind_in_one),
        moved_mw={other.label: moved_mw(first, other) for other in others},
    )


class Incomparable(SitewattError):
    """Runs that cannot be put side by side."""

    exit_code = 2


def figures(run: Compared, first: Compared) -> dict[str, Any]:
    """Cost of a run, its key figures, and how its cost stands to the first's."""
    cost, base = run.cost, first.cost
    apart = cost.least > base.most or cost.most < base.least
    return {
        "run": run.label,
        "instance": run.run.instance.manifest.name,
        "status": str(run.record.get("status", "")),
        "objective": cost.most,
        "bound": cost.least,
        "gap": run.record["gap"],
        "difference_at_least": cost.least - base.most,
        "difference_at_most": cost.most - base.least,
        "distinguishable": int(apart and run is not first),
        **measure(run.run).as_dict(),
    }


def opened_otherwise(first: Compared, other: Compared) -> pd.DataFrame:
    """Sites and upgrades that open, or are ordered, in another stage or in one run alone."""
    columns = ["kind", "name", "first", "other"]
    table = pd.concat(
        {"first": openings(first.run), "other": openings(other.run)}, axis=1
    ).rename_axis(["kind", "name"])
    differs = (table["first"] != table["other"]).fillna(True)
    return table[differs].reset_index()[columns].astype({"first": "Int64", "other": "Int64"})


def openings(run: Finished) -> pd.Series:
    """Year of each opening and order, by (kind, name)."""
    opened = run.sites.opened_year.dropna()
    upgrades = run.tables["upgrades"]
    names = [*(("site", s) for s in opened.index)]
    names += [("upgrade", f"{u.node}/{u.upgrade}") for u in upgrades.itertuples()]
    index = pd.MultiIndex.from_tuples(names, names=["kind", "name"]) if names else NOTHING_OPENED
    years = [*opened.astype(int), *upgrades.ordered_year.astype(int)]
    return pd.Series(years, index, dtype="Int64")


NOTHING_OPENED = pd.MultiIndex.from_arrays([[], []], names=["kind", "name"])


def moved(first: Compared, other: Compared) -> pd.DataFrame:
    """IT MW of each demand that a site serves in each run, where they differ."""
    key = [*DEMAND, "site"]
    served = [c.run.tables["serving"].set_index(key).it_mw for c in (first, other)]
    table = pd.concat(dict(zip(("first_mw", "other_mw"), served, strict=True)), axis=1).fillna(0.0)
    table["change_mw"] = table.other_mw - table.first_mw
    return table[table.change_mw.abs() > NOTHING_MW].sort_index().reset_index()


def moved_mw(first: Compared, other: Compared) -> float:
    """IT MW of the last stage that both serve, from other sites."""
    table = moved(first, other)
    table = table[table.year == first.run.stages[-1]]
    by_demand = table.change_mw.groupby([table.region, table.workload])
    gained = by_demand.apply(lambda mw: mw.clip(lower=0).sum())
    lost = by_demand.apply(lambda mw: -mw.clip(upper=0).sum())
    return float(gained.combine(lost, min).sum()) if len(table) else 0.0


def cost_by_kind(first: Compared, other: Compared) -> pd.DataFrame:
    """Present value by kind of cost."""
    spent = [c.run.tables["costs"].groupby("kind").discounted_cost.sum() for c in (first, other)]
    table = pd.concat(dict(zip(("first", "other"), spent, strict=True)), axis=1).fillna(0.0)
    table["change"] = table.other - table["first"]
    order = table.change.abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].rename_axis("kind").reset_index()


def bind_in_one(first: Compared, other: Compared) -> pd.DataFrame:
    """Limits that bind in one run and not in the other."""
    rows = [(*what, "first") for what in sorted(first.binding - other.binding)]
    rows += [(*what, "other") for what in sorted(other.binding - first.binding)]
    table = pd.DataFrame(rows, columns=["kind", "name", "year", "binds_in"])
    return table.astype({"year": "Int64"})


def full_nodes(run: Finished) -> Iterator[Limit]:
    """Nodes of which no power is left; with slices, in at least an hour."""
    if run.hourly:
        hours = run.tables["node_hours"]
        full = hours[(hours.binding_hours > 0) & (hours.highest_mw > NOTHING_MW)]
    else:
        use = run.tables["grid_use"]
        room = use.headroom_mw <= BINDING * (use.firm_mw + use.upgrade_mw).clip(lower=1e-9)
        full = use[room & (use.drawn_mw > NOTHING_MW)]
    return (("node", row.node, int(row.year)) for row in full.itertuples())


def full_halls(run: Finished) -> Iterator[Limit]:
    """Sites whose hall is full."""
    capacity = run.tables["capacity"]
    most_mw = capacity.site.map(run.sites.max_it_mw)
    full = capacity[(capacity.installed_it_mw >= most_mw * (1 - BINDING)) & (most_mw > 0)]
    return (("hall", row.site, int(row.year)) for row in full.itertuples())


def tight_rules(run: Finished) -> Iterator[Limit]:
    """Rules on shares and counts of which nothing is left, each with whom it is about."""
    rows = run.tables["compliance"].dropna(subset="year")
    tight = rows[rows.margin <= BINDING * rows.limit_it_mw.abs().clip(lower=1e-9)]
    for row in tight.itertuples():
        name = row.rule if row.subject == "*" else f"{row.rule} ({row.subject})"
        yield "rule", name, int(row.year)


def route_rules(run: Finished) -> Iterator[Limit]:
    """Rules on who may serve whom that rule out a site for some demand, the first to do so."""
    reasons = run.tables["ineligible"].reason.unique()
    return (
        ("route rule", reason.removeprefix("rule:"), None)
        for reason in reasons
        if reason.startswith("rule:")
    )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON holds them."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def write_tables(tables: dict[str, pd.DataFrame], out: Path, *, overwrite: bool) -> None:
    """Write tables as CSV files into a folder of their own, all or none."""
    with written_aside(out, overwrite=overwrite) as folder:
        folder.mkdir()
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
