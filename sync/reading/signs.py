"""Characters that are no text: a file may hold them, and nothing behind us takes them.

PostgreSQL refuses NUL in text, a workbook every control character, UTF-8 half a surrogate pair.
"""

from __future__ import annotations

import re

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def legible(text: str) -> str:
    """Return the text with a space for each character that is none."""
    return _NO_TEXT.sub(" ", text) if _NO_TEXT.search(text) else text
