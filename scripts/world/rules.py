"""Sovereignty: groups of countries, rules over them, and the policies of the plan."""

import pandas as pd
from building.law import group_table, rule_table
from europe.curated import group

from world.assumptions import CARBON_PRICE
from world.curated import table

GDPR = "Regulation (EU) 2016/679, Art. 44 to 46"
RULES = [
    ("personal-data-adequate-interactive", "interactive", "EEA", "site_in", "EEA_adequate", None,
     None, f"{GDPR}: personal data stay in the EEA or where a decision finds protection adequate"),
    ("personal-data-adequate-agents", "agents", "EEA", "site_in", "EEA_adequate", None, None,
     f"{GDPR}: as for interactive"),
    ("localised", "*", "localised", "site_in", "@same", None, None,
     "China: Cybersecurity Law Art. 37 and PIPL Art. 40; Russia: Federal Law 242-FZ; Indonesia: "
     "Regulation 71 of 2019. Taken for all requests, which is stricter than the texts: a scenario"),
    ("bulk-data-not-to-countries-of-concern", "*", "US", "site_not_in", "concern", None, None,
     "28 CFR Part 202: bulk personal data of Americans; taken for all requests, a scenario"),
    ("no-service-from-sanctioned", "*", "sanctioning", "site_not_in", "sanctioned", None, None,
     "Export controls and sanctions of the EU, the US and others on Russia and Iran, e.g. "
     "Regulation (EU) 833/2014. Taken for all services, a scenario"),
    ("partly-localised-30", "interactive", "partly_localised", "min_share_at_home", "", 0.3, 2028,
     "Rules on some data of some sectors, as RBI's on payments in India, Decree 53 of 2022 in "
     "Vietnam or KVKK in Turkey, as a share. The share is a policy choice"),
    ("one-country-at-most-40", "*", "*", "max_share_country", "", 0.4, None,
     "Concentration: no country's outage takes more than two fifths. A policy choice"),
    ("african-union-six-sites", "*", "*", "min_sites_in", "african_union", 6, 2028,
     "African Union Data Policy Framework, 2022: infrastructure on the continent. The number is a "
     "policy choice"),
]  # fmt: skip


def groups() -> pd.DataFrame:
    """Groups typed here, and those of europe that the rules use."""
    eea = group("EEA")
    following = {"EEA": eea, "EEA_adequate": eea | group("adequate")}
    return group_table(table("groups"), following)


def rules() -> pd.DataFrame:
    """One rule a row, each with the law or the choice behind it."""
    return rule_table(RULES)


def policies() -> pd.DataFrame:
    """Carbon price, from its year on."""
    rows = [("carbon_price", year, price, "EUR/t") for year, price in CARBON_PRICE.items()]
    return pd.DataFrame(rows, columns=["policy", "year", "value", "unit"])
