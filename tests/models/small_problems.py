"""Random small problems for hypothesis: every aspect of the model, by chance and together."""

from typing import Any

from hypothesis import strategies as st

from models import PlanInputs, ShareRule
from tests.models.small_inputs import share_rule, small_inputs

COUNTRIES = ("NL", "FR", "DE")
OPERATORS = (("aqua", "NL"), ("acme", "US"), ("rhone", "FR"))
WORKLOADS = ("chat", "batch")
SHARE_KINDS = (
    "max_share_operator_outside",
    "max_share_country",
    "max_share_operator",
    "min_share_at_home",
    "min_sites_in",
)
NEVER = float("nan")


@st.composite
def small_problems(draw: st.DrawFn) -> PlanInputs:
    """Up to three sites, four regions, two workloads and two stages.

    Demand may go unserved at a price, so that most problems have a plan; rules that ask for a
    share at home or for sites can still leave none.
    """
    costs, mw = st.integers(0, 9), st.integers(1, 8)
    countries = st.sampled_from(COUNTRIES)
    sites = {s: draw(site()) for s in "abc"[: draw(st.integers(1, 3))]}
    stages = (2026, 2028)[: draw(st.integers(1, 2))]
    regions = [f"r{number}" for number in range(draw(st.integers(1, 4)))]
    demands = [(r, w) for r in regions for w in WORKLOADS[: draw(st.integers(1, 2))]]
    routes = [(r, w, s) for r, w in demands for s in sites if draw(st.integers(0, 5))]
    # Few network costs, so that regions are often alike.
    network = {(r, s): draw(st.sampled_from([0, 0, 5])) for r in regions for s in sites}
    return small_inputs(
        sites,
        {key: {t: draw(mw) for t in stages if draw(st.integers(0, 5))} for key in demands}
        | {demands[0]: {t: draw(mw) for t in stages}},
        stages=stages,
        horizon_end=2031,
        discount_rate=draw(st.sampled_from([0.0, 0.25])),
        nodes={g: {"energy_price_per_mwh": draw(costs) / 1000} for g in ("port", "plain")},
        firm_mw={g: {t: draw(st.integers(0, 12)) for t in stages} for g in ("port", "plain")},
        upgrades={
            ("port", "line"): {
                "mw": draw(mw),
                "cost": draw(costs),
                "lead_years": draw(st.integers(0, 3)),
            }
        },
        load_factor={"chat": 0.5},
        user_country={r: draw(countries) for r in regions},
        routes=routes or [(*demands[0], next(iter(sites)))],
        network_cost_per_mw_year=network,
        rules=draw(share_rules()),
        capital_budget=draw(st.sampled_from([float("inf"), 60])),
        unserved_penalty_per_mwh=draw(st.sampled_from([0.001, 0.01])),
    )


@st.composite
def site(draw: st.DrawFn) -> dict[str, Any]:
    """A site of 1 to 8 MW: old or new, in blocks or not, at once or later."""
    operator, control = draw(st.sampled_from(OPERATORS))
    existing_it_mw = draw(st.sampled_from([0, 0, 0, 1]))
    return {
        "country": draw(st.sampled_from(COUNTRIES)),
        "operator": operator,
        "operator_country": control,
        "node": draw(st.sampled_from(["port", "plain"])),
        "max_it_mw": draw(st.integers(1, 8)),
        "existing_it_mw": existing_it_mw,
        "opening_cost": 10 * draw(st.integers(0, 4)),
        "fixed_cost_per_year": draw(st.integers(0, 4)),
        "it_cost_per_mw": draw(st.integers(0, 9)),
        "block_mw": draw(st.sampled_from([NEVER, NEVER, 1.0, 2.5])),
        "pue": draw(st.sampled_from([1.0, 1.5])),
        "earliest_year": draw(st.sampled_from([2026, 2026, 2027])),
    }


@st.composite
def share_rules(draw: st.DrawFn) -> list[ShareRule]:
    """None to two rules, each on some workloads and some users, from some year."""
    kinds = draw(st.lists(st.sampled_from(SHARE_KINDS), max_size=2, unique=True))
    some_countries = st.sets(st.sampled_from(COUNTRIES), min_size=1)
    return [
        share_rule(
            kind,
            1 if kind == "min_sites_in" else draw(st.sampled_from([0.25, 0.5, 0.75])),
            group=draw(some_countries),
            user_countries=draw(some_countries),
            workloads=draw(st.sets(st.sampled_from(WORKLOADS), min_size=1)),
            from_year=draw(st.sampled_from([2026, 2027])),
        )
        for kind in kinds
    ]
