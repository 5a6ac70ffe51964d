"""Measurements of speed, memory and cost, and plans of runs."""
