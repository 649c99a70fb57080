"""Tables of each section: sites, stages, costs, energy, rules, sources; then those of the plan."""

from collections.abc import Iterator

from optimizer.digits import digits, money
from optimizer.finished import NOTHING_MW
from optimizer.hourly import HOURS_PER_YEAR
from optimizer.palette import COST_NAMES, ENERGY
from optimizer.report.facts import BUILT, KILO, Facts
from optimizer.report.rules import Kept
from optimizer.report.sites import SiteRow
from optimizer.report.tables import (
    MOST_ROWS,
    Cell,
    Column,
    Table,
    number,
    rest,
    result_table,
    share,
    text,
    whole,
    year,
)

# Larger sites are told to a megawatt.
WHOLE_MW = 5


def sites_table(facts: Facts, rows: list[SiteRow]) -> Table:
    """The largest sites."""
    stages = [Column(str(stage), numeric=True) for stage in facts.run.stages]
    columns = [
        *(Column("Site"), Column("Country"), Column("Operator, controlled from")),
        *(Column("Opens"), *stages, Column("Serves users in"), Column("Why, and what limits it")),
    ]
    cells = [
        [
            *map(text, (row.name, row.country, f"{row.operator}, {row.control}", row.opens)),
            *(whole(mw) if mw >= WHOLE_MW else number(mw) for mw in row.installed_mw),
            *map(text, (row.serves, row.why)),
        ]
        for row in rows
    ]
    used = facts.capacity[facts.capacity.installed_it_mw > NOTHING_MW].site.nunique()
    note = f"The {len(rows)} largest of {used:,} sites." if used > len(rows) else ""
    last = len(columns) - 1
    return Table(
        *("sites", "Largest sites, MW of IT by stage", columns, cells, note),
        wraps=frozenset({last - 1, last}),
    )


def stages_table(facts: Facts) -> Table:
    """Capacity and load by stage."""
    opened = facts.run.tables["sites"].opened_year.value_counts()
    columns = [
        *(Column("Stage", numeric=True), Column("Sites that open", numeric=True)),
        *(Column("Sites in use", numeric=True), Column("IT installed", "MW", numeric=True)),
        *(Column("IT load at peak", "MW", numeric=True), Column("In use", numeric=True)),
    ]
    rows = [
        [
            *(year(stage), whole(opened.get(stage, 0)), whole(row.sites)),
            *(number(row.installed_it_mw), number(row.served_it_mw)),
            share(row.served_it_mw / row.installed_it_mw if row.installed_it_mw else float("nan")),
        ]
        for stage, row in facts.by_stage.iterrows()
    ]
    return Table("stages", "Capacity by stage", columns, rows)


def costs_table(facts: Facts) -> Table:
    """Costs by kind."""
    costs = facts.run.tables["costs"]
    by_kind = costs.groupby("kind")[["cost", "discounted_cost"]].sum()
    by_kind = by_kind.sort_values("discounted_cost", ascending=False, kind="stable")
    total = by_kind.sum()
    columns = [
        *(Column("Cost"), Column("Paid", facts.currency, numeric=True)),
        Column("Present value", facts.currency, numeric=True),
        Column("Share of it", numeric=True),
    ]
    rows = [
        [
            *(text(COST_NAMES.get(str(kind), kind)), amount(row.cost), amount(row.discounted_cost)),
            share(row.discounted_cost / total.discounted_cost if total.discounted_cost else 0.0),
        ]
        for kind, row in [*by_kind.iterrows(), ("all", total)]
    ]
    caption = "Costs by kind, over all years"
    return Table("costs", caption, columns, rows[:-1], foot=rows[-1])


