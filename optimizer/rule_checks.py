"""What each kind of sovereignty rule needs, and what it would pass over in silence."""

from dataclasses import dataclass

import pandas as pd

from optimizer.columns import among, country_codes
from optimizer.names import nearest
from optimizer.reading import Reading
from optimizer.schema import PAIR_RULES, RULE_KINDS

EVERYONE = "*"
THE_USERS_OWN = "@same"


@dataclass(frozen=True)
class Needs:
    """What a kind of rule takes.

    Parameters
    ----------
    group : whether it speaks of a group.
    value : "" for none, else "share" or "sites".
    year : whether it may begin in a year.
    scope : whether it may be limited to a workload or to users.
    """

    group: bool
    value: str
    year: bool = True
    scope: bool = True


NEEDS = {
    **dict.fromkeys(PAIR_RULES, Needs(group=True, value="", year=False)),
    "max_share_operator_outside": Needs(group=True, value="share"),
    "max_share_country": Needs(group=False, value="share"),
    "max_share_operator": Needs(group=False, value="share"),
    "min_share_at_home": Needs(group=False, value="share"),
    "min_sites_in": Needs(group=True, value="sites", scope=False),
}
assert set(NEEDS) == set(RULE_KINDS)


def check_rules(rules: Reading, groups: Reading) -> None:
    """Every rule has what its kind needs and nothing that its kind ignores."""
    if rules.frame.empty:
        return
    kind = rules.frame.kind.where(rules.sound["kind"], "")
    check_countries(rules, groups, kind)
    for name in kind.unique():
        if name in NEEDS:
            check_kind(rules, kind == name, name, NEEDS[name])


def check_countries(rules: Reading, groups: Reading, kind: pd.Series) -> None:
    """Groups that rules name are groups, countries, or one of two signs where they are allowed."""
    if not groups.complete:
        return
    named = {*groups.frame.group, EVERYONE}
    known = named | country_codes()

    def remedy(value: str) -> str:
        near = nearest(value, named)
        return near if near.startswith("did") else "add it to groups, or write a country or *"

    for column in ("applies_to", "group"):
        cells = rules.frame[column]
        unknown = ~among(cells, {*known, "", THE_USERS_OWN})
        rules.blame(column, unknown, "is neither in groups nor a country", remedy)
    rules.blame(
        "applies_to",
        rules.frame.applies_to == THE_USERS_OWN,
        "has no meaning here: it stands for the users' own country",
        "write *, a group or a country",
    )
    rules.blame(
        "group",
        (rules.frame.group == THE_USERS_OWN) & (kind != "") & ~kind.isin(PAIR_RULES),
        "only rules on pairs of user and site have one user",
        "write a group or a country",
    )


def check_kind(rules: Reading, rows: pd.Series, kind: str, needs: Needs) -> None:
    """Rules of one kind."""
    frame = rules.frame
    if needs.group:
        rules.blame(
            "group", rows & (frame.group == ""), f"is empty, and {kind} needs it",
            "write a group or a country",
        )  # fmt: skip
    else:
        rules.blame(
            "group", rows & ~among(frame.group, ["", EVERYONE]), f"{kind} speaks of no group",
            "leave it empty",
        )  # fmt: skip
    if needs.value:
        rules.blame(
            "value", rows & frame.value.isna(), f"is empty, and {kind} needs it",
            "write a share from 0 to 1" if needs.value == "share" else "write a number of sites",
        )  # fmt: skip
    else:
        rules.blame("value", rows & frame.value.notna(), f"{kind} has no value", "leave it empty")
    if needs.value == "share":
        rules.blame("value", rows & (frame.value > 1), "is above 1", "write 0.4 for 40 %")
    if needs.value == "sites":
        rules.blame(
            "value", rows & (frame.value % 1 != 0), "is not a whole number of sites", "round it"
        )
    if not needs.year:
        rules.blame(
            "year", rows & frame.year.notna(), f"{kind} holds in every stage", "leave it empty"
        )
    if not needs.scope:
        for column in ("workload", "applies_to"):
            rules.blame(
                column, rows & (frame[column] != EVERYONE),
                f"{kind} counts open sites, whomever they serve", "write *",
            )  # fmt: skip
