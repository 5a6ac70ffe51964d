"""The health of a run: what goes wrong, and the way back."""
