"""Which declared interests touch a decision: pure, told by who declared them, never by what.

What an interest is stays in the register of the board it was declared to; here it is only compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharepoint_schema.months import add_months
from sharepoint_schema.wording import says

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from sharepoint_schema.standard import Standard
    from sync.model import Item

BY, ON, WHAT, NIL = "DeclaredBy", "DeclaredOn", "Interest", "NilReturn"
MONTHS = 12
"""How long a declaration stands before it has to be made anew."""
WORD = re.compile(r"[A-Z][\w&'-]{3,}")
"""A word that may be somebody's name: it begins with a capital and is not short."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a decision is about, in the words the network uses for it."""

    number: str
    title: str


def standing(rows: Iterable[Item], day: date) -> list[Item]:
    """Return the interests that stood on a day: declared in the year before it, no nil since."""
    known = [
        (declared, row)
        for row in rows
        if (declared := row.date_column(ON)) and declared <= day < add_months(declared, MONTHS)
    ]
    nil: dict[str, date] = {}
    for declared, row in known:
        if row.column(NIL) == str(True):
            nil[row.column(BY)] = max(declared, nil.get(row.column(BY), declared))
    return [
        row
        for declared, row in known
        if row.column(WHAT) and row.column(NIL) != str(True)
        if row.column(BY) not in nil or declared > nil[row.column(BY)]
    ]


def touches(interest: str, matter: Matter, standard: Standard) -> bool:
    """Whether an interest names the document, or a supplier or body that its title names.

    The network's own words (bodies, members, types) name nobody in particular.
    """
    named = [one for one in (matter.number, matter.title) if one]
    if any(says(interest, one) for one in named):
        return True
    common = _own_words(standard)
    names = {word for word in WORD.findall(interest) if word.casefold() not in common}
    return any(says(matter.title, name) for name in names)


def _own_words(standard: Standard) -> frozenset[str]:
    told = [
        standard.name,
        *(spelling for body in standard.bodies for spelling in body.spellings),
        *(one.name for one in standard.organisations),
        *(word for kind in standard.types for word in (kind.name, *kind.words)),
    ]
    return frozenset(word.casefold() for text in told for word in re.findall(r"[\w&'-]+", text))


def members(
    rows: Iterable[Item],
    people: Mapping[str, str],
    matter: Matter,
    row_says: Mapping[str, str],
    standard: Standard,
) -> list[tuple[str, str]]:
    """Return who has declared something that bears on a decision, each with why: (name, why).

    `rows` are the interests that stand, `people` names by the site's number, `row_says` what the
    decision tells of people, by what they are ("moved by": "Helen Ward").
    """
    found: dict[str, list[str]] = {}
    for row in rows:
        name = people.get(row.column(BY), "")
        why = found.setdefault(name, [])
        if touches(row.column(WHAT), matter, standard):
            why.append("an interest of theirs names what is decided")
        why += _roles(name, row_says)
    return [(name, ", ".join(dict.fromkeys(why))) for name, why in found.items() if name and why]


def _roles(name: str, row_says: Mapping[str, str]) -> Iterator[str]:
    for what, text in row_says.items():
        if name and says(text, name):
            yield f"named under {what}"
