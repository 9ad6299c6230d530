"""A document refers only to documents that are in force.

A number such as [ToR-02] must belong to a document of the registry that is not superseded, archived
or gone. How a reference looks in a text, and what makes it dead, is set in the standard.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sharepoint_schema.numbers import Number
from sync.model import Finding, Recipient, Tell
from sync.policies._truth import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Standard
    from sync.model import Context, Document

NEEDS = frozenset({"content"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "references", "series"})

MOST = 100
"""Different numbers of one text that are looked up."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding that names every number cited which no document in force answers."""
    own = number_of(document, context)
    dead = {
        str(number): fate
        for number in cited(document, context.standard)
        if number != own and (fate := context.cited.get(str(number), ""))
    }
    if dead:
        told = ", ".join(f"{number} ({fate})" for number, fate in dead.items())
        yield Finding(
            says=f"The text refers to what is not in force: {told}.",
            expected="A reference leads to a document in the registry that is in force.",
            how="Correct the number, or refer to the document that took its place.",
            remedies=(Tell(Recipient.AUTHOR),),
        )


def cited(document: Document, standard: Standard) -> list[Number]:
    """Return the numbers that a text cites, in their order; at most MOST."""
    patterns = (_pattern(form, standard.series_codes) for form in standard.references.patterns)
    found = (
        Number(match["series"], int(match["nn"]))
        for pattern in patterns
        for match in pattern.finditer(document.text)
        if int(match["nn"])
    )
    return sorted(set(found), key=lambda one: (one.series, one.nn))[:MOST]


@cache
def _pattern(form: str, series: frozenset[str]) -> re.Pattern[str]:
    """Make a pattern of the standard's form: {number} is a known series, a dash, two digits."""
    before, _, after = form.partition("{number}")
    codes = "|".join(sorted(map(re.escape, series)))
    number = rf"(?<![\w-])(?P<series>{codes})[-\u2011](?P<nn>\d{{2,3}})(?![\w-])"
    return re.compile(re.escape(before) + number + re.escape(after))
