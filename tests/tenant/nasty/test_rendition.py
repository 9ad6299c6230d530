"""A file as PDF (decisions.md 31): what is drawn, what is refused, and what never hangs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from local.tenant.graph import rendition
from tests.tenant.nasty.nasty_kit import docx

SOFFICE = """#!/bin/sh
# Stands in for LibreOffice: says how it was called, and does what the document says.
while [ $# -gt 1 ]; do
    case "$1" in
        -env:UserInstallation=file://*) echo "$1" >> "$(dirname "$0")/profiles" ;;
        --outdir) shift; out="$1" ;;
    esac
    shift
done
case "$(cat "$1")" in
    *hang*) sleep 600 & echo "$! $$" > "$(dirname "$0")/pids"; wait ;;
    *fail*) exit 3 ;;
esac
mkdir -p "$out" && { printf '%%PDF-1.7 '; cat "$1"; } > "$out/source.pdf"
"""


@pytest.fixture
def soffice(tmp_path, monkeypatch) -> Path:
    """A stand-in for LibreOffice on the PATH; returns its folder."""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(SOFFICE, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program.parent


def pdf(library, name: str, data: bytes):
    """Ask for a file's PDF and follow the redirect without a token."""
    library.upload(name, data)
    first = library.ask("GET", f"{library.drive}/root:/{name}:/content?format=pdf")
    if first.status_code != 302:
        return first
    return library.tenant.httpx().get(first.headers["Location"])


def error(reply) -> tuple[int, str, str]:
    told = reply.json()["error"]
    return reply.status_code, told["code"], told["innerError"]["code"]


@pytest.mark.usefixtures("soffice")
@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.odt", "a.rtf", "a.html"])
def test_an_office_file_is_drawn(shared_library, name):
    reply = pdf(shared_library, name, f"text of {name}".encode())
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/pdf")
    assert reply.content == f"%PDF-1.7 text of {name}".encode()


def test_each_run_has_a_profile_of_its_own_that_is_gone_afterwards(shared_library, soffice):
    for name in ("one.docx", "two.docx"):
        pdf(shared_library, name, b"x")
    profiles = (soffice / "profiles").read_text(encoding="utf-8").split()
    assert len(set(profiles)) == 2
    assert not any(Path(each.partition("file://")[2]).exists() for each in profiles)


@pytest.mark.usefixtures("soffice")
def test_an_old_version_is_drawn_too(shared_library):
    library = shared_library
    for text in (b"first", b"second"):
        made = library.upload("old.rtf", text)
    address = f"{library.drive}/items/{made['id']}/versions/1.0/content?format=pdf"
    first = library.ask("GET", address)
    reply = library.tenant.httpx().get(first.headers["Location"])
    assert reply.content == b"%PDF-1.7 first"


@pytest.mark.usefixtures("soffice")
@pytest.mark.parametrize("name", ["a.pdf", "a.csv", "a.txt", "a.zip", "none"])
def test_a_type_without_a_pdf_is_406(shared_library, name):
    reply = pdf(shared_library, name, b"x")
    assert error(reply) == (406, "notSupported", "InputFormatNotSupported")


@pytest.mark.usefixtures("soffice")
def test_another_format_is_406(shared_library):
    shared_library.upload("b.docx", b"x")
    reply = shared_library.ask("GET", f"{shared_library.drive}/root:/b.docx:/content?format=jpg")
    assert error(reply) == (406, "notSupported", "OutputFormatNotSupported")


def test_without_libreoffice_it_is_406(shared_library, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    reply = pdf(shared_library, "c.docx", b"x")
    assert error(reply) == (406, "notSupported", "OfficeConversion_NotSupported")


@pytest.mark.usefixtures("soffice")
def test_a_file_that_cannot_be_read_is_406(shared_library):
    reply = pdf(shared_library, "broken.docx", b"fail")
    assert error(reply) == (406, "notSupported", "invalidFileFormat")


def test_a_conversion_that_hangs_is_ended_with_all_it_started(shared_library, soffice, monkeypatch):
    monkeypatch.setattr(rendition, "LIMIT_S", 0.5)
    reply = pdf(shared_library, "slow.docx", b"hang")
    assert error(reply) == (406, "notSupported", "invalidFileFormat")
    for pid in (soffice / "pids").read_text(encoding="utf-8").split():
        assert _gone(int(pid))


def _gone(pid: int) -> bool:
    """Whether a process has ended: there is none, or only its entry waits to be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.usefixtures("soffice")
def test_the_plain_content_is_as_it_was(shared_library):
    library = shared_library
    library.upload("plain.docx", b"as it is")
    first = library.ask("GET", f"{library.drive}/root:/plain.docx:/content")
    assert library.tenant.httpx().get(first.headers["Location"]).content == b"as it is"


if rendition.program():  # not a skip: no tier installs LibreOffice (decisions.md 31)

    def test_libreoffice_draws_a_word_file(shared_library):
        reply = pdf(shared_library, "real.docx", docx("What it says", "Title"))
        assert reply.content.startswith(b"%PDF-")
