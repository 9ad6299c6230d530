"""What is read from a file's bytes, and what is refused."""

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from pypdf import PdfReader, PdfWriter

from local.demo.documents import terms_as_pdf
from local.demo.writing import Control, to_xlsx
from sync.model import Amendment, ControlBlock, Reading, ReadState
from sync.reading.limits import Limits
from sync.reading.read import read
from tests.reading.kit import bomb, docx, packed, parts_of, with_parts

LIMITS = Limits(size=2**26, unzipped=2**25, ratio=100, small=2**22, characters=100_000, pages=3)
TODAY = date(2026, 11, 24)
BLOCK = ControlBlock(
    "A Strategy", "V1", "02/03/2026", "02/03/2027", "Gov-11", "NEB 02/03/2026", "all staff",
    (Amendment("V0.1", "01/02/2026", "First draft", "Quality team",
               "Quality Improvement Manager"),),
)  # fmt: skip
PDF = terms_as_pdf(TODAY).data
GOOD_DOCX, GOOD_XLSX = docx("words"), to_xlsx("a", [("a", 1)])


def as_read(data, name="a.docx", limits=LIMITS):
    return read(data, name, limits)


def workbook(fill):
    book = Workbook()
    fill(book.active)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def protected(password, data=PDF):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt(password, f"owner {password}", algorithm="AES-256")
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def drawn_pdf():
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 50, 50)
    return bytes(pdf.output())


def long_pdf(pages):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_page(PdfReader(BytesIO(PDF)).pages[0])
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_word_gives_text_properties_block_and_history():
    reading = as_read(docx("Some words."))
    assert (reading.state, reading.kind) == (ReadState.READ, "docx")
    assert "Some words." in reading.text
    assert "A Strategy" in reading.properties
    assert reading.block == BLOCK


def test_word_text_includes_headers_notes_and_what_was_deleted_with_tracking():
    body = (
        b'<w:document xmlns:w="w"><w:p><w:r><w:t>943 476</w:t></w:r></w:p>'
        b"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p></w:document>"
    )
    head = b'<w:hdr xmlns:w="w"><w:p><w:r><w:t>In confidence</w:t></w:r></w:p></w:hdr>'
    reading = as_read(packed({"word/document.xml": body, "word/header1.xml": head}))
    assert reading.text.split("\n") == ["", "943 476", "", "gone", "", "In confidence"]


def test_a_block_inside_content_controls_and_with_other_headings_is_found():
    rows = "".join(
        f"<w:sdt><w:sdtContent><w:tr><w:tc><w:p><w:r><w:t>{head}</w:t></w:r></w:p></w:tc>"
        f"<w:sdt><w:sdtContent><w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
        "</w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt>"
        for head, text in [("Document Name:", "N"), ("VERSION", "V1"), ("Review  date", "R"),
                           ("Document no.", "Gov-11"), ("Ratified by", "NEB")]
    )  # fmt: skip
    body = f'<w:document xmlns:w="w"><w:tbl>{rows}</w:tbl></w:document>'
    reading = as_read(packed({"word/document.xml": body}))
    assert reading.block == ControlBlock("N", "V1", "", "R", "Gov-11", "NEB")


def test_the_last_of_two_blocks_counts():
    table = "<w:tbl>{}</w:tbl>"
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    row = f"<w:tr>{cell}{cell}</w:tr>"
    tables = "".join(
        table.format(
            "".join(row.format(h, v) for h in ("Name", "Version", "Review date", "Approved by"))
        )
        for v in ("old", "new")
    )
    reading = as_read(
        packed({"word/document.xml": f'<w:document xmlns:w="w">{tables}</w:document>'})
    )
    assert reading.block.name == "new"


def test_a_table_of_something_else_is_no_block():
    assert as_read(docx("No table here.", control=None)).block is None


