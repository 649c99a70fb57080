"""Runs that reports are written of."""

import json
from pathlib import Path

import pytest

from optimizer.audit import AuditReport
from optimizer.highs import Control
from optimizer.report import read_facts
from optimizer.report.facts import Facts
from optimizer.run import Clock, Options, solve_instance, write_run
from tests.optimizer.explain.small_instances import small_instance
from tests.optimizer.explain.test_power import DAYS, GAS
from tests.optimizer.hand_made_run import sign
from tests.optimizer.hand_made_run import write_run as write_by_hand

SCRIPT = "</script><script>document.title = 'run'</script><img src=x onerror=alert(1)>"
FROM_RIGHT = "מרכז הנתונים {{ 7 * 7 }} &lt;b&gt;"
LONG = "endless" * 28  # As long as a name may be, without a place to break.


def write_plain_run(run: Path) -> Path:
    """The run written by hand, with what a solve says of itself."""
    write_by_hand(run)
    say(run, versions={"sitewatt": "0.1.0"})
    return run


def say(run: Path, **more: object) -> None:
    """Change what plan.json says."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8")) | more
    (run / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def write_hostile_run(run: Path) -> Path:
    """The same, with texts that would be code if anybody let them."""
    write_plain_run(run)
    swap(run / "instance" / "instance.toml", '"Two sites by hand"', f"'''{SCRIPT}'''")
    swap(run / "instance" / "regions.csv", "region,lat", "name,region,lat")
    for region, name in (("delft", f'"{SCRIPT}"'), ("lille", FROM_RIGHT)):
        swap(run / "instance" / "regions.csv", f"\n{region},", f"\n{name},{region},")
    swap(run / "instance" / "sites.csv", "site,lat", "name,site,lat")
    for site, name in (("north", f'"{SCRIPT}"'), ("south", LONG)):
        swap(run / "instance" / "sites.csv", f"\n{site},", f"\n{name},{site},")
        swap(run / "tables" / "sites.csv", f"\n{site},{site},", f"\n{site},{name},")
    rules = run / "instance" / "rules.csv"
    lines = rules.read_text(encoding="utf-8").splitlines()
    basis = ["basis", f'"{SCRIPT}"', FROM_RIGHT, *[""] * (len(lines) - 3)]
    rules.write_text(
        "".join(f"{line},{law}\n" for line, law in zip(lines, basis, strict=True)),
        encoding="utf-8",
    )
    return sign(run)


def swap(file: Path, old: str, new: str) -> None:
    """Put another text in the place of one that has to be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def write_hourly_run(folder: Path) -> Path:
    """A solved run with slices: ten megawatts by day, six of them from the grid, four from gas."""
    instance = small_instance(
        folder / "instance",
        {"a": {"max_it_mw": 10}},
        {("delft", 2026): 10.0},
        firm_mw={("port", 2026): 6},
        nodes=[{"node": "port", "country": "NL", "energy_price_per_mwh": 10}],
        technologies=[GAS | {"variable_cost_per_mwh": 20}],
        site_technologies=[{"site": "a", "technology": "gas", "max_mw": 4}],
        **DAYS,
    )
    plan = solve_instance(instance, Options(), Control(), Clock(lambda *_: None))
    report: AuditReport = write_run(plan, instance, folder / "run", None)
    assert report.passed
    return folder / "run"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plain_run(tmp_path_factory.mktemp("plain") / "run")


@pytest.fixture(scope="module")
def facts(plain: Path) -> Facts:
    return read_facts(plain)


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return read_facts(write_hourly_run(tmp_path_factory.mktemp("hourly")))
