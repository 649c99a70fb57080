"""Ways out of limits on power and its footprint: what a breach of them asks the instance to be."""

from collections.abc import Callable, Mapping
from functools import partial

from optimizer.explain import power_changes, power_places
from optimizer.explain.changes import Change
from optimizer.explain.elastic import (
    CAMPAIGNS,
    CARBON,
    CLEAN,
    CORRIDORS,
    FLEXIBLE,
    LAND,
    SUPPLY,
    WATER,
    Elastic,
)
from optimizer.explain.places import Place
from optimizer.explain.power_places import POLICY_OF
from optimizer.explain.words import ROUNDING, a_bit_more, in_words, number
from optimizer.instance import Instance

POWER_FAMILIES = (FLEXIBLE, SUPPLY, LAND, CORRIDORS, CARBON, WATER, CLEAN, CAMPAIGNS)
Amounts = Mapping[tuple, float]
# Words, amount, unit, rows to change, change.
Parts = tuple[str, float, str, tuple[Place, ...], Change]


def power_way(instance: Instance, elastic: Elastic, family: str, amounts: Amounts) -> Parts:
    """Change that a breach of one family asks for.

    Parameters
    ----------
    amounts : by key of `elastic`'s slacks, largest first.
    """
    named = {str(key[0]) for key in amounts}
    stages = {key[-1] for key in amounts} if family in POLICY_OF else set()
    at = tuple(power_places.of_family(instance, family, named, stages))
    if family == SUPPLY:
        kept = {(f"{p.says} ".partition(" of ")[2]).strip(): p for p in at}
        wanted = [f"{k} at {s}" for s, k, _ in amounts]
        at = tuple(kept[name] for name in dict.fromkeys(wanted) if name in kept)
    words, amount, unit, change = TELL[family](instance, elastic, amounts)
    return words, amount, unit, at, change


def enough(amounts: Amounts) -> dict[tuple, float]:
    """A little more than a breach, so that rounding does not take it away again."""
    return {key: a_bit_more(units) for key, units in amounts.items()}


Told = tuple[str, float, str, Change]


def flexible(_: Instance, __: Elastic, amounts: Amounts) -> Told:
    """More flexible power at nodes."""
    words = in_words("{} MW more flexible power at {} in {}", amounts)
    change = partial(power_changes.more_in_stages, table="flexible_grid", mw=enough(amounts))
    return words, sum(amounts.values()), "MW", change


def corridors(_: Instance, __: Elastic, amounts: Amounts) -> Told:
    """Corridors that carry more."""
    words = in_words("{} MW more in corridor {} in {}", amounts)
    change = partial(power_changes.more_in_stages, table="corridors", mw=enough(amounts))
    return words, sum(amounts.values()), "MW", change


def supply(_: Instance, __: Elastic, amounts: Amounts) -> Told:
    """More of technologies allowed at sites."""
    unit_of = {"mw": "MW", "mwh": "MWh"}
    shown = {(unit_of[unit], k, s): units for (s, k, unit), units in amounts.items()}
    words = in_words("{} {} more of {} allowed at {}", shown)
    units = dict.fromkeys(unit_of[unit] for _, _, unit in amounts)
    return (
        words,
        sum(amounts.values()),
        " and ".join(units),
        partial(power_changes.more_supply, amounts=enough(amounts)),
    )


def land(_: Instance, __: Elastic, amounts: Amounts) -> Told:
    """Larger sites."""
    ha = {site: units for (site,), units in enough(amounts).items()}
    words = in_words("{} ha more land at {}", amounts)
    return words, sum(amounts.values()), "ha", partial(power_changes.more_land, ha=ha)


def caps(instance: Instance, _: Elastic, amounts: Amounts, *, family: str) -> Told:
    """Higher caps."""
    policy, unit = POLICY_OF[family], power_places.UNIT_OF[family].strip()
    # Sums of a whole year are right to a part of themselves, not of the breach.
    values = {
        t: (power_changes.strictest(instance, policy, t) + units) * (1 + 10 * ROUNDING)
        for (t, *_), units in enough(amounts).items()
    }
    words = in_words(f"{{}} {unit} more of {family} in {{}}", amounts)
    change = partial(power_changes.other_policy, policy=policy, values=values)
    return words, sum(amounts.values()), unit, change


def clean_share(instance: Instance, elastic: Elastic, amounts: Amounts) -> Told:
    """A smaller share of clean energy."""
    values, told, points = {}, [], 0.0
    for (t,), units in amounts.items():
        share = power_changes.strictest(instance, "clean_share", t)
        least = max(0.0, share - units / max(elastic.facility_mwh(t), 1e-9))
        values[t] = max(0.0, least - ROUNDING)
        points = max(points, 100 * (share - least))
        told.append(f"clean_share {100 * least:.4g} % instead of {100 * share:.4g} % in {t}")
    change = partial(power_changes.other_policy, policy="clean_share", values=values)
    return ", ".join(told), points, "points", change


def campaigns(instance: Instance, _: Elastic, amounts: Amounts) -> Told:
    """Campaigns that need less, or none."""
    asked = instance.tables["campaigns"].set_index("campaign").it_mw
    # The breach is the part of a campaign that finds no site.
    fewer = {c: min(1.0, part) * asked[c] for (c,), part in amounts.items()}
    words = ", ".join(
        f"no campaign {c}"
        if mw >= asked[c] * (1 - ROUNDING)
        else f"{number(asked[c] - mw)} MW for campaign {c} instead of {asked[c]:g}"
        for c, mw in fewer.items()
    )
    change = partial(power_changes.smaller_campaigns, fewer_mw=fewer)
    return words, sum(fewer.values()), "MW", change


TELL: dict[str, Callable[[Instance, Elastic, Amounts], Told]] = {
    FLEXIBLE: flexible,
    SUPPLY: supply,
    LAND: land,
    CORRIDORS: corridors,
    CARBON: partial(caps, family=CARBON),
    WATER: partial(caps, family=WATER),
    CLEAN: clean_share,
    CAMPAIGNS: campaigns,
}
