"""A library holds documents, of the types agreed for it, and a file is what its name says.

Programs and scripts are never kept beside documents, whatever they are called, nor inside an
archive. Office files with macros are asked for again without them. The type is told by the content:
a Word document called .pdf opens for nobody, and a web page called .doc is no Word document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Severity, Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import FileTypes
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"file_types"})
VERSION = "2"

WORDS = {
    "docx": "a Word document", "docm": "a Word document with macros", "doc": "an old Word document",
    "xlsx": "an Excel workbook", "xlsm": "an Excel workbook with macros",
    "xls": "an old Excel workbook", "pptx": "a PowerPoint presentation",
    "pptm": "a PowerPoint presentation with macros", "ppt": "an old PowerPoint presentation",
    "odt": "an OpenDocument text", "ods": "an OpenDocument spreadsheet",
    "odp": "an OpenDocument presentation", "pdf": "a PDF", "msg": "an Outlook message",
    "eml": "a mail", "zip": "a zip archive", "html": "a web page", "rtf": "a rich text file",
    "image": "a picture", "archive": "an archive", "package": "a zip archive",
    "encrypted": "an Office file with a password",
}  # fmt: skip
"""What staff call the kinds that a content shows (`Reading.kind`)."""

ENDINGS = {
    "docx": {"docx", "dotx"}, "doc": {"doc", "dot"}, "xlsx": {"xlsx", "xltx"},
    "xls": {"xls", "xlt"}, "pptx": {"pptx", "potx", "ppsx"}, "ppt": {"ppt", "pot", "pps"},
    "odt": {"odt", "ott"}, "ods": {"ods", "ots"}, "odp": {"odp", "otp"}, "pdf": {"pdf"},
    "msg": {"msg"}, "eml": {"eml"}, "html": {"html", "htm"}, "rtf": {"rtf"}, "zip": {"zip"},
    "image": {"png", "jpg", "jpeg", "gif", "tif", "tiff"}, "archive": {"7z", "rar", "gz", "tgz"},
}  # fmt: skip
"""The endings that agree with a kind; one without a line agrees with any that is not of `TOLD`."""

TOLD = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "pdf", "msg", "zip")
"""Kinds that their content always shows: nothing else may be called so."""
_OFFICE = ENDINGS["docx"] | ENDINGS["xlsx"] | ENDINGS["pptx"]
_ZIPPED = _OFFICE | ENDINGS["odt"] | ENDINGS["ods"] | ENDINGS["odp"] | ENDINGS["zip"]
UNSEEN = {
    "encrypted": _OFFICE,
    "package": _ZIPPED,  # a zip that was not opened: too large, torn or with a password
    "double": _ZIPPED | ENDINGS["pdf"],
    "damaged": _ZIPPED | ENDINGS["pdf"] | ENDINGS["msg"],
    "other": ENDINGS["zip"],
}
"""What a kind without a line may be called all the same, for what its content cannot show."""

MACROS = {"docm": "docx", "xlsm": "xlsx", "pptm": "pptx"}
"""Kinds with macros, and the same without."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding at most, the weightiest of what is wrong with the file's type."""
    if context.area.kind == "quarantine":
        return
    rules = context.standard.file_types
    ending = _ending(document.name)
    kind = document.reading.kind if document.reading else ""
    holds = document.reading.holds if document.reading else ()
    if ending in rules.never or kind == "program":
        yield _program(ending, "The file is a program or a script")
    elif "program" in holds:
        called = "" if _agrees(ending, kind) else ending
        yield _program(called, "The file holds a program")
    elif kind in MACROS or ending in rules.macros:
        yield _macros(ending, kind, context)
    elif not _agrees(ending, kind):
        yield _misnamed(ending, kind, context)
    elif ending not in _allowed(rules, context.area.kind, ending):
        yield _elsewhere(ending, rules, context)
    elif inner := _second(document.name, rules):
        yield _doubled(inner, ending)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _agrees(ending: str, kind: str) -> bool:
    """Whether a file of this kind may have this ending; "" is a kind that is not known."""
    if kind in ENDINGS:
        return ending in ENDINGS[kind]
    return not kind or ending in UNSEEN.get(kind, ()) or not _owner(ending)


def _owner(ending: str) -> str:
    """Return the kind that an ending stands for and that content shows; "" for any other ending."""
    return next((kind for kind in TOLD if ending in ENDINGS[kind]), "")


def _allowed(rules: FileTypes, kind: str, ending: str) -> tuple[str, ...]:
    """Return the endings agreed for a kind of place; what is not agreed on allows this one."""
    for place, endings in rules.allowed.items():
        if place == kind:
            return endings
    return (ending,)


def _second(name: str, rules: FileTypes) -> str:
    """Return the type that stands before the last one ("pdf" of "minutes.pdf.docx"), or ""."""
    inner = _ending(name.rpartition(".")[0])
    known = {*rules.never, *rules.macros, *(one for some in rules.allowed.values() for one in some)}
    return inner if inner in known else ""


def _weight(context: Context) -> Severity:
    return Severity.STOP if context.area.controlled else Severity.FIX


def _program(ending: str, what: str) -> Finding:
    called = f", though it is called .{ending}" if ending in ENDINGS else ""
    return Finding(
        says=f"{what}{called}.",
        expected="Libraries hold documents; programs and scripts are never kept in them.",
        how="Delete the file here and do not open it. If you did not put it there yourself, tell"
        " your IT service desk.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.UPLOADER), Tell(Recipient.OWNER)),
    )


def _macros(ending: str, kind: str, context: Context) -> Finding:
    plain = MACROS.get(kind, f"{ending[:-1]}x")
    hidden = kind in MACROS and ending not in context.standard.file_types.macros
    called = f", though it is called .{ending}" if hidden else ""
    return Finding(
        says=f"The file may run macros{called}.",
        expected="Documents are kept without macros: whoever opens one should only have to read.",
        how=f"Open it, save it as .{plain} and upload that file in its place.",
        severity=_weight(context),
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _misnamed(ending: str, kind: str, context: Context) -> Finding:
    right = f".{kind}" if kind in ENDINGS.get(kind, ()) else "the type that it had"
    called = f"is called .{ending}" if ending else "has no type in its name"
    really = WORDS[kind] if kind in WORDS else f"not {WORDS[_owner(ending)]}"
    return Finding(
        says=f"The file {called} but is {really}.",
        expected="A file's name ends in the type that the file has.",
        how=f"Change the end of the name to {right}, or save the file again as the type you want.",
        severity=_weight(context),
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _elsewhere(ending: str, rules: FileTypes, context: Context) -> Finding:
    here = _allowed(rules, context.area.kind, ending)
    place = context.area.title or "this library"
    what = f"Files that end in .{ending}" if ending else "Files without a type in their name"
    shown = ", ".join(f".{one}" for one in here[:7])
    return Finding(
        says=f"{what} are not kept in {place}.",
        expected=f"Agreed there are {shown}{' and a few others' if here[7:] else ''}.",
        how="Save the file as one of these and upload it again, or keep it in another library.",
        severity=_weight(context),
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _doubled(inner: str, ending: str) -> Finding:
    return Finding(
        says=f"The file's name ends in two types, .{inner} and .{ending}.",
        expected="A name ends in one type, so that nobody takes a file for what it is not.",
        how=f"Take .{inner} out of the name.",
        remedies=(Tell(Recipient.UPLOADER),),
    )
