"""A server of exported models, and its page."""
