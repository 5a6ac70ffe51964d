"""Server of exported models, and its web page."""
