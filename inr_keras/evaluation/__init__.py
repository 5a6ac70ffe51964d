"""Scores of generators, with all that they depend on."""
