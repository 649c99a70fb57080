"""Cut a small PyPSA network out of the ENTSO-E map extract, for `sitewatt gridcheck`.

    python scripts/build_entsoe_network.py networks/ireland

Buses, lines and generators are the extract's (GridKit, CC BY 4.0), which is unofficial, and neither
approved nor endorsed by ENTSO-E. It states no reactance, no rating, no transformer and no load:
these are assumed, as SOURCES.md in the folder says. Such a network shows how a check works; it
proves nothing about a real grid.
"""

import os
from math import sqrt
from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimizer.folders import written_aside
from optimizer.pypsa_folder import PYPSA_VERSION, Network, write_csv

DATA = Path(os.environ.get("SITEWATT_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
# West, south, east, north: the island of Ireland, which is an area of its own.
IRELAND = (-10.7, 51.3, -5.4, 55.5)
# PyPSA's line type for a voltage, its current in kA, and the voltage that it is for.
LINE_TYPES = {
    220: ("Al/St 240/40 2-bundle 220.0", 1.29),
    380: ("Al/St 240/40 4-bundle 380.0", 2.58),
}
TRANSFORMER_MVA, TRANSFORMER_X, TRANSFORMER_R = 1000.0, 0.1, 0.002
SHORTEST_KM = 0.1
SOURCES = """\
# Where this network comes from

| what | source |
|---|---|
| buses, lines, circuits, lengths, generators and their MW | ENTSO-E's interactive map, \
March 2022, extracted by GridKit: an unofficial extract, neither approved nor endorsed by ENTSO-E. \
CC BY 4.0, PyPSA-Eur authors and GridKit; cut to an area and to {kv:g} kV and more |
| reactance of lines | **assumed**: PyPSA's standard type for the voltage, by length and circuits |
| rating of lines | **assumed**: the type's current at the voltage, for each circuit |
| transformers | **assumed**: where a station has two voltages, one of {mva:g} MVA and {x:g} per \
unit |
| load | **assumed**: {load:g} MW, in equal parts at every station |
| generation | **assumed**: all generators at the same part of their MW |

Voltages are the lower end of the map's ranges: 220 kV stands for 275 kV, too, and 380 for 400 kV.
"""


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(exists=True, path_type=Path), default=DATA / "grid")
@click.option("--box", nargs=4, type=float, default=IRELAND, help="West, south, east, north.")
@click.option("--from-kv", default=220.0, help="Leave out lower voltages.")
@click.option("--load-mw", default=5000.0, help="Assumed; by default about Ireland's mean.")
@click.option("--overwrite", is_flag=True)
def main(
    out: Path,
    data: Path,
    box: tuple[float, float, float, float],
    from_kv: float,
    load_mw: float,
    overwrite: bool,
) -> None:
    """Write the network of a box of the map to a new folder."""
    buses, lines, generators = read_extract(data)
    buses, lines = cut(buses, lines, box, from_kv)
    generators = generators[(generators.capacity > 0) & generators.bus_id.isin(buses.index)]
    network = network_of(buses, lines, generators, load_mw)
    with written_aside(out, overwrite=overwrite) as folder:
        folder.mkdir()
        network.write(folder)
        head = pd.DataFrame({"name": [out.name], "pypsa_version": PYPSA_VERSION, "srid": 4326})
        write_csv(head.set_index("name"), folder / "network.csv")
        told = SOURCES.format(kv=from_kv, load=load_mw, mva=TRANSFORMER_MVA, x=TRANSFORMER_X)
        (folder / "SOURCES.md").write_text(told, encoding="utf-8")
    click.echo(f"{len(buses)} buses, {len(lines)} lines, {len(generators)} generators in {out}")


def read_extract(data: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Buses by number, lines and generators as the extract has them."""
    buses, lines, generators = (
        pd.read_csv(data / f"entsoegridkit_{name}.csv", quotechar="'")
        for name in ("buses", "lines", "generators")
    )
    return buses.set_index("bus_id"), lines, generators


def cut(
    buses: pd.DataFrame,
    lines: pd.DataFrame,
    box: tuple[float, float, float, float],
    from_kv: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Largest connected part of what stands in a box at a voltage or above.

    Stations have a bus for each voltage, and hang together at them.
    """
    west, south, east, north = box
    inside = buses.x.between(west, east) & buses.y.between(south, north)
    # Where lines meet outside of a station there is a bus of which nothing is said.
    stands = (buses.under_construction != "t") & (buses.dc != "t") & (buses.voltage >= from_kv)
    buses = buses[inside & stands]
    there = lines.bus0.isin(buses.index) & lines.bus1.isin(buses.index)
    lines = lines[there & ~lines.under_construction.astype(bool) & (lines.voltage >= from_kv)]
    station = pd.factorize(buses.station_id)[0]
    ends = [len(buses) + 0 * station + station, np.arange(len(buses))]
    lines_at = [buses.index.get_indexer(lines[end]) for end in ("bus0", "bus1")]
    rows, columns = (np.concatenate(pair) for pair in zip(lines_at, ends, strict=True))
    size = len(buses) + station.max() + 1
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    kept = part[: len(buses)] == np.bincount(part[: len(buses)]).argmax()
    buses = buses[kept]
    return buses, lines[lines.bus0.isin(buses.index)]


def network_of(
    buses: pd.DataFrame, lines: pd.DataFrame, generators: pd.DataFrame, load_mw: float
) -> Network:
    """Components of the network."""
    network = Network()
    for carrier in ("AC", *sorted(generators.technology.unique())):
        network.add("carriers", carrier)
    for bus, row in buses.iterrows():
        network.add(
            "buses", f"{bus}", v_nom=row.voltage, x=round(row.x, 6), y=round(row.y, 6), carrier="AC"
        )
    for row in lines.itertuples():
        line_type, current_ka = LINE_TYPES[int(row.voltage)]
        network.add(
            *("lines", f"{row.line_id}"),
            bus0=row.bus0,
            bus1=row.bus1,
            carrier="AC",
            type=line_type,
            num_parallel=row.circuits,
            length=round(max(row.length / 1000, SHORTEST_KM), 3),
            s_nom=round(sqrt(3) * row.voltage * current_ka * row.circuits, 1),
        )
    for station, levels in buses.sort_values("voltage").groupby("station_id"):
        for low, high in zip(levels.index, levels.index[1:], strict=False):
            network.add(
                *("transformers", f"{station} {low}"),
                bus0=low,
                bus1=high,
                x=TRANSFORMER_X,
                r=TRANSFORMER_R,
                s_nom=TRANSFORMER_MVA,
            )
    running = load_mw / generators.capacity.sum()
    for row in generators.itertuples():
        network.add(
            *("generators", f"{row.generator_id}"),
            bus=row.bus_id,
            carrier=row.technology,
            p_nom=round(row.capacity, 3),
            p_set=round(row.capacity * running, 6),
        )
    stations = buses[buses.symbol != "joint"].groupby("station_id").head(1)
    for bus in stations.index:
        network.add(
            "loads", f"{bus}", bus=bus, carrier="AC", p_set=round(load_mw / len(stations), 6)
        )
    return network


if __name__ == "__main__":
    main()
