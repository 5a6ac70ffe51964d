"""The page that shows models, as files for browsers; it needs no other package."""
