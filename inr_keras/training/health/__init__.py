"""Health of a run: detection of failing training, and recovery from it."""
