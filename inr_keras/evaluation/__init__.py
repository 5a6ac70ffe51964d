"""Judging generators."""