def spending_table(facts: Facts) -> Table:
    """What is paid in each stage."""
    costs = facts.run.tables["costs"]
    costs = costs.assign(built=costs.kind.isin(BUILT))
    sums = costs.pivot_table(index="year", columns="built", values="cost", aggfunc="sum")
    sums = sums.reindex(index=facts.run.stages, columns=[True, False]).fillna(0.0)
    worth = costs.groupby("year").discounted_cost.sum().reindex(facts.run.stages, fill_value=0.0)
    columns = [
        *(Column("Stage", numeric=True), Column("Years", numeric=True)),
        Column("Built and bought", facts.currency, numeric=True),
        Column("Running, each year", facts.currency, numeric=True),
        Column("Present value of the stage", facts.currency, numeric=True),
    ]
    rows = [
        [
            *(year(stage), whole(len(facts.run.years_of(stage)))),
            *(amount(sums.loc[stage, True]),),
            *(amount(sums.loc[stage, False] / len(facts.run.years_of(stage))),),
            amount(worth[stage]),
        ]
        for stage in facts.run.stages
    ]
    return Table("spending", "Costs by stage", columns, rows)


def energy_table(facts: Facts) -> Table:
    """Energy, carbon and, with slices, sources, water and clean shares by stage."""
    columns = [
        *(Column("Stage", numeric=True), Column("Energy of the sites", "GWh a year", numeric=True)),
        *(Column("IT energy", "GWh a year", numeric=True), Column("PUE", numeric=True)),
        Column("Mean load", "MW", numeric=True),
        Column("Carbon dioxide", "kt a year", numeric=True),
        Column("Intensity", "kg/MWh", numeric=True),
    ]
    rows = []
    for stage, row in facts.by_stage.iterrows():
        mwh = row.facility_mwh if row.facility_mwh > 0 else float("nan")
        rows.append(
            [
                *(year(stage), number(row.facility_mwh / KILO), number(row.it_mwh / KILO)),
                number(mwh / row.it_mwh if row.it_mwh > 0 else float("nan")),
                *(number(row.facility_mwh / HOURS_PER_YEAR), number(row.carbon_t / KILO)),
                number(row.carbon_t * KILO / mwh),
            ]
        )
    if facts.run.hourly:
        columns, rows = with_sources(facts, columns, rows)
    return Table("energy", "Energy and carbon by stage", columns, rows)


def with_sources(
    facts: Facts, columns: list[Column], rows: list[list[Cell]]
) -> tuple[list[Column], list[list[Cell]]]:
    """Columns and rows with how energy arrives, what of it is clean, and water."""
    sources = facts.run.tables["power_sources"].groupby("year")[list(ENERGY)].sum()
    footprint = facts.run.tables["footprint"].groupby("year").sum(numeric_only=True)
    used = [source for source in ENERGY if sources[source].sum() > 0]
    columns = [
        *columns,
        *(Column(ENERGY[name][0].capitalize(), "GWh a year", numeric=True) for name in used),
        *(Column("Clean, over the year", numeric=True), Column("Clean, by the hour", numeric=True)),
        *(Column("Water", "thousand m³ a year", numeric=True),),
    ]
    more = []
    for stage, row in zip(facts.run.stages, rows, strict=True):
        mwh = facts.by_stage.facility_mwh[stage] or float("nan")
        own = footprint.loc[stage]
        more.append(
            [
                *row,
                *(number(sources.loc[stage, name] / KILO) for name in used),
                *(share(own.clean_mwh / mwh), share(own.matched_mwh / mwh)),
                number(own.water_m3 / KILO),
            ]
        )
    return columns, more


def rules_table(key: str, caption: str, rules: list[Kept]) -> Table:
    """Rules or limits, how each is kept and by what margin."""
    columns = [
        *(Column("Name"), Column("What it asks for"), Column("Tightest")),
        *(Column(name, short=True) for name in ("Plan", "Limit", "Margin")),
        Column("Part of limit", numeric=True),
        Column("Status"),
    ]
    rows = [
        [
            *map(text, (rule.name, rule.asks, rule.tightest, *rule.shown)),
            *(share(rule.left), Cell(rule.status, strong=rule.status != "kept")),
        ]
        for rule in rules
    ]
    return Table(key, caption, columns, rows, wraps=frozenset({1, 2}))


