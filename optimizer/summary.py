"""A plan in a page of text: what opens where and when, what it costs, what holds, what binds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from optimizer.results import BINDING

# How power arrives, by column of `power_sources`.
SOURCES = {
    "firm_mwh": "grid, firm",
    "flexible_mwh": "grid, flexible",
    "contract_mwh": "contracts",
    "bridge_mwh": "own, until the grid comes",
    "own_mwh": "own, for good",
}
# Hardware that waits for less power than this is not worth a line.
SHORT_MW = 0.1
MOST_ROWS = 20


def summary(record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Lines that tell a planner about a plan, from plan.json's content and the result tables."""
    lines = [*headline(record, tables), ""]
    for title, section in (
        ("Sites in use, IT MW installed", capacity_lines(tables)),
        ("Grid upgrades ordered", upgrade_lines(tables, record["currency"])),
        ("How power arrives, GWh a year", source_lines(tables)),
        ("Supply that stands, MW", supply_lines(tables)),
        ("Cost by kind", cost_lines(tables, record["currency"])),
        ("Rules", rule_lines(tables)),
        ("Grid nodes that bind", node_lines(tables)),
        ("Hardware that waits for power", waiting_lines(tables)),
        ("Demand that nobody serves", unserved_lines(tables)),
    ):
        rows = list(section)
        if rows:
            lines += [title, *(f"  {row}" for row in rows), ""]
    return lines[:-1]


