"""A run written by hand: two sites, two stages of two years each, every aspect at work once.

A discount rate of 25 % makes 2026–2029 weigh 1, 0.8, 0.64 and 0.512: a yearly cost weighs 1.8 in
the first stage and 1.152 in the second. Everything lies on the equator, where a degree of
longitude is 111.319… km long, so that round trips can be worked out by hand.
"""

import json
from math import pi
from pathlib import Path

from optimizer.instance import read_instance

KM_PER_DEGREE = 6378.137 * pi / 180
NINE_DEGREES_MS = 5 + 0.02 * 9 * KM_PER_DEGREE  # 25.04 ms
ONE_DEGREE_MS = 5 + 0.02 * 1 * KM_PER_DEGREE  # 7.23 ms

MANIFEST = """\
name = "by-hand"
title = "Two sites by hand"
currency = "EUR"
base_year = 2026
discount_rate = 0.25
stages = [2026, 2028]
horizon_end = 2030
unserved = { penalty_per_mwh = 300 }

[latency]
base_ms = 5
ms_per_km = 0.02
"""

INSTANCE = {
    # North is there already and buys blocks; south opens in the second stage.
    "sites": """\
site,latitude,longitude,country,operator,operator_country,node,max_it_mw,existing_it_mw,\
opening_cost,fixed_cost_per_year,it_cost_per_mw,block_mw,pue,earliest_year
north,0,0,NL,aqua,NL,port,10,2,0,100000,1000000,2,1.2,2026
south,0,10,FR,acme,US,plain,8,0,3000000,50000,2000000,,1,2028
""",
    "nodes": """\
node,latitude,longitude,country,energy_price_per_mwh,carbon_kg_per_mwh
port,0,0,NL,50,100
plain,0,10,FR,40,0
""",
    # 9 MW from 2029 on help no stage: the second has 2028 in it.
    "grid": """\
node,year,firm_mw
port,2026,6
port,2029,9
plain,2025,5
""",
    "upgrades": """\
node,upgrade,mw,cost,lead_years,earliest_year
port,line,3,700000,2,2026
plain,cable,4,100000,2,2028
""",
    "regions": """\
region,latitude,longitude,country
delft,0,0,NL
lille,0,9,FR
""",
    "workloads": """\
workload,latency_slo_ms,service_ms,load_factor
chat,30,5,0.5
batch,,0,1
""",
    "demand": """\
region,workload,year,it_mw
delft,chat,2026,4
delft,chat,2028,6
lille,batch,2026,1
lille,batch,2028,2
lille,chat,2028,3
""",
    "latency": """\
region,site,rtt_ms,network_cost_per_mw_year
delft,north,4,10000
""",
    "groups": """\
group,country
EU,NL
EU,FR
""",
    "rules": """\
rule,workload,applies_to,kind,group,value,year
r1,chat,NL,site_in,EU,,
r2,*,*,site_not_in,CN,,
r3,chat,NL,operator_in,@same,,
r4,chat,NL,operator_not_in,US,,
r5,*,*,max_share_operator_outside,EU,0.5,
r6,batch,FR,max_share_country,*,0.5,2028
r7,*,*,max_share_operator,*,0.7,2028
r8,*,EU,min_share_at_home,*,0.6,2028
r9,*,*,min_sites_in,EU,2,2028
""",
    "policies": """\
policy,year,value
carbon_price,2027,80
carbon_price,2029,120
capital_budget,2026,5000000
capital_budget,2028,13000000
""",
}

