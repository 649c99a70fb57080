"""Two instances with power through the hours, each stated a second time as a PyPSA network.

The networks use nothing of Sitewatt: components, efficiencies and prices are written down from
docs/instances/power.md, as somebody who knows PyPSA would. There is one stage of one year, so that
a cost per year and a cost due once are the same.
"""

from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pypsa

from tests.random_instances import Rows, write_instance

# PyPSA asks for its newest version whenever it makes a network.
pypsa.options.set_option("general.allow_network_requests", False)
pypsa.options.set_option("api.legacy_string_dtype", False)

MANIFEST = """\
name = "peer"
title = "One stage of one year"
currency = "EUR"
base_year = 2026
discount_rate = 0.07
stages = [2026]
horizon_end = 2027
unserved = "forbidden"

[latency]
base_ms = 5
ms_per_km = 0.02
"""

# Two days of six slices of four hours: 165 days like the first, 200 like the second.
DAYS = {"winter": 165, "summer": 200}
HOURS = 4.0
SLICES = [f"{day}{hour:02}" for day in DAYS for hour in range(0, 24, int(HOURS))]
WEIGHT = np.repeat([days * HOURS for days in DAYS.values()], 6)

LOAD = np.array([0.55, 0.5, 0.8, 1, 0.95, 0.75, 0.5, 0.45, 0.7, 0.9, 0.85, 0.65])
PRICE = np.array([0.9, 0.8, 1.3, 1.2, 1.7, 1.1, 0.6, 0.4, 0.7, -0.3, 1.5, 1.0])
CARBON = np.array([1, 1, 1.2, 1.1, 1.3, 1.1, 0.8, 0.7, 0.6, 0.4, 1.0, 0.9])
CELSIUS = np.array([2, 1, 4, 7, 6, 3, 16, 18, 24, 31, 29, 22.0])
SUN = np.array([0, 0, 0.15, 0.35, 0.05, 0, 0, 0.2, 0.7, 0.85, 0.4, 0])
WIND = np.array([0.6, 0.7, 0.5, 0.4, 0.55, 0.65, 0.3, 0.25, 0.1, 0.15, 0.35, 0.4])


def slices() -> Rows:
    return [
        {"slice": s, "day": s[:-2], "weight_hours": weight, "hours": HOURS}
        for s, weight in zip(SLICES, WEIGHT, strict=True)
    ]


def profiles(**values: np.ndarray) -> Rows:
    return [
        {"profile": name, "slice": s, "value": value}
        for name, series in values.items()
        for s, value in zip(SLICES, series, strict=True)
    ]


def empty_network(*carriers: str) -> pypsa.Network:
    """Network with the snapshots of `SLICES`.

    Storage goes round within a period, and a period is a day. As PyPSA counts what is built once a
    period, periods weigh a half, and their hours twice what they do.
    """
    network = pypsa.Network()
    day_number = np.repeat(range(1, len(DAYS) + 1), 6)
    network.set_snapshots(pd.MultiIndex.from_arrays([day_number, range(len(SLICES))]))
    network.investment_periods = range(1, len(DAYS) + 1)
    network.investment_period_weightings["objective"] = 1 / len(DAYS)
    network.snapshot_weightings["objective"] = WEIGHT * len(DAYS)
    network.snapshot_weightings["stores"] = HOURS
    network.add("Carrier", ["AC", *carriers])
    return network


def series(network: pypsa.Network, values: np.ndarray) -> pd.Series:
    return pd.Series(values, network.snapshots)


def least_cost(network: pypsa.Network) -> float:
    """Optimum of a network, solved to the end."""
    network.consistency_check(strict=["all"])
    status = network.optimize(
        solver_name="highs",
        multi_investment_periods=True,
        log_to_console=False,
        include_objective_constant=False,
        extra_functionality=as_wide_both_ways if network.stores.e_nom_extendable.any() else None,
    )
    assert status == ("ok", "optimal")
    return float(network.objective)


# One site: 12 MW of IT that idle at a fifth, cooling that needs more in the heat, a connection that
# does not carry the peak and costs by its MW, and six ways to make, buy or store power.

IDLE, INSTALLED_MW, PEAK_MW = 0.2, 12.0, 10.0
ENERGY_EUR, CARBON_KG, CARBON_EUR = 60.0, 300.0, 80.0
FIRM_MW, EXPORT_MW, EXPORT_SHARE = 8.0, 2.0, 0.6
CHARGE_EUR, FEE_EUR = 30_000.0, 12_000.0


