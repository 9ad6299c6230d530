"""The words of every mail, as data: what each kind's subject says, how it opens and how it closes.

A subject names no document, no number and nobody: it is read on a locked phone's screen. The body
may; which values each kind knows stands in `KNOWS`, and a text that asks for another is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from sharepoint_schema.record import Line, Record

type Subject = Annotated[Line, StringConstraints(max_length=60)]
type Text = Annotated[
    str, StringConstraints(min_length=1, max_length=600, pattern=r"^\S(?:.*\S)?$")
]

type Kind = Literal[
    "corrected",
    "needs_you",
    "held",
    "not_checked",
    "quarantined",
    "moved",
    "reminded",
    "officers",
    "released",
    "published",
    "for_information",
    "lost",
    "list_gone",
    "drift",
    "breaker",
    "access_narrowed",
    "access_widened",
    "number_kept",
    "registry_put_back",
    "group_opened",
    "at_once",
    "digest",
]
"""What a mail is about: a document's verdict, its publication or loss, a site, a register."""

_FILE = frozenset({"name", "list", "site"})
_PLACE = frozenset({"list", "site"})
_PUBLISHED = frozenset({"number", "title", "label", "decided"})
KNOWS: Mapping[Kind, frozenset[str]] = {
    **dict.fromkeys(("corrected", "needs_you", "held", "not_checked", "moved", "reminded"), _FILE),
    "quarantined": _PLACE,
    "officers": _PLACE,
    "released": _PLACE,
    "published": _PUBLISHED,
    "for_information": _PUBLISHED | {"body"},
    "lost": frozenset({"number", "term"}),
    "list_gone": _PLACE,
    "drift": frozenset({"what", "address", "lacking", "days"}),
    "breaker": _PLACE | {"rule", "files", "hours"},
    "access_narrowed": _PLACE | {"what"},
    "access_widened": _PLACE,
    "number_kept": frozenset({"number", "title", "until"}),
    "registry_put_back": frozenset({"number", "told"}),
    "group_opened": frozenset({"name", "chair", "facilitator"}),
    "at_once": _FILE,
    "digest": frozenset({"day"}),
}
"""The values that a kind's texts may ask for in braces; a subject asks for none but `{list}`."""


type Passage = Literal[
    "attendance_title", "attendance", "review_is_due", "review_was_due", "certificate"
]
"""What Verger writes that is no mail of its own: a draft for a chair, a line of a digest, a
certificate."""

PASSAGES: Mapping[Passage, frozenset[str]] = {
    "attendance_title": frozenset({"who"}),
    "attendance": frozenset({"who", "days"}),
    **dict.fromkeys(("review_is_due", "review_was_due"), frozenset({"name", "day"})),
    "certificate": frozenset({"number", "day", "approval", "who", "reason"}),
}
"""The values that a passage may ask for in braces."""


class Wording(Record):
    """One kind of mail. `link` is what its link says, so that it tells where it leads.

    `at_once`: it goes out whenever it is due, for it answers what its reader just did or cannot
    wait. Every other mail rests on weekends and bank holidays.
    """

    subject: Subject
    opening: Text
    link: Line | None = None
    closing: Text | None = None
    at_once: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The parts that stand inside the mail."""
        return tuple(one for one in (self.opening, self.link, self.closing) if one)


class Letters(Record):
    """Every mail's words, and the line that stands below each; passages by their paragraphs."""

    signed: Line
    mails: Mapping[Kind, Wording]
    passages: Mapping[Passage, tuple[Text, ...]]

    def passage(self, kind: Passage, told: Mapping[str, str]) -> str:
        """Return a passage with what is `told` filled in; an empty line parts its paragraphs."""
        return "\n\n".join(one.format_map(told) for one in self.passages[kind])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        faults = [*self._lacking(), *self._unknown(), *self._told_in_subjects()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _lacking(self) -> Iterator[str]:
        yield from (f"mails has no {kind}" for kind in KNOWS if kind not in self.mails)
        yield from (f"passages has no {kind}" for kind in PASSAGES if not self.passages.get(kind))

    def _unknown(self) -> Iterator[str]:
        for kind, wording in self.mails.items():
            yield from _unknown_in(kind, wording.texts, KNOWS[kind])
        for passage, texts in self.passages.items():
            yield from _unknown_in(passage, texts, PASSAGES[passage])

    def _told_in_subjects(self) -> Iterator[str]:
        for kind, wording in self.mails.items():
            if asks_for(wording.subject) - {"list"} or not _PLAIN.fullmatch(wording.subject):
                yield f"the subject of {kind} is to name no document, no number and nobody"


_PLAIN = re.compile(r"[^\d@“”\"/]+")
"""A subject without digits, quotation marks, addresses or paths."""


def _unknown_in(kind: str, texts: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    asked = {name for text in texts for name in asks_for(text)}
    for name in sorted(asked - known):
        yield f"{kind} asks for {{{name}}}; it knows {', '.join(sorted(known))}"


def asks_for(text: str) -> frozenset[str]:
    """Return the names in braces in a text; a text with a lone brace is a ValueError."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
