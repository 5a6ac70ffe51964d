"""The explorer's files, and its page where no server answers."""

import pathlib

FOLDER = pathlib.Path(__file__).with_name("page")
_MAIN = '<script type="module" src="js/main.js"></script>'
_LOCAL = '<script type="module" src="js/local/server.js"></script>'


def without_server():
    """Returns the page's HTML with the script that answers in the visitor's browser.

    That script comes before the page's own, which asks a server.
    """
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    before, after = text.split(_MAIN)
    return f"{before}{_LOCAL}\n  {_MAIN}{after}"
