"""The tables of a plan: every column with its unit and meaning, stated once."""

from dataclasses import dataclass

# A limit binds when what is left is below this part of it.
BINDING = 1e-4


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result table.

    Parameters
    ----------
    name : as written in the table.
    unit : "" where it has none.
    description : what it holds, in a planner's words.
    """

    name: str
    unit: str
    description: str


def columns(*rows: tuple[str, str, str]) -> tuple[ResultColumn, ...]:
    """Columns of a table from their name, unit and description."""
    return tuple(ResultColumn(*row) for row in rows)


SITE = ("site", "", "site")
YEAR = ("year", "", "stage, named by its first year")
_REGION = ("region", "", "demand region")
_WORKLOAD = ("workload", "", "workload")

RESULT_TABLES: dict[str, tuple[ResultColumn, ...]] = {
    "sites": columns(
        SITE,
        ("name", "", "name of the site"),
        ("latitude", "degrees", "latitude, WGS84"),
        ("longitude", "degrees", "longitude, WGS84"),
        ("country", "", "country of the site, ISO 3166-1 alpha-2"),
        ("operator", "", "who runs the site"),
        ("operator_country", "", "country of the operator's ultimate control"),
        ("node", "", "grid node that the site draws from"),
        ("max_it_mw", "MW", "most IT capacity the hall holds"),
        ("existing_it_mw", "MW", "IT capacity there from the start"),
        ("opened_year", "", "first stage in which the site is in use; empty: never"),
    ),
    "capacity": columns(
        SITE,
        YEAR,
        ("open", "", "1 while the site is in use, else 0"),
        ("new_it_mw", "MW", "IT capacity installed in this stage"),
        ("installed_it_mw", "MW", "IT capacity that stands in this stage"),
        ("served_it_mw", "MW", "IT load at peak; with slices, in the highest of them"),
        ("facility_mw", "MW", "facility power at peak; with slices, in the highest of them"),
    ),
    "serving": columns(
        _REGION,
        _WORKLOAD,
        SITE,
        YEAR,
        ("share", "", "share of the region's workload served from the site, 0 to 1"),
        ("it_mw", "MW", "IT load that the share amounts to at peak"),
        ("rtt_ms", "ms", "network round trip between region and site"),
    ),
    "unserved": columns(
        _REGION,
        _WORKLOAD,
        YEAR,
        ("share", "", "share of the region's workload that nobody serves, 0 to 1"),
        ("it_mw", "MW", "IT load that the share amounts to at peak"),
    ),
    "grid_use": columns(
        ("node", "", "grid node"),
        YEAR,
        ("firm_mw", "MW", "least power guaranteed in any year of the stage, without upgrades"),
        ("upgrade_mw", "MW", "power added by upgrades that have come in time"),
        ("drawn_mw", "MW", "firm power taken at peak by the node's sites"),
        ("headroom_mw", "MW", "what is left: firm and added less drawn"),
        ("unpowered_mw", "MW", "power the node lacks to run all IT installed behind it at once"),
    ),
    "upgrades": columns(
        ("node", "", "grid node"),
        ("upgrade", "", "reinforcement ordered"),
        ("ordered_year", "", "stage in which it is ordered and paid"),
        ("available_year", "", "first stage in which it is there; empty: after the last"),
        ("mw", "MW", "power it adds"),
        ("cost", "currency", "its cost, undiscounted"),
    ),
    "energy": columns(
        SITE,
        YEAR,
        ("it_mwh", "MWh per year", "IT energy in each year of the stage"),
        ("facility_mwh", "MWh per year", "energy drawn in each year of the stage, PUE included"),
        ("carbon_t", "t per year", "carbon dioxide emitted in each year of the stage"),
    ),
    "costs": columns(
        (
            "kind",
            "",
            "opening, it, upgrade, fixed, energy, carbon, network or unserved; with slices also "
            "supply, resale, supply_fixed, supply_energy, moving, cutting, export, events, "
            "demand_charge and connection",
        ),
        YEAR,
        ("item", "", "site, node/upgrade, site/technology or region that the cost is for"),
        ("cost", "currency", "sum over the years of the stage, undiscounted"),
        ("discounted_cost", "currency", "the same, each year discounted to the base year"),
    ),
    "compliance": columns(
        ("rule", "", "rule of the instance"),
        ("kind", "", "kind of rule"),
        ("year", "", "stage; empty for rules that settle routes, which hold in all"),
        ("workload", "", "workload that the rule governs, * for all"),
        ("subject", "", "country, operator or group that the row is about, * for all"),
        ("governed_it_mw", "MW", "demand that the rule governs; its peak where it holds in all"),
        ("value_it_mw", "MW", "what the plan does, in IT MW served, or open sites"),
        ("limit_it_mw", "MW", "what the rule asks or allows, in IT MW served, or open sites"),
        ("margin", "MW", "how far the plan stays from breaking the rule"),
        ("holds", "", "1 if the rule is kept, else 0"),
    ),
    "ineligible": columns(
        _REGION,
        _WORKLOAD,
        ("reason", "", "first reason that rules sites out: rule:NAME, latency, no_latency_listed"),
        ("sites", "", "number of sites ruled out for this reason"),
        ("nearest_site", "", "site that misses the latency objective by the least"),
        ("value", "as unit", "round trip and service time of that site"),
        ("limit", "as unit", "latency objective of the workload"),
        ("miss", "as unit", "what that site is late by"),
        ("unit", "", "unit of value, limit and miss"),
    ),
    "ineligible_pairs": columns(
        _REGION,
        _WORKLOAD,
        SITE,
        ("reason", "", "first reason that rules the pair out"),
        ("rtt_ms", "ms", "network round trip; empty where none is known"),
    ),
}

# What each table tells, in a sentence.
RESULT_MEANINGS = {
    "sites": "Every site, with the stage in which it opens",
    "capacity": "IT capacity and load of each site, by stage",
    "serving": "Who is served from where, by workload and stage",
    "unserved": "Demand that nobody serves, by stage",
    "grid_use": "Power of each grid node, and what is drawn, by stage",
    "upgrades": "Grid reinforcements ordered",
    "energy": "Energy and carbon of each site in use, by stage",
    "costs": "Every cost, by kind and stage",
    "compliance": "How each rule is kept, and its margin",
    "ineligible": "Why sites may not serve a region's workload, by reason",
    "ineligible_pairs": "Every site that may not serve a region's workload, with the reason",
}
