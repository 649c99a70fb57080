"""The tables of an instance: every column with meaning, unit, default, limits and key, once."""

import pandera.pandas as pa

from optimizer.columns import (
    FIRST_STAGE,
    OWN_KEY,
    choice,
    country,
    name,
    number,
    reference,
    table,
    text,
    timezone,
    whole,
    year,
)
from optimizer.power_tables import POWER_TABLES, amount, share

PAIR_RULES = ("site_in", "site_not_in", "operator_in", "operator_not_in")
SHARE_RULES = (
    "max_share_operator_outside",
    "max_share_country",
    "max_share_operator",
    "min_share_at_home",
)
RULE_KINDS = (*PAIR_RULES, *SHARE_RULES, "min_sites_in")
POLICIES = ("carbon_price", "capital_budget", "carbon_cap", "water_cap", "clean_share")

# Parts of the format that this version does not read: refused, for nobody may think they count.
LATER_TABLES = (
    *("contingencies", "scenarios", "steps", "pods", "throughput", "pod_supply", "shipping"),
)
LATER_COLUMNS = {"demand": ("requests_per_s",)}


def latitude() -> pa.Column:
    """Latitude, which may be left out where no round trip and no map needs it."""
    return number(
        "latitude, WGS84", "degrees", default=None, at_least=-90, at_most=90, empty=NO_PLACE
    )


def longitude() -> pa.Column:
    """Longitude, likewise."""
    return number(
        "longitude, WGS84", "degrees", default=None, at_least=-180, at_most=180, empty=NO_PLACE
    )


def label(what: str) -> pa.Column:
    """Name for people."""
    return name(f"name of the {what} for people", default=OWN_KEY)


NO_PLACE = "allowed where `latency` lists every pair that needs it"

