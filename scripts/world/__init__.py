"""Builds the shipped instance `world` from public data, curated tables and stated assumptions."""
