"""Names from outside: what one may look like, how it is shown, and which known one it is near."""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches

LONGEST_NAME = 200
LONGEST_TEXT = 4000
# Comparisons of names for remedies: each takes tens of microseconds, and a table can have millions
# of names that nobody knows.
MOST_COMPARED = 50_000

# Line breaks, control characters and marks that reverse or hide text in a report.
HIDDEN = "[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]"
SPACE = "[\\s\u00a0\u2000-\u200a\u202f\u3000]"
PADDED = f"^{SPACE}|{SPACE}$"
# What spreadsheets run as a formula when they open a table of results.
FORMULA = "^[=+@-]"

# What is wrong with a text that a pattern is found in, and what to do about it.
FAULTS_OF_TEXT = {HIDDEN: ("holds a line break or a hidden character", "remove it")}
FAULTS_OF_NAME = {
    **FAULTS_OF_TEXT,
    PADDED: ("begins or ends with a space", "remove the space"),
    FORMULA: ("begins with =, +, - or @, as formulas do", "begin it with another character"),
}


def fault_of_name(name: str) -> tuple[str, str] | None:
    """What is wrong with a name and what to do about it; None if it is sound."""
    return fault(name, FAULTS_OF_NAME, LONGEST_NAME) if name else ("is empty", "give it a name")


def fault_of_text(text: str) -> tuple[str, str] | None:
    """What is wrong with a free text and what to do about it; None if it is sound."""
    return fault(text, FAULTS_OF_TEXT, LONGEST_TEXT)


def fault(text: str, faults: dict[str, tuple[str, str]], longest: int) -> tuple[str, str] | None:
    """The first fault of a text."""
    if len(text) > longest:
        return f"is longer than {longest} characters", "shorten it"
    return next((words for pattern, words in faults.items() if re.search(pattern, text)), None)


def nearest(name: str, known: Collection[str]) -> str:
    """Remedy for a name that nobody knows: the nearest known one, else what there is."""
    near = get_close_matches(name[:LONGEST_NAME], known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    if not known:
        return "nothing of the kind is known: add it, or take this out"
    listed = list(known)[:20]
    return f"known are {', '.join(listed)}{', …' if len(known) > len(listed) else ''}"


def remedies(known: Collection[str]) -> Callable[[str], str]:
    """Remedies for names that nobody knows, looked up once each and not without end."""
    found: dict[str, str] = {}

    def remedy(value: str) -> str:
        if value not in found:
            if (len(found) + 1) * len(known) > MOST_COMPARED:
                return "check the name"
            found[value] = nearest(value, known)
        return found[value]

    return remedy


def as_written(value: object) -> str:
    """Value for a report, whatever it is."""
    try:
        return str(value)
    except ValueError:  # Python refuses to write integers of thousands of digits.
        return "a number of thousands of digits"