TABLES: dict[str, pa.DataFrameSchema] = {
    "sites": table(
        "Places where capacity stands or may be built, one row per place and operator.",
        {
            "site": name("key of the site"),
            "name": label("site"),
            "latitude": latitude(),
            "longitude": longitude(),
            "country": country("country of the site, ISO 3166-1 alpha-2"),
            "operator": name("who runs the site"),
            "operator_country": country("country of the operator's ultimate control"),
            "node": reference("grid node that the site draws from", "nodes"),
            "max_it_mw": number(
                "most IT capacity the hall holds, existing included", "MW", at_least=0
            ),
            "existing_it_mw": number(
                "IT capacity there from the start; such a site is open and pays no opening_cost",
                "MW",
                default=0.0,
                at_least=0,
            ),
            "opening_cost": number(
                "due once, when the site opens", "currency", default=0.0, at_least=0
            ),
            "fixed_cost_per_year": number(
                "due in each year that the site is open", "currency/year", default=0.0, at_least=0
            ),
            "it_cost_per_mw": number(
                "due once for IT capacity that is newly installed",
                "currency/MW",
                default=0.0,
                at_least=0,
            ),
            "block_mw": number(
                "block in which IT capacity is bought",
                "MW",
                default=None,
                above=0,
                empty="any amount can be bought",
            ),
            "pue": number(
                "facility power per IT power",
                "MW/MW",
                default=1.0,
                at_least=1,
                at_most=10,
            ),
            "water_l_per_kwh": number(
                "water used per IT energy",
                "l/kWh",
                default=0.0,
                at_least=0,
            ),
            "idle_share": share("part of the installed IT power that is drawn without any load"),
            "moves_load": whole(
                "whether its operator moves load between hours, 1 or 0",
                default=1,
                at_least=0,
                at_most=1,
            ),
            "pue_per_c": amount("added to pue by each °C above pue_from_c", "1/°C"),
            "pue_from_c": number("temperature from which pue rises", "°C", default=20.0),
            "land_ha": number(
                "land for technologies", "ha", default=None, at_least=0, empty="no limit"
            ),
            "embodied_t": amount("carbon dioxide emitted to build the site", "t"),
            "embodied_t_per_it_mw": amount("and to make what is installed", "t/MW"),
            "earliest_year": year(
                "year before which the site neither opens nor adds capacity", default=FIRST_STAGE
            ),
        },
        key=("site",),
        needed=True,
    ),
    "nodes": table(
        "Grid connection points; several sites may share one.",
        {
            "node": name("key of the node"),
            "name": label("node"),
            "latitude": latitude(),
            "longitude": longitude(),
            "country": country("country of the node, ISO 3166-1 alpha-2"),
            "energy_price_per_mwh": number("price of electricity; may be negative", "currency/MWh"),
            "carbon_kg_per_mwh": number(
                "carbon dioxide emitted per electricity drawn", "kg/MWh", default=0.0, at_least=0
            ),
            "clean_share": share("part of the electricity drawn that counts as clean"),
            "export_mw": amount("most that its sites may sell at a time", "MW"),
            "export_price_share": share("part of the price that it pays for what is sold"),
            "demand_charge_per_mw_year": amount(
                "due on the highest draw of each site over a year", "currency/MW/year"
            ),
            "connection_fee_per_mw": amount(
                "due once on what a site's highest draw gains", "currency/MW"
            ),
        },
        key=("node",),
        needed=True,
    ),
    "grid": table(
        "Power that the grid operator guarantees; constant between listed years, 0 before the "
        "first. Every node that a site uses has a row.",
        {
            "node": reference("grid node", "nodes"),
            "year": year("year from which this holds"),
            "firm_mw": number("power guaranteed from that year on", "MW", at_least=0),
        },
        key=("node", "year"),
        needed=True,
    ),
    "regions": table(
        "Where users are.",
        {
            "region": name("key of the region"),
            "name": label("region"),
            "latitude": latitude(),
            "longitude": longitude(),
            "country": country("country of the users, ISO 3166-1 alpha-2"),
            "timezone": timezone("time zone of the users, IANA", default="UTC"),
        },
        key=("region",),
        needed=True,
    ),
    "workloads": table(
        "Kinds of request.",
        {
            "workload": name("key of the workload"),
            "latency_slo_ms": number(
                "most that round trip and service may take",
                "ms",
                default=None,
                above=0,
                empty="no objective",
            ),
            "service_ms": number(
                "time that a request takes at the site", "ms", default=0.0, at_least=0
            ),
            "load_factor": number(
                "mean load per peak load; touches energy only",
                "MW/MW",
                default=1.0,
                at_least=0,
                at_most=1,
            ),
            "movable_share": share("part of its load in a slice that may move within the day"),
            "move_cost_per_mwh": amount("of what moves", "currency/MWh"),
            "cut_share": share("part of a day's energy that may be cut"),
            "cut_cost_per_mwh": amount("of what is cut", "currency/MWh"),
        },
        key=("workload",),
        needed=True,
    ),
    "demand": table(
        "Peak IT load of a region's workload in a stage; no row is no demand.",
        {
            "region": reference("where the users are", "regions"),
            "workload": reference("what they ask for", "workloads"),
            "year": year("stage, named by its first year"),
            "it_mw": number("peak IT load in that stage", "MW", at_least=0),
        },
        key=("region", "workload", "year"),
        needed=True,
    ),
    "latency": table(
        "Measured round trips; they override the fit of the manifest.",
        {
            "region": reference("where the users are", "regions"),
            "site": reference("where they are served", "sites"),
            "rtt_ms": number("network round trip", "ms", at_least=0),
            "network_cost_per_mw_year": number(
                "cost of carrying the traffic of one IT MW for a year",
                "currency/(MW year)",
                default=0.0,
                at_least=0,
            ),
        },
        key=("region", "site"),
    ),
    "upgrades": table(
        "Reinforcements that can be ordered once each; those of a node add up.",
        {
            "node": reference("grid node", "nodes"),
            "upgrade": name("key of the upgrade at its node"),
            "mw": number("firm power that it adds", "MW", at_least=0),
            "cost": number("due once, when it is ordered", "currency", default=0.0, at_least=0),
            "lead_years": whole("years from order to use", "years", at_least=0, at_most=100),
            "earliest_year": year("year before which it cannot be ordered", default=FIRST_STAGE),
            "after": name("upgrade of the node that must be ordered by then", default=""),
        },
        key=("node", "upgrade"),
    ),
    "groups": table(
        "Groups of countries that rules name, one row per member.",
        {
            "group": name("name of the group"),
            "country": country("member, ISO 3166-1 alpha-2"),
        },
        key=("group", "country"),
    ),
    "rules": table(
        "Sovereignty rules, one a row; what a rule means is stated in the instance format.",
        {
            "rule": name("key of the rule"),
            "workload": reference("workload that it governs, * for all", "workloads", default="*"),
            "applies_to": reference(
                "countries of the users that it governs: a group, a country, or * for all",
                "groups",
                default="*",
            ),
            "kind": choice("what it demands", RULE_KINDS),
            "group": reference(
                "countries that it speaks of: a group, a country, * for all, or, for pairs of "
                "user and site, @same for the user's own",
                "groups",
                default="",
            ),
            "value": number(
                "share from 0 to 1, or number of sites",
                default=None,
                at_least=0,
                empty="for rules on pairs of user and site",
            ),
            "year": year("year from which it holds", default=None),
            "basis": text("law or policy behind it"),
        },
        key=("rule",),
    ),
    "policies": table(
        "Prices and limits, each from its year until the next row of the same policy.",
        {
            "policy": choice("which", POLICIES),
            "year": year("year from which this holds"),
            "value": number(
                "carbon_price: per tonne; capital_budget: most that a stage may spend on opening, "
                "IT, upgrades and supply, undiscounted, nothing carried over; "
                "carbon_cap: tonnes a year; water_cap: m³ a year; clean_share: from 0 to 1",
                "currency/t, currency, t, m³ or a share",
                at_least=0,
            ),
            "unit": text(
                "unit of the value, as a reminder: it must be the one above; for clean_share "
                "annual or hourly"
            ),
        },
        key=("policy", "year"),
    ),
    "sources": table(
        "Where figures come from; a column may have several.",
        {
            "table": name("table of this instance, or instance.toml"),
            "column": name("column or key, * for all"),
            "kind": choice("how good it is", ("measured", "derived", "assumed")),
            "source": text("publisher and title, or address"),
            "licence": text("terms under which it may be passed on"),
            "year": year("year of the source", default=None),
            "note": text("how the figure follows, and what it leaves out"),
        },
        key=(),
    ),
    **POWER_TABLES,
}