def one_site(folder: Path) -> Path:
    """Write the instance of one site that sizes its own supply."""
    built = "technology", "kind", "cost_per_mw", "fixed_cost_per_mw_year", "max_mw", "existing_mw"
    technologies: Rows = [
        dict(zip(built, row, strict=True)) | {"lead_years": 0}
        for row in (
            ("sun", "solar", 135_000, 5_000, 9, 0),
            ("turbine", "wind", 300_000, 20_000, 7, 0.5),
            ("engine", "gas", 48_000, 4_000, 10, 0),
            ("contract", "ppa", 0, 0, 3, 0),
            ("cells", "battery", 6_000, 1_000, 20, 0),
            ("spare", "diesel", 5_000, 500, 10, 0),
        )
    ]
    more: dict[str, dict[str, object]] = {
        "sun": {"profile": "sun", "embodied_t_per_mw": 60},
        "turbine": {"profile": "wind", "variable_cost_per_mwh": 2},
        "engine": {"variable_cost_per_mwh": 4, "fuel_price_per_mwh": 28, "efficiency": 0.5}
        | {"carbon_kg_per_mwh": 300},
        "contract": {"profile": "wind", "variable_cost_per_mwh": 48},
        "cells": {"cost_per_mwh_storage": 7_000, "variable_cost_per_mwh": 1.5}
        | {"efficiency": 0.85, "embodied_t_per_mwh": 10},
        "spare": {"fuel_price_per_mwh": 90, "efficiency": 0.4, "carbon_kg_per_mwh": 700},
    }
    allowed: Rows = [
        {"site": "hall", "max_mwh": 60 if row["kind"] == "battery" else ""}
        | {key: row.pop(key) for key in ("max_mw", "existing_mw")}
        | {"technology": row["technology"]}
        for row in technologies
    ]
    tables: dict[str, Rows] = {
        "sites": [
            {"site": "hall", "latitude": 52, "longitude": 5, "country": "NL", "operator": "main"}
            | {"operator_country": "NL", "node": "port", "max_it_mw": INSTALLED_MW}
            | {"existing_it_mw": INSTALLED_MW, "pue": 1.15, "idle_share": IDLE}
            | {"pue_per_c": 0.01, "pue_from_c": 18}
        ],
        "nodes": [
            {"node": "port", "country": "NL", "energy_price_per_mwh": ENERGY_EUR}
            | {"carbon_kg_per_mwh": CARBON_KG, "export_mw": EXPORT_MW}
            | {"export_price_share": EXPORT_SHARE, "demand_charge_per_mw_year": CHARGE_EUR}
            | {"connection_fee_per_mw": FEE_EUR}
        ],
        "grid": [{"node": "port", "year": 2026, "firm_mw": FIRM_MW}],
        "regions": [{"region": "delft", "country": "NL", "latitude": 52, "longitude": 4}],
        "workloads": [{"workload": "chat", "latency_slo_ms": 30}],
        "demand": [{"region": "delft", "workload": "chat", "year": 2026, "it_mw": PEAK_MW}],
        "policies": [{"policy": "carbon_price", "year": 2026, "value": CARBON_EUR}],
        "slices": slices(),
        "profiles": profiles(
            load=LOAD, price=PRICE, carbon=CARBON, celsius=CELSIUS, sun=SUN, wind=WIND
        ),
        "demand_profiles": [{"profile": "load"}],
        "place_profiles": [
            {"place": "port", "quantity": "energy_price", "profile": "price"},
            {"place": "NL", "quantity": "carbon", "profile": "carbon"},
            {"place": "*", "quantity": "temperature", "profile": "celsius"},
        ],
        "technologies": [row | more[str(row["technology"])] for row in technologies],
        "site_technologies": allowed,
    }
    return write_instance(folder, MANIFEST, tables)


