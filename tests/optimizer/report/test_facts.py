"""What a board asks first, of a run worked out by hand."""

from dataclasses import replace

import pytest

from optimizer.report import facts as told
from optimizer.report.facts import Facts, headline, key_numbers, listed, watch_sentences
from tests.optimizer.hand_made_run import OBJECTIVE
from tests.optimizer.report.runs import facts, hourly, plain

__all__ = ["facts", "hourly", "plain"]

# 2026 weighs 1.8 and has 26,280 MWh of IT; 2028 weighs 1.152 and has 54,312.
DISCOUNTED_MWH = 1.8 * 26_280 + 1.152 * 54_312


def test_cost_of_it_energy_discounts_both(facts: Facts) -> None:
    assert facts.cost_per_it_mwh == pytest.approx(OBJECTIVE / DISCOUNTED_MWH)


def test_headline_says_how_much_where_at_what_cost_and_how_good(facts: Facts) -> None:
    built, cost, quality = (sentence.replace("\u00a0", " ") for sentence in headline(facts))
    assert built == (
        "By 2028 the plan has 11.4 MW of IT capacity at 2 sites in 2 countries, "
        "from 6.00 MW in 2026."
    )
    assert cost.startswith("It costs 20.48 m EUR until 2029, as present value of 2026 at 25 %")
    assert "can cost more than 1.00 % less (204,779 EUR)" in quality


def test_a_gap_of_nothing_is_said_so(facts: Facts) -> None:
    record = {**facts.record, "gap": 0.0, "bound": facts.record["objective"]}
    exact = replace(facts, record=record)
    assert "that keeps the same limits costs less;" in headline(exact)[-1]
    tiny = {**record, "gap": 2e-5, "bound": OBJECTIVE * (1 - 2e-5)}
    assert "costs less by more than 410 EUR;" in headline(replace(facts, record=tiny))[-1].replace(
        "\u00a0", " "
    )
    assert "the least possible" in [number.note for number in key_numbers(exact)]


def test_key_numbers(facts: Facts) -> None:
    numbers = {n.label: n.value.replace("\u00a0", " ") for n in key_numbers(facts)}
    assert numbers["IT capacity in 2028"] == "11.40 MW"
    assert numbers["Sites in use in 2028"] == "2 of 2"
    # Opening 3, IT 12.8 and a line of 0.7 million.
    assert numbers["Paid for building and hardware"] == "16.5 m EUR"
    assert numbers["Energy in 2028"] == "61.3 GWh a year"
    assert numbers["Carbon dioxide in 2028"] == "4.20 kt a year"
    # 6 of 10.4 MW are from the Netherlands to the Netherlands, 3.4 from France to France.
    assert numbers["Served in the users' own country"] == "90.4 %"


def test_what_to_watch(facts: Facts) -> None:
    kept, grid = watch_sentences(facts, ["r6", "Budget"], 14)
    assert kept == "It keeps all 14 rules and limits; nothing is left of r6 and Budget."
    # The port has 6 MW, and 8.4 are drawn.
    assert grid.startswith("In 2028, 2.40 MW of its power hang on grid upgrades")


def test_investment_counts_what_is_paid_once(facts: Facts) -> None:
    assert told.investment(facts) == 3e6 + 4e6 + 2e6 + 6.8e6 + 0.7e6


def test_a_plan_with_hours_has_a_headline(hourly: Facts) -> None:
    assert (
        headline(hourly)[0] == "By 2026 the plan has 10.0 MW of IT capacity at 1 site in 1 country."
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), ("abcd", "a, b and 2 more")],
)
def test_names_in_a_row(names: list[str], words: str) -> None:
    assert listed(names, 2) == words
