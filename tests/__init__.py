"""Tests that mirror the tree."""

from hypothesis import settings

# Others use the machine, too: how long a test takes says nothing about what it tests.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
