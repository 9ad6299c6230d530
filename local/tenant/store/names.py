"""File and folder names SharePoint takes, and the free names it makes when told to rename."""

from __future__ import annotations

from local.tenant.errors import bad_request

_FORBIDDEN = set('"*:<>?/\\|')
_RESERVED = {
    ".lock",
    "con",
    "prn",
    "aux",
    "nul",
    "desktop.ini",
    *(f"com{n}" for n in range(10)),
    *(f"lpt{n}" for n in range(10)),
}
LIMIT = 255  # characters in one name
PATH_LIMIT = 400  # characters of a whole decoded path (limits.json)


def checked(name: str) -> str:
    """Return the name, or raise 400 `invalidRequest` with the reason SharePoint gives."""
    bad = (
        not name
        or len(name) > LIMIT
        or name != name.strip()
        or name.endswith(".")
        or bool(_FORBIDDEN & set(name))
        or name.casefold() in _RESERVED
        or name.startswith("~$")
        or "_vti_" in name
    )
    if bad:
        raise bad_request(f"The name {name!r} is not valid for a file or folder.")
    return name


def checked_path(folder: str, name: str) -> str:
    """Return the name, or raise 400 when it or its whole server-relative path is not allowed."""
    if len(f"{folder}/{checked(name)}") > PATH_LIMIT:
        raise bad_request("The specified file or folder name is too long.", "pathIsTooLong")
    return name


def numbered(name: str, number: int) -> str:
    """`a.docx`, 1 → `a 1.docx`: what conflictBehavior=rename makes."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem} {number}.{extension}" if dot and stem else f"{name} {number}"
