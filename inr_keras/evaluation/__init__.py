"""Scores of generators."""
