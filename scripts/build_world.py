"""Build `instances/world` from a folder of public data.

    python scripts/build_world.py --data ../shared/data --out instances/world

Facts come from the folder, places from the tables in `scripts/world`, assumptions from
`scripts/world/assumptions.py` and, where they are the same, europe's. The same inputs give the
same bytes.
"""

from pathlib import Path

import click
import pandas as pd
from building.writing import write_manifest, write_table
from europe.assumptions import DISCOUNT_RATE, HORIZON_END, STAGES
from europe.demand import regions, workloads
from world.assumptions import WORKLOADS
from world.demand import chosen_cities, demand
from world.facts import Facts, read_world_facts
from world.grid import grid, nodes, upgrades
from world.latency import between_km, fit, latency, round_trips
from world.rules import groups, policies, rules
from world.sites import sites
from world.sources import sources


def build(facts: Facts) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """Every table of the instance, and the line for round trips that are not listed."""
    cities, sites_ = chosen_cities(facts), sites(facts)
    rtt_ms = round_trips(facts, cities, sites_)
    built = {
        "sites": sites_,
        "nodes": nodes(facts),
        "grid": grid(sites_),
        "upgrades": upgrades(),
        "regions": regions(cities),
        "workloads": workloads(WORKLOADS),
        "demand": demand(facts, cities),
        "latency": latency(rtt_ms),
        "groups": groups(),
        "rules": rules(),
        "policies": policies(),
    }
    line = fit(rtt_ms, between_km(cities, sites_))
    return {**built, "sources": sources(built)}, line


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Write the instance's tables and manifest into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    tables, line = build(read_world_facts(data))
    for name, table in tables.items():
        write_table(out / f"{name}.csv", table)
        click.echo(f"{name}: {len(table)} rows")
    write_manifest(
        out / "instance.toml",
        {
            "name": "world",
            "title": "AI inference in the world, 2026-2030",
            "currency": "EUR",
            "base_year": STAGES[0],
            "discount_rate": DISCOUNT_RATE.value,
            "stages": list(STAGES),
            "horizon_end": HORIZON_END,
            "unserved": "forbidden",
            "latency": line,
        },
    )


if __name__ == "__main__":
    main()
