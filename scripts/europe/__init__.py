"""Builds the shipped instance `europe` from public data, curated tables and stated assumptions."""
