"""Instances of a few rows, as folders: everything fits, until a test says otherwise."""

from pathlib import Path

from optimizer.instance import Instance, read_instance
from tests.random_instances import Rows, write_instance

MANIFEST = """\
name = "small"
title = "Small"
currency = "EUR"
base_year = 2026
discount_rate = 0
stages = [{stages}]
horizon_end = {end}
{more}
"""
SITE = {"latitude": 0, "longitude": 0, "country": "NL", "operator": "aqua"}
SITE |= {"operator_country": "NL", "node": "port", "max_it_mw": 100}
WORKLOADS: Rows = [{"workload": "chat", "latency_slo_ms": 30, "service_ms": 5}]


def small_instance(
    folder: Path,
    sites: dict[str, dict],
    demand_mw: dict[tuple[str, int], float],
    *,
    firm_mw: dict[tuple[str, int], float] | None = None,
    rtt_ms: dict[tuple[str, str], float] | None = None,
    more: str = "",
    **tables: Rows,
) -> Instance:
    """Write and read an instance with chat in a few regions of the Netherlands.

    Parameters
    ----------
    sites : what differs from SITE.
    demand_mw : by region and stage.
    firm_mw : by node and year, 1000 MW at port if not given.
    rtt_ms : by region and site, 10 ms where not given.
    more : lines of the manifest.
    tables : further tables, as rows; WORKLOADS where not given.
    """
    stages = sorted({year for _, year in demand_mw})
    regions = dict.fromkeys(region for region, _ in demand_mw)
    firm_mw, rtt_ms = firm_mw or {("port", stages[0]): 1000.0}, rtt_ms or {}
    nodes = dict.fromkeys([*(site.get("node", "port") for site in sites.values()),
                           *(node for node, _ in firm_mw)])  # fmt: skip
    place = {"latitude": 0, "longitude": 0, "country": "NL"}
    rows: dict[str, Rows] = {
        "workloads": WORKLOADS,
        "sites": [{"site": name} | SITE | own for name, own in sites.items()],
        "nodes": [{"node": node, "energy_price_per_mwh": 0} | place for node in nodes],
        "grid": [{"node": g, "year": year, "firm_mw": mw} for (g, year), mw in firm_mw.items()],
        "regions": [{"region": region} | place for region in regions],
        "latency": [
            {"region": region, "site": site, "rtt_ms": rtt_ms.get((region, site), 10.0)}
            for region in regions
            for site in sites
        ],
        "demand": [
            {"region": region, "workload": "chat", "year": year, "it_mw": mw}
            for (region, year), mw in demand_mw.items()
        ],
    }
    manifest = MANIFEST.format(stages=", ".join(map(str, stages)), end=stages[-1] + 1, more=more)
    return read_instance(write_instance(folder, manifest, rows | tables))


def rule(kind: str, name: str = "a_rule", **what: object) -> dict[str, object]:
    """A rule on all workloads and users."""
    return {"rule": name, "workload": "*", "applies_to": "*", "kind": kind} | what
