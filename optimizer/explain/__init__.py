"""Why there is no plan: what is missing, which limits cannot hold together, and the ways out."""

from optimizer.explain.engine import explain
from optimizer.explain.explanation import Explanation

__all__ = ["Explanation", "explain"]
