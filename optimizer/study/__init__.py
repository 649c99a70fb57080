"""Sweeps: many solves of one instance with some of its numbers changed, in one table."""
