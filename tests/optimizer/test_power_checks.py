"""Supply, connections and policies: what does not fit is told once, where it would be mended."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.power_tables import POWER_TABLES
from tests.optimizer.folder_of_files import (
    HOURLY,
    SOUND,
    Files,
    assert_only,
    edited,
    problems_of,
    write_files,
)


def hourly(name: str, old: str, new: str) -> Files:
    """Sound files with slices, and one text in one of them replaced."""
    return edited(name, old, new, HOURLY)


def with_row(name: str, row: str) -> Files:
    return {**HOURLY, name: f"{HOURLY[name]}{row}\n"}


def with_column(name: str, column: str, value: str, files: Files) -> Files:
    """Files with a column added to a table: 0, and the value in its last row."""
    header, *rows, last = files[name].splitlines()
    lines = [f"{header},{column}", *(f"{row},0" for row in rows), f"{last},{value}"]
    return {**files, name: "\n".join(lines) + "\n"}


STORED = "only a battery has storage"
NOTHING = "a battery makes nothing: what charges it counts"
BATTERY = "battery,battery,100000,150000,0,10,\n"

# Files with one thing that does not fit: (table, row, column, value), message, remedy.
BAD = {
    "place of a profile": (
        hourly("place_profiles.csv", "DE,temp", "Frankfurt,temp"),
        ("place_profiles", 2, "place", "Frankfurt"), "neither a node nor a country",
        "did you mean frankfurt?",
    ),
    "place of a technology": (
        hourly("technology_profiles.csv", "solar,oslo", "solar,XX"),
        ("technology_profiles", 2, "place", "XX"), "neither a node nor a country",
        "known are frankfurt, oslo",
    ),
    "load factor that no profile replaces": (
        hourly("demand_profiles.csv", "*,chat", "hamburg,chat"),  # Bergen has chat, too.
        ("workloads", 2, "load_factor", "0.7"), "counts for nothing with slices",
        "name a profile in demand_profiles",
    ),
    "cut without leave to move": (
        hourly("workloads.csv", "0,1,0.5,0.1", "0,1,,0.1"),
        ("workloads", 3, "cut_share", "0.1"), "movable_share is 0", "raise movable_share",
    ),
    "PUE by a temperature that nobody knows": (
        with_column("sites.csv", "pue_per_c", "0.01", HOURLY),  # Oslo; there is one for DE.
        ("sites", 3, "pue_per_c", "0.01"), "the node has no temperature", "place_profiles",
    ),
    "battery without a cost of storage": (
        hourly("technologies.csv", "100000,150000", "100000,"),
        ("technologies", 4, "cost_per_mwh_storage", ""), "a battery needs it", "be it 0",
    ),
    "cost of storage of what stores nothing": (
        hourly("technologies.csv", "900000,,", "900000,0,"),
        ("technologies", 3, "cost_per_mwh_storage", "0"), STORED, "leave it empty",
    ),
    "embodied in storage of what stores nothing": (
        {**HOURLY, "technologies.csv": "technology,kind,lead_years,embodied_t_per_mwh\n"
         "solar,solar,1,2\ngas,gas,1,\n", "site_technologies.csv": "site,technology,max_mw\n",
         "technology_costs.csv": "technology,year\n"},
        ("technologies", 2, "embodied_t_per_mwh", "2"), STORED, "leave it empty",
    ),
    "no lead time": (
        hourly("technologies.csv", "900000,,1,", "900000,,,"),
        ("technologies", 3, "lead_years", ""), "is empty", "every row needs a value",
    ),
    "battery by a profile": (
        hourly("technologies.csv", BATTERY, BATTERY.replace(",10,", ",10,sun")),
        ("technologies", 4, "profile", "sun"), "a battery follows no profile", "leave it empty",
    ),
    "battery by a profile of a place": (
        with_row("technology_profiles.csv", "battery,NO,sun"),
        ("technology_profiles", 3, "technology", "battery"), "follows no profile", "take out",
    ),
    "battery that burns fuel": (
        with_column("technologies.csv", "fuel_price_per_mwh", "30", HOURLY),
        ("technologies", 4, "fuel_price_per_mwh", "30"), NOTHING, "write 0",
    ),
    "battery that emits": (
        with_column("technologies.csv", "carbon_kg_per_mwh", "30", HOURLY),
        ("technologies", 4, "carbon_kg_per_mwh", "30"), NOTHING, "write 0",
    ),
    "battery that is clean": (
        with_column("technologies.csv", "clean", "1", HOURLY),
        ("technologies", 4, "clean", "1"), NOTHING, "write 0",
    ),
    "technology that is half clean": (
        with_column("technologies.csv", "clean", "0.5", HOURLY),
        ("technologies", 4, "clean", "0.5"), "is not a whole number", "digits only",
    ),
    "kind of technology": (
        hourly("technologies.csv", "gas,gas", "gas,gass"),
        ("technologies", 3, "kind", "gass"), "is not known", "did you mean gas?",
    ),
    "fuel price of a battery in a year": (
        hourly("technology_costs.csv", "battery,2027,,120000,", "battery,2027,,120000,30"),
        ("technology_costs", 3, "fuel_price_per_mwh", "30"), NOTHING, "leave it empty",
    ),
    "cost of storage in a year of what stores nothing": (
        hourly("technology_costs.csv", "solar,2027,550000,,", "solar,2027,550000,1,"),
        ("technology_costs", 2, "cost_per_mwh_storage", "1"), STORED, "leave it empty",
    ),
    "costs of a technology that nobody knows": (
        hourly("technology_costs.csv", "solar,2027", "sollar,2027"),
        ("technology_costs", 2, "technology", "sollar"), "is not in technologies.technology",
        "did you mean solar?",
    ),
    "technology of a site that nobody knows": (
        hourly("site_technologies.csv", "oslo,gas", "oslo,wind"),
        ("site_technologies", 4, "technology", "wind"), "is not in technologies.technology",
        "known are solar, gas, battery",
    ),
    "more there than may stand": (
        hourly("site_technologies.csv", "solar,5,,1,", "solar,5,,6,"),
        ("site_technologies", 2, "existing_mw", "6"), "is above max_mw, which includes it",
        "raise max_mw",
    ),
    "more storage there than may stand": (
        hourly("site_technologies.csv", "5,20,2,8", "5,20,2,21"),
        ("site_technologies", 3, "existing_mwh", "21"), "is above max_mwh, which includes it",
        "raise max_mwh",
    ),
    "storage there of what stores nothing": (
        hourly("site_technologies.csv", "solar,5,,1,", "solar,5,,1,1"),
        ("site_technologies", 2, "existing_mwh", "1"), STORED, "leave it empty",
    ),
    "limit on storage of what stores nothing": (
        hourly("site_technologies.csv", "gas,10,,", "gas,10,5,"),
        ("site_technologies", 4, "max_mwh", "5"), STORED, "leave it empty",
    ),
    "upgrade after one that the node lacks": (
        hourly("upgrades.csv", "1,second_line", "1,second_lime"),
        ("upgrades", 3, "after", "second_lime"), "is no upgrade of the node",
        "did you mean second_line?",
    ),
    "upgrade after one of another node": (
        with_row("upgrades.csv", "oslo,line,5,1,1,second_line"),
        ("upgrades", 4, "after", "second_line"), "is no upgrade of the node", "known are line",
    ),
    "upgrade after itself": (
        hourly("upgrades.csv", "2000000,1,second_line", "2000000,1,third_line"),
        ("upgrades", 3, "after", "third_line"), "is the upgrade itself", "the one before",
    ),
    "upgrades in a circle": (
        {**HOURLY, "upgrades.csv": "node,upgrade,mw,lead_years,after\n"
         "oslo,a,1,1,\noslo,last,1,1,d\noslo,d,1,1,b\noslo,b,1,1,c\noslo,c,1,1,d\n"},
        ("upgrades", 4, "after", "b"), "in a circle: d after b after c after d",
        "the one that comes first",
    ),
    "corridor without nodes": (
        {**HOURLY, "corridors.csv": HOURLY["corridors.csv"] + "south,2026,1\nsouth,2027,2\n"},
        ("corridors", 4, "corridor", "south"), "has no row in corridor_nodes", "add the nodes",
    ),
    "corridor that nobody knows": (
        with_row("corridor_nodes.csv", "nord,frankfurt,1"),
        ("corridor_nodes", 3, "corridor", "nord"), "is not in corridors", "did you mean north?",
    ),
    "corridor over a node that nobody knows": (
        with_row("corridor_nodes.csv", "north,bergen,1"),
        ("corridor_nodes", 3, "node", "bergen"), "is not in nodes.node", "known are frankfurt",
    ),
    "flexible grid at a node that nobody knows": (
        hourly("flexible_grid.csv", "frankfurt,2026", "frankfort,2026"),
        ("flexible_grid", 2, "node", "frankfort"), "is not in nodes.node", "mean frankfurt?",
    ),
    "more curtailed than a year has": (
        hourly("flexible_grid.csv", ",100,4", ",10000,4"),
        ("flexible_grid", 2, "curtailed_hours_per_year", "10000"), "is above 8760", "up to 8760",
    ),
    "events of no time": (
        hourly("flexible_grid.csv", ",100,4", ",100,0"),
        ("flexible_grid", 2, "event_hours", "0"), "is not above 0", "a number above 0",
    ),
    "campaign that ends before it starts": (
        hourly("campaigns.csv", "2026,2028", "2026,2026"),
        ("campaigns", 2, "until_year", "2026"), "is not after year", "before which it ends",
    ),
    "campaign between stages": (
        hourly("campaigns.csv", "2026,2028", "2028,2030"),
        ("campaigns", 2, "year", "2028"), "no stage begins from here", "stages are 2026, 2027",
    ),
    "campaign of a workload that nobody knows": (
        hourly("campaigns.csv", "train,batch", "train,bach"),
        ("campaigns", 2, "workload", "bach"), "is not in workloads", "did you mean batch?",
    ),
    "clean share in percent": (
        hourly("policies.csv", "2027,0.3", "2027,80"),
        ("policies", 3, "value", "80"), "is above 1", "write 0.8 for 80 %",
    ),
    "clean share over no time": (
        hourly("policies.csv", ",hourly", ","),
        ("policies", 3, "unit", ""), "does not say over what time", "annual or hourly",
    ),
    "clean share over months": (
        hourly("policies.csv", ",hourly", ",monthly"),
        ("policies", 3, "unit", "monthly"), "does not say over what time", "annual or hourly",
    ),
    "carbon cap in kilograms": (
        with_row("policies.csv", "carbon_cap,2026,1000,kg"),
        ("policies", 4, "unit", "kg"), "is not the unit of carbon_cap", "state the value in t",
    ),
    "water cap in litres": (
        with_row("policies.csv", "water_cap,2026,1000,l"),
        ("policies", 4, "unit", "l"), "is not the unit of water_cap", "state the value in m³",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_told_once(tmp_path: Path, name: str) -> None:
    files, place, message, remedy = BAD[name]
    assert_only(problems_of(tmp_path / "i", files), place, message, remedy)


GOOD = {
    "all of it": HOURLY,
    "a temperature for all": with_column(
        "sites.csv", "pue_per_c", "0.01", hourly("place_profiles.csv", "DE,temp", "*,temp")
    ),
    "a temperature for the node": with_column(
        "sites.csv", "pue_per_c", "0.01", hourly("place_profiles.csv", "DE,temp", "oslo,temp")
    ),
    "a temperature for the country": with_column(
        "sites.csv", "pue_per_c", "0.01", hourly("place_profiles.csv", "DE,temp", "NO,temp")
    ),
    "a profile for everybody": hourly("demand_profiles.csv", "*,chat", "*,*"),
    "profiles of both regions": hourly(
        "demand_profiles.csv", "*,chat,load", "hamburg,chat,load\nbergen,*,load"
    ),
    "a load factor of what nobody asks for": with_row("workloads.csv", "video,50,0,0.3,,"),
    "no limit on storage": hourly("site_technologies.csv", "battery,5,20,", "battery,5,,"),
    "units as reminders": with_row("policies.csv", "water_cap,2026,5,m3\ncarbon_cap,2026,5,"),
    "a campaign of the last stage": hourly("campaigns.csv", "2026,2028", "2027,2100"),
    "a campaign from before the first": hourly("campaigns.csv", "2026,2028", "2000,2027"),
    "an annual share without slices": {
        **SOUND, "policies.csv": "policy,year,value,unit\nclean_share,2026,0.5,annual\n"
    },
    "a sequence without slices": {**SOUND, "upgrades.csv": HOURLY["upgrades.csv"]},
    "one export price without exports": with_column("nodes.csv", "export_price_share", "1", SOUND),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_fits(tmp_path: Path, name: str) -> None:
    assert problems_of(tmp_path / "i", GOOD[name]) == []


def test_node_called_as_a_country_is_no_place(tmp_path: Path) -> None:
    files = {name: text.replace("oslo", "NO") for name, text in HOURLY.items()}
    place = ("technology_profiles", 2, "place", "NO")
    assert_only(
        problems_of(tmp_path / "i", files), place, "means something else", "no country code"
    )
    del files["technology_profiles.csv"]
    assert problems_of(tmp_path / "unused", files) == []


def test_every_circle_of_upgrades_is_told(tmp_path: Path) -> None:
    names = [f"u{number}" for number in range(30)]
    rows = [f"oslo,{name},1,1,{names[number - 1]}" for number, name in enumerate(names)]
    rows += ["frankfurt,a,1,1,b", "frankfurt,b,1,1,a"]
    files = {**HOURLY, "upgrades.csv": "\n".join(["node,upgrade,mw,lead_years,after", *rows])}
    long, short = problems_of(tmp_path / "i", files)
    assert (long.row, short.row) == (2, 32)
    assert long.message.endswith("u0 after u29 after u28 after u27 after u26 after u25 after u24 "
                                 "after u23 after …")  # fmt: skip
    assert short.message.endswith("in a circle: a after b after a")


def test_tables_that_need_slices_say_so_once_each(tmp_path: Path) -> None:
    files = {name: text for name, text in HOURLY.items() if name != "slices.csv"}
    files["workloads.csv"] = SOUND["workloads.csv"]
    needing = [table for table in POWER_TABLES if table != "slices"]
    told = [
        (problem.table, problem.row, problem.column) for problem in problems_of(tmp_path, files)
    ]
    assert told == [("policies", 3, "unit"), *((table, None, "") for table in needing)]


def test_slices_without_rows_are_none(tmp_path: Path) -> None:
    header = HOURLY["slices.csv"].splitlines()[0]
    files = {**SOUND, "slices.csv": header, "campaigns.csv": HOURLY["campaigns.csv"]}
    place = ("campaigns", None, "", "")
    assert_only(problems_of(tmp_path, files), place, "needs slices", "a single slice of 8760")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sites", "idle_share"),
        ("sites", "pue_per_c"),
        ("nodes", "export_mw"),
        ("nodes", "demand_charge_per_mw_year"),
        ("nodes", "connection_fee_per_mw"),
        ("workloads", "movable_share"),
    ],
)
def test_columns_that_need_slices_say_so_where_they_first_count(
    tmp_path: Path, table: str, column: str
) -> None:
    files = with_column(f"{table}.csv", column, "0.5", SOUND)
    place = (table, 3, column, "0.5")
    assert_only(problems_of(tmp_path / "i", files), place, "needs slices", "add slices.csv")
    files = with_column(f"{table}.csv", column, "0", SOUND)
    assert problems_of(tmp_path / "none", files) == []


def test_bad_slices_are_not_blamed_on_tables_that_need_them(tmp_path: Path) -> None:
    files = {**HOURLY, "slices.csv": HOURLY["slices.csv"] + "one,two\n"}
    assert [(problem.table, problem.row) for problem in problems_of(tmp_path, files)] == [
        ("slices", 6)
    ]


def test_all_mistakes_are_told_at_once_and_end_with_3(tmp_path: Path) -> None:
    named = ["battery without a cost of storage", "upgrades in a circle", "clean share in percent"]
    files = dict(HOURLY)
    for name in named:
        files |= {file: text for file, text in BAD[name][0].items() if text != HOURLY[file]}
    files["slices.csv"] = files["slices.csv"].replace(",2190,", ",2191,")
    folder = write_files(tmp_path / "i", files)
    told = CliRunner().invoke(main, ["validate", str(folder), "--json"])
    assert told.exit_code == 3
    places = {(p["table"], p["row"], p["column"]) for p in json.loads(told.stdout)["problems"]}
    assert places == {("slices", None, "weight_hours"), *(BAD[name][1][:3] for name in named)}
