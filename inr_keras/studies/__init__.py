"""Suites of runs, their comparison and scores, and studies of the papers' questions."""