def test_a_workbook_gives_cells_dates_hidden_sheets_and_comments():
    def fill(sheet):
        sheet.append(["Name", "A plan"])
        sheet.append(["Version Number", "V1"])
        sheet.append(["Date Adopted", datetime(2026, 3, 2)])  # noqa: DTZ001 - a cell has no time zone
        sheet.append(["Review Date", date(2027, 3, 2)])
        sheet.append(["Document Number", "Op-01"])
        sheet["B1"].comment = Comment("said in a comment", "x")
        hidden = sheet.parent.create_sheet("h")
        hidden.append(["kept from view", 12.0, 1.5])
        hidden.sheet_state = "hidden"

    reading = as_read(workbook(fill), "a.xlsx")
    assert reading.kind == "xlsx"
    assert reading.block == ControlBlock("A plan", "V1", "02/03/2026", "02/03/2027", "Op-01")
    assert "kept from view\t12\t1.5" in reading.text
    assert "said in a comment" in reading.text


def test_a_workbooks_print_headers_and_footers_are_read_without_their_codes():
    def fill(sheet):
        sheet.append(["a"])
        sheet.oddHeader.center.text = "OFFICIAL-&BSENSITIVE&B: COMMERCIAL"
        sheet.oddHeader.center.font, sheet.oddHeader.center.size = "Arial,Bold", 12
        sheet.oddHeader.center.color = "FF0000"
        sheet.evenFooter.left.text, sheet.firstFooter.right.text = "Page &P", "R&&D 943 476 5919"
        sheet.parent.create_chartsheet("c").add_chart(BarChart())

    parts = parts_of(workbook(fill))
    name = "xl/chartsheets/sheet1.xml"
    over = (
        b"<headerFooter><firstHeader>&amp;Lover a chart</firstHeader></headerFooter></chartsheet>"
    )
    parts[name] = parts[name].replace(b"</chartsheet>", over)
    lines = [line.strip() for line in as_read(packed(parts), "a.xlsx").text.splitlines()]
    assert lines[-4:] == [
        "over a chart", "OFFICIAL-SENSITIVE: COMMERCIAL", "Page", "R&D 943 476 5919",
    ]  # fmt: skip


def test_print_headers_are_found_in_any_encoding_of_a_sheet():
    def fill(sheet):
        sheet.oddHeader.left.text = "Tender"

    plain = parts_of(workbook(fill))
    name = "xl/worksheets/sheet1.xml"
    told = plain[name].decode().partition("?>")[2] if b"?>" in plain[name] else plain[name].decode()
    wide = {name: f'<?xml version="1.0" encoding="utf-16"?>{told}'.encode("utf-16")}
    assert "Tender" in as_read(packed(plain | wide), "a.xlsx").text


def test_ten_digits_in_a_table_carry_their_columns_heading():
    def fill(sheet):
        sheet.append(["Site", "NHS number"])
        sheet.append(["A", 9434765919])

    assert "A\tNHS number 9434765919" in as_read(workbook(fill), "a.xlsx").text
    assert "A\tNHS number 9434765919" in as_read(b"Site;NHS number\nA;9434765919\n", "a.csv").text


def test_a_pdf_gives_text_properties_and_block():
    reading = as_read(PDF, "a.pdf")
    assert reading.kind == "pdf"
    assert reading.block.number.nn == 8
    assert reading.block.approved_by == "Network Executive Board 27/07/2026"
    assert reading.block.target_audience == "members of the Digital Board"
    assert [row.version for row in reading.block.history] == ["V1"]
    assert "Digital Board Terms of Reference" in reading.properties


def test_a_pdf_that_anyone_can_open_is_read_though_it_is_encrypted():
    assert as_read(protected(""), "a.pdf").state is ReadState.READ


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Übung £5".encode(), "Übung £5"),
        ("\ufeffabc".encode(), "abc"),
        ("Übung".encode("utf-16"), "Übung"),
        ("caf\xe9 £5".encode("cp1252"), "café £5"),
    ],
)
def test_plain_text_is_decoded_as_it_was_written(data, text):
    assert as_read(data, "a.txt").text == text


