"""Without slices, upgrades keep their sequence and policies hold for the energy of a year."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from optimizer.audit import audit_run
from tests.optimizer.audit.runs import Spoil, check_named, resigned
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.test_audit import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(write_run(tmp_path / "run"))


def column(name: str, **columns: object) -> Callable[[Run], Run]:
    """Add columns to a table of the instance."""
    return lambda run: run.table(f"instance/{name}", lambda frame: frame.assign(**columns))


def policy(name: str, year: int, value: float, unit: str = "") -> Callable[[Run], Run]:
    """Add a policy."""

    def add(policies: pd.DataFrame) -> pd.DataFrame:
        row = {"policy": name, "year": year, "value": value, "unit": unit}
        return pd.concat([policies, pd.DataFrame([row])])

    return lambda run: run.table("instance/policies", add)


# A year at north emits 3 153.6 t in the first stage and 4 204.8 in the second; south emits nothing.
# Two litres a kWh are 2 m³ a MWh: of 26 280 MWh of IT, then of 35 040 and 19 272. A tenth of what
# south draws is clean: 1 927.2 of 61 320 MWh.
FAULTS: dict[str, Spoil] = {
    "carbon": (
        resigned(policy("carbon_cap", 2027, 3000)),
        "policies",
        "2027 emits 3,153.6 t of carbon dioxide, at most 3,000 t may",
    ),
    "embodied carbon": (
        resigned(
            lambda run: policy("carbon_cap", 2026, 4205)(
                column("sites", embodied_t=[500, 700], embodied_t_per_it_mw=[50, 10])(run)
            )
        ),
        "policies",
        # South opens in 2028, with 3.4 MW; north has stood from the start, and gets 2.
        "2028 emits 5,038.8 t of carbon dioxide, at most 4,205 t may",
    ),
    "price of embodied carbon": (
        resigned(column("sites", embodied_t=[500, 700])),
        "costs table",
        "costs: cost of carbon 2028 south is 0, recomputed 56,000",
    ),
    "water": (
        resigned(
            lambda run: policy("water_cap", 2028, 100000)(
                column("sites", water_l_per_kwh=[2, 2])(run)
            )
        ),
        "policies",
        "2028 uses 108,624 m³ of water, at most 100,000 m³ may",
    ),
    "clean share": (
        resigned(
            lambda run: policy("clean_share", 2029, 0.04, "annual")(
                column("nodes", clean_share=[0, 0.1])(run)
            )
        ),
        "policies",
        "2029 has 1,927.2 MWh of clean energy, 2,452.8 MWh are needed",
    ),
    "upgrade without the one before": (
        resigned(
            lambda run: run.add("instance/upgrades", "port", "bay", 1, 0, 0, 2026).table(
                "instance/upgrades", lambda frame: frame.assign(after=["bay", "", ""])
            )
        ),
        "upgrades",
        "line at port is ordered in 2026, without bay by then",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_policy_forbids_is_named(run: Run, name: str) -> None:
    check_named(run, FAULTS[name], alone="embodied" not in name)


@pytest.mark.parametrize(
    "allow",
    [
        policy("carbon_cap", 2026, 4205),
        lambda run: policy("water_cap", 2028, 108624)(column("sites", water_l_per_kwh=[2, 2])(run)),
        lambda run: policy("clean_share", 2028, 0.0314, "annual")(
            column("nodes", clean_share=[0, 0.1])(run)
        ),
        lambda run: (
            run.add("instance/upgrades", "port", "bay", 1, 0, 0, 2026)
            .table("instance/upgrades", lambda frame: frame.assign(after=["bay", "", ""]))
            .add("tables/upgrades", "port", "bay", 2026, 2026, 1, 0)
            .set("tables/grid_use", "upgrade_mw", 1, node="port", year=2026)
            .set("tables/grid_use", "headroom_mw", 1, node="port", year=2026)
            .set("tables/grid_use", "unpowered_mw", 0.2, node="port", year=2026)
            .set("tables/grid_use", "upgrade_mw", 4, node="port", year=2028)
            .set("tables/grid_use", "headroom_mw", 1.6, node="port", year=2028)
            .set("tables/grid_use", "unpowered_mw", 0, node="port", year=2028)
        ),
    ],
)
def test_what_it_allows_passes(run: Run, allow: Callable[[Run], Run]) -> None:
    resigned(allow)(run)
    report = audit_run(run.folder)
    assert report.passed, report.violations
