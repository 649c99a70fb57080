"""Hostile instances, for the scripts that try to bring the readers down."""
