"""Slides, OpenDocument files, mail and archives: one level deep, limits hold over all."""

import zipfile
from email.message import EmailMessage

import pytest

from sync.model import ReadState
from sync.reading.kinds import kind_of
from sync.reading.limits import Limits
from sync.reading.mail import html_text
from sync.reading.read import read
from sync.reading.rtf import rtf_text, unpacked_rtf
from tests.reading.kit import docx, packed, with_parts

LIMITS = Limits()
OPEN = 'xmlns:office="o" xmlns:text="t" xmlns:table="b"'  # local names are all that is looked at
MIME = b"application/vnd.oasis.opendocument.text"


def slide(text):
    return (
        f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'.encode()
    )


def open_document(body, mime=MIME, **parts):
    content = f"<office:document-content {OPEN}>{body}</office:document-content>".encode()
    return packed({"mimetype": mime, "content.xml": content} | parts)


def mail(body="Dear all,", attached=(), subtype="plain"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@x.example", "Papers"
    message.set_content(body, subtype=subtype)
    for name, data in attached:
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def test_slides_are_read_in_their_order_with_notes_and_tables():
    rows = "".join(
        f"<a:tr><a:tc><a:p><a:t>{head}</a:t></a:p></a:tc><a:tc><a:p><a:t>{value}</a:t></a:p></a:tc></a:tr>"
        for head, value in [("Name", "Talk"), ("Version", "V1"), ("Review date", "R"),
                            ("Document number", "Gov-11")]
    )  # fmt: skip
    data = packed({
        "ppt/presentation.xml": b"<p/>",
        "ppt/slides/slide10.xml": slide("tenth"),
        "ppt/slides/slide2.xml": slide("second"),
        "ppt/slides/slide1.xml": f'<p xmlns:a="a"><a:tbl>{rows}</a:tbl></p>'.encode(),
        "ppt/notesSlides/notesSlide1.xml": slide("only said"),
    })  # fmt: skip
    reading = read(data, "a.pptx", LIMITS)
    assert (reading.state, reading.kind, reading.block.name) == (ReadState.READ, "pptx", "Talk")
    text = reading.text
    assert text.index("second") < text.index("tenth") < text.index("only said")


def test_an_open_document_gives_text_tables_and_properties():
    body = (
        "<text:p>Some<text:tab/>words<text:s/>here<text:span>!</text:span></text:p>"
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Name</text:p>"
        "</table:table-cell><table:table-cell><text:p>A plan</text:p></table:table-cell>"
        "</table:table-row></table:table-header-rows>"
    ) + "".join(
        f"<table:table-row><table:table-cell><text:p>{head}</text:p></table:table-cell>"
        f"<table:table-cell><text:p>{value}</text:p></table:table-cell></table:table-row>"
        for head, value in [("Version", "V1"), ("Review date", "R"), ("Document number", "Op-01")]
    )
    parts = {
        "meta.xml": b"<m><title>In the properties</title></m>",
        "styles.xml": b"<s><p>Foot</p></s>",
    }
    reading = read(open_document(f"{body}</table:table>", **parts), "a.odt", LIMITS)
    assert (reading.kind, reading.block.name) == ("odt", "A plan")
    assert "Some\twords here!" in reading.text
    assert "Foot" in reading.text
    assert reading.properties == "In the properties"


def test_an_open_document_with_a_password_is_encrypted():
    parts = {"META-INF/manifest.xml": b"<m><f><encryption-data/></f></m>"}
    assert read(open_document("", **parts), "a.odt", LIMITS).state is ReadState.ENCRYPTED


def test_an_open_document_may_nest_deeper_than_python_recurses():
    deep = "<text:span>" * 3000 + "core" + "</text:span>" * 3000
    assert "core" in read(open_document(f"<text:p>{deep}</text:p>"), "a.odt", LIMITS).text


def test_a_mail_gives_headers_text_and_what_hangs_on_it():
    data = mail("<p>Dear <b>all</b></p><script>x()</script>", [("a.docx", docx("inside"))], "html")
    reading = read(data, "a.eml", LIMITS)
    assert (reading.state, reading.kind, reading.holds) == (ReadState.READ, "eml", ("docx",))
    assert "Subject: Papers" in reading.text
    assert "Dear all" in reading.text
    assert "inside" in reading.text
    assert "x()" not in reading.text
    assert reading.block is None


def test_a_picture_that_belongs_to_a_mails_text_is_passed_over():
    message = EmailMessage()
    message["From"] = "a@x.example"
    message.set_content("<p>Hello</p>", subtype="html")
    message.add_related(b"\x89PNG\r\n", "image", "png", cid="<logo>")
    assert read(message.as_bytes(), "a.eml", LIMITS).state is ReadState.READ


def test_an_archives_files_are_each_read_by_their_own_kind():
    data = packed(
        {"a.docx": docx("first"), "b/c.txt": b"second", "__MACOSX/x": b"\0", "e.txt": b""}
    )
    reading = read(data, "a.zip", LIMITS)
    assert (reading.state, reading.kind) == (ReadState.READ, "zip")
    assert "first" in reading.text
    assert "second" in reading.text


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ({"b.zip": packed({"a.txt": b"words"})}, "inside another one"),
        ({"b.eml": mail(attached=[("a.txt", b"words")])}, "inside another one"),
        ({"b.docx": docx()[:900]}, "damaged"),
        ({"b.png": b"\x89PNG\r\n"}, "picture"),
        ({"b.docx": b"MZ" + bytes(100)}, "program"),
    ],
)
def test_what_cannot_be_read_inside_leaves_the_whole_not_checked_and_its_text_kept(inner, says):
    reading = read(packed({"a.txt": b"NHS number 999 123 4578", **inner}), "a.zip", LIMITS)
    assert not reading.readable
    assert reading.why.startswith("File 2 inside it is not checked.")
    assert says in reading.why
    assert "999 123 4578" in reading.text


