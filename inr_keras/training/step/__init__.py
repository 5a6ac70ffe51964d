"""The training step: losses, updates and averages."""
