"""What is odd about slices, profiles and supply is found; what is sound has no finding."""

from pathlib import Path

import pytest

from optimizer.doctor import examine
from optimizer.instance import read_instance
from optimizer.power_doctor import POWER_CHECKS
from optimizer.routes import find_routes
from tests.optimizer.folder_of_files import HOURLY, SOUND, Files, edited, write_files

NAMES = {check.__name__ for check in POWER_CHECKS}


def findings(folder: Path, files: Files) -> list[tuple[str, str]]:
    """Check and words of what the doctor says of power."""
    instance = read_instance(write_files(folder, files))
    found = examine(instance, find_routes(instance))
    return [(finding.check, str(finding)) for finding in found if finding.check in NAMES]


def with_row(name: str, row: str) -> Files:
    return {**HOURLY, name: f"{HOURLY[name]}{row}\n"}


# The check that finds it, files, and what its finding says.
CASES: dict[str, tuple[str, Files, str]] = {
    "peak of nobody's hour": (
        "peaks_missed",
        edited("profiles.csv", "load,winter_day,1", "load,winter_day,0.8", HOURLY),
        "demand_profiles: load is below 0.85 of its peak in every slice where it follows: load",
    ),
    "peak at an hour at which no slice starts": (
        "peaks_missed",
        # At 0:00 and 12:00 in UTC clocks in Berlin show 1 or 2, and 13 or 14.
        {**HOURLY, "local_profiles.csv": "profile,hour,value\n"
         + "".join(f"clock,{hour},{1 if hour == 19 else 0.5}\n" for hour in range(24))},
        "demand_profiles: load is below 0.85 of its peak in every slice where it follows: "
        "clock@Europe/Berlin",
    ),
    "profile nobody follows": (
        "profiles_nobody_follows",
        edited("place_profiles.csv", "DE,temperature,celsius\n", "", HOURLY),
        "profiles: nothing follows: celsius",
    ),
    "local profile nobody follows": (
        "profiles_nobody_follows",
        edited("demand_profiles.csv", "batch,clock", "batch,load", HOURLY),
        "local_profiles: nothing follows: clock",
    ),
    "Kelvin": (
        "temperatures_in_other_units",
        edited("profiles.csv", "celsius,summer_day,30", "celsius,summer_day,303", HOURLY),
        "profiles: above 60 °C, is that in °C? At: celsius",
    ),
    "technology nobody may build": (
        "technologies_nobody_may_build",
        edited("site_technologies.csv", "oslo,gas,10", "oslo,gas,0", HOURLY),
        "technologies: no site allows: gas",
    ),
    "kWh of storage": (
        "storage_for_weeks",
        edited("site_technologies.csv", "5,20,2,8", "5,20000,2,8", HOURLY),
        "site_technologies: max_mwh is above 1,000 hours of max_mw, is that in kWh? At: "
        "frankfurt/battery",
    ),
    "flexible power that nobody draws": (
        "flexible_grid_at_unused_nodes",
        {**with_row("nodes.csv", "bergen,Bergen substation,60.4,5.3,NO,40,20,0.9"),
         "flexible_grid.csv": HOURLY["flexible_grid.csv"] + "bergen,2026,5,100,4\n"},
        "flexible_grid: no site draws from: bergen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_oddity_is_found(tmp_path: Path, name: str) -> None:
    check, files, said = CASES[name]
    assert findings(tmp_path, files) == [(check, said)]


def test_every_check_has_a_case() -> None:
    assert {check for check, _files, _said in CASES.values()} == NAMES


@pytest.mark.parametrize("files", [SOUND, HOURLY], ids=["without slices", "with slices"])
def test_sound_instance_has_nothing_odd(tmp_path: Path, files: Files) -> None:
    assert findings(tmp_path, files) == []


def test_workload_of_a_campaign_alone_is_asked_for(tmp_path: Path) -> None:
    files = {
        **with_row("workloads.csv", "training,,0,1,,"),
        "campaigns.csv": HOURLY["campaigns.csv"].replace("train,batch", "train,training"),
    }
    instance = read_instance(write_files(tmp_path, files))
    found = examine(instance, find_routes(instance))
    assert "workloads_without_demand" not in {finding.check for finding in found}
