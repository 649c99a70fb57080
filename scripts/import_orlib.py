"""Write an OR-Library capacitated warehouse location file as an instance.

    python scripts/import_orlib.py cap41.txt instances/cap41
    python scripts/import_orlib.py capa.txt --capacity 8000 instances/capa_8000

Warehouses become sites, customers become regions, and the optimum is that of the file: one stage
of one year, nothing discounted, energy for nothing and a grid that never binds. Costs in these
files are for all of a customer's demand, so that a MW costs cost / demand.
"""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import tomli_w

SOURCE = "OR-Library, J. E. Beasley, https://people.brunel.ac.uk/~mastjjb/jeb/orlib/capinfo.html"
# A benchmark names no places; these only have to be valid.
COUNTRY, OPERATOR, NODE, WORKLOAD, YEAR = "GB", "benchmark", "grid", "benchmark", 2026
MOST_WAREHOUSES, MOST_CUSTOMERS = 10_000, 100_000

Rows = list[dict[str, object]]


class MalformedFile(Exception):
    """The file is no warehouse location file, or one that an instance cannot express."""


@dataclass(frozen=True)
class Benchmark:
    """A capacitated warehouse location problem.

    Parameters
    ----------
    capacity, opening_cost : of each warehouse.
    demand : of each customer.
    cost : of serving all of a customer from a warehouse; a row a customer. Infinite where it may
        not be.
    """

    capacity: list[float]
    opening_cost: list[float]
    demand: list[float]
    cost: list[list[float]]


def parse(text: str, capacity: float | None = None) -> Benchmark:
    """Read a file's text, whatever its line breaks.

    Parameters
    ----------
    capacity : of every warehouse, where the file holds the word `capacity` for it.

    Raises
    ------
    MalformedFile
        Says which number is missing, wrong or too much.
    """
    tokens = iter(text.split())
    warehouses = count(tokens, "the number of warehouses", MOST_WAREHOUSES)
    customers = count(tokens, "the number of customers", MOST_CUSTOMERS)
    capacities, opening_costs = [], []
    for warehouse in range(1, warehouses + 1):
        token = following(tokens, f"the capacity of warehouse {warehouse}")
        if (token == "capacity") != (capacity is not None):
            raise MalformedFile(
                "The file leaves capacities open: say --capacity."
                if capacity is None
                else "The file states its own capacities: leave out --capacity."
            )
        capacities.append(
            number(token, f"the capacity of warehouse {warehouse}")
            if capacity is None
            else capacity
        )
        opening_costs.append(amount(tokens, f"the fixed cost of warehouse {warehouse}"))
    demand, cost = [], []
    for customer in range(1, customers + 1):
        demand.append(amount(tokens, f"the demand of customer {customer}"))
        what = f"the cost of customer {customer} from warehouse"
        cost.append([amount(tokens, f"{what} {place}") for place in range(1, warehouses + 1)])
        if not demand[-1] and any(cost[-1]):
            raise MalformedFile(
                f"Customer {customer} has no demand, yet serving it has a cost: "
                "no cost per MW can express that."
            )
    rest = next(tokens, None)
    if rest is not None:
        raise MalformedFile(f"The file goes on with {rest!r} after its last customer.")
    if not any(demand):
        raise MalformedFile("No customer has any demand.")
    return Benchmark(capacities, opening_costs, demand, cost)


def following(tokens: Iterator[str], what: str) -> str:
    token = next(tokens, None)
    if token is None:
        raise MalformedFile(f"The file ends before {what}.")
    return token


def amount(tokens: Iterator[str], what: str) -> float:
    return number(following(tokens, what), what)


def number(token: str, what: str) -> float:
    try:
        value = float(token)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise MalformedFile(f"{token!r} for {what} is no amount.")
    return value


def count(tokens: Iterator[str], what: str, most: int) -> int:
    token = following(tokens, what)
    if not (token.isascii() and token.isdigit() and 1 <= int(token[:9]) <= most):
        raise MalformedFile(f"{token[:20]!r} for {what} is no number between 1 and {most}.")
    return int(token)


