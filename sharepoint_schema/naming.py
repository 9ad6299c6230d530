"""The agreed file name of a controlled document: `{number} {title} {label}.{ext}`.

`Gov-04 WMIN Governance Strategy V1.docx` - whoever sees the file knows which document and which
version it is (domain: "the current version must be identifiable from the agreed file-name format").
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

from sharepoint_schema.labels import Label
from sharepoint_schema.numbers import Number

MAX_PATH = 400
"""Characters of a decoded SharePoint path, file name included (SharePoint's documented limit)."""

FORBIDDEN = frozenset('"*:<>?/\\|')
"""Characters that SharePoint refuses in a file name (Microsoft: invalid file names)."""

_PARTS = {
    "number": r"(?P<number>[A-Za-z]+-[0-9]+)",
    "title": r"(?P<title>\S(?:.*\S)?)",
    "label": r"(?P<label>V[0-9]+(?:\.[0-9]+)?)",
    "ext": r"(?P<ext>[A-Za-z0-9]{1,8})",
}
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_LABEL = re.compile(
    r"(?<![A-Za-z0-9])v(?:er(?:sion)?)?[ .]?([0-9]{1,4})(?:\.([0-9]{1,4}))?(?![0-9.]|\w)",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"\((?:[0-9]+|final|clean|tracked|draft|copy|approved)\)"
    r"|(?<!\w)(?:final(?: final)*|clean copy|tracked changes|copy of|-\s*copy)(?!\w)",
    re.IGNORECASE,
)
_EDGES = " \t-_,;.\u2013\u2014"


@dataclass(frozen=True, slots=True)
class NameFormat:
    """The format of file names: {number}, {title}, {label} and {ext} once each, apart."""

    pattern: str

    def __post_init__(self) -> None:
        fields = _PLACEHOLDER.findall(self.pattern)
        between = _PLACEHOLDER.split(self.pattern)[2:-1:2]
        if sorted(fields) != sorted(_PARTS) or not all(between) or fields[-1] != "ext":
            raise ValueError(
                f"{self.pattern!r} is not a name format such as"
                " {number} {title} {label}.{ext}, which holds each part once and ends in {ext}"
            )

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern as an expression with a group for each part."""
        return _expression(self.pattern)


AGREED = NameFormat("{number} {title} {label}.{ext}")
"""The format as shipped; `standard.yaml` may say another."""


@dataclass(frozen=True, slots=True)
class DocumentName:
    """A name in the agreed format; `extension` is without its dot, as typed."""

    number: Number
    title: str
    label: Label
    extension: str
    form: NameFormat = field(default=AGREED, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not is_title(self.title):
            raise ValueError(
                f"{self.title!r} cannot be a title in a file name: it is empty, has spare"
                f" spaces or one of {' '.join(sorted(FORBIDDEN))}"
            )

    def __str__(self) -> str:
        return self.form.pattern.format(
            number=self.number, title=self.title, label=self.label, ext=self.extension
        )


@dataclass(frozen=True, slots=True)
class PartialName:
    """What could be recognised in a name that is not in the agreed format; None is "not found"."""

    number: Number | None
    title: str | None
    label: Label | None
    extension: str | None


def parse_name(
    text: str, series: Collection[str], form: NameFormat = AGREED
) -> DocumentName | None:
    """Read a file name in exactly the agreed format; None when it is any other name.

    `series` are the codes in use ("Gov", "ToR", "Op"); another spelling of one is another name.
    """
    found = form.expression.fullmatch(text)
    if found is None:
        return None
    try:
        number, label = Number.parse(found["number"]), Label.parse(found["label"])
    except ValueError:  # not the agreed format, which is an answer here and no error
        return None
    if number.series not in series or not is_title(found["title"]):
        return None
    return DocumentName(number, found["title"], label, found["ext"], form)


def guess_name(text: str, series: Collection[str]) -> PartialName:
    """Recognise what a wrong file name says, such as "ToR-03_Operational Board (final) v1.docx"."""
    extension = _EXTENSION.search(text)
    rest = (text[: extension.start()] if extension else text).replace("_", " ")
    number, rest = _take_number(rest, series)
    label, rest = _take_label(rest)
    title = tidy_title(_NOISE.sub(" ", rest))
    return PartialName(number, title or None, label, extension[1] if extension else None)


def tidy_title(text: str) -> str:
    """Make a title fit for a file name: no forbidden characters, no spare spaces or edge marks."""
    plain = "".join(" " if c in FORBIDDEN or _is_unseen(c) else c for c in text)
    return " ".join(plain.split()).strip(_EDGES)


def is_title(text: str) -> bool:
    """Whether a text can stand as the title of a file name without being changed."""
    clean = all(c not in FORBIDDEN and not _is_unseen(c) for c in text)
    return bool(text) and clean and text == " ".join(text.split())


def _is_unseen(character: str) -> bool:
    """Whether it shows nothing, or turns the direction in which a name is read (Unicode Cc, Cf)."""
    return unicodedata.category(character) in {"Cc", "Cf"}


def fits(folder: str, name: str) -> bool:
    """Whether a decoded path (folder below the host, then name) is within SharePoint's limit."""
    return len(folder.strip("/")) + 1 + len(name) <= MAX_PATH


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(pattern)
    shapes = [_PARTS[p] if n % 2 else re.escape(p) for n, p in enumerate(pieces)]
    return re.compile("".join(shapes), re.DOTALL)


def _take_number(text: str, series: Collection[str]) -> tuple[Number | None, str]:
    codes = {code.lower(): code for code in series}
    shape = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    found = re.search(
        rf"(?<![\w-])({shape})[ .\u2013-]{{0,3}}([0-9]{{1,4}})(?![0-9])", text, re.IGNORECASE
    )
    if not codes or found is None or int(found[2]) == 0:
        return None, text
    return Number(codes[found[1].lower()], int(found[2])), _without(text, found)


def _take_label(text: str) -> tuple[Label | None, str]:
    found = next(reversed(list(_LABEL.finditer(text))), None)
    label = Label.read(f"{found[1]}.{found[2] or 0}") if found else None
    return (label, _without(text, found)) if found and label else (None, text)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
