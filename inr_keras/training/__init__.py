"""Training of INR GANs, from settings to a run directory."""
