"""The exact audit agrees with the hand-made run to the last digit, and sees what is wrong."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from optimizer.audit.exact import audit_exactly
from optimizer.audit.exact_report import ExactReport, decimal_text, exact_report_text
from optimizer.audit.exact_tables import exact
from optimizer.errors import SitewattError
from tests.optimizer.hand_made_run import OBJECTIVE, write_run
from tests.optimizer.test_audit import DECISIONS, Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(write_run(tmp_path / "run"))


def test_right_plan_costs_what_was_worked_out_by_hand_to_the_last_digit(run: Run) -> None:
    report = audit_exactly(run.folder)
    assert report.passed
    assert report.objective == exact(repr(OBJECTIVE))
    assert report.costs["carbon"] == exact("675459.0720")
    assert report.gap == 1 - exact(repr(0.99 * OBJECTIVE)) / report.objective
    # North draws 1.2 × 5 MW of 6: no slack, and no rounding that could hide an excess.
    assert report.margins["grid"].excess == 0
    # 11.8 of 13 and 4.7 of 5 million spent: the tighter one has 6 % left.
    assert report.margins["budget"].excess == Fraction(-6, 100)
    assert report.margins["budget"].subject == "2026"
    assert not any(margin.beyond for margin in report.margins.values())


def test_excess_within_tolerance_is_listed_and_no_fault(run: Run) -> None:
    run.set("tables/serving", "share", "0.80000000000000004", region="lille", workload="chat")
    report = audit_exactly(run.folder)
    assert report.passed
    assert report.margins["demand"].beyond == 1
    assert report.margins["demand"].excess == Fraction(4, 10**17)
    assert report.margins["demand"].subject == "chat of lille, 2028"
    # 3 MW × 4e-17 more than the 3.4 MW that stand at south.
    assert report.margins["capacity"].excess == Fraction(12, 10**17) / exact("3.4")


@pytest.mark.parametrize("fault", DECISIONS)
def test_whatever_the_audit_in_floats_finds_is_found_in_fractions(run: Run, fault: str) -> None:
    spoil, family, _ = DECISIONS[fault]
    report = audit_exactly(spoil(run).folder)
    assert not report.passed
    assert report.margins[family].broken
    assert report.margins[family].subject


def test_cost_that_is_off_by_a_millionth_is_seen(run: Run) -> None:
    run.set("tables/costs", "discounted_cost", 1920003, kind="opening", year=2028)
    assert audit_exactly(run.folder).margins["costs"].subject == "opening"
    assert audit_exactly(run.folder).margins["costs"].broken


def test_report_names_what_stays_floating(run: Run) -> None:
    report = audit_exactly(run.folder)
    # Lille is served from both sites by the fit, twice at a speed that matters: chat at south.
    (sentence,) = report.not_certified
    assert sentence.startswith("1 round trips rest on geodesic distances")
    text = "\n".join(exact_report_text(report, "EUR"))
    assert "exact audit passed" in text
    assert "not certified: 1 round trips" in text
    assert decimal_text(report.objective, 1) in text
    content = json.loads(json.dumps(report.as_dict()))
    assert Fraction(content["objective_exact"]) == report.objective


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.1", Fraction(1, 10)), ("-2.5e-3", Fraction(-1, 400)), ("7", 7), (".5", Fraction(1, 2))],
)
def test_decimal_is_the_fraction_it_spells(text: str, number: Fraction) -> None:
    assert exact(text) == number


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_0", "0x1", "1/2", "1e999999999", "9" * 2000, "1e309"]
)
def test_what_spells_no_number_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number|is larger than any"):
        exact(text)


def test_table_that_cannot_be_read_is_an_error_with_a_remedy(run: Run) -> None:
    run.remove("tables/serving.csv")
    with pytest.raises(SitewattError, match="has no table serving"):
        audit_exactly(run.folder)


def test_objective_that_is_no_number_is_an_error_with_a_remedy(run: Run) -> None:
    run.plan(objective=float("inf"))
    with pytest.raises(SitewattError, match="cannot be read exactly"):
        audit_exactly(run.folder)


def test_report_without_checks_has_not_passed() -> None:
    assert not ExactReport().passed


def test_upgrade_that_follows_another_is_not_ordered_without_it(run: Run) -> None:
    run.write(
        "instance/upgrades.csv",
        lambda _: (
            b"node,upgrade,mw,cost,lead_years,earliest_year,after\n"
            b"port,line,3,700000,2,2026,base\nport,base,1,100,2,2026,\n"
        ),
    )
    broken = audit_exactly(run.folder).margins["upgrades"]
    assert (broken.broken, broken.subject) == (1, "line at port, 2026, without base")


def policies(run: Run, *rows: str) -> Run:
    lines = "\n".join(rows).encode()
    return run.write("instance/policies.csv", lambda content: content + lines + b"\n")


def test_tonnes_of_a_year_are_held_against_their_cap(run: Run) -> None:
    # 3,153.6 t are emitted in 2026, and as many in 2027, when more is allowed.
    report = audit_exactly(policies(run, "carbon_cap,2026,3153", "carbon_cap,2027,9999").folder)
    own = report.margins["policies"]
    assert (own.broken, own.subject) == (1, "carbon, 2026")
    assert own.excess == exact("0.6") / 3153


def test_embodied_tonnes_have_their_price_and_count_in_the_first_year(run: Run) -> None:
    before = audit_exactly(run.folder).costs["carbon"]
    sites = run.folder / "instance" / "sites.csv"
    header, *rows = sites.read_text(encoding="utf-8").splitlines()
    lines = [header + ",embodied_t_per_it_mw", *(row + ",10" for row in rows)]
    sites.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = audit_exactly(run.folder)
    # 5.4 MW in 2028 at 80, which weighs 0.64; in 2026 carbon has no price.
    assert report.costs["carbon"] - before == exact("5.4") * 10 * 80 * exact("0.64")
    assert report.margins["costs"].subject == "carbon"
