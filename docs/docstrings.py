"""How docstrings of this project are read for the site: types stand in annotations alone."""

import re
from typing import Any

import griffe

# `name : what it is.` where NumPy's style has `name : type` and the text a line below.
TEXT_AFTER_NAME = re.compile(r"^(\w+(?:, \w+)*) : (.+)$", re.MULTILINE)


class TextAfterName(griffe.Extension):
    """Put the text of a parameter where griffe looks for it."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object that has been read."""
        if obj.docstring:
            obj.docstring.value = TEXT_AFTER_NAME.sub(r"\1\n    \2", obj.docstring.value)