def headline(record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Name of the instance, quality of the plan, and its size in sites and MW."""
    served_mw = tables["capacity"].groupby("year").served_it_mw.sum()
    sites = tables["sites"].opened_year.notna().sum()
    yield record["instance_title"] or record["instance_name"]
    yield (
        f"{record['status'].replace('_', ' ')}: cost {money(record['objective'])} "
        f"{record['currency']} present value, proven within {record['gap']:.3%} of the least"
    )
    years = f"{served_mw.index[0]}"
    if len(served_mw) > 1:
        years += f" to {served_mw.index[-1]}"
    yield (
        f"{sites} of {len(tables['sites'])} sites in use, "
        f"{served_mw.iloc[0]:,.4g} to {served_mw.iloc[-1]:,.4g} IT MW served at peak, {years}"
    )


def capacity_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """IT MW by site and stage, largest sites first."""
    capacity = tables["capacity"]
    installed = capacity[capacity.open == 1].pivot(
        index="site", columns="year", values="installed_it_mw"
    )
    installed = installed.reindex(columns=sorted(capacity.year.unique())).fillna(0.0)
    installed = installed.sort_values([installed.columns[-1]], ascending=False, kind="stable")
    sites = tables["sites"].set_index("site")
    rows = [
        (s, sites.country[s], sites.operator[s], *(f"{mw:,.1f}" for mw in years))
        for s, years in zip(installed.index, installed.to_numpy(), strict=True)
    ]
    header = ("site", "in", "operator", *map(str, installed.columns))
    yield from columns([header, *rows[:MOST_ROWS]])
    if len(rows) > MOST_ROWS:
        rest = installed.iloc[MOST_ROWS:].sum()
        yield f"and {len(rows) - MOST_ROWS} more with {rest.iloc[-1]:,.1f} MW (tables/capacity.csv)"


def upgrade_lines(tables: Mapping[str, pd.DataFrame], currency: str) -> Iterator[str]:
    """Each upgrade with its MW, cost and dates."""
    for row in tables["upgrades"].itertuples():
        ready = "after the horizon" if pd.isna(row.available_year) else f"{row.available_year}"
        yield (
            f"{row.node}, {row.upgrade}: {row.mw:g} MW for {money(row.cost)} {currency}, "
            f"ordered {row.ordered_year}, there {ready}"
        )


def source_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Energy by source and stage, where there are slices, as far as any is used."""
    if "power_sources" not in tables:
        return
    by_year = tables["power_sources"].groupby("year")[list(SOURCES)].sum() / 1000
    used = [source for source in SOURCES if by_year[source].sum() > 0]
    rows = [(SOURCES[source], *(f"{gwh:,.1f}" for gwh in by_year[source])) for source in used]
    yield from columns([("from", *map(str, by_year.index)), *rows] if rows else [])


def supply_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """MW that stand by technology, role and stage, and the MWh that batteries hold."""
    if "standing" not in tables or tables["standing"].empty:
        return
    years = sorted(tables["capacity"].year.unique())
    by = tables["standing"].groupby(["technology", "role", "year"], sort=False)[["mw", "mwh"]].sum()
    rows = []
    for (technology, role), own in by.groupby(level=[0, 1], sort=False):
        stands = own.droplevel([0, 1]).reindex(years, fill_value=0.0)
        cells = (
            f"{mw:,.1f}" + (f" ({mwh:,.1f} MWh)" if mwh > 0 else "")
            for mw, mwh in zip(stands.mw, stands.mwh, strict=True)
        )
        rows.append((str(technology), str(role), *cells))
    yield from columns([("technology", "role", *map(str, years)), *rows[:MOST_ROWS]])


def cost_lines(tables: Mapping[str, pd.DataFrame], currency: str) -> Iterator[str]:
    """Present value of each kind of cost and its part of the whole."""
    by_kind = tables["costs"].groupby("kind", sort=False).discounted_cost.sum()
    total = by_kind.sum()
    yield from columns(
        [(k, money(cost), currency, f"{cost / total:.1%}") for k, cost in by_kind.items() if cost]
    )


def rule_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Whether each rule holds, and where it is tightest."""
    rows = []
    for rule, group in tables["compliance"].groupby("rule", sort=False):
        kept = "holds" if group.holds.all() else "BROKEN"
        tight = "settles who may serve whom"
        if group.year.notna().any():
            room = group.margin / group.limit_it_mw.abs().clip(lower=1e-9)
            least = group.loc[room.idxmin()]
            unit = "sites" if least.kind == "min_sites_in" else "MW"
            where = f"{least.subject} {least.year}".removeprefix("* ")
            word = "binds" if room.min() <= BINDING else f"margin {least.margin:,.4g} {unit}"
            tight = f"{word} ({where})"
        rows.append((str(rule), group.kind.iloc[0], kept, tight))
    yield from columns(rows)


def node_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Nodes without headroom, with the stages in which they have none, and for how many hours."""
    use = tables["grid_use"]
    limit_mw = use.firm_mw + use.upgrade_mw
    full = use[(use.headroom_mw <= BINDING * limit_mw.clip(lower=1e-9)) & (use.drawn_mw > 0)]
    hours = binding_hours(tables)
    rows = [
        (
            str(node),
            f"{stages.drawn_mw.iloc[-1]:,.1f} MW drawn",
            ", ".join(f"{t}{hours.get((node, t), '')}" for t in stages.year),
        )
        for node, stages in full.groupby("node", sort=False)
    ]
    yield from columns(rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield f"and {len(rows) - MOST_ROWS} more (tables/grid_use.csv)"


def binding_hours(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, int], str]:
    """Hours of a year in which a node binds, in words by (node, stage); none without slices."""
    if "node_hours" not in tables:
        return {}
    rows = tables["node_hours"].itertuples()
    return {(row.node, row.year): f" ({row.binding_hours:,.0f} h)" for row in rows}


def waiting_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Nodes behind which more IT is installed than they can power."""
    use = tables["grid_use"]
    short = use[use.unpowered_mw >= SHORT_MW]
    for node, stages in short.groupby("node", sort=False):
        most = stages.unpowered_mw.max()
        yield f"{node}: {most:,.1f} MW short in {years_in_words(stages.year)}"
    if "idle_hardware" in tables and len(short):
        idle = tables["idle_hardware"].mw_years.sum()
        yield f"{idle:,.1f} MW-years in all (tables/idle_hardware.csv)"


def unserved_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """MW by stage and workload that go unserved."""
    unserved = tables["unserved"]
    for (year, workload), mw in unserved.groupby(["year", "workload"]).it_mw.sum().items():
        yield f"{year}: {mw:,.1f} IT MW of {workload}"


def years_in_words(years: pd.Series) -> str:
    """Stages as a list."""
    return ", ".join(str(year) for year in years)


def money(sum_of_money: float) -> str:
    """Sum with a unit that leaves few digits."""
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if abs(sum_of_money) >= size:
            return f"{sum_of_money / size:,.3f} {unit}"
    return f"{sum_of_money:,.0f}"


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of words under each other; what looks like a number is set to the right."""
    if not rows:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if cell[:1].isdigit() or cell[:1] == "-" else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
