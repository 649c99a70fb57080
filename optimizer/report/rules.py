"""Whether a plan keeps each rule, where it is tightest, and by what margin."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.digits import UNBROKEN, digits
from optimizer.finished import NOTHING_MW, Finished
from optimizer.report.facts import Facts
from optimizer.results import BINDING

ASKS = {
    "site_in": "served from sites in {group}",
    "site_not_in": "not served from sites in {group}",
    "operator_in": "served by operators controlled from {group}",
    "operator_not_in": "not served by operators controlled from {group}",
    "max_share_operator_outside": "at most {value} by operators controlled from outside {group}",
    "max_share_country": "at most {value} from sites in any one country",
    "max_share_operator": "at most {value} by any one operator",
    "min_share_at_home": "at least {value} from sites in the users' own country",
    "min_sites_in": "at least {value} sites in use in {group}",
}


@dataclass(frozen=True)
class Kept:
    """How a plan keeps a rule or limit.

    Parameters
    ----------
    name : of the rule.
    asks : what it asks for, in words.
    tightest : where least is left.
    shown : what the plan has there, what the limit is and the margin, with units.
    left : margin as a part of the limit, NaN where there is none.
    holds : whether it is kept.
    basis : law or policy behind it, "" where nobody says.
    """

    name: str
    asks: str
    tightest: str
    shown: tuple[str, str, str]
    left: float = math.nan
    holds: bool = True
    basis: str = ""

    @property
    def binds(self) -> bool:
        """Whether nothing is left."""
        return self.holds and self.left <= BINDING

    @property
    def status(self) -> str:
        """Word for it."""
        return ("binds" if self.binds else "kept") if self.holds else "BROKEN"


def kept_rules(facts: Facts) -> list[Kept]:
    """Each rule of the instance."""
    rules = facts.run.instance.tables["rules"].set_index("rule")
    return [
        kept_rule(facts.run, rules.loc[rule], rows)
        for rule, rows in facts.run.tables["compliance"].groupby("rule", sort=False)
        if rule in rules.index
    ]


def kept_rule(run: Finished, rule: pd.Series, rows: pd.DataFrame) -> Kept:
    """A rule from its rows of `compliance`."""
    name, asked, holds = str(rule.name), asks(rule), bool(rows.holds.all())
    basis = str(rule.get("basis") or "")
    if rows.year.isna().all():
        shown = (megawatts(rows.governed_it_mw.max()), "–", "–")
        return Kept(name, asked, "settles who may serve whom", shown, math.nan, holds, basis)
    room = rows.margin / rows.limit_it_mw.abs().clip(lower=NOTHING_MW)
    least = rows.loc[room.idxmin()]
    subject = str(least.subject)
    if least.kind in ("max_share_country", "min_share_at_home"):
        subject = run.country(subject)
    where = " ".join(part for part in (subject, str(least.year)) if part != "*")
    show = whole if least.kind == "min_sites_in" else megawatts
    shown = (show(least.value_it_mw), show(least.limit_it_mw), show(least.margin))
    return Kept(name, asked, where, shown, float(room.min()), holds, basis)


def megawatts(amount: float) -> str:
    """Power in words."""
    return f"{digits(amount)}{UNBROKEN}MW"


def whole(number: float) -> str:
    """Number of sites."""
    return f"{number:,.0f}"


def asks(rule: pd.Series) -> str:
    """What a rule asks for, whom it is for and from when."""
    value: Any = rule.value
    share = (
        ""
        if pd.isna(value)
        else f"{value:g}"
        if rule.kind == "min_sites_in"
        else f"{100 * value:g} %"
    )
    group = rule.group if isinstance(rule.group, str) and rule.group not in ("", "*") else "any"
    group = "the users' own country" if group == "@same" else group
    words = ASKS[rule.kind].format(group=group, value=share)
    whose = "" if rule.applies_to == "*" else f" of users in {rule.applies_to}"
    what = "all load" if rule.workload == "*" else str(rule.workload)
    since = "" if pd.isna(rule.year) else f", from {rule.year}"
    return f"{what}{whose}: {words}{since}"
