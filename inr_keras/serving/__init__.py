"""Server of exported models, and its web page."""

from inr_keras import extras

extras.require("serve")
