"""Command-line programs, one for each verb: `python -m apps.VERB --help`."""
