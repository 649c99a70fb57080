"""The tables that a plan has besides where its instance has slices."""

from optimizer.results import SITE, YEAR, ResultColumn, columns

_NODE = ("node", "", "grid node")
_SLICE = ("slice", "", "slice of the year")
_TECHNOLOGY = ("technology", "", "technology")

POWER_RESULTS: dict[str, tuple[ResultColumn, ...]] = {
    "dispatch": columns(
        SITE,
        YEAR,
        _SLICE,
        ("load_mw", "MW", "IT load, after what was moved and cut; campaigns included"),
        ("facility_mw", "MW", "power that the site needs: PUE × IT power, idle part included"),
        ("grid_mw", "MW", "drawn from the grid, flexible part included"),
        ("flexible_mw", "MW", "part of what is taken through the connection that may be cut"),
        ("exported_mw", "MW", "sold to the grid"),
    ),
    "generation": columns(
        SITE,
        _TECHNOLOGY,
        YEAR,
        _SLICE,
        ("made_mw", "MW", "made, or delivered under a contract"),
        ("charged_mw", "MW", "taken into storage"),
        ("discharged_mw", "MW", "given back from storage"),
        ("stored_mwh", "MWh", "level of storage at the end of the slice"),
        ("ready_mw", "MW", "held ready for a cut of flexible power"),
        ("curtailed_mw", "MW", "could have been made by solar, wind or a contract, and was not"),
    ),
    "moved": columns(
        SITE,
        ("workload", "", "workload"),
        YEAR,
        _SLICE,
        ("out_mw", "MW", "IT load that left the slice for others of its day"),
        ("in_mw", "MW", "IT load that came from others"),
        ("cut_mw", "MW", "IT load that nobody serves"),
        ("ready_mw", "MW", "IT load that could pause, held ready for a cut of flexible power"),
    ),
    "supply": columns(
        SITE,
        _TECHNOLOGY,
        ("ordered_year", "", "stage in which it is ordered and paid"),
        ("mw", "MW", "power ordered"),
        ("mwh", "MWh", "storage ordered"),
    ),
    "retired": columns(
        SITE,
        _TECHNOLOGY,
        ("ordered_year", "", "stage in which it was ordered"),
        ("year", "", "stage in which it goes, before the end of its life"),
        ("mw", "MW", "power retired"),
        ("mwh", "MWh", "storage retired"),
    ),
    "standing": columns(
        SITE,
        _TECHNOLOGY,
        YEAR,
        ("mw", "MW", "power that stands in the stage"),
        ("mwh", "MWh", "storage that stands in the stage"),
        ("role", "", "own, bridge (until the node gets more power) or backup (only held ready)"),
    ),
    "campaign_sites": columns(
        ("campaign", "", "training campaign"),
        ("site", "", "site that it runs at"),
    ),
    "connections": columns(
        SITE,
        YEAR,
        ("peak_mw", "MW", "most that is taken through the connection in a slice"),
        ("gained_mw", "MW", "part of it beyond all earlier stages"),
    ),
    "footprint": columns(
        SITE,
        YEAR,
        ("grid_t", "t per year", "carbon dioxide of what is drawn from the grid"),
        ("supply_t", "t per year", "emitted by technologies"),
        ("event_t", "t per year", "emitted in hours in which flexible power is cut"),
        ("embodied_t", "t", "in what opens or is installed or ordered in the stage"),
        ("water_m3", "m³ per year", "water used"),
        ("clean_mwh", "MWh per year", "clean energy made, delivered or drawn, less exports"),
        ("matched_mwh", "MWh per year", "clean energy up to the load of each slice"),
    ),
    "power_sources": columns(
        SITE,
        YEAR,
        ("firm_mwh", "MWh per year", "drawn from the grid, not flexible"),
        ("flexible_mwh", "MWh per year", "drawn from the grid that may be cut"),
        ("contract_mwh", "MWh per year", "delivered under contracts"),
        ("bridge_mwh", "MWh per year", "made on site until the node gets more power"),
        ("own_mwh", "MWh per year", "made on site for good"),
    ),
    "node_hours": columns(
        _NODE,
        YEAR,
        ("limit_mw", "MW", "firm power and upgrades"),
        ("flexible_mw", "MW", "flexible power"),
        ("highest_mw", "MW", "most that is taken in a slice, flexible part included"),
        ("binding_hours", "h/year", "hours in which nothing is left of what is firm"),
    ),
    "idle_hardware": columns(
        _NODE,
        YEAR,
        ("idle_mw", "MW", "facility power of installed IT beyond what can be powered"),
        ("mw_years", "MW years", "the same, over the years of the stage"),
        ("idle_cost", "currency", "what that IT cost, undiscounted"),
    ),
    "levelised": columns(
        SITE,
        ("discounted_cost", "currency", "all costs of the site, discounted"),
        ("discounted_it_mwh", "MWh", "its IT energy, discounted"),
        ("cost_per_it_mwh", "currency/MWh", "the first by the second"),
    ),
}

POWER_MEANINGS = {
    "dispatch": "Load and grid power of each site, by stage and slice",
    "generation": "What each technology makes and stores, by stage and slice",
    "moved": "IT load moved to other slices or cut",
    "supply": "Supply and storage ordered",
    "retired": "Supply and storage retired early",
    "standing": "Supply and storage that stand, by stage",
    "campaign_sites": "Where training campaigns run",
    "connections": "Most that each site takes through its connection, by stage",
    "footprint": "Carbon, water and clean energy of each site, by stage",
    "power_sources": "Energy of each site by where it comes from, by stage",
    "node_hours": "Hours in which each grid node binds, by stage",
    "idle_hardware": "Hardware that waits for power, by grid node and stage",
    "levelised": "Cost per MWh of IT energy, by site",
}
