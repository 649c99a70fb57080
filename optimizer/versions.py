"""Versions of a solver that are known to be wrong."""

from optimizer.errors import SolverFailure

# Returned wrong optima as optimal; pyproject.toml excludes them, too.
WRONG_VERSIONS = frozenset({"1.14.0"})


def refuse_wrong(version: str) -> None:
    """Refuse a version of HiGHS that is known to return wrong optima as optimal.

    Raises
    ------
    SolverFailure
        Before anything is solved.
    """
    if version in WRONG_VERSIONS:
        raise SolverFailure(f"HiGHS {version} returns wrong optima. Install another version.")
