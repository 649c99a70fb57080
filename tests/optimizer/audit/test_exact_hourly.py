"""By the hour the exact audit agrees with runs worked out by hand, and sees what is wrong."""

from fractions import Fraction
from pathlib import Path
from shutil import copytree

import pytest

from optimizer.audit.exact import audit_exactly
from optimizer.audit.exact_hours import square_root
from optimizer.audit.exact_tables import exact
from tests.optimizer.audit import test_bridge_run as bridge
from tests.optimizer.audit import test_shared_node as halls
from tests.optimizer.audit import test_sunny_run as sunny
from tests.optimizer.audit.bridge_run import write_bridge_run
from tests.optimizer.audit.runs import Spoil, write_power_run
from tests.optimizer.audit.sunny_run import write_sunny_run
from tests.optimizer.test_audit import Run

NIGHT_T = exact("2.098") * 4380 * 300 / 1000
# The worst excess of right plans, where it is known: 0 where a limit is just kept.
KEPT = {
    "sunny": {
        "movable load": 0,
        "balance": 0,
        "storage": 0,
        # 0.02 of 0.5 MW are sold, which counts as a part of 1.
        "export": exact("-0.48"),
        "grid": (exact("2.598") - 4) / 4,
        "budget": Fraction(-1, 50),
        # Of 2,806 t in 2026, when 49 t are embodied.
        "policies": (NIGHT_T + 49 - 2806) / 2806,
    },
    "bridge": {"supply": 0, "generation": 0, "flexible power": 0, "grid": 0},
    "halls": {"grid": 0, "corridors": 0, "generation": 0},
}


@pytest.fixture(scope="module")
def right_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs worked out by hand."""
    folder = tmp_path_factory.mktemp("by-hand")
    write_sunny_run(folder / "sunny")
    write_bridge_run(folder / "bridge")
    write_power_run(folder / "halls", halls.MANIFEST, halls.INSTANCE, halls.TABLES)
    return folder


@pytest.mark.parametrize("name", KEPT)
def test_right_plan_keeps_its_limits_to_the_last_digit(right_runs: Path, name: str) -> None:
    report = audit_exactly(right_runs / name)
    assert report.passed
    assert {family: report.margins[family].excess for family in KEPT[name]} == KEPT[name]
    assert not report.not_certified


def test_costs_are_those_worked_out_by_hand(right_runs: Path) -> None:
    costs = audit_exactly(right_runs / "sunny").costs
    assert costs["supply_fixed"] == exact("1.8") * 8000
    assert costs["energy"] == exact("1.8") * exact("2.098") * 4380 * 40
    assert costs["export"] == exact("-1.8") * exact("0.02") * 4380 * 30
    assert costs["connection"] == 2000 * exact("2.598")
    assert costs["cutting"] == exact("1.8") * exact("0.2") * 4380 * 40
    # 50 a tonne in the first year, 60 in the second, which weighs 0.8.
    assert costs["carbon"] == NIGHT_T * 98 + 49 * 50
    costs = audit_exactly(right_runs / "bridge").costs
    assert costs["events"] == 100 * (exact("53.8") + exact("0.8") * exact("73.8"))
    assert costs["resale"] == exact("-120000") * exact("0.64")


FAULTS: dict[str, tuple[str, Spoil]] = {
    f"{name}, {fault}": (name, spoil)
    for name, faults in (
        ("sunny", sunny.DECISIONS),
        ("bridge", bridge.DECISIONS),
        ("halls", halls.FAULTS),
    )
    for fault, spoil in faults.items()
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_audit_in_floats_finds_is_found_in_fractions(
    right_runs: Path, tmp_path: Path, fault: str
) -> None:
    name, (spoil, family, _) = FAULTS[fault]
    run = Run(copytree(right_runs / name, tmp_path / "run"))
    spoil(run)
    margin = audit_exactly(run.folder).margins[family]
    assert margin.broken
    assert margin.subject


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("sunny", kind) for kind in ("supply", "connection", "supply_fixed", "supply_energy")),
        *(("sunny", kind) for kind in ("energy", "export", "demand_charge", "moving", "cutting")),
        *(("bridge", kind) for kind in ("resale", "events")),
        ("sunny", "carbon"),
    ],
)
def test_wrong_cost_is_seen(right_runs: Path, tmp_path: Path, name: str, kind: str) -> None:
    run = Run(copytree(right_runs / name, tmp_path / "run"))
    run.set("tables/costs", "discounted_cost", 7.7, kind=kind)
    margin = audit_exactly(run.folder).margins["costs"]
    assert (margin.broken, margin.subject) == (1, kind)


def test_tables_of_what_follows_are_not_relied_on(right_runs: Path, tmp_path: Path) -> None:
    run = Run(copytree(right_runs / "sunny", tmp_path / "run"))
    for name in ("energy", "footprint", "connections", "standing", "power_sources", "node_hours"):
        run.remove(f"tables/{name}.csv")
    assert audit_exactly(run.folder).passed


def test_root_that_is_no_fraction_is_named_and_near(right_runs: Path, tmp_path: Path) -> None:
    assert square_root(exact("0.81")) == (exact("0.9"), True)
    root, sure = square_root(exact("0.86"))
    assert not sure
    assert 0 <= exact("0.86") - root * root < exact("1e-39")
    run = Run(copytree(right_runs / "sunny", tmp_path / "run"))
    # 0.9 × 12 MWh are kept, and a little less with losses of a trillionth more.
    run.set("instance/technologies", "efficiency", "0.8099999999999", technology="cells")
    report = audit_exactly(run.folder)
    assert report.passed
    assert 0 < report.margins["storage"].excess < Fraction(1, 10**9)
    (sentence,) = report.not_certified
    assert sentence.startswith("levels of cells rest on √efficiency")
