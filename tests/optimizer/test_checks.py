"""Rules across tables: what does not fit is told once, where it would be mended."""

from pathlib import Path

import pytest

from optimizer.reading import MOST_LISTED
from tests.optimizer.folder_of_files import FIT, SOUND, Files, assert_only, edited, problems_of

MANIFEST = "instance.toml"
RULE = "chat_stays_in_eu,chat,DE,site_in,EU,,,example"
TWENTY_MW_THERE = (
    SOUND["sites.csv"].replace("opening_cost", "existing_it_mw").replace(",20,10000000,", ",20,20,")
)
RULES = "rule,workload,applies_to,kind,group,value,year\n"


def rule(text: str) -> Files:
    """Sound files but for their only rule."""
    return {**SOUND, "rules.csv": f"{RULES}{text}\n"}


def without_a_place(table: str, key: str) -> Files:
    """Sound files with a fit for pairs that are not listed, and a row without coordinates."""
    files = {**SOUND, MANIFEST: SOUND[MANIFEST] + FIT}
    rows = [line.split(",") for line in files[table].splitlines()]
    kept = [[*c[:2], "", "", *c[4:]] if c[0] == key else c for c in rows]
    return {**files, table: "".join(",".join(cells) + "\n" for cells in kept)}


def unlisted(files: Files, pair: str) -> Files:
    """The same files without the round trip of a pair."""
    lines = files["latency.csv"].splitlines(keepends=True)
    return {**files, "latency.csv": "".join(x for x in lines if not x.startswith(pair))}


# Files with one thing that does not fit: (table, row, column, value), message, remedy.
BAD = {
    "node of a site": (
        edited("sites.csv", ",NO,oslo,20", ",NO,osol,20"),
        ("sites", 3, "node", "osol"), "is not in nodes.node", "did you mean oslo?",
    ),
    "node of a site has no row in grid": (
        edited("grid.csv", "oslo,2026,50\n", ""),
        ("sites", 3, "node", "oslo"), "no row in grid", "add a row with its firm_mw",
    ),
    "node of an upgrade": (
        edited("upgrades.csv", "frankfurt,", "frankfrt,"),
        ("upgrades", 2, "node", "frankfrt"), "is not in nodes.node", "did you mean frankfurt?",
    ),
    "node of grid": (
        edited("grid.csv", "oslo,2026,50\n", "oslo,2026,50\nberlin,2026,1\n"),
        ("grid", 4, "node", "berlin"), "is not in nodes.node", "known are frankfurt, oslo",
    ),
    "region of demand": (
        edited("demand.csv", "bergen,chat,2027", "Bergen,chat,2027"),
        ("demand", 7, "region", "Bergen"), "is not in regions.region", "did you mean bergen?",
    ),
    "workload of demand": (
        edited("demand.csv", "bergen,chat,2027", "bergen,chats,2027"),
        ("demand", 7, "workload", "chats"), "is not in workloads", "did you mean chat?",
    ),
    "year that is no stage": (
        edited("demand.csv", "bergen,chat,2027", "bergen,chat,2028"),
        ("demand", 7, "year", "2028"), "is no stage", "stages are 2026, 2027",
    ),
    "site of latency": (
        edited("latency.csv", "bergen,oslo", "bergen,olso"),
        ("latency", 5, "site", "olso"), "is not in sites.site", "did you mean oslo?",
    ),
    "more there than fits": (
        {**SOUND, "sites.csv": TWENTY_MW_THERE.replace("oslo,20,20,", "oslo,20,20.5,")},
        ("sites", 3, "existing_it_mw", "20.5"), "is above max_it_mw", "raise max_it_mw",
    ),
    "latitude alone": (
        edited("regions.csv", "60.39,5.32", "60.39,"),
        ("regions", 3, "longitude", ""), "is empty, and latitude is not", "both or neither",
    ),
    "region without a place": (
        unlisted(without_a_place("regions.csv", "bergen"), "bergen,oslo"),
        ("regions", 3, "latitude", ""), "does not list every pair of the region", "list the other",
    ),
    "site without a place": (
        unlisted(without_a_place("sites.csv", "oslo"), "hamburg,oslo"),
        ("sites", 3, "latitude", ""), "does not list every pair of the site", "list the other",
    ),
    "no round trip known": (
        {name: content for name, content in SOUND.items() if name != "latency.csv"},
        ("latency", None, "", ""), "no round trip is known", "section [latency]",
    ),
    "nothing demanded": (
        {**SOUND, "demand.csv": "region,workload,year,it_mw\nbergen,chat,2026,0\n"},
        ("demand", None, "it_mw", ""), "all demand is 0", "what is to be served",
    ),
    "group called as a country": (
        edited("groups.csv", "EU,NL", "DE,NL"),
        ("groups", 4, "group", "DE"), "means something else in rules", "no country code",
    ),
    "carbon price per kg": (
        edited("policies.csv", "EUR/t", "EUR/kg"),
        ("policies", 2, "unit", "EUR/kg"), "not the unit of carbon_price", "value in EUR/t",
    ),
    "budget in millions": (
        edited("policies.csv", "carbon_price,2026,80,EUR/t", "capital_budget,2026,80,MEUR"),
        ("policies", 2, "unit", "MEUR"), "not the unit of capital_budget", "value in EUR and",
    ),
    "source of no table": (
        edited("sources.csv", "nodes,*", "node,*"),
        ("sources", 3, "table", "node"), "there is no such table", "did you mean nodes?",
    ),
    "source of no column": (
        edited("sources.csv", "nodes,*", "nodes,energy_price"),
        ("sources", 3, "column", "energy_price"), "nodes has no such column",
        "did you mean energy_price_per_mwh?",
    ),
}  # fmt: skip

