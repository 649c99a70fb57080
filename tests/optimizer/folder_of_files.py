"""Instances as files in a dict, to spoil one thing at a time, and what reading then says."""

from pathlib import Path

from optimizer.errors import InvalidInstance, Problem
from optimizer.instance import read_instance
from optimizer.starter import FILES

Files = dict[str, str | bytes]
# Two sites, two regions, two stages, solved by hand; every table but policies has rows.
SOUND: Files = {
    **{name: text for name, text in FILES.items() if name != "README.md"},
    "policies.csv": "policy,year,value,unit\ncarbon_price,2026,80,EUR/t\n",
}
# The same with two days of two slices each, and rows in every table of power.
HOURLY: Files = {
    **SOUND,
    "slices.csv": """\
slice,day,weight_hours,hours,starts_utc
winter_night,winter,2190,12,2026-01-15T00:00
winter_day,winter,2190,12,2026-01-15T12:00
summer_night,summer,2190,12,2026-07-15T00:00
summer_day,summer,2190,12,2026-07-15T12:00
""",
    "profiles.csv": """\
profile,slice,value
load,winter_night,0.5
load,winter_day,1
load,summer_night,0.5
load,summer_day,0.75
sun,winter_night,0
sun,winter_day,0.25
sun,summer_night,0
sun,summer_day,0.5
celsius,winter_night,-5
celsius,winter_day,0
celsius,summer_night,15
celsius,summer_day,30
""",
    "local_profiles.csv": "profile,hour,value\n"
    + "".join(f"clock,{hour},{0.5 if hour < 8 else 1}\n" for hour in range(24)),
    "demand_profiles.csv": "region,workload,profile\n*,chat,load\nhamburg,batch,clock\n",
    "place_profiles.csv": "place,quantity,profile\nDE,temperature,celsius\n",
    "technologies.csv": """\
technology,kind,cost_per_mw,cost_per_mwh_storage,lead_years,life_years,profile
solar,solar,600000,,1,25,sun
gas,gas,900000,,1,30,
battery,battery,100000,150000,0,10,
""",
    "technology_profiles.csv": "technology,place,profile\nsolar,oslo,sun\n",
    "technology_costs.csv": """\
technology,year,cost_per_mw,cost_per_mwh_storage,fuel_price_per_mwh
solar,2027,550000,,
battery,2027,,120000,
""",
    "site_technologies.csv": """\
site,technology,max_mw,max_mwh,existing_mw,existing_mwh
frankfurt,solar,5,,1,
frankfurt,battery,5,20,2,8
oslo,gas,10,,,
""",
    "flexible_grid.csv": """\
node,year,flexible_mw,curtailed_hours_per_year,event_hours
frankfurt,2026,2,100,4
""",
    "corridors.csv": "corridor,year,max_mw\nnorth,2026,40\nnorth,2027,60\n",
    "corridor_nodes.csv": "corridor,node,factor\nnorth,oslo,0.5\n",
    "campaigns.csv": """\
campaign,workload,country,it_mw,year,until_year
train,batch,NO,1,2026,2028
""",
    "policies.csv": SOUND["policies.csv"] + "clean_share,2027,0.3,hourly\n",
    "nodes.csv": """\
node,name,latitude,longitude,country,energy_price_per_mwh,carbon_kg_per_mwh,clean_share
frankfurt,Frankfurt substation,50.13,8.65,DE,90,380,0.4
oslo,Oslo substation,59.93,10.70,NO,40,20,0.9
""",
    "upgrades.csv": """\
node,upgrade,mw,cost,lead_years,after
frankfurt,second_line,3.9,2000000,1,
frankfurt,third_line,3.9,2000000,1,second_line
""",
    "workloads.csv": """\
workload,latency_slo_ms,service_ms,load_factor,movable_share,cut_share
chat,30,5,0.7,,
batch,,0,1,0.5,0.1
""",
}
FIT = "\n[latency]\nbase_ms = 5\nms_per_km = 0.02\n"


def edited(name: str, old: str, new: str, files: Files = SOUND) -> Files:
    """Sound files with one text in one of them replaced."""
    assert files[name].count(old), f"{name} has no {old!r}"
    return {**files, name: files[name].replace(old, new)}


def write_files(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def problems_in(folder: Path) -> list[Problem]:
    """All that is wrong with an instance, [] if nothing is."""
    try:
        read_instance(folder)
    except InvalidInstance as error:
        return error.problems
    return []


def problems_of(folder: Path, files: Files) -> list[Problem]:
    return problems_in(write_files(folder, files))


def assert_only(problems: list[Problem], place: tuple, message: str, remedy: str) -> None:
    """One problem: at (table, row, column, value), with these words in it."""
    (problem,) = problems
    assert (problem.table, problem.row, problem.column, problem.value) == place
    assert message in problem.message
    assert remedy in problem.remedy
