"""Build `instances/europe` from a folder of public data.

    python scripts/build_europe.py --data ../shared/data --out instances/europe

Facts come from the folder, operators and places from the tables in `scripts/europe`, assumptions
from `scripts/europe/assumptions.py`. The same inputs give the same bytes.
"""

from pathlib import Path

import click
import pandas as pd
from building.writing import write_manifest, write_table
from europe.assumptions import (
    DISCOUNT_RATE,
    EARTH_BASE_MS,
    EARTH_MS_PER_KM,
    HORIZON_END,
    STAGES,
    WORKLOADS,
)
from europe.demand import chosen_cities, demand, regions, workloads
from europe.facts import Facts, read_facts
from europe.grid import grid, nodes, upgrades
from europe.latency import latency
from europe.rules import groups, policies, rules
from europe.sites import sites
from europe.sources import sources


def tables(facts: Facts) -> dict[str, pd.DataFrame]:
    """Every table of the instance."""
    cities, sites_ = chosen_cities(facts), sites(facts)
    built = {
        "sites": sites_,
        "nodes": nodes(facts),
        "grid": grid(facts, sites_),
        "upgrades": upgrades(),
        "regions": regions(cities),
        "workloads": workloads(WORKLOADS),
        "demand": demand(facts, cities),
        "latency": latency(facts, cities, sites_),
        "groups": groups(sites_),
        "rules": rules(),
        "policies": policies(),
    }
    return {**built, "sources": sources(built)}


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Write the instance's tables and manifest into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables(read_facts(data)).items():
        write_table(out / f"{name}.csv", table)
        click.echo(f"{name}: {len(table)} rows")
    write_manifest(
        out / "instance.toml",
        {
            "name": "europe",
            "title": "AI inference in Europe, 2026-2030",
            "currency": "EUR",
            "base_year": STAGES[0],
            "discount_rate": DISCOUNT_RATE.value,
            "stages": list(STAGES),
            "horizon_end": HORIZON_END,
            "unserved": "forbidden",
            "latency": {"base_ms": EARTH_BASE_MS, "ms_per_km": EARTH_MS_PER_KM},
        },
    )


if __name__ == "__main__":
    main()
