"""Each constraint in turn is left out of the model, and the audit notices what the plan then does.

That the rows themselves are right is pinned in tests/lp and solved by hand in tests/models; here
the point is that the audit, which knows nothing of the model, would see a model that forgets.
"""

import pyomo.environ as pyo
import pytest

from optimizer.highs import Control
from optimizer.run import Clock, Options, solve_instance, write_run
from tests.models.baselines import CONSTRAINTS
from tests.test_oracles import made

# The case whose plan breaks the constraint once it may, and the family of checks that says so.
# Capacity or an order that is handed back is no breach, but money that the tables do not get.
SEEN_BY = {
    "siting.stays_open": ("0 blocks", "siting"),
    "siting.stays_extended": ("0 shared_nodes", "objective"),
    "siting.keeps_blocks": (
        "36 existing blocks unserved uneven_stages site_not_in min_sites_in",
        "objective",
    ),
    "siting.hall_limit": ("0 shared_nodes", "capacity"),
    "demand.all_served": ("0 existing", "demand"),
    "demand.load_balance": ("0 existing", "capacity"),
    "compute.enough_capacity": ("0 blocks", "capacity"),
    "grid.ordered_once": (
        "1 upgrades shared_nodes budget unserved earliest max_share_operator min_share_at_home",
        "objective",
    ),
    "grid.node_limit": (
        "7 upgrades budget site_not_in operator_in operator_not_in max_share_operator_outside"
        " max_share_operator",
        "grid",
    ),
    "sovereignty.max_share_operator_outside": (
        "4 shared_nodes budget latency_table max_share_operator_outside",
        "sovereignty",
    ),
    "sovereignty.max_share_country": ("25 operator_in max_share_country", "sovereignty"),
    "sovereignty.max_share_operator": ("0 max_share_operator", "sovereignty"),
    "sovereignty.min_share_at_home": ("0 min_share_at_home", "sovereignty"),
    "sovereignty.min_sites_in": ("1 upgrades min_sites_in", "sovereignty"),
    "policies.within_budget": ("10 budget uneven_stages", "budget"),
}


def broken_families(case, tmp_path):
    """Families of checks that the audit of a case's plan finds broken."""
    instance = made(case, tmp_path / "instance")
    options = Options(gap=0.0, threads=1)
    plan = solve_instance(instance, options, Control(), Clock(lambda *_: None))
    report = write_run(plan, instance, tmp_path / "run", None)
    return {family.family for family in report.families if family.broken}


def test_every_constraint_is_left_out_once():
    assert set(SEEN_BY) == set(CONSTRAINTS)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_audit_notices_a_missing_constraint(constraint, tmp_path, monkeypatch):
    case, family = SEEN_BY[constraint]
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    monkeypatch.setattr(f"models.{constraint}", lambda *_: pyo.Constraint.Skip)
    assert family in broken_families(case, tmp_path)


def test_audit_finds_nothing_where_nothing_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    assert broken_families("0 blocks", tmp_path) == set()
