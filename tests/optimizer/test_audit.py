"""The audit passes a right plan, and names what is wrong with each of many wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.audit import audit_report_text, audit_run
from optimizer.errors import SitewattError
from tests.optimizer.hand_made_run import OBJECTIVE, sign, write_run


class Run:
    """A run folder to spoil: each method changes one thing and returns the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def table(self, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> "Run":
        file = self.folder / f"{name}.csv"
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        change(frame).to_csv(file, index=False)
        return self

    def set(self, name: str, column: str, value: object, /, **where: object) -> "Run":
        """Overwrite a column in the rows whose keys are as given."""

        def change(frame: pd.DataFrame) -> pd.DataFrame:
            hit = rows(frame, where)
            assert hit.any(), where
            frame.loc[hit, column] = str(value)
            return frame

        return self.table(name, change)

    def drop(self, name: str, **where: object) -> "Run":
        return self.table(name, lambda frame: frame[~rows(frame, where)])

    def add(self, name: str, *values: object) -> "Run":
        file = self.folder / f"{name}.csv"
        with file.open("a", encoding="utf-8") as lines:
            lines.write(",".join(str(value) for value in values) + "\n")
        return self

    def write(self, name: str, change: Callable[[bytes], bytes]) -> "Run":
        file = self.folder / name
        file.write_bytes(change(file.read_bytes()))
        return self

    def write_new(self, name: str, content: bytes) -> "Run":
        (self.folder / name).write_bytes(content)
        return self

    def remove(self, name: str) -> "Run":
        (self.folder / name).unlink()
        return self

    def instance(self, column: str, value: object, /, **where: object) -> "Run":
        """Change the table of rules, so that the plan breaks what it kept."""
        self.set("instance/rules", column, value, **where)
        sign(self.folder)
        return self

    def plan(self, **values: Any) -> "Run":
        file = self.folder / "plan.json"
        plan = json.loads(file.read_text(encoding="utf-8")) | values
        file.write_text(json.dumps(plan), encoding="utf-8")
        return self


def rows(frame: pd.DataFrame, where: dict[str, object]) -> pd.Series:
    hit = pd.Series(True, index=frame.index)
    for column, value in where.items():
        hit &= frame[column] == str(value)
    return hit


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(write_run(tmp_path / "run"))


def test_right_plan_passes(run: Run) -> None:
    report = audit_run(run.folder)
    assert report.passed, report.violations
    assert report.checks == sum(family.checks for family in report.families) > 500
    families = {family.family: family for family in report.families}
    # North has 6 MW of grid for 5 × 1.2 MW: no slack, no excess.
    assert families["grid"].worst == pytest.approx(0.0, abs=1e-12)
    # 11.8 of 13 and 4.7 of 5 million spent: the tighter one has 6 % left.
    assert families["budget"].worst == pytest.approx(-0.06)
    assert audit_report_text(report) == [
        f"audit passed: {report.checks} checks in {len(families)} families"
    ]
    assert json.loads(json.dumps(report.as_dict()))["passed"] is True


DECISIONS: dict[str, tuple[Callable[[Run], Run], str, str]] = {
    "drop a share": (
        lambda run: run.drop("tables/serving", region="delft", year=2028),
        "demand",
        "the shares of chat of delft in 2028 add up to 0, not to 1",
    ),
    "serve twice": (
        lambda run: run.set("tables/serving", "share", 1.5, region="delft", year=2028),
        "demand",
        "the shares of chat of delft in 2028 add up to 1.5, not to 1",
    ),
    "negative share": (
        lambda run: run.set("tables/serving", "share", -0.5, site="south", workload="batch"),
        "demand",
        "south serves a share of -0.5 of batch of lille in 2028",
    ),
    "negative unserved share": (
        lambda run: run.set("tables/unserved", "share", -0.2),
        "demand",
        "a share of -0.2 of chat of lille is unserved in 2028",
    ),
    "unserved although forbidden": (
        lambda run: run.write(
            "instance/instance.toml",
            lambda text: text.replace(b"{ penalty_per_mwh = 300 }", b'"forbidden"'),
        ),
        "demand",
        "chat of lille may not go unserved, but a share of 0.2 does in 2028",
    ),
    "serve nobody's demand": (
        lambda run: run.add("tables/serving", "delft", "batch", "north", 2026, 1, 1, 4),
        "demand",
        "serving speaks of batch of delft in 2026, where there is no demand",
    ),
    "serve too late": (
        lambda run: run.add("tables/serving", "lille", "chat", "north", 2028, 0.1, 0.3, 25.0375),
        "eligibility",
        "north serves chat of lille in 30.0375083 ms, later than 30 ms",
    ),
    "serve without a known latency": (
        lambda run: run.write(
            "instance/instance.toml", lambda text: text[: text.index(b"[latency]")]
        ),
        "eligibility",
        "north serves batch of lille, but no latency is listed or can be fitted",
    ),
    "serve from outside the group": (
        lambda run: run.instance("group", "DE", rule="r1"),
        "eligibility",
        "north serves chat of delft, which rule r1 forbids",
    ),
    "serve from inside a barred group": (
        lambda run: run.instance("group", "FR", rule="r2"),
        "eligibility",
        "south serves batch of lille, which rule r2 forbids",
    ),
    "serve by an operator from elsewhere": (
        lambda run: run.add("tables/serving", "delft", "chat", "south", 2028, 0.1, 0.6, 27.3),
        "eligibility",
        "south serves chat of delft, which rule r3 forbids",
    ),
    "serve by a barred operator": (
        lambda run: run.instance("group", "EU", rule="r4"),
        "eligibility",
        "north serves chat of delft, which rule r4 forbids",
    ),
    "half open": (
        lambda run: run.set("tables/capacity", "open", 2, site="south", year=2028),
        "siting",
        "south is 2 open in 2028: a site is open, 1, or not, 0",
    ),
    "closed after open": (
        lambda run: run.set("tables/capacity", "open", 0, site="north", year=2028),
        "siting",
        "north closes in 2028: open sites stay open",
    ),
    "existing site not open": (
        lambda run: run.set("tables/capacity", "open", 0, site="north", year=2026),
        "siting",
        "north has capacity from the start, but is not open in 2026",
    ),
    "open before its time": (
        lambda run: run.set("tables/capacity", "open", 1, site="south", year=2026),
        "siting",
        "south is open in 2026, before its earliest year",
    ),
    "serve more than installed": (
        lambda run: run.set("tables/capacity", "new_it_mw", 3, site="south", year=2028),
        "capacity",
        "south serves 3.4 IT MW in 2028 with 3 MW installed",
    ),
    "half a block": (
        lambda run: run.set("tables/capacity", "new_it_mw", 3, site="north", year=2028),
        "capacity",
        "north installs 3 IT MW in 2028, which is not a number of blocks of 2 MW",
    ),
    "install before its time": (
        lambda run: run.set("tables/capacity", "new_it_mw", 1, site="south", year=2026),
        "capacity",
        "south installs 1 IT MW in 2026, before its earliest year",
    ),
    "install in a closed site": (
        lambda run: run.set("tables/capacity", "open", 0, site="south", year=2028),
        "capacity",
        "south has 3.4 IT MW in 2028, but room for 0 MW (0 while it is not open)",
    ),
    "install more than the hall holds": (
        lambda run: run.set("tables/capacity", "new_it_mw", 6, site="north", year=2028),
        "capacity",
        "north has 12 IT MW in 2028, but room for 10 MW (0 while it is not open)",
    ),
    "take capacity away": (
        lambda run: run.set("tables/capacity", "new_it_mw", -2, site="north", year=2028),
        "capacity",
        "north loses capacity in 2028: -2 IT MW are new",
    ),
    "draw more than the node gives": (
        lambda run: run.set("instance/grid", "firm_mw", 3, node="plain"),
        "grid",
        "plain draws 3.4 MW in 2028, but its connection gives 3 MW",
    ),
    "no upgrade": (
        lambda run: run.drop("tables/upgrades"),
        "grid",
        "port draws 8.4 MW in 2028, but its connection gives 6 MW",
    ),
    "use an upgrade before its lead time": (
        lambda run: run.set("tables/upgrades", "ordered_year", 2028),
        "grid",
        "port draws 8.4 MW in 2028, but its connection gives 6 MW",
    ),
    "order in no stage": (
        lambda run: run.set("tables/upgrades", "ordered_year", 2027),
        "upgrades",
        "line at port is ordered in 2027, which is no stage",
    ),
    "order twice": (
        lambda run: run.add("tables/upgrades", "port", "line", 2028, "", 3, 700000),
        "upgrades",
        "line at port is ordered again in 2028",
    ),
    "order before its time": (
        lambda run: run.add("tables/upgrades", "plain", "cable", 2026, 2028, 4, 100000),
        "upgrades",
        "cable at plain is ordered in 2026, before its earliest year",
    ),
    "order what the node has no option of": (
        lambda run: run.add("tables/upgrades", "plain", "line", 2026, 2028, 3, 700000),
        "upgrades",
        "the instance has no upgrade line at plain",
    ),
    "share outside": (
        lambda run: run.instance("value", 0.3, rule="r5"),
        "sovereignty",
        "rule r5 (max_share_operator_outside) in 2028, *: 3.4, and at most 3.3 IT MW are allowed",
    ),
    "share in a country": (
        lambda run: run.instance("value", 0.4, rule="r6"),
        "sovereignty",
        "rule r6 (max_share_country) in 2028, NL: 1, and at most 0.8 IT MW are allowed",
    ),
    "share in a country, a stage earlier": (
        lambda run: run.instance("year", 2026, rule="r6"),
        "sovereignty",
        "rule r6 (max_share_country) in 2026, NL: 1, and at most 0.5 IT MW are allowed",
    ),
    "share of an operator": (
        lambda run: run.instance("value", 0.6, rule="r7"),
        "sovereignty",
        "rule r7 (max_share_operator) in 2028, aqua: 7, and at most 6.6 IT MW are allowed",
    ),
    "share at home": (
        lambda run: run.instance("value", 0.7, rule="r8"),
        "sovereignty",
        "rule r8 (min_share_at_home) in 2028, FR: 3.4, and at least 3.5 are required",
    ),
    "sites in a group": (
        lambda run: run.instance("value", 3, rule="r9"),
        "sovereignty",
        "rule r9 (min_sites_in) in 2028, *: 2, and at least 3 are required",
    ),
    "budget": (
        lambda run: run.set("instance/policies", "value", 11_000_000, year=2028, value=13000000),
        "budget",
        "2028 spends 11,800,000 on sites, IT and upgrades with a budget of 11,000,000",
    ),
}

FIGURES: dict[str, tuple[Callable[[Run], Run], str, str]] = {
    **{
        f"{kind} cost": (
            lambda run, kind=kind, year=year: run.set(
                "tables/costs", "cost", 7, kind=kind, year=year
            ),
            "costs table",
            f"costs: cost of {kind} {year} {item} is 7, recomputed {cost}",
        )
        for kind, year, item, cost in (
            ("opening", 2028, "south", "3,000,000"),
            ("it", 2026, "north", "4,000,000"),
            ("upgrade", 2026, "port/line", "700,000"),
            ("fixed", 2026, "north", "200,000"),
            ("energy", 2026, "north", "3,153,600"),
            ("carbon", 2026, "north", "252,288"),
            ("network", 2026, "north", "80,000"),
            ("unserved", 2028, "lille", "1,576,800"),
        )
    },
    "discounting": (
        lambda run: run.set("tables/costs", "discounted_cost", 252288, kind="carbon", year=2026),
        "costs table",
        "costs: discounted_cost of carbon 2026 north is 252,288, recomputed 201,830.4",
    ),
    "a cost left out": (
        lambda run: run.drop("tables/costs", kind="network", year=2028),
        "costs table",
        "costs: cost of network 2028 north is 0, recomputed 120,000",
    ),
    "a cost made up": (
        lambda run: run.add("tables/costs", "salvage", 2028, "north", -1000, -1000),
        "costs table",
        "costs: cost of salvage 2028 north is -1,000, recomputed 0",
    ),
    "installed": (
        lambda run: run.set("tables/capacity", "installed_it_mw", 9, site="north", year=2028),
        "capacity table",
        "capacity: installed_it_mw of north 2028 is 9, recomputed 8",
    ),
    "served": (
        lambda run: run.set("tables/capacity", "served_it_mw", 6.99, site="north", year=2028),
        "capacity table",
        "capacity: served_it_mw of north 2028 is 6.99, recomputed 7",
    ),
    "facility": (
        lambda run: run.set("tables/capacity", "facility_mw", 7, site="north", year=2028),
        "capacity table",
        "capacity: facility_mw of north 2028 is 7, recomputed 8.4",
    ),
    "firm": (
        lambda run: run.set("tables/grid_use", "firm_mw", 9, node="port", year=2028),
        "grid_use table",
        "grid_use: firm_mw of port 2028 is 9, recomputed 6",
    ),
    "upgraded": (
        lambda run: run.set("tables/grid_use", "upgrade_mw", 3, node="port", year=2026),
        "grid_use table",
        "grid_use: upgrade_mw of port 2026 is 3, recomputed 0",
    ),
    "drawn": (
        lambda run: run.set("tables/grid_use", "drawn_mw", 7, node="port", year=2028),
        "grid_use table",
        "grid_use: drawn_mw of port 2028 is 7, recomputed 8.4",
    ),
    "headroom": (
        lambda run: run.set("tables/grid_use", "headroom_mw", 1, node="port", year=2026),
        "grid_use table",
        "grid_use: headroom_mw of port 2026 is 1, recomputed 0",
    ),
    "hardware without power": (
        lambda run: run.set("tables/grid_use", "unpowered_mw", 0, node="port", year=2026),
        "grid_use table",
        "grid_use: unpowered_mw of port 2026 is 0, recomputed 1.2",
    ),
    "load of a service": (
        lambda run: run.set("tables/serving", "it_mw", 2.5, site="south", workload="chat"),
        "serving table",
        "serving: it_mw of chat of lille at south in 2028 is 2.5, but share × demand is 2.4",
    ),
    "round trip": (
        lambda run: run.set("tables/serving", "rtt_ms", 5, region="delft", year=2028),
        "serving table",
        "serving: the round trip of delft to north is 5 ms, recomputed 4",
    ),
    "unserved load": (
        lambda run: run.set("tables/unserved", "it_mw", 0.5),
        "unserved table",
        "unserved: it_mw of chat of lille in 2028 is 0.5, but share × demand is 0.6",
    ),
    "upgrade's MW": (
        lambda run: run.set("tables/upgrades", "mw", 4),
        "upgrades table",
        "upgrades: mw of line at port is 4, not 3",
    ),
    "upgrade's arrival": (
        lambda run: run.set("tables/upgrades", "available_year", 2026),
        "upgrades table",
        "upgrades: line at port is there from 2026, recomputed 2028",
    ),
    "opened year": (
        lambda run: run.set("tables/sites", "opened_year", 2026, site="south"),
        "sites table",
        "sites: south opens in 2026, recomputed 2028",
    ),
    "a site's operator": (
        lambda run: run.set("tables/sites", "operator", "aqua", site="south"),
        "sites table",
        "sites: operator of south is aqua, unlike in the instance",
    ),
    "energy": (
        lambda run: run.set("tables/energy", "facility_mwh", 26280, site="north", year=2026),
        "energy table",
        "energy: facility_mwh of north 2026 is 26,280, recomputed 31,536",
    ),
    "carbon": (
        lambda run: run.set("tables/energy", "carbon_t", 5, site="south"),
        "energy table",
        "energy: carbon_t of south 2028 is 5, recomputed 0",
    ),
    "governed demand": (
        lambda run: run.set("tables/compliance", "governed_it_mw", 10.4, rule="r7", subject="aqua"),
        "compliance table",
        "compliance: governed_it_mw of r7, aqua, 2028 is 10.4, recomputed 11",
    ),
    "share served under a rule": (
        lambda run: run.set("tables/compliance", "value_it_mw", 6, rule="r7", subject="aqua"),
        "compliance table",
        "compliance: value_it_mw of r7, aqua, 2028 is 6, recomputed 7",
    ),
    "limit of a rule": (
        lambda run: run.set("tables/compliance", "limit_it_mw", 8, rule="r7", subject="aqua"),
        "compliance table",
        "compliance: limit_it_mw of r7, aqua, 2028 is 8, recomputed 7.7",
    ),
    "margin of a rule": (
        lambda run: run.set("tables/compliance", "margin", 0.4, rule="r8", subject="NL"),
        "compliance table",
        "compliance: the margin of r8, NL, 2028 is 0.4, recomputed 2.4",
    ),
    "a rule called broken": (
        lambda run: run.set("tables/compliance", "holds", 0, rule="r1"),
        "compliance table",
        "compliance: r1, *, all years says wrongly whether the rule is kept",
    ),
    "a rule left out": (
        lambda run: run.drop("tables/compliance", rule="r9"),
        "compliance table",
        "compliance has no row r9, 2028, *",
    ),
    "a rule in a stage before its year": (
        lambda run: run.set("tables/compliance", "year", 2026, rule="r9"),
        "compliance table",
        "compliance has a row r9, 2026, *, but no rule asks for it",
    ),
    "reasons left out": (
        lambda run: run.drop("tables/ineligible", reason="latency"),
        "ineligible table",
        "0 sites are counted as ruled out for chat of lille by latency, but at least 1 are",
    ),
    "too many ruled out": (
        lambda run: run.set("tables/ineligible", "sites", 2, reason="rule:r3"),
        "ineligible table",
        "2 sites are counted as ruled out for chat of delft by rule:r3, but at most 1 are",
    ),
    "nearest miss": (
        lambda run: run.set("tables/ineligible", "value", 31, reason="latency"),
        "ineligible table",
        "the nearest site too far for chat of lille, north, has 31 ms in the table, but it takes"
        " 30.0375083 ms",
    ),
    "objective": (
        lambda run: run.plan(objective=2e7, bound=1.98e7),
        "objective",
        "the objective is 20,000,000, but the plan's costs add up to 20,477,874.4",
    ),
    "bound above objective": (
        lambda run: run.plan(bound=2.1e7, gap=(OBJECTIVE - 2.1e7) / OBJECTIVE),
        "objective",
        "the bound 21,000,000 is above the objective 20,477,874.4",
    ),
    "gap": (
        lambda run: run.plan(gap=0.001),
        "objective",
        "the gap is 0.001, but between objective and bound it is 0.01",
    ),
    "not as optimal as asked": (
        lambda run: run.plan(options={"gap": 0.001}),
        "objective",
        "the plan is called optimal with a gap of 0.01, 0.001 was asked for",
    ),
    "no objective": (
        lambda run: run.plan(objective=None),
        "objective",
        "plan.json has no finite objective",
    ),
    "another instance": (
        lambda run: run.plan(instance_sha256="f00"),
        "identity",
        "plan.json: instance_sha256 is f00, but the instance's is ",
    ),
    "another currency": (
        lambda run: run.plan(currency="USD"),
        "identity",
        "plan.json: currency is USD, but the instance's is EUR",
    ),
}

FILES: dict[str, tuple[Callable[[Run], Run], str]] = {
    "missing table": (lambda run: run.remove("tables/costs.csv"), "table costs is missing"),
    "empty file": (
        lambda run: run.write("tables/serving.csv", lambda _: b""),
        "table serving cannot be read",
    ),
    "no text": (
        lambda run: run.write("tables/energy.csv", lambda text: b"\xff\xfe\x00" + text),
        "table energy cannot be read",
    ),
    "not Parquet": (
        lambda run: run.remove("tables/energy.csv").write_new("tables/energy.parquet", b"PAR1"),
        "table energy cannot be read",
    ),
    "both formats": (
        lambda run: run.write_new("tables/energy.parquet", b"PAR1"),
        "table energy is there twice",
    ),
    "missing column": (
        lambda run: run.table("tables/energy", lambda frame: frame.drop(columns="carbon_t")),
        "table energy lacks carbon_t",
    ),
    "rows longer than the header": (
        lambda run: run.write("tables/energy.csv", lambda text: text.replace(b",carbon_t", b"")),
        "table energy cannot be read: row 2 has 5 cells where the header has 4",
    ),
    "truncated": (
        lambda run: run.write("tables/capacity.csv", lambda text: text[:-9]),
        "table capacity cannot be read: row 5 has 5 cells where the header has 7",
    ),
    "truncated between rows": (
        lambda run: run.drop("tables/capacity", site="south", year=2028),
        "capacity has no row south, 2028",
    ),
    "NaN": (
        lambda run: run.set("tables/capacity", "new_it_mw", "nan", site="north", year=2026),
        "capacity row 2: new_it_mw is 'nan', not a finite number",
    ),
    "infinity": (
        lambda run: run.set("tables/serving", "share", "inf", region="delft", year=2026),
        "serving row 2: share is 'inf', not a finite number",
    ),
    "too large for a float": (
        lambda run: run.set("tables/costs", "cost", "1e400", kind="it", year=2026),
        "costs row 3: cost is '1e400', not a finite number",
    ),
    "words for a number": (
        lambda run: run.set("tables/energy", "it_mwh", "much", site="south"),
        "energy row 4: it_mwh is 'much', not a finite number",
    ),
    "part of a year": (
        lambda run: run.set("tables/capacity", "year", 2026.5, site="north", year=2026),
        "capacity row 2: year is '2026.5', not a whole number",
    ),
    "year that is no stage": (
        lambda run: run.set("tables/energy", "year", 2027, site="south"),
        "energy row 4: the instance has no stage 2027",
    ),
    "unknown site": (
        lambda run: run.set("tables/serving", "site", "east", region="delft", year=2026),
        "serving row 2: the instance has no site east",
    ),
    "unknown rule": (
        lambda run: run.set("tables/compliance", "rule", "r10", rule="r9"),
        "compliance row 14: the instance has no rule r10",
    ),
    "same row twice": (
        lambda run: run.add("tables/serving", "delft", "chat", "north", 2026, 1, 4, 4),
        "serving row 8: there is a row of the same region, workload, site, year above",
    ),
    "plan.json is no JSON": (
        lambda run: run.write("plan.json", lambda text: text[:-5]),
        "plan.json cannot be read",
    ),
    "plan.json is a list": (
        lambda run: run.write("plan.json", lambda _: b"[]"),
        "plan.json holds no object",
    ),
}


@pytest.mark.parametrize("name", [*DECISIONS, *FIGURES])
def test_wrong_plan_is_named(run: Run, name: str) -> None:
    spoil, family, message = (DECISIONS | FIGURES)[name]
    spoil(run)
    report = audit_run(run.folder)
    assert not report.passed
    found = [v.message for v in report.violations if v.family == family]
    assert any(message in text for text in found), report.violations
    assert any(message in line for line in audit_report_text(report))
    if name in FIGURES:  # Nothing follows from a figure, so nothing else may look wrong.
        assert {v.family for v in report.violations} == {family}


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_is_a_violation(run: Run, name: str) -> None:
    spoil, message = FILES[name]
    spoil(run)
    report = audit_run(run.folder)
    found = [v.message for v in report.violations if v.family == "tables"]
    assert any(message in text for text in found), report.violations


@pytest.mark.parametrize("missing", ["plan.json", "tables", "instance"])
def test_folder_without_a_run_is_refused(tmp_path: Path, missing: str) -> None:
    for name in {"plan.json", "tables", "instance"} - {missing}:
        (tmp_path / name).mkdir()
    with pytest.raises(SitewattError, match=f"no run of sitewatt: it has no {missing}"):
        audit_run(tmp_path)


def test_parquet_reads_like_csv(run: Run) -> None:
    for name in ("serving", "capacity", "sites"):
        file = run.folder / "tables" / f"{name}.csv"
        pd.read_csv(file, keep_default_na=False).to_parquet(file.with_suffix(".parquet"))
        file.unlink()
    assert audit_run(run.folder).passed


def test_counts_of_ruled_out_pairs_can_be_skipped(run: Run) -> None:
    run.drop("tables/ineligible")
    assert audit_run(run.folder, thorough=False).passed
    assert not audit_run(run.folder, thorough=True).passed


def test_pair_at_its_objective_may_be_counted_either_way(run: Run) -> None:
    # 30 ms are 5 ms of service and a round trip of 25 ms.
    run.add("instance/latency", "lille", "north", 25, 0)
    for rows_of, value in (("serving", 25), ("ineligible", 30)):
        column, where = ("rtt_ms", "batch") if rows_of == "serving" else ("value", "chat")
        keys = {"site": "north"} if rows_of == "serving" else {"region": "lille"}
        run.set(f"tables/{rows_of}", column, value, workload=where, **keys)
    run.set("tables/ineligible", "miss", 0, region="lille")
    sign(run.folder)
    assert audit_run(run.folder).passed
    run.drop("tables/ineligible", region="lille")
    assert audit_run(run.folder).passed


def test_many_violations_of_one_sort_are_counted_not_listed(run: Run) -> None:
    for number in range(30):
        run.add("tables/costs", "it", 2026, f"north-{number}", 1, 1)
    report = audit_run(run.folder)
    assert report.broken == 60  # Both columns of each row.
    assert len(report.violations) == 40
    assert audit_report_text(report)[-1].strip() == "and 20 more"
