"""Training step of the GAN: its losses, updates and averages."""
