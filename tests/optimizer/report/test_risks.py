"""Risks that the tables tell."""

from dataclasses import replace

from optimizer.report.facts import Facts
from optimizer.report.risks import risks
from optimizer.report.rules import kept_rules
from tests.optimizer.report.runs import facts, hourly, plain

__all__ = ["facts", "hourly", "plain"]


def told(facts: Facts) -> dict[str, str]:
    return {
        risk.title: risk.text.replace("\u00a0", " ") for risk in risks(facts, kept_rules(facts))
    }


def test_risks_of_the_run_by_hand(facts: Facts) -> None:
    found = told(facts)
    assert found["2 limits bind"].startswith("Nothing is left of r6 and r9:")
    assert found["Demand that nobody serves"] == "Up to 0.60 MW, in 2028, most of chat."
    assert "in 2028 2.40 MW of load hang on them" in found["1 grid upgrade must come in time"]
    assert "most at port, 1.20 MW in 2026" in found["Hardware waits for power"]
    assert "67.3 % is run by aqua" in found["Concentration"]
    # Of 10.4 MW 4.4 go between places whose round trip is not listed.
    assert found["Round trips from a fit"].startswith("For 42.3 % of the load of 2028")
    assert found["How good it is"] == "Another plan could cost at most 204,779 EUR less (1.00 %)."


def test_a_plan_that_was_cut_short_says_so(facts: Facts) -> None:
    short = replace(facts, record={**facts.record, "status": "time_limit"})
    assert "status time limit" in told(short)["Not proven as closely as asked"]


def test_a_year_of_representative_days_is_an_assumption(hourly: Facts) -> None:
    assert told(hourly)["Assumptions"].endswith("A year stands for 1 representative day.")
    assert told(hourly)["1 grid node is full in 2026"].startswith("port have no power left")
