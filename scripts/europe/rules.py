"""Sovereignty: groups of countries, rules over them, and the policies of the plan."""

import pandas as pd
from building.law import group_table, rule_table

from europe.assumptions import CAPITAL_BUDGET, CARBON_PRICE
from europe.curated import group, table

GDPR = "Regulation (EU) 2016/679, Art. 44 to 46"
SEAL = "EU Cloud Sovereignty Framework 1.2.1, control by EU owners"
RULES = [
    ("personal-data-adequate-interactive", "interactive", "*", "site_in", "EEA_adequate", None,
     None, f"{GDPR}: personal data stay in the EEA or where a decision finds protection adequate"),
    ("personal-data-adequate-agents", "agents", "*", "site_in", "EEA_adequate", None, None,
     f"{GDPR}: as for interactive"),
    ("health-in-eea", "public_health", "EEA", "site_in", "EEA", None, None,
     "Regulation (EU) 2025/327 (EHDS), recital 93: states may require storage within the Union; "
     "here the EEA, a policy choice"),
    ("health-eu-operators", "public_health", "EEA", "operator_in", "EU", None, None,
     f"{SEAL}; as France asks for health data with SecNumCloud. A policy choice"),
    ("health-abroad-adequate", "public_health", "adequate", "site_in", "EEA_adequate", None, None,
     "Swiss FADP Art. 16 and UK GDPR Art. 45 recognise the EEA; sites elsewhere are ruled out"),
    ("no-high-risk-operators", "*", "EEA", "operator_not_in", "high_risk", None, None,
     "Directive (EU) 2022/2555 (NIS2), Art. 22: coordinated assessment of critical supply "
     "chains; the group is a policy choice"),
    ("one-operator-at-most-40", "*", "*", "max_share_operator", "", 0.4, None,
     "Concentration: no operator's failure or change of terms takes more than 40 %. A policy "
     "choice in the spirit of Regulation (EU) 2022/2554 (DORA), Art. 28 and 29"),
    ("health-one-operator-at-most-40", "public_health", "EEA", "max_share_operator", "", 0.4, None,
     "As above, for health and public services alone"),
    ("foreign-operators-at-most-75", "*", "EU", "max_share_operator_outside", "EU", 0.75, None,
     f"{SEAL}: strategic autonomy as a share. A policy choice"),
    ("foreign-operators-of-agents-at-most-50", "agents", "EU", "max_share_operator_outside", "EU",
     0.5, 2028, "Regulation (EU) 2023/2854 (Data Act), Art. 32: agents act inside companies' "
     "systems, whose data foreign law should not reach. The share is a policy choice"),
    ("foreign-operators-of-interactive-at-most-65", "interactive", "EU",
     "max_share_operator_outside", "EU", 0.65, 2029, f"{SEAL}: as above. A policy choice"),
    ("one-country-at-most-25", "*", "*", "max_share_country", "", 0.25, None,
     "Directive (EU) 2022/2557 (CER): no country's outage takes more than a quarter. A policy "
     "choice"),
    ("health-at-home-30", "public_health", "health_home", "min_share_at_home", "", 0.3, 2028,
     "National continuity of care: three tenths within the country where EU-controlled sites "
     "stand. A policy choice"),
    ("east-ten-sites", "*", "*", "min_sites_in", "EU_since_2004", 10, 2028,
     "Cohesion, Decision (EU) 2022/2481 (Digital Decade): sites in the newer member states. A "
     "policy choice"),
]  # fmt: skip


def groups(sites: pd.DataFrame) -> pd.DataFrame:
    """Typed groups, and two that follow: EEA with adequate, and EU-controlled sites at home.

    Adequacy decisions that cover some organisations only, those on Canada and the United States,
    are left out of `adequate`.
    """
    eu = group("EU")
    home = sites[sites.country.isin(eu) & sites.operator_country.isin(eu)].country
    following = {"EEA_adequate": group("EEA") | group("adequate"), "health_home": frozenset(home)}
    return group_table(table("groups"), following)


def rules() -> pd.DataFrame:
    """One rule a row, each with the law or the choice behind it."""
    return rule_table(RULES)


def policies() -> pd.DataFrame:
    """Carbon price and capital budget, each from its year on."""
    rows = [("carbon_price", year, price, "EUR/t") for year, price in CARBON_PRICE.items()]
    rows += [("capital_budget", year, eur, "EUR") for year, eur in CAPITAL_BUDGET.items()]
    return pd.DataFrame(rows, columns=["policy", "year", "value", "unit"])