def test_a_mail_inside_an_archive_is_read_unless_something_hangs_on_it():
    assert "Dear all" in read(packed({"b.eml": mail()}), "a.zip", LIMITS).text


@pytest.mark.parametrize(
    "limits",
    [Limits(characters=150), Limits(unzipped=30_000), Limits(parts=2)],
)
def test_the_limits_hold_over_all_files_together(limits):
    some = docx("x" * 60)
    reading = read(packed({f"{n}.docx": some for n in range(4)}), "a.zip", limits)
    assert reading.state is ReadState.TOO_LARGE


def test_an_archive_with_a_bomb_inside_is_too_large():
    bomb = with_parts(docx(), **{"word/media/image1.png": b"\0" * 2**23})
    limits = Limits(small=2**20, ratio=20)
    stored = packed({"a.docx": bomb}, zipfile.ZIP_STORED)
    assert read(stored, "a.zip", limits).state is ReadState.TOO_LARGE


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0", "a.docx", "program"),
        (
            b"MZ is how this sentence begins, and it is long enough to be looked at.",
            "a.txt",
            "text",
        ),
        (b"\x7fELF\x02", "a.pdf", "program"),
        (b"#!/bin/sh\nrm -r x", "a", "program"),
        (b"<!DOCTYPE html><html>", "a.doc", "html"),
        (b"<html> shown in a log", "a.txt", "text"),
        (b"{\\rtf1 words}", "a.doc", "rtf"),
        (b"\xff\xd8\xff\xe0", "a.docx", "image"),
        (b"Rar!\x1a\x07\x00", "a.zip", "archive"),
        (b"nothing known", "a.docx", "damaged"),
        (b"nothing known", "a.vsdx", "other"),
        (packed({"META-INF/MANIFEST.MF": b""}), "a.zip", "package"),
    ],
)
def test_the_kind_is_told_by_content(data, name, kind):
    assert kind_of(data, name) == kind


def test_macros_and_java_programs_are_told_by_their_parts():
    assert read(with_parts(docx(), **{"word/vbaProject.bin": b""}), "a.docx", LIMITS).kind == "docm"
    assert read(packed({"META-INF/MANIFEST.MF": b"x"}), "a.zip", LIMITS).kind == "program"


def test_html_breaks_where_a_reader_sees_a_line():
    assert html_text("<p>one</p>two<br>three<style>p{}</style>").split() == ["one", "two", "three"]


def test_outlooks_packed_text_is_unpacked_as_its_specification_shows():
    # [MS-OXRTFCP] 3.1.1.1: the packed form of its first example
    packed_text = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af320"
        "68656c090020627705b06c647d0a800fa0"
    )
    plain = unpacked_rtf(packed_text)
    assert plain == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf_text(plain).strip() == "hello world"


def test_rich_text_shows_words_and_leaves_fonts_out():
    text = rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator x;}caf\'e9\par {\b bold}\u8217?s}"
    assert rtf_text(text).replace("\n", "|") == "café|bold\u2019s"


def test_a_zip_is_known_by_its_bytes():
    data = packed({"a.txt": b"words"})
    reading = read(data, "a.zip", LIMITS)
    assert reading.content_id == reading.raw_hash
