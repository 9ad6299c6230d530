"""Property promotion: columns travel inside Office files, both ways, and only there."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import StringProperty

from local.tenant.store import promotion
from tests.tenant.nasty.nasty_kit import docx

TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name not in promotion.CORE
)
WORD = docx("words", "before")


def xlsx(title: str = "", **custom: str) -> bytes:
    book = Workbook()
    book.active["A1"] = "figures"
    book.properties.title = title
    for name, value in custom.items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def content(library, name: str) -> bytes:
    where = library.ask("GET", f"{library.drive}/root:/{name}:/content").headers["location"]
    reply = library.tenant.httpx().get(where)
    assert reply.status_code == 200
    return reply.content


def test_columns_of_a_word_file_stand_in_its_core_and_custom_properties(library):
    library.upload("a.docx", docx("the text"))
    library.write("a.docx", Title="Strategy & more", VersionLabel="V1", Status="In order")
    stored = content(library, "a.docx")
    document = Document(io.BytesIO(stored))
    assert document.core_properties.title == "Strategy & more"
    assert [paragraph.text for paragraph in document.paragraphs] == ["the text"]
    told = promotion.read(stored)
    assert (told["VersionLabel"], told["Status"]) == ("V1", "In order")


def test_columns_of_a_workbook_stand_in_its_core_and_custom_properties(library):
    library.upload("a.xlsx", xlsx())
    library.write("a.xlsx", Title="Figures", DocumentNumber="Op-07")
    book = load_workbook(io.BytesIO(content(library, "a.xlsx")))
    assert book.properties.title == "Figures"
    assert book.custom_doc_props["DocumentNumber"].value == "Op-07"
    assert book.active["A1"].value == "figures"


def test_properties_of_an_uploaded_workbook_fill_the_columns_they_fit(library):
    data = xlsx("From Excel", documentnumber="Gov-09", Status="no such choice", Modified="x", Z="y")
    library.upload("a.xlsx", data)
    fields = library.item("a.xlsx")["fields"]
    assert (fields["Title"], fields["DocumentNumber"]) == ("From Excel", "Gov-09")
    assert not {"Status", "Z"} & set(fields)
    assert library.versions("a.xlsx") == ["1.0"]


def test_a_downloaded_file_brings_its_columns_to_another_library(library):
    library.upload("a.docx", docx("text"))
    library.write("a.docx", VersionLabel="V3", Title="Travelling")
    other = type(library)(library.tenant, "Working documents")
    other.upload("copy.docx", content(library, "a.docx"))
    fields = other.item("copy.docx")["fields"]
    assert (fields["VersionLabel"], fields["Title"]) == ("V3", "Travelling")


def test_a_column_write_changes_the_bytes_and_no_version_of_the_content(library):
    library.upload("a.docx", docx("text"))
    before, old = library.ok("GET", f"{library.drive}/root:/a.docx"), content(library, "a.docx")
    library.write("a.docx", VersionLabel="V3")
    after = library.ok("GET", f"{library.drive}/root:/a.docx")
    assert content(library, "a.docx") != old
    assert after["file"]["hashes"] != before["file"]["hashes"]
    assert (after["cTag"], after["eTag"] == before["eTag"]) == (before["cTag"], False)


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.zip"])
def test_other_files_keep_their_bytes(library, name):
    library.upload(name, WORD)
    library.write(name, VersionLabel="V3")
    assert content(library, name) == WORD


@pytest.mark.parametrize("data", [b"no package", WORD[: len(WORD) // 2], b"PK\x03\x04"])
def test_a_damaged_office_file_is_stored_as_it_came(library, data):
    library.upload("a.docx", data)
    assert library.write("a.docx", VersionLabel="V3").status_code == 200
    assert content(library, "a.docx") == data


@settings(max_examples=25)
@given(st.dictionaries(NAMES, TEXT, max_size=5), TEXT)
def test_what_is_written_is_read_back(custom, title):
    told = promotion.read(promotion.write(WORD, {**custom, "Title": title}))
    assert told | custom | {"Title": title} == told


@settings(max_examples=25)
@given(st.dictionaries(NAMES, TEXT, max_size=3), st.dictionaries(NAMES, TEXT, max_size=3))
def test_writing_again_leaves_a_package_that_names_each_part_once(first, second):
    data = promotion.write(promotion.write(WORD, first), second)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        assert package.read("_rels/.rels").count(promotion.PART.encode()) == 1
        assert package.read("[Content_Types].xml").count(promotion.PART.encode()) == 1
    assert Document(io.BytesIO(data)).paragraphs[0].text == "words"