def basis_table(rules: list[Kept]) -> Table:
    """Law or policy behind each rule."""
    rows = [[text(rule.name), text(rule.basis)] for rule in rules if rule.basis]
    columns = [Column("Rule"), Column("Basis")]
    return Table("basis", "What the rules rest on", columns, rows, wraps=frozenset({1}))


def sources_table(facts: Facts) -> Table:
    """Where figures come from, assumptions first."""
    sources = facts.run.instance.tables["sources"]
    order = {"assumed": 0, "derived": 1, "measured": 2}
    sources = sources.sort_values("kind", key=lambda kinds: kinds.map(order), kind="stable")
    names = ("table", "column", "kind", "note", "source", "licence", "year")
    columns = [Column(name.capitalize(), numeric=name == "year") for name in names]
    rows = [
        [*(text(row[name]) for name in names[:-1]), year(row["year"])]
        for _, row in sources.head(MOST_ROWS).iterrows()
    ]
    note = rest("instance/sources.csv", len(sources))
    caption = "Sources of the figures, assumptions first"
    return Table("sources", caption, columns, rows, note, wraps=frozenset({3, 4}))


def plan_tables(facts: Facts) -> Iterator[Table]:
    """Tables of the plan, what is largest first."""
    tables = facts.run.tables
    serving = facts.in_stage("serving").sort_values("it_mw", ascending=False, kind="stable")
    yield result_table("serving", serving, f"Who is served from where in {facts.last}")
    sites = tables["sites"][tables["sites"].opened_year.notna()]
    yield result_table(
        *("sites", sites, "Sites in use"), without=("latitude", "longitude", "max_it_mw")
    )
    yield result_table("upgrades", tables["upgrades"], "Grid upgrades ordered")
    use = facts.in_stage("grid_use").sort_values("drawn_mw", ascending=False, kind="stable")
    yield result_table("grid_use", use, f"Power at grid nodes in {facts.last}")
    if facts.run.hourly:
        yield result_table("supply", tables["supply"], "Supply and storage ordered")
        standing = facts.in_stage("standing").sort_values("mw", ascending=False, kind="stable")
        yield result_table("standing", standing, f"Supply that stands in {facts.last}")
        levelised = tables["levelised"].sort_values("cost_per_it_mwh", kind="stable")
        yield result_table("levelised", levelised, "Cost of IT energy by site")
    tight = tables["compliance"]
    tight = tight.assign(room=tight.margin / tight.limit_it_mw.abs().clip(lower=NOTHING_MW))
    tight = tight.sort_values("room", kind="stable", na_position="last")
    tight = tight[tight.year.notna()]
    yield result_table("compliance", tight, "Rules by subject and stage, the tightest first")
    unserved = tables["unserved"]
    if len(unserved):
        yield result_table("unserved", unserved, "Demand that nobody serves")


def amount(value: float) -> Cell:
    """Cell of money, with its unit of size."""
    return number(value, lambda sum_of_money: money(sum_of_money, ""))


def manifest_rows(facts: Facts) -> list[tuple[str, str]]:
    """What holds for the whole instance, in words."""
    manifest = facts.run.instance.manifest
    policies = facts.run.instance.tables["policies"]
    carbon = policies[policies.policy == "carbon_price"]
    prices = ", ".join(
        f"{value:g} from {since}" for value, since in zip(carbon.value, carbon.year, strict=True)
    )
    penalty = manifest.unserved_penalty_per_mwh
    return [
        (
            "Years",
            f"{manifest.stages[0]} to {manifest.horizon_end - 1}, decisions in "
            + ", ".join(map(str, manifest.stages)),
        ),
        (
            "Discounting",
            f"{100 * manifest.discount_rate:g} % a year, real, to {manifest.base_year}",
        ),
        ("Price of carbon", f"{prices} {facts.currency}/t" if prices else "none"),
        (
            "Demand not served",
            "forbidden" if penalty is None else f"costs {digits(penalty)} {facts.currency}/MWh",
        ),
    ]