def one_site_network() -> pypsa.Network:
    """The same as a network: bought at the meter, made behind it, used in the hall."""
    network = empty_network("grid", "renewable", "fuel", "battery")
    network.add("Bus", ["meter", "hall", "made", "cells", "sold"], carrier="AC")
    price = ENERGY_EUR * PRICE
    pue = 1.15 + 0.01 * np.maximum(0, CELSIUS - 18)
    use = pue * (IDLE * INSTALLED_MW + (1 - IDLE) * PEAK_MW * LOAD)
    network.add("Load", "servers", bus="hall", p_set=series(network, use))

    bought = series(network, price + CARBON * CARBON_KG / 1000 * CARBON_EUR)
    network.add("Generator", "grid", bus="meter", carrier="grid", p_nom=100, marginal_cost=bought)
    built = {"p_nom_extendable": True}
    network.add(
        "Generator",
        "contract",
        bus="meter",
        carrier="renewable",
        p_nom_max=3,
        p_max_pu=series(network, WIND),
        marginal_cost=48,
        **built,
    )
    network.add(
        "Link",
        "connection",
        bus0="meter",
        bus1="hall",
        carrier="AC",
        p_nom_max=FIRM_MW,
        capital_cost=CHARGE_EUR + FEE_EUR,
        **built,
    )
    network.add(
        "Generator",
        "sun",
        bus="made",
        carrier="renewable",
        p_nom_max=9,
        p_max_pu=series(network, SUN),
        capital_cost=135_000 + 5_000 + 60 * CARBON_EUR,
        **built,
    )
    # Half a megawatt stands already; its keep is OLD_TURBINE_EUR.
    network.add(
        "Generator",
        "old turbine",
        bus="made",
        carrier="renewable",
        p_nom=0.5,
        p_max_pu=series(network, WIND),
        marginal_cost=2,
    )
    network.add(
        "Generator",
        "new turbine",
        bus="made",
        carrier="renewable",
        p_nom_max=6.5,
        p_max_pu=series(network, WIND),
        marginal_cost=2,
        capital_cost=320_000,
        **built,
    )
    network.add(
        "Generator",
        ["engine", "spare"],
        bus="made",
        carrier="fuel",
        p_nom_max=10,
        capital_cost=[52_000, 5_500],
        marginal_cost=[4 + 28 / 0.5 + 0.3 * CARBON_EUR, 90 / 0.4 + 0.7 * CARBON_EUR],
        **built,
    )
    network.add("Link", "own use", bus0="made", bus1="hall", carrier="AC", p_nom=100)
    earned = series(network, -EXPORT_SHARE * np.maximum(price, 0))
    network.add(
        "Link",
        "export",
        bus0="made",
        bus1="sold",
        p_nom=EXPORT_MW,
        marginal_cost=earned,
        carrier="AC",
    )
    network.add(
        "Generator", "buyers", bus="sold", carrier="grid", p_nom=100, p_min_pu=-1, p_max_pu=0
    )
    add_battery(network)
    return network


# What PyPSA does not count: the keep of what stands already.
OLD_TURBINE_EUR = 0.5 * 20_000


def add_battery(network: pypsa.Network) -> None:
    """Charged from the hall, discharged to what is made; its MW are the same both ways."""
    one_way = sqrt(0.85)
    network.add(
        "Store",
        "cells",
        bus="cells",
        carrier="battery",
        e_nom_extendable=True,
        e_nom_max=60,
        e_cyclic_per_period=True,
        capital_cost=7_000 + 10 * CARBON_EUR,
    )
    network.add(
        "Link",
        ["charge", "discharge"],
        bus0=["hall", "cells"],
        bus1=["cells", "made"],
        carrier="battery",
        efficiency=one_way,
        marginal_cost=[0, 1.5 * one_way],
        p_nom_extendable=True,
        p_nom_max=[20, 20 / one_way],
        # Paid for once, on the way in; the constraint below makes the way out as wide.
        capital_cost=[7_000, 0],
    )


def as_wide_both_ways(network: pypsa.Network, _: object) -> None:
    """Power that the battery gives is at most its MW, which are those of charging."""
    width = network.model["Link-p_nom"]
    network.model.add_constraints(
        sqrt(0.85) * width.sel(name="discharge", drop=True) <= width.sel(name="charge", drop=True),
        name="width",
    )


# Three nodes: two of them hang on one corridor. Users may be served from any site; a share of a
# region's load is the same in every slice, so each share is a link that follows the load.

NODES = {"west": (70.0, 1.3, 12.0), "east": (48.0, 1.2, 30.0), "north": (95.0, 1.1, 25.0)}
USERS = {"ams": 8.0, "ber": 11.0, "osl": 5.0}
LOADS = {"ams": LOAD, "ber": LOAD[::-1], "osl": np.roll(LOAD, 3)}
PRICES = {"west": PRICE, "east": np.roll(PRICE, 2), "north": 0.8 + 0.2 * PRICE}
RTT_MS = {
    ("ams", "west"): (8, 100_000),
    ("ams", "east"): (14, 0),
    ("ams", "north"): (22, 0),
    ("ber", "west"): (15, 0),
    ("ber", "east"): (7, 0),
    ("osl", "east"): (24, 90_000),
    ("osl", "north"): (6, 0),
}
CORRIDOR_MW = 16.0
HALL_MW = 15.0
IT_EUR = {"west": 120_000.0, "east": 150_000.0, "north": 110_000.0}
ENGINE_EUR, ENGINE_MWH_EUR = 25_000.0, 88.0