# Rules that say too little, too much, or nothing: column, value, message, remedy.
BAD_RULES = {
    "r,chats,*,site_in,EU,,": ("workload", "chats", "is not in workloads", "did you mean chat?"),
    "r,*,UE,site_in,EU,,": ("applies_to", "UE", "neither in groups nor a country", "add it to"),
    "r,*,*,site_in,EUU,,": ("group", "EUU", "neither in groups nor a country", "mean EU?"),
    "r,*,*,site_in,XX,,": ("group", "XX", "neither in groups nor a country", "add it to"),
    "r,*,@same,site_in,EU,,": ("applies_to", "@same", "has no meaning here", "write *"),
    "r,*,*,site_in,,,": ("group", "", "is empty, and site_in needs it", "a group or a country"),
    "r,*,*,site_in,EU,1,": ("value", "1", "site_in has no value", "leave it empty"),
    "r,*,*,operator_in,EU,,2027": ("year", "2027", "holds in every stage", "leave it empty"),
    "r,*,*,max_share_operator_outside,,0.4,": ("group", "", "needs it", "write a group"),
    "r,*,*,max_share_operator_outside,@same,0.4,": ("group", "@same", "only rules on pairs", ""),
    "r,*,*,max_share_operator,EU,0.4,": ("group", "EU", "speaks of no group", "leave it empty"),
    "r,*,*,max_share_country,,,": ("value", "", "is empty", "a share from 0 to 1"),
    "r,*,*,max_share_country,,40,": ("value", "40", "is above 1", "0.4 for 40 %"),
    "r,*,*,min_share_at_home,,-0.1,": ("value", "-0.1", "is below 0", "from 0 up"),
    "r,*,*,min_sites_in,,1,": ("group", "", "is empty", "a group or a country"),
    "r,*,*,min_sites_in,EU,,": ("value", "", "is empty", "a number of sites"),
    "r,*,*,min_sites_in,EU,1.5,": ("value", "1.5", "not a whole number of sites", "round it"),
    "r,chat,*,min_sites_in,EU,1,": ("workload", "chat", "counts open sites", "write *"),
    "r,*,DE,min_sites_in,EU,1,": ("applies_to", "DE", "counts open sites", "write *"),
}

GOOD_RULES = [
    "r,chat,DE,site_in,DE,,",
    "r,chat,EU,site_not_in,US,,",
    "r,,,operator_in,@same,,",
    "r,*,*,operator_not_in,NA,,",
    "r,*,EU,max_share_operator_outside,EU,0.5,2027",
    "r,*,*,max_share_country,*,1,",
    "r,*,*,max_share_operator,,0,2030",
    "r,batch,NO,min_share_at_home,,0.25,",
    "r,*,*,min_sites_in,*,2,2027",
]


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_told_once(tmp_path: Path, name: str) -> None:
    files, place, message, remedy = BAD[name]
    assert_only(problems_of(tmp_path / "i", files), place, message, remedy)


@pytest.mark.parametrize("text", BAD_RULES)
def test_bad_rule_is_named_with_its_remedy(tmp_path: Path, text: str) -> None:
    column, value, message, remedy = BAD_RULES[text]
    place = ("rules", 2, column, value)
    assert_only(problems_of(tmp_path / "i", rule(text)), place, message, remedy)


@pytest.mark.parametrize("text", GOOD_RULES)
def test_rule_that_is_right(tmp_path: Path, text: str) -> None:
    assert problems_of(tmp_path / "i", rule(text)) == []