@pytest.mark.parametrize(
    ("data", "name", "state"),
    [
        (b"", "a.docx", ReadState.EMPTY),
        (b"not a package", "a.docx", ReadState.UNREADABLE),
        (b"PK\x03\x04 torn", "a.docx", ReadState.UNREADABLE),
        (docx()[:9000], "a.docx", ReadState.UNREADABLE),
        (with_parts(docx(), **{"word/document.xml": b"<w:doc"}), "a.docx", ReadState.UNREADABLE),
        (with_parts(docx(), **{"word/document.xml":
            b'<!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;</d>'}), "a.docx", ReadState.UNREADABLE),
        (with_parts(docx(), **{"word/document.xml":
            b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>'}), "a.docx", ReadState.UNREADABLE),
        (b"%PDF-1.7 torn", "a.pdf", ReadState.UNREADABLE),
        (PDF[:600], "a.pdf", ReadState.UNREADABLE),
        (b"a\0b", "a.txt", ReadState.UNREADABLE),
        (protected("secret"), "a.pdf", ReadState.ENCRYPTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1.." + "EncryptedPackage".encode("utf-16-le"), "a.docx",
         ReadState.ENCRYPTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "a.doc", ReadState.UNSUPPORTED),
        (drawn_pdf(), "a.pdf", ReadState.NO_TEXT),
        (bomb(), "a.docx", ReadState.TOO_LARGE),
        (bomb(20), "a.docx", ReadState.TOO_LARGE),
        (docx("x" * 100_001), "a.docx", ReadState.TOO_LARGE),
        (b"x" * 100_001, "a.txt", ReadState.TOO_LARGE),
        (long_pdf(4), "a.pdf", ReadState.TOO_LARGE),
        (packed({"visio/document.xml": b"<p/>", "[Content_Types].xml": b"<Types/>"}), "a.vsdx",
         ReadState.UNSUPPORTED),
        (b"PK\x03\x04 torn", "a.zip", ReadState.UNREADABLE),
        (b"MZ" + bytes(200), "a.docx", ReadState.UNSUPPORTED),
        (b"<html><body>saved from the web</body></html>", "a.doc", ReadState.UNSUPPORTED),
        (b"no mail at all", "a.eml", ReadState.UNREADABLE),
        (b"\x89PNG\r\n", "a.png", ReadState.UNSUPPORTED),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_so_in_a_sentence(data, name, state):
    reading = as_read(data, name)
    assert reading.state is state
    assert reading.why.endswith(".")
    assert (reading.text, reading.block) == ("", None)
    assert reading.raw_hash


def test_too_many_parts_are_too_large():
    crowd = packed({f"word/{n}.xml": b"" for n in range(30)} | parts_of(docx()))
    assert as_read(crowd, limits=Limits(parts=30)).state is ReadState.TOO_LARGE


def test_a_package_with_a_password_is_encrypted():
    data = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    assert as_read(bytes(data)).state is ReadState.ENCRYPTED


def test_a_macro_enabled_document_is_read_as_text_only():
    reading = as_read(with_parts(docx("words"), **{"word/vbaProject.bin": b"\0"}), "a.docm")
    assert reading.state is ReadState.READ


def test_the_kind_is_told_by_content_not_by_name():
    assert as_read(docx("words"), "a.pdf").kind == "docx"
    assert as_read(PDF, "a.docx").kind == "pdf"


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damage_anywhere_is_a_reading_and_never_an_exception(data):
    good = data.draw(st.sampled_from([GOOD_DOCX, PDF, GOOD_XLSX]))
    torn = bytearray(good[: data.draw(st.integers(1, len(good)))])
    for _ in range(data.draw(st.integers(0, 6))):
        torn[data.draw(st.integers(0, len(torn) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(as_read(bytes(torn)), Reading)


def test_stored_and_deflated_packages_read_alike():
    stored = packed(parts_of(docx("words")), zipfile.ZIP_STORED)
    assert as_read(stored).text == as_read(docx("words")).text


def test_a_row_that_is_a_chapter_is_cut():
    control = Control("A Strategy", "V1", "Gov-11", "NEB " * 5000, "all staff")
    assert len(as_read(docx("words", control=control)).block.approved_by) == 1000
