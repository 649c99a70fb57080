"""A small instance to start from: the files that `sitewatt new` writes."""

from pathlib import Path

from optimizer.folders import written_aside

FILES = {
    "instance.toml": """\
name = "two_sites"
title = "Two sites, solved by hand"
currency = "EUR"
base_year = 2026
discount_rate = 0.25
stages = [2026, 2027]      # investment years
horizon_end = 2028         # the last stage stands until here; exclusive
unserved = "forbidden"     # or a penalty: { penalty_per_mwh = 5000 }

# For pairs that latency.csv does not list, add:
# [latency]
# base_ms = 5.35
# ms_per_km = 0.0194
""",
    "sites.csv": """\
site,name,latitude,longitude,country,operator,operator_country,node,max_it_mw,opening_cost,\
it_cost_per_mw,pue
frankfurt,Frankfurt am Main,50.11,8.68,DE,main,DE,frankfurt,20,10000000,10000000,1.3
oslo,Oslo,59.91,10.75,NO,fjord,NO,oslo,20,10000000,8000000,1.1
""",
    "nodes.csv": """\
node,name,latitude,longitude,country,energy_price_per_mwh,carbon_kg_per_mwh
frankfurt,Frankfurt substation,50.13,8.65,DE,90,380
oslo,Oslo substation,59.93,10.70,NO,40,20
""",
    "grid.csv": """\
node,year,firm_mw
frankfurt,2026,6.5
oslo,2026,50
""",
    "upgrades.csv": """\
node,upgrade,mw,cost,lead_years
frankfurt,second_line,3.9,2000000,1
""",
    "regions.csv": """\
region,name,latitude,longitude,country,timezone
hamburg,Hamburg,53.55,9.99,DE,Europe/Berlin
bergen,Bergen,60.39,5.32,NO,Europe/Oslo
""",
    "workloads.csv": """\
workload,latency_slo_ms,service_ms,load_factor
chat,30,5,1
batch,,0,1
""",
    "demand.csv": """\
region,workload,year,it_mw
hamburg,chat,2026,4
hamburg,chat,2027,6
hamburg,batch,2026,2
hamburg,batch,2027,2
bergen,chat,2026,1
bergen,chat,2027,1
""",
    "latency.csv": """\
region,site,rtt_ms
hamburg,frankfurt,13
hamburg,oslo,20
bergen,frankfurt,28
bergen,oslo,12
""",
    "groups.csv": """\
group,country
EU,DE
EU,FR
EU,NL
""",
    "rules.csv": """\
rule,workload,applies_to,kind,group,value,year,basis
chat_stays_in_eu,chat,DE,site_in,EU,,,example: conversations of users in DE stay in the EU
""",
    "sources.csv": """\
table,column,kind,source,licence,year,note
sites,*,assumed,made up for this example,Apache-2.0,2026,figures that can be checked by hand
nodes,*,assumed,made up for this example,Apache-2.0,2026,
grid,*,assumed,made up for this example,Apache-2.0,2026,
upgrades,*,assumed,made up for this example,Apache-2.0,2026,
regions,*,assumed,made up for this example,Apache-2.0,2026,
workloads,*,assumed,made up for this example,Apache-2.0,2026,
demand,*,assumed,made up for this example,Apache-2.0,2026,
latency,*,assumed,made up for this example,Apache-2.0,2026,
rules,*,assumed,made up for this example,Apache-2.0,2026,
""",
    "README.md": """\
# Two sites, solved by hand

Made up, and small enough to check every figure by hand. All costs in EUR; with a discount rate of
25 % a cost in 2027 weighs 0.8.

**Who may serve whom.** The chat of Hamburg must stay in the EU, so Oslo is barred. Frankfurt takes
28 + 5 = 33 ms to Bergen, more than the 30 ms of chat. So Hamburg's chat needs Frankfurt, Bergen's
chat needs Oslo: both sites open. Only Hamburg's batch has a choice.

**Batch goes to Oslo.** One IT MW there costs 8,000,000 and 8760 h × 1.1 × 40 = 385,440 a year; in
Frankfurt it costs 10,000,000 and 8760 h × 1.3 × 90 = 1,024,920 a year.

**Frankfurt needs its second line.** In 2027 chat draws 6 MW × 1.3 = 7.8 MW of 6.5 MW. The line
takes a year, so it is ordered in 2026.

| | 2026 | 2027 |
|---|---|---|
| opening | 2 × 10,000,000 = 20,000,000 | |
| IT, Frankfurt | 4 MW = 40,000,000 | 2 MW more = 20,000,000 |
| IT, Oslo | 3 MW = 24,000,000 | |
| second line | 2,000,000 | |
| energy, Frankfurt | 4 × 1,024,920 = 4,099,680 | 6 × 1,024,920 = 6,149,520 |
| energy, Oslo | 3 × 385,440 = 1,156,320 | 1,156,320 |
| sum | 91,256,000 | 27,305,840 |
| present value | 91,256,000 | × 0.8 = 21,844,672 |

**The least cost is 113,100,672.**
""",
}


def write_starter(folder: Path) -> None:
    """Write the files into a new folder.

    Raises
    ------
    AlreadyThere
        The folder exists.
    """
    with written_aside(folder) as aside:
        aside.mkdir()
        for name, text in FILES.items():
            (aside / name).write_text(text, encoding="utf-8")
