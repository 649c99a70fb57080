"""What is told of each site, and why capacity stands where it does."""

from dataclasses import replace

from optimizer.report.facts import Facts
from optimizer.report.sites import Reasons, largest_sites, why_there
from tests.optimizer.report.runs import facts, plain

__all__ = ["facts", "plain"]


def test_largest_sites_first_with_what_speaks_for_them(facts: Facts) -> None:
    north, south = largest_sites(facts)
    assert (north.name, north.opens, north.installed_mw) == ("north", "stands", [6, 8])
    assert (south.country, south.control, south.opens) == ("France", "United States", "2028")
    assert north.serves == "Netherlands and France"
    # 6 of the 7 MW that north serves are for users in its country; its node is full in 2026.
    assert "85.7\u00a0% of its users" in north.why
    assert north.why.endswith("grid node full in 2026")
    assert south.why.startswith("cheap power (40.0 EUR/MWh)")


def test_no_power_is_cheap_where_all_costs_the_same(facts: Facts) -> None:
    nodes = facts.run.instance.tables["nodes"].assign(energy_price_per_mwh=40.0)
    tables = facts.run.instance.tables | {"nodes": nodes}
    run = replace(facts.run, instance=replace(facts.run.instance, tables=tables))
    assert Reasons(facts).of("south")[0].startswith("cheap power")
    assert Reasons(replace(facts, run=run)).of("south") == Reasons(facts).of("south")[1:]


def test_power_is_weighed_by_what_is_drawn(facts: Facts) -> None:
    power, full = why_there(facts)
    # 42,048 MWh at 50 and 19,272 at 40; the plain mean is 45.
    assert "costs 46.9 EUR/MWh on average and emits 68.6 kg/MWh" in power
    assert "average 45.0 EUR/MWh and 50.0 kg/MWh" in power
    assert "0 of 2 halls, and 0 of 2 grid nodes in use, are full in 2028" in full