@pytest.mark.parametrize("table", ["sites", "nodes", "grid", "regions", "workloads", "demand"])
def test_table_that_every_instance_needs(tmp_path: Path, table: str) -> None:
    name = f"{table}.csv"
    header = SOUND[name].splitlines()[0]
    for number, (content, message, remedy) in enumerate(
        [
            (None, "the table is missing", f"add {name}"),
            (header, "has no rows", "every instance needs some"),
            ("", "the file is empty", "write a header and rows"),
        ]
    ):
        files = {**SOUND, name: content} if content is not None else dict(SOUND)
        if content is None:
            del files[name]
        # What refers to the rows of the table is not blamed for their absence.
        place = (table, None, "", "")
        assert_only(problems_of(tmp_path / str(number), files), place, message, remedy)


@pytest.mark.parametrize("table", ["latency", "upgrades", "groups", "rules", "policies", "sources"])
def test_table_that_may_be_missing_or_empty(tmp_path: Path, table: str) -> None:
    files = {**SOUND, "instance.toml": SOUND["instance.toml"] + FIT}
    if table == "groups":  # The rule names one.
        files["rules.csv"] = RULES
    missing = {name: content for name, content in files.items() if name != f"{table}.csv"}
    assert problems_of(tmp_path / "missing", missing) == []
    header = files[f"{table}.csv"].splitlines()[0]
    assert problems_of(tmp_path / "empty", {**files, f"{table}.csv": header}) == []


def test_places_need_no_coordinates_where_every_pair_is_listed(tmp_path: Path) -> None:
    for table, key in (("regions.csv", "bergen"), ("sites.csv", "oslo"), ("nodes.csv", "oslo")):
        assert problems_of(tmp_path / table, without_a_place(table, key)) == []


def test_places_need_no_coordinates_where_pairs_not_listed_are_ruled_out(tmp_path: Path) -> None:
    files = unlisted(without_a_place("regions.csv", "bergen"), "bergen,frankfurt")
    assert problems_of(tmp_path / "i", {**files, MANIFEST: SOUND[MANIFEST]}) == []


def test_bad_rows_of_a_table_are_not_blamed_on_those_that_name_them(tmp_path: Path) -> None:
    files = edited("sites.csv", "oslo,Oslo,59.91", "oslo,Oslo,north")
    assert [problem.table for problem in problems_of(tmp_path / "cell", files)] == ["sites"]
    files = edited("sites.csv", ",NO,oslo,20", ",NO,oslo,20,20")
    assert [problem.row for problem in problems_of(tmp_path / "ragged", files)] == [3]


def test_source_may_name_a_key_of_the_manifest(tmp_path: Path) -> None:
    more = "instance.toml,stages,assumed,,,,\ninstance.toml,latency.base_ms,measured,,,,\n"
    files = {**SOUND, "sources.csv": SOUND["sources.csv"] + more}
    assert problems_of(tmp_path / "i", files) == []


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    files = {
        **SOUND,
        "instance.toml": SOUND["instance.toml"].replace("0.25", "25"),
        "sites.csv": SOUND["sites.csv"].replace("59.91", "123").replace("1.3\n", "0.5\n"),
        "nodes.csv": SOUND["nodes.csv"].replace(",NO,", ",XX,"),
        "grid.csv": SOUND["grid.csv"].replace("6.5", "1e300"),
        "regions.csv": SOUND["regions.csv"].replace("name,", "nmae,"),
        "demand.csv": SOUND["demand.csv"].replace("bergen", "berlin"),
        "upgrades.csv": b"\xff",
        "rules.csv": SOUND["rules.csv"].replace("EU", "EUU"),
        "pods.csv": "pod\n",
        "capacity.csv": "site\n",
    }
    found = [(p.table, p.row, p.column) for p in problems_of(tmp_path / "i", files)]
    assert found == [
        ("capacity.csv", None, ""),
        ("pods.csv", None, ""),
        ("instance.toml", None, "discount_rate"),
        ("sites", 2, "pue"),
        ("sites", 3, "latitude"),
        ("nodes", 3, "country"),
        ("grid", 2, "firm_mw"),
        ("regions", None, "nmae"),
        ("demand", 6, "region"),
        ("demand", 7, "region"),
        ("upgrades", 1, ""),
        ("rules", 2, "group"),
    ]


def test_bad_cells_of_one_kind_are_listed_to_a_limit_and_then_counted(tmp_path: Path) -> None:
    rows = "".join(f"x{number},oslo,5\n" for number in range(MOST_LISTED + 7))
    files = {**SOUND, "latency.csv": SOUND["latency.csv"] + rows}
    count, first, *others = problems_of(tmp_path / "i", files)
    assert count.message == "7 more cells are as wrong as those listed"
    assert first.value == "x0"
    assert len(others) == MOST_LISTED - 1
    # Remedies are looked up for the first of them: each takes a moment.
    assert others[-1].remedy == "known are hamburg, bergen"
