"""A library holds documents of the agreed types, and a file is what its name says."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from sync.model import Recipient, Severity, Tell
from sync.policies.file_type import ENDINGS, TOLD, UNSEEN, WORDS, check
from sync.reading.limits import Limits
from sync.reading.read import read
from tests.policies.kit import context, document, reading


def found(name, kind, place="open", holds=()):
    subject = document(name, fields={}, read_as=reading(block=None, kind=kind, holds=holds))
    return list(check(subject, context(place)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Minutes.docx", "docx"),
        ("MINUTES.DOCX", "docx"),
        ("Template.dotx", "docx"),
        ("Gov-04 Strategy V1.2.docx", "docx"),
        ("Rota.xlsx", "xlsx"),
        ("Slides.pptx", "pptx"),
        ("Plan.pdf", "pdf"),
        ("Notes.txt", "text"),
        ("Rota.csv", "csv"),
        ("Mail.msg", "msg"),
        ("Papers.zip", "zip"),
        ("Scan.jpg", "image"),
        ("Locked.docx", "encrypted"),
        ("Torn.docx", "damaged"),
    ],
)
def test_a_file_of_an_agreed_type_is_left_alone(name, kind):
    assert found(name, kind) == []


@pytest.mark.parametrize(
    ("name", "kind", "holds"),
    [
        ("minutes.docx", "program", ()),
        ("minutes.pdf.exe", "other", ()),
        ("setup.EXE", "program", ()),
        ("tidy.ps1", "other", ()),
        ("macro.vbs", "other", ()),
        ("papers.zip", "zip", ("docx", "program")),
        ("mail.msg", "msg", ("program",)),
    ],
)
@pytest.mark.parametrize("place", ["controlled", "open", "restricted"])
def test_a_program_stops_wherever_it_lies_and_whatever_it_is_called(name, kind, holds, place):
    (finding,) = found(name, kind, place, holds)
    assert "program" in finding.says
    assert finding.severity is Severity.STOP
    assert finding.remedies == (Tell(Recipient.UPLOADER), Tell(Recipient.OWNER))


@pytest.mark.parametrize(
    ("name", "kind", "plain"),
    [
        ("Form.docm", "docm", ".docx"),
        ("Form.docx", "docm", ".docx"),
        ("Rota.xlsm", "xlsm", ".xlsx"),
        ("Rota.xlsm", "xlsx", ".xlsx"),
        ("Talk.pptm", "pptm", ".pptx"),
    ],
)
def test_macros_are_asked_to_be_left_out(name, kind, plain):
    (finding,) = found(name, kind)
    assert "macros" in finding.says
    assert plain in finding.how


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("Minutes.pdf", "docx", "is called .pdf but is a Word document"),
        ("Minutes.docx", "pdf", "is called .docx but is a PDF"),
        ("Minutes.doc", "html", "is called .doc but is a web page"),
        ("Minutes.doc", "docx", "is called .doc but is a Word document"),
        ("Minutes", "docx", "has no type in its name but is a Word document"),
        ("Rota.docx", "xlsx", "is called .docx but is an Excel workbook"),
        ("Letter.doc", "rtf", "is called .doc but is a rich text file"),
    ],
)
def test_the_content_tells_the_type_and_the_name_must_agree(name, kind, says):
    (finding,) = found(name, kind)
    assert says in finding.says


def zipped(*parts):
    """Real bytes of a zip with these parts."""
    made = BytesIO()
    with ZipFile(made, "w") as package:
        for part in parts:
            package.writestr(part, "application/vnd.oasis.opendocument.text" * (part == "mimetype"))
    return made.getvalue()


ANY_ZIP = zipped("plan.txt")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
OTHER_PACKAGE = zipped("[Content_Types].xml", "visio/document.xml")
SEVEN, RAR = b"7z\xbc\xaf\x27\x1c" + bytes(26), b"Rar!\x1a\x07\x01\x00" + bytes(20)
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le")


def found_in(name, data):
    subject = document(name, fields={}, read_as=read(data, name, Limits()))
    return [finding.says for finding in check(subject, context("open"))]


@pytest.mark.parametrize(
    ("name", "data", "really"),
    [
        ("plan.docx", ANY_ZIP, "a zip archive"),
        ("plan.pdf", ANY_ZIP, "a zip archive"),
        ("plan.odt", ANY_ZIP, "a zip archive"),
        ("plan.msg", ANY_ZIP, "a zip archive"),
        ("plan.txt", ANY_ZIP, "a zip archive"),
        ("plan.docx", SEVEN, "an archive"),
        ("plan.pdf", RAR, "an archive"),
        ("plan.zip", RAR, "an archive"),
        ("plan.pptx", OTHER_PACKAGE, "not a PowerPoint presentation"),
        ("plan.msg", OLE, "not an Outlook message"),
        ("plan.zip", OLE, "not a zip archive"),
        ("plan.docx", zipped("mimetype", "content.xml"), "an OpenDocument text"),
        ("plan.pdf", LOCKED, "an Office file with a password"),
        ("plan.pdf", ANY_ZIP[:-20], "a zip archive"),
    ],
)
def test_whatever_a_container_is_called_its_bytes_tell_what_it_is(name, data, really):
    assert found_in(name, data) == [f"The file is called .{name[5:]} but is {really}."]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plan.zip", ANY_ZIP),
        ("plan.zip", OTHER_PACKAGE),
        ("plan.vsdx", OTHER_PACKAGE),
        ("plan.mpp", OLE),
        ("plan.docx", LOCKED),
        ("plan.docx", ANY_ZIP[:-20]),
        ("plan.odt", zipped("mimetype", "content.xml")),
        ("plan.pdf", b"torn"),
    ],
)
def test_a_container_of_its_own_name_is_left_alone(name, data):
    assert found_in(name, data) == []


@pytest.mark.parametrize(
    ("kind", "right"), [("zip", ".zip"), ("image", "the type that it had"), ("docx", ".docx")]
)
def test_the_way_out_names_an_ending_only_where_the_content_shows_it(kind, right):
    (finding,) = found("Minutes.pdf", kind)
    assert finding.how.startswith(f"Change the end of the name to {right}, ")


def test_a_wrong_type_stops_publication_only_where_documents_are_controlled():
    assert found("Minutes.pdf", "docx", "controlled")[0].severity is Severity.STOP
    assert found("Minutes.pdf", "docx", "open")[0].severity is Severity.FIX


def test_a_type_not_agreed_for_the_place_is_told_with_those_that_are():
    (finding,) = found("Papers.zip", "zip", "controlled")
    assert finding.says == "Files that end in .zip are not kept in Controlled."
    assert ".docx" in finding.expected
    assert found("Papers.zip", "zip", "open") == []


def test_a_name_with_two_types_is_told():
    (finding,) = found("Minutes.docx.pdf", "pdf")
    assert finding.says == "The file's name ends in two types, .docx and .pdf."


def test_quarantine_is_left_to_its_officers():
    assert found("minutes.docx", "program", "quarantine") == []


def test_every_kind_that_must_agree_has_words_for_staff():
    assert {*ENDINGS, *TOLD} <= set(WORDS)
    assert not set(UNSEEN) & set(ENDINGS)


def test_a_file_that_was_not_read_is_judged_by_its_name():
    subject = document("tool.exe", fields={})
    (finding,) = check(subject, context("open"))
    assert finding.severity is Severity.STOP
