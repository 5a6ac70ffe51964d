"""Extension of mkdocstrings: `Example:`, as Keras writes it, is a section."""

import re

import griffe


class Examples(griffe.Extension):
    """Gives the section the name that Google's style has for it."""

    def on_instance(self, *, obj, **kwargs):
        if obj.docstring:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"(?m)^Example:$", "Examples:", text)
