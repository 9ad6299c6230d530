"""The file name shows which document it is and which version: number, title, version.

A controlled document is named `Gov-04 WMIN Governance Strategy V1.docx`. A wrong name is put right
when exactly one right name follows from the document itself and that name is free; otherwise you
are asked. A copy, or a file that is another document than its place says, is never renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.naming import DocumentName, fits, guess_name, parse_name
from sync.model import Finding, Recipient, Rename, Status, Tell
from sync.policies._truth import Identity, identity_of, label_of, number_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns"})
PERMISSIONS = ("Sites.Selected: fullcontrol",)
PARAMETERS = frozenset({"naming", "series"})
VERSION = "2"


DECIDE = "Decide which of the files is the document, and correct or remove the other one."
TAKEN = ("another file here already has that name", DECIDE)
OTHERS = ("that number belongs to another document", DECIDE)
NOT_GIVEN = (
    "the registry did not give its number out",
    "Correct the number in the document, or ask a registrar to add it to the document registry.",
)
TOO_LONG = (
    "its whole path would be longer than SharePoint allows",
    "Shorten the document's title, or move the file to a folder with a shorter name.",
)
"""Why a file keeps a wrong name, and what can be done about it."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding: the name is not the agreed one for this document."""
    identity, _ = identity_of(document, context)
    if identity in {Identity.COPY, Identity.OTHER}:
        return
    target = agreed_name(document, context)
    if target == document.name or (target is None and _is_agreed(document.name, context)):
        return
    if target is None:
        yield _unknown(document, context)
    elif target.lower() in context.taken:
        yield _asked(document, target, TAKEN)
    elif identity is Identity.CLAIM:
        yield _asked(document, target, OTHERS)
    elif context.unclaimed is not None:
        yield _asked(document, target, NOT_GIVEN)
    elif not _fits(document, context, target):
        yield _asked(document, target, TOO_LONG)
    else:
        yield _renamed(document, target)


def agreed_name(document: Document, context: Context) -> str | None:
    """Return the one right name; None when number, title, label or extension is unknown."""
    number, label = number_of(document, context), label_of(document, context)
    title = title_of(document, context)
    extension = guess_name(document.name, context.standard.series_codes).extension
    if not (number and label and title and extension):
        return None
    return str(DocumentName(number, title, label, extension, context.standard.name_format))


def _is_agreed(name: str, context: Context) -> bool:
    standard = context.standard
    return parse_name(name, standard.series_codes, standard.name_format) is not None


def _fits(document: Document, context: Context, name: str) -> bool:
    place = "x" * context.area.path_length + f"/{document.folder}"
    return fits(place, name)


def _renamed(document: Document, target: str) -> Finding:
    return Finding(
        says=f"The name “{document.name}” is not the agreed one.",
        expected=f"The agreed name is “{target}”.",
        how="Nothing to do: the file has its agreed name now.",
        waits="Choose “Use the proposed name” beside the file, or rename it yourself.",
        status=Status.CORRECTED,
        remedies=(Rename(target), Tell(Recipient.AUTHOR)),
    )


def _asked(document: Document, target: str, why: tuple[str, str]) -> Finding:
    reason, how = why
    return Finding(
        says=f"The file is called “{document.name}”. Its agreed name would be “{target}”. Nothing"
        f" was renamed: {reason}.",
        expected="Each document has a name of its own, with its number, title and version.",
        how=how,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _unknown(document: Document, context: Context) -> Finding:
    missing = [
        word
        for word, known in (
            ("number", number_of(document, context)),
            ("title", title_of(document, context)),
            ("version", label_of(document, context)),
        )
        if not known
    ]
    lacking = " and ".join(missing) or "kind"
    return Finding(
        says=f"The file is called “{document.name}”; it does not show its {lacking}.",
        expected="Agreed is a name such as “Gov-04 WMIN Governance Strategy V1.docx”.",
        how="Complete the control block, or name the file yourself.",
        remedies=(Tell(Recipient.AUTHOR),),
    )
