"""The mathematics of the planning problem, as Pyomo blocks: one aspect a module."""
