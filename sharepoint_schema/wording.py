"""Whether a text says something: whole words, whatever their case and spacing."""

import re
from functools import cache


def says(text: str, phrase: str) -> bool:
    """Whether a text holds a phrase as whole words, whatever the case and the spacing."""
    return last_of(text, phrase)[0] >= 0


def last_of(text: str, phrase: str) -> tuple[int, int]:
    """Return where the last occurrence ends and how long it is; -1 when there is none."""
    found = [match.end() for match in _pattern(phrase).finditer(text)]
    return (found[-1], len(phrase)) if found else (-1, 0)


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"[\s\u2013-]+".join(re.escape(word) for word in re.split(r"[\s\u2013-]+", phrase))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
