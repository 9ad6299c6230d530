"""Graph: `…/content?format=pdf`, drawn by LibreOffice where it is installed (decisions.md 31).

Graph answers 302 to an address that gives out the PDF; the drawing happens there. What cannot be
drawn is 406 `notSupported` with an inner code, as the service has it (graph-docs-contrib#263,
msgraph-sdk-python#912, graph-docs-contrib#7742). Pages:
driveitem-get-content-format.md and OneDrive's driveitem_get_content_format.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from local.tenant.call import Answer
from local.tenant.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from local.tenant.call import Call

PDF = "pdf"
LIMIT_S = 60.0  # seconds a conversion may take
_PROGRAMS = ("soffice", "libreoffice")
# Both pages' lists without csv, which they name and the service refuses (graph-docs-contrib#263).
SOURCES = frozenset({
    "doc", "docx", "eml", "epub", "htm", "html", "md", "msg", "odp", "ods", "odt", "pot", "potm",
    "potx", "pps", "ppsx", "ppsxm", "ppt", "pptm", "pptx", "rtf", "tif", "tiff", "xls", "xlsm",
    "xlsx",
})  # fmt: skip


def _unsupported(message: str, inner: str) -> Refusal:
    return Refusal(406, "notSupported", message, inner=inner)


def wanted(call: Call, item: Mapping[str, Any]) -> str:
    """Return what to add to a download's address: "&format=pdf", or "" for the file as it is.

    Raises 406 for another format, a source that has no PDF, and where nothing can draw one.
    """
    form = call.query.get("format", "").lower()
    if not form:
        return ""
    if form != PDF:
        raise _unsupported(form, "OutputFormatNotSupported")
    extension = _extension(item["name"])
    if extension not in SOURCES:
        raise _unsupported(extension, "InputFormatNotSupported")
    if program() is None:
        raise _unsupported("LibreOffice is not installed here.", "OfficeConversion_NotSupported")
    return f"&format={PDF}"


def program() -> str | None:
    """Return the path of LibreOffice on this machine, None without it."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()


async def drawn(name: str, data: bytes, headers: Mapping[str, str]) -> Answer:
    """Return the PDF of a file's content; 406 when LibreOffice cannot make one in a minute."""
    with tempfile.TemporaryDirectory(prefix="rendition-") as folder:
        pdf = await _convert(Path(folder), _extension(name), data)
    if pdf is None:
        raise _unsupported("The file could not be converted.", "invalidFileFormat")
    return Answer(200, pdf, {**headers, "Content-Type": "application/pdf"})


async def _convert(folder: Path, extension: str, data: bytes) -> bytes | None:
    """Run LibreOffice with a profile of its own, so that no other run is in its way."""
    source = folder / f"source.{extension}"
    source.write_bytes(data)
    process = await asyncio.create_subprocess_exec(
        program() or _PROGRAMS[0],
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        PDF,
        "--outdir",
        str(folder / "out"),
        str(source),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            code = await process.wait()
    except TimeoutError:
        return None
    finally:
        await _end(process)
    made = folder / "out" / f"source.{PDF}"
    return made.read_bytes() if code == 0 and made.exists() else None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop LibreOffice and whatever it has started: they are a process group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