def instance_tables(benchmark: Benchmark) -> dict[str, Rows]:
    """Tables of the instance; floats are written with all their digits."""
    sites = labels("warehouse", len(benchmark.capacity))
    regions = labels("customer", len(benchmark.demand))
    return {
        "sites": [
            {
                "site": site,
                "country": COUNTRY,
                "operator": OPERATOR,
                "operator_country": COUNTRY,
                "node": NODE,
                "max_it_mw": capacity,
                "opening_cost": opening_cost,
            }
            for site, capacity, opening_cost in zip(
                sites, benchmark.capacity, benchmark.opening_cost, strict=True
            )
        ],
        "nodes": [{"node": NODE, "country": COUNTRY, "energy_price_per_mwh": 0}],
        "grid": [{"node": NODE, "year": YEAR, "firm_mw": 1 + 2 * sum(benchmark.demand)}],
        "regions": [{"region": region, "country": COUNTRY} for region in regions],
        "workloads": [{"workload": WORKLOAD, "latency_slo_ms": ""}],
        "demand": [
            {"region": region, "workload": WORKLOAD, "year": YEAR, "it_mw": demand}
            for region, demand in zip(regions, benchmark.demand, strict=True)
            if demand
        ],
        "latency": [
            {
                "region": region,
                "site": site,
                "rtt_ms": 0,
                "network_cost_per_mw_year": cost / demand,
            }
            for region, demand, costs in zip(regions, benchmark.demand, benchmark.cost, strict=True)
            if demand
            for site, cost in zip(sites, costs, strict=True)
            if cost < math.inf
        ],
    }


def labels(what: str, how_many: int) -> list[str]:
    """Keys in the order of the file, padded so that sorting keeps it."""
    digits = len(str(how_many))
    return [f"{what}-{position:0{digits}}" for position in range(1, how_many + 1)]


def sources(file: str) -> Rows:
    """Where each column is from: the benchmark or, where it has none, nowhere."""
    made_up = f"{SOURCE}; file {file}", "MIT", "benchmark: not a real place, no real figure"
    derived = f"{SOURCE}; file {file}", "MIT", "benchmark: cost of all demand / demand"
    placeholder = "none", "", "placeholder: a benchmark has no places, powers or energy"
    rows = [
        ("sites", "max_it_mw", "assumed", *made_up),
        ("sites", "opening_cost", "assumed", *made_up),
        ("demand", "it_mw", "assumed", *made_up),
        ("latency", "network_cost_per_mw_year", "derived", *derived),
        ("latency", "rtt_ms", "assumed", *placeholder),
        ("sites", "country", "assumed", *placeholder),
        ("sites", "operator", "assumed", *placeholder),
        ("sites", "operator_country", "assumed", *placeholder),
        ("sites", "node", "assumed", *placeholder),
        ("nodes", "country", "assumed", *placeholder),
        ("nodes", "energy_price_per_mwh", "assumed", *placeholder),
        ("grid", "firm_mw", "assumed", *placeholder),
        ("regions", "country", "assumed", *placeholder),
    ]
    columns = "table", "column", "kind", "source", "licence", "note"
    return [dict(zip(columns, row, strict=True)) for row in rows]


def write_instance(folder: Path, name: str, benchmark: Benchmark, file: str) -> None:
    """Write the folder; the file's numbers have no unit, so MW and money only stand for them."""
    manifest = {
        "name": name,
        "title": f"OR-Library benchmark {name}",
        "currency": "GBP",
        "base_year": YEAR,
        "discount_rate": 0.0,
        "stages": [YEAR],
        "horizon_end": YEAR + 1,
        "unserved": "forbidden",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "instance.toml").write_text(tomli_w.dumps(manifest), encoding="utf-8")
    tables = instance_tables(benchmark) | {"sources": sources(file)}
    for table, rows in tables.items():
        write_table(folder / f"{table}.csv", rows)


def write_table(path: Path, rows: Iterable[dict[str, object]]) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@click.command(epilog="The word capacity in capa, capb and capc needs --capacity.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--capacity",
    type=click.FloatRange(min=0, min_open=True),
    help="Capacity of every warehouse, where the file leaves it open.",
)
def main(file: Path, folder: Path, capacity: float | None) -> None:
    """Write the OR-Library warehouse location FILE as an instance in FOLDER."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty.")
    try:
        benchmark = parse(file.read_text(encoding="ascii"), capacity)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text file.") from error
    except MalformedFile as error:
        raise click.ClickException(f"{file}: {error}") from error
    name = file.stem if capacity is None else f"{file.stem}_{capacity:g}"
    write_instance(folder, name, benchmark, file.name)
    click.echo(f"{folder}: {len(benchmark.capacity)} sites, {len(benchmark.demand)} regions")


if __name__ == "__main__":
    main()
