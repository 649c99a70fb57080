"""Why a plan is as it is: a site in or out, a rule, the power at a node."""

from optimizer.why.answer import Why
from optimizer.why.ask import why_change, why_site
from optimizer.why.run import Run

__all__ = ["Run", "Why", "why_change", "why_site"]
