"""The tables of power through the hours: slices, profiles, supply and connections."""

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
    whole,
    year,
)

MAKERS = ("solar", "wind", "gas", "fuel_cell", "nuclear", "diesel")
TECHNOLOGY_KINDS = (*MAKERS, "ppa", "battery")
PLACE_QUANTITIES = ("energy_price", "carbon", "temperature")


def share(description: str) -> pa.Column:
    """Part of a whole, 0 where nothing is said."""
    return number(description, "MW/MW", default=0.0, at_least=0, at_most=1)


def amount(description: str, unit: str) -> pa.Column:
    """Number from 0 up, 0 where nothing is said."""
    return number(description, unit, default=0.0, at_least=0)


POWER_TABLES: dict[str, pa.DataFrameSchema] = {
    "slices": table(
        "Hours of representative days, in their order; with them, power is balanced in each.",
        {
            "slice": name("key of the slice"),
            "day": name("representative day that it belongs to", default=OWN_KEY),
            "weight_hours": number("hours of a year that it stands for", "h/year", above=0),
            "hours": number("how long it lasts", "h", default=1.0, above=0),
            "starts_utc": text(
                "when it starts, as 2026-01-15T13:00 in UTC; needed by local profiles"
            ),
        },
        key=("slice",),
    ),
    "profiles": table(
        "Values by slice.",
        {
            "profile": name("key of the profile"),
            "slice": reference("slice", "slices"),
            "value": number("what holds in the slice; its unit is that of the use"),
        },
        key=("profile", "slice"),
    ),
    "local_profiles": table(
        "Values by hour of the local day.",
        {
            "profile": name("key of the profile"),
            "hour": whole("hour that the clock shows", at_least=0, at_most=23),
            "value": number("what holds in that hour", at_least=0, at_most=1),
        },
        key=("profile", "hour"),
    ),
    "demand_profiles": table(
        "Which profile a region's workload follows; the row that says most goes first.",
        {
            "region": reference("where the users are, * for all", "regions", default="*"),
            "workload": reference("what they ask for, * for all", "workloads", default="*"),
            "profile": name("profile of load per peak load, by slice or by local hour"),
        },
        key=("region", "workload"),
    ),
    "place_profiles": table(
        "What changes over the hours at a place; the row that says most goes first.",
        {
            "place": name("node, country, or * for all", default="*"),
            "quantity": choice(
                "energy_price and carbon: factor on the node's; temperature: °C", PLACE_QUANTITIES
            ),
            "profile": name("profile by slice"),
        },
        key=("place", "quantity"),
    ),
    "technologies": table(
        "Ways to make, buy or store power at a site.",
        {
            "technology": name("key of the technology"),
            "kind": choice("how it works", TECHNOLOGY_KINDS),
            "cost_per_mw": amount("due once, when it is ordered", "currency/MW"),
            "cost_per_mwh_storage": number(
                "due once for what a battery holds",
                "currency/MWh",
                default=None,
                at_least=0,
                empty="for all that is no battery",
            ),
            "fixed_cost_per_mw_year": amount("due in each year that it stands", "currency/MW/year"),
            "variable_cost_per_mwh": number(
                "of what is made, delivered or discharged", "currency/MWh", default=0.0
            ),
            "fuel_price_per_mwh": amount("of fuel, by its heat", "currency/MWh"),
            "efficiency": number(
                "power per heat of the fuel; of a battery's round trip",
                "MWh/MWh",
                default=1.0,
                above=0,
                at_most=1,
            ),
            "carbon_kg_per_mwh": amount("emitted by what is made or delivered", "kg/MWh"),
            "embodied_t_per_mw": amount("emitted to make it", "t/MW"),
            "embodied_t_per_mwh": amount("emitted to make what a battery holds", "t/MWh"),
            "clean": whole(
                "whether it counts for clean_share, 1 or 0", default=0, at_least=0, at_most=1
            ),
            "lead_years": whole("years from order to use", "years", at_least=0, at_most=100),
            "life_years": number(
                "years that it stands",
                "years",
                default=None,
                at_least=1,
                at_most=100,
                empty="it stands for good",
            ),
            "resale_share": share("part of its cost that it brings when new"),
            "land_ha_per_mw": amount("land that it takes", "ha/MW"),
            "profile": name("availability, by slice", default=""),
        },
        key=("technology",),
    ),
    "technology_profiles": table(
        "Availability by place; the row that says most goes first.",
        {
            "technology": reference("technology", "technologies"),
            "place": name("node, country, or * for all", default="*"),
            "profile": name("availability, by slice"),
        },
        key=("technology", "place"),
    ),
    "technology_costs": table(
        "Costs that change over the years, each from its year until the technology's next row.",
        {
            "technology": reference("technology", "technologies"),
            "year": year("year from which this holds"),
            "cost_per_mw": number(
                "due once, when it is ordered",
                "currency/MW",
                default=None,
                at_least=0,
                empty="as in technologies",
            ),
            "cost_per_mwh_storage": number(
                "due once for what a battery holds",
                "currency/MWh",
                default=None,
                at_least=0,
                empty="as in technologies",
            ),
            "fuel_price_per_mwh": number(
                "of fuel, by its heat",
                "currency/MWh",
                default=None,
                at_least=0,
                empty="as in technologies",
            ),
        },
        key=("technology", "year"),
    ),
    "site_technologies": table(
        "What may stand at a site; nothing else can be built.",
        {
            "site": reference("site", "sites"),
            "technology": reference("technology", "technologies"),
            "max_mw": number("most that may stand, existing included", "MW", at_least=0),
            "max_mwh": number(
                "most that a battery may hold", "MWh", default=None, at_least=0, empty="no limit"
            ),
            "existing_mw": amount("there from the start", "MW"),
            "existing_mwh": amount("storage there from the start", "MWh"),
            "earliest_year": year("year before which it cannot be ordered", default=FIRST_STAGE),
        },
        key=("site", "technology"),
    ),
    "flexible_grid": table(
        "Power that the utility may cut for some hours; constant between listed years, 0 before.",
        {
            "node": reference("grid node", "nodes"),
            "year": year("year from which this holds"),
            "flexible_mw": number("power beyond what is firm", "MW", at_least=0),
            "curtailed_hours_per_year": number(
                "hours in which it may be cut", "h/year", at_least=0, at_most=8760
            ),
            "event_hours": number("longest cut at a time", "h", above=0),
        },
        key=("node", "year"),
    ),
    "corridors": table(
        "Transfer limits over several nodes; constant between listed years, none before.",
        {
            "corridor": name("key of the corridor"),
            "year": year("year from which this holds"),
            "max_mw": number("most that it carries", "MW", at_least=0),
        },
        key=("corridor", "year"),
    ),
    "corridor_nodes": table(
        "Nodes whose draw a corridor carries.",
        {
            "corridor": reference("corridor", "corridors"),
            "node": reference("grid node", "nodes"),
            "factor": number("part of the node's draw that it carries", "MW/MW", default=1.0),
        },
        key=("corridor", "node"),
    ),
    "campaigns": table(
        "Training that needs a block of power for some stages at one site.",
        {
            "campaign": name("key of the campaign"),
            "workload": reference("workload whose rules decide where", "workloads"),
            "country": country("country of who trains, ISO 3166-1 alpha-2"),
            "it_mw": number("IT load in every slice", "MW", above=0),
            "year": year("first year of the stages it needs"),
            "until_year": year("year before which it ends"),
        },
        key=("campaign",),
    ),
}