TABLES = {
    "sites": """\
site,name,latitude,longitude,country,operator,operator_country,node,max_it_mw,existing_it_mw,\
opened_year
north,north,0,0,NL,aqua,NL,port,10,2,2026
south,south,0,10,FR,acme,US,plain,8,0,2028
""",
    # North: 2 MW and two blocks, then one more. Facility MW are 1.2 times what is served.
    "capacity": """\
site,year,open,new_it_mw,installed_it_mw,served_it_mw,facility_mw
north,2026,1,4,6,5,6
north,2028,1,2,8,7,8.4
south,2026,0,0,0,0,0
south,2028,1,3.4,3.4,3.4,3.4
""",
    "serving": f"""\
region,workload,site,year,share,it_mw,rtt_ms
delft,chat,north,2026,1,4,4
delft,chat,north,2028,1,6,4
lille,batch,north,2026,1,1,{NINE_DEGREES_MS}
lille,batch,north,2028,0.5,1,{NINE_DEGREES_MS}
lille,batch,south,2028,0.5,1,{ONE_DEGREE_MS}
lille,chat,south,2028,0.8,2.4,{ONE_DEGREE_MS}
""",
    "unserved": """\
region,workload,year,share,it_mw
lille,chat,2028,0.2,0.6
""",
    "grid_use": """\
node,year,firm_mw,upgrade_mw,drawn_mw,headroom_mw,unpowered_mw
port,2026,6,0,6,0,1.2
port,2028,6,3,8.4,0.6,0.6
plain,2026,5,0,0,5,0
plain,2028,5,0,3.4,1.6,0
""",
    "upgrades": """\
node,upgrade,ordered_year,available_year,mw,cost
port,line,2026,2028,3,700000
""",
    # A year at north in 2026: 4 MW × 0.5 × 8760 h + 1 MW × 8760 h = 26 280 MWh of IT,
    # times 1.2 is 31 536 MWh, at 100 kg is 3 153.6 t.
    "energy": """\
site,year,it_mwh,facility_mwh,carbon_t
north,2026,26280,31536,3153.6
north,2028,35040,42048,4204.8
south,2028,19272,19272,0
""",
    # Energy at north in 2026: 31 536 MWh × 50 = 1 576 800 a year; × 2 years, × 1.8.
    # Carbon at north: nothing in 2026, 80 in 2027 and 2028, 120 in 2029;
    # 3 153.6 × 80, × 0.8; 4 204.8 × (80 + 120), × (80 × 0.64 + 120 × 0.512) = 112.64.
    # Unserved: 0.6 MW × 0.5 × 8760 h × 300 = 788 400 a year.
    "costs": """\
kind,year,item,cost,discounted_cost
opening,2028,south,3000000,1920000
it,2026,north,4000000,4000000
it,2028,north,2000000,1280000
it,2028,south,6800000,4352000
upgrade,2026,port/line,700000,700000
fixed,2026,north,200000,180000
fixed,2028,north,200000,115200
fixed,2028,south,100000,57600
energy,2026,north,3153600,2838240
energy,2028,north,4204800,2421964.8
energy,2028,south,1541760,888053.76
carbon,2026,north,252288,201830.4
carbon,2028,north,840960,473628.672
network,2026,north,80000,72000
network,2028,north,120000,69120
unserved,2028,lille,1576800,908236.8
""",
    # In 2028 all demand is 11 MW: 7 are served by aqua in NL, 3.4 by acme in FR, 0.6 by nobody.
    "compliance": """\
rule,kind,year,workload,subject,governed_it_mw,value_it_mw,limit_it_mw,margin,holds
r1,site_in,,chat,EU,6,0,0,0,1
r2,site_not_in,,*,CN,11,0,0,0,1
r3,operator_in,,chat,@same,6,0,0,0,1
r4,operator_not_in,,chat,US,6,0,0,0,1
r5,max_share_operator_outside,2026,*,*,5,0,2.5,2.5,1
r5,max_share_operator_outside,2028,*,*,11,3.4,5.5,2.1,1
r6,max_share_country,2028,batch,FR,2,1,1,0,1
r6,max_share_country,2028,batch,NL,2,1,1,0,1
r7,max_share_operator,2028,*,acme,11,3.4,7.7,4.3,1
r7,max_share_operator,2028,*,aqua,11,7,7.7,0.7,1
r8,min_share_at_home,2028,*,FR,5,3.4,3,0.4,1
r8,min_share_at_home,2028,*,NL,6,6,3.6,2.4,1
r9,min_sites_in,2028,*,*,0,2,2,0,1
""",
    # Chat of lille at north: 25.04 ms + 5 ms are just above 30 ms.
    "ineligible": f"""\
region,workload,reason,sites,nearest_site,value,limit,miss,unit
delft,chat,rule:r3,1,,,,,
lille,chat,latency,1,north,{NINE_DEGREES_MS + 5},30,{NINE_DEGREES_MS + 5 - 30},ms
""",
}

OBJECTIVE = (
    1_920_000  # opening
    + 4_000_000 + 1_280_000 + 4_352_000  # it
    + 700_000  # upgrade
    + 180_000 + 115_200 + 57_600  # fixed
    + 2_838_240 + 2_421_964.8 + 888_053.76  # energy
    + 201_830.4 + 473_628.672  # carbon
    + 72_000 + 69_120  # network
    + 908_236.8  # unserved
)  # fmt: skip


def write_run(run: Path) -> Path:
    """Write the run folder; its bound is 1 % below the objective."""
    (run / "instance").mkdir(parents=True)
    (run / "tables").mkdir()
    (run / "instance" / "instance.toml").write_text(MANIFEST, encoding="utf-8")
    for name, text in INSTANCE.items():
        (run / "instance" / f"{name}.csv").write_text(text, encoding="utf-8")
    for name, text in TABLES.items():
        (run / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")
    plan = {
        "status": "optimal",
        "objective": OBJECTIVE,
        "bound": 0.99 * OBJECTIVE,
        "gap": 0.01,
        "currency": "EUR",
        "instance_name": "by-hand",
        "options": {"gap": 0.02},
        "versions": {},
    }
    (run / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return sign(run)


def sign(run: Path) -> Path:
    """Write the hash of the run's instance into its plan."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    plan["instance_sha256"] = read_instance(run / "instance").sha256
    (run / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return run
