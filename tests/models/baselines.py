"""One problem with every aspect in it, and the rows that each constraint makes of it.

The files in tests/lp/ are the specification of the rows, read and worked out by hand. In short
(2026 stands for two years, 2028 for two):

=====  =======  ====  ========  =====  ===  ====  ===============
site   country  node  existing  max    pue  open  buys
=====  =======  ====  ========  =====  ===  ====  ===============
north  NL       port  2 MW      10 MW  5/4  -     blocks of 3 MW
south  FR       plain           8 MW   1    2026  any amount
east   DE       port            7 MW   3/2  2028  blocks of 2 MW
=====  =======  ====  ========  =====  ===  ====  ===============

A discount rate of 25 % makes 2026–2029 weigh 1, 0.8, 0.64 and 0.512: what falls in every year
weighs 1.8 in the first stage and 1.152 in the second.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pyomo.environ as pyo

from models import PlanInputs, build_model
from tests.models.small_inputs import share_rule, small_inputs
from tests.models.solving import write_links

FOLDER = Path(__file__).parents[1] / "lp"
OBJECTIVE = "cost.total"
STRONG_LINKS = "cuts.strong_links"
CONSTRAINTS = (
    "siting.stays_open",
    "siting.stays_extended",
    "siting.keeps_blocks",
    "siting.hall_limit",
    "demand.all_served",
    "demand.load_balance",
    "compute.enough_capacity",
    "grid.ordered_once",
    "grid.node_limit",
    "sovereignty.max_share_operator_outside",
    "sovereignty.max_share_country",
    "sovereignty.max_share_operator",
    "sovereignty.min_share_at_home",
    "sovereignty.min_sites_in",
    "policies.within_budget",
)
BASELINES = (*CONSTRAINTS, STRONG_LINKS, OBJECTIVE)


def reference_inputs() -> PlanInputs:
    """The problem that all baselines are of."""
    aqua = {"operator": "aqua", "operator_country": "NL"}
    acme = {"operator": "acme", "operator_country": "US"}
    return small_inputs(
        {
            "north": {
                **aqua,
                "country": "NL",
                "node": "port",
                "max_it_mw": 10,
                "existing_it_mw": 2,
                "opening_cost": 999,  # never due
                "fixed_cost_per_year": 1000,
                "it_cost_per_mw": 10,
                "block_mw": 3,
                "pue": 1.25,
            },
            "south": {
                **acme,
                "country": "FR",
                "node": "plain",
                "max_it_mw": 8,
                "opening_cost": 100,
                "fixed_cost_per_year": 2000,
                "it_cost_per_mw": 20,
            },
            "east": {
                **aqua,
                "country": "DE",
                "node": "port",
                "max_it_mw": 7,
                "opening_cost": 200,
                "fixed_cost_per_year": 3000,
                "it_cost_per_mw": 30,
                "block_mw": 2,
                "pue": 1.5,
                "earliest_year": 2028,
            },
        },
        {
            ("delft", "chat"): {2026: 4, 2028: 6},
            ("lille", "chat"): {2028: 3},
            ("lille", "batch"): {2026: 1, 2028: 20},
        },
        stages=(2026, 2028),
        horizon_end=2030,
        discount_rate=0.25,
        nodes={
            "port": {"energy_price_per_mwh": 50, "carbon_kg_per_mwh": 100},
            "plain": {"energy_price_per_mwh": 40},
        },
        firm_mw={"port": {2026: 9, 2028: 8}, "plain": {2026: 5, 2028: 6}},
        upgrades={
            ("port", "line"): {"mw": 4, "cost": 70, "lead_years": 2},
            ("port", "cable"): {"mw": 1, "cost": 30, "earliest_year": 2028},
            ("plain", "mast"): {"mw": 3, "cost": 50, "lead_years": 1},
        },
        load_factor={"chat": 0.5},
        user_country={"delft": "NL", "lille": "FR"},
        routes=[
            ("delft", "chat", "north"),
            ("delft", "chat", "south"),
            ("lille", "chat", "south"),
            ("lille", "chat", "east"),
            ("lille", "batch", "north"),
            ("lille", "batch", "south"),
            ("lille", "batch", "east"),
        ],
        network_cost_per_mw_year={("delft", "north"): 10_000, ("lille", "east"): 100_000},
        rules=[
            share_rule("max_share_operator_outside", 0.5, group={"NL", "DE"}),
            share_rule("max_share_country", 0.75, workloads={"batch"}, from_year=2027),
            share_rule("max_share_operator", 0.8, user_countries={"FR"}),
            share_rule("min_share_at_home", 0.25),
            share_rule("min_sites_in", 2, group={"NL", "FR"}),
        ],
        carbon_price_per_t={2026: 0, 2027: 80, 2028: 80, 2029: 120},
        capital_budget={2026: 500, 2028: 300},
        unserved_penalty_per_mwh=300,
    )


def rows_of(name: str) -> str:
    """Rows of one constraint, or the objective, in LP format."""
    inputs = reference_inputs()
    model = build_model(inputs)
    write_links(model, inputs)
    for row in model.component_objects(pyo.Constraint):
        if row.name != name:
            row.deactivate()
    if name != OBJECTIVE:
        model.cost.total.deactivate()
        model.nothing_to_minimise = pyo.Objective(expr=0)
    return lp_text(model)


def lp_text(model: pyo.ConcreteModel) -> str:
    """Model in LP format, numbers to twelve digits so that no last place tells platforms apart."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.lp"
        model.write(str(file), io_options={"symbolic_solver_labels": True})
        text = file.read_text(encoding="utf-8")
    return re.sub(r"(?:(?<=[+-])|(?<== ))\d\S*", lambda number: f"{float(number[0]):.12g}", text)
