"""Suites of runs, comparisons, and questions of the sources."""