def three_nodes(folder: Path) -> Path:
    """Write the instance of three nodes and one corridor."""
    tables: dict[str, Rows] = {
        "sites": [
            {"site": f"{node}_hall", "country": "DE", "operator": "main", "operator_country": "DE"}
            | {"node": node, "max_it_mw": HALL_MW, "existing_it_mw": 1, "pue": pue}
            | {"it_cost_per_mw": IT_EUR[node]}
            for node, (_, pue, _) in NODES.items()
        ],
        "nodes": [
            {"node": node, "country": "DE", "energy_price_per_mwh": price}
            for node, (price, _, _) in NODES.items()
        ],
        "grid": [
            {"node": node, "year": 2026, "firm_mw": firm} for node, (_, _, firm) in NODES.items()
        ],
        "regions": [{"region": region, "country": "DE"} for region in USERS],
        "workloads": [{"workload": "chat", "latency_slo_ms": 25}],
        "demand": [
            {"region": region, "workload": "chat", "year": 2026, "it_mw": peak}
            for region, peak in USERS.items()
        ],
        "latency": [
            {"region": region, "site": f"{node}_hall", "rtt_ms": ms}
            | {"network_cost_per_mw_year": cost}
            for (region, node), (ms, cost) in RTT_MS.items()
        ],
        "slices": slices(),
        "profiles": profiles(**LOADS, **PRICES),
        "demand_profiles": [{"region": region, "profile": region} for region in USERS],
        "place_profiles": [
            {"place": node, "quantity": "energy_price", "profile": node} for node in NODES
        ],
        "technologies": [
            {"technology": "engine", "kind": "gas", "lead_years": 0, "cost_per_mw": ENGINE_EUR}
            | {"variable_cost_per_mwh": ENGINE_MWH_EUR}
        ],
        "site_technologies": [
            {"site": f"{node}_hall", "technology": "engine", "max_mw": 6}
            for node in ("west", "east")
        ],
        "corridors": [{"corridor": "border", "year": 2026, "max_mw": CORRIDOR_MW}],
        "corridor_nodes": [{"corridor": "border", "node": node} for node in ("west", "east")],
    }
    manifest = MANIFEST.partition("\n[latency]")[0]
    return write_instance(folder, manifest, tables)


def three_nodes_network() -> pypsa.Network:
    """The same as a network: a line of the corridor's MW feeds the two nodes that hang on it."""
    network = empty_network("grid", "fuel", "servers", "traffic")
    network.add("Bus", ["border", *NODES], carrier="AC")
    network.add("Generator", "supply", bus="border", carrier="grid", p_nom=CORRIDOR_MW)
    network.add("Generator", "north supply", bus="north", carrier="grid", p_nom=NODES["north"][2])
    for node, (price, pue, firm_mw) in NODES.items():
        hall, servers = f"{node} hall", f"{node} servers"
        network.add("Bus", [hall, servers], carrier="AC")
        if node != "north":
            network.add("Link", f"to {node}", bus0="border", bus1=node, carrier="AC", p_nom=100)
            network.add(
                "Generator",
                f"{node} engine",
                bus=hall,
                carrier="fuel",
                p_nom_extendable=True,
                p_nom_max=6,
                capital_cost=ENGINE_EUR,
                marginal_cost=ENGINE_MWH_EUR,
            )
        network.add(
            "Link",
            f"{node} connection",
            bus0=node,
            bus1=hall,
            carrier="AC",
            p_nom=firm_mw,
            marginal_cost=series(network, price * PRICES[node]),
        )
        # In MW of facility power: one of IT stands already, the others cost.
        network.add(
            "Link",
            f"{node} IT",
            bus0=hall,
            bus1=servers,
            carrier="servers",
            efficiency=1 / pue,
            p_nom_extendable=True,
            p_nom_min=pue,
            p_nom_max=HALL_MW * pue,
            capital_cost=IT_EUR[node] / pue,
        )
    for region, peak in USERS.items():
        network.add("Bus", region, carrier="AC")
        network.add("Load", region, bus=region, p_set=series(network, peak * LOADS[region]))
    for (region, node), (_, cost) in RTT_MS.items():
        load = series(network, LOADS[region])
        network.add(
            "Link",
            f"{region} from {node}",
            bus0=f"{node} servers",
            bus1=region,
            carrier="traffic",
            p_nom_extendable=True,
            p_min_pu=load,
            p_max_pu=load,
            capital_cost=cost,
        )
    return network


# What PyPSA counts of the megawatt of IT that each site has already.
STANDING_IT_EUR = sum(IT_EUR.values())
