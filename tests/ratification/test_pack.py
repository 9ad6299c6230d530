"""The publication pack: what happened since a day, the files in force, nothing that is closed."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import pack as command
from sync import packing, renditions, undoing
from sync.callers import Caller, Role
from sync.pack_index import COLUMNS, Entry, Pack, harmless, page, table, zipped
from sync.packing import pack
from sync.tenant import publishing
from tests import tenant_kit as kit

ADMIN = Caller("oid-2", "Ada Min", frozenset({Role.ADMIN}))
SINCE, UNTIL = date(2026, 10, 1), date(2026, 11, 24)
FILES = {"Gov-1 A V1.docx": b"one", "Gov-2 B & C V1.docx": b"two"}


def entry(**more) -> Entry:
    told = {"kind": "published", "on": UNTIL, "number": "Gov-01", "title": "A", "label": "V1"}
    return Entry(**told | more)


def made(*entries: Entry) -> Pack:
    return Pack("The Network", SINCE, UNTIL, entries)


class Page(HTMLParser):
    """Collects what a reader, or a screen reader, goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]


def test_the_same_facts_make_the_same_bytes():
    told = made(entry(file="Gov-1 A V1.docx"))
    backwards = dict(reversed(FILES.items()))
    assert zipped(told, FILES) == zipped(told, backwards)


def test_the_zip_holds_both_indexes_and_the_files():
    archive = zipfile.ZipFile(io.BytesIO(zipped(made(), FILES)))
    assert archive.testzip() is None
    assert archive.namelist() == ["index.html", "index.csv", *(f"documents/{one}" for one in FILES)]


def test_the_page_is_readable_by_everybody():
    told = Page(page(made(entry(file="Gov-2 B & C V1.docx"), entry(kind="superseded"))))
    assert told.all("html") == [{"lang": "en-GB"}]
    assert len(told.all("h1")) == 1
    assert len(told.all("h2")) == 3
    assert len(told.all("table")) == len(told.all("caption")) == 2
    assert all(one.get("scope") in {"col", "row"} for one in told.all("th"))
    assert [one["href"] for one in told.all("a")] == ["documents/Gov-2%20B%20%26%20C%20V1.docx"]
    assert not told.all("script")


def test_what_a_title_says_is_text_in_the_page():
    assert "<b>" not in page(made(entry(title="<b>bold</b>")))


@given(st.text(max_size=30))
def test_no_cell_of_the_csv_begins_a_formula(text):
    cell = harmless(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.endswith(text)


@pytest.mark.parametrize("title", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "  =1"])
def test_a_title_that_looks_like_a_formula_is_shown_as_text(title):
    [heads, row] = csv.reader(io.StringIO(table(made(entry(title=title)))))
    assert tuple(heads) == COLUMNS
    assert row[COLUMNS.index("Title")] == f"'{title}"


def index(data: bytes) -> list[dict[str, str]]:
    text = zipfile.ZipFile(io.BytesIO(data)).read("index.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def lines(data: bytes, number: str) -> list[tuple[str, str, str]]:
    found = [one for one in index(data) if one["Number"] == number]
    return [(one["What happened"], one["Version"], one["File"]) for one in found]


async def published(boards, number: str):
    item = boards.draft(number, text=f"This is {number}.")
    await boards.desk.settle()
    await boards.adopt(number)
    assert boards.fields(item)["DocumentStatus"] == "Current", boards.fields(item)
    return item


async def test_a_published_document_comes_with_the_very_file_that_was_published(boards):
    await published(boards, "Gov-71")
    today = boards.desk.service.today()
    _, data = await pack(boards.desk.service, today)
    name = "Gov-71 Image Sharing Strategy V1.docx"
    assert lines(data, "Gov-71") == [("Published", "V1", name)]
    archive = zipfile.ZipFile(io.BytesIO(data))
    inside = zipfile.ZipFile(io.BytesIO(archive.read(f"documents/{name}")))
    assert b"This is Gov-71." in inside.read("word/document.xml")
    assert name in archive.read("index.html").decode()
    assert (await pack(boards.desk.service, today))[1] == data
    _, later = await pack(boards.desk.service, today + timedelta(days=1))
    assert lines(later, "Gov-71") == []


async def test_the_pdf_goes_before_the_file_and_the_file_where_somebody_took_the_pdf(
    boards, monkeypatch
):
    async def drawn(*_told):
        return b"%PDF-1.7 drawn"

    monkeypatch.setattr(publishing, "rendition", drawn)
    await published(boards, "Gov-70")
    service = boards.desk.service
    await renditions.draw_waiting(service)
    _, data = await pack(service, service.today())
    name = "Gov-70 Image Sharing Strategy.pdf"
    assert lines(data, "Gov-70") == [("Published", "V1", name)]
    assert zipfile.ZipFile(io.BytesIO(data)).read(f"documents/{name}") == await drawn()

    boards.desk.person(kit.DIRECTOR).delete(await boards.pdf(name)).raise_for_status()
    _, data = await pack(service, service.today())
    assert lines(data, "Gov-70") == [("Published", "V1", "Gov-70 Image Sharing Strategy V1.docx")]


async def test_a_draft_of_the_next_version_does_not_get_into_the_pack(boards):
    await published(boards, "Gov-72")
    boards.draft("Gov-72", text="Not yet decided.", version="V1.1")
    await boards.desk.settle()
    _, data = await pack(boards.desk.service, boards.desk.service.today())
    [(_, _, name)] = lines(data, "Gov-72")
    inside = zipfile.ZipFile(io.BytesIO(data)).read(f"documents/{name}")
    text = zipfile.ZipFile(io.BytesIO(inside)).read("word/document.xml")
    assert b"This is Gov-72." in text
    assert b"Not yet decided." not in text


async def test_what_was_deleted_or_undone_is_withdrawn_and_has_no_file(boards):
    gone, undone = await published(boards, "Gov-73"), await published(boards, "Gov-74")
    path = f"/v1.0/drives/{gone['parentReference']['driveId']}/items/{gone['id']}"
    boards.desk.person(kit.HELEN).delete(path).raise_for_status()
    row = await boards.record(undone)
    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "decided in error")
    await boards.desk.settle()
    _, data = await pack(boards.desk.service, boards.desk.service.today())
    assert lines(data, "Gov-73") == [("Published", "V1", ""), ("Withdrawn", "V1", "")]
    assert lines(data, "Gov-74") == [("Withdrawn", "V1", "")]


async def test_what_is_marked_as_sensitive_is_left_out_even_by_number(boards):
    item = await published(boards, "Gov-75")
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem/fields"
    marked = {"Sensitivity": "Official-Sensitive: Commercial"}
    boards.desk.person(kit.HELEN).patch(path, json=marked).raise_for_status()
    await boards.desk.settle()
    _, data = await pack(boards.desk.service, boards.desk.service.today())
    assert b"Gov-75" not in data


async def test_the_command_writes_the_zip_and_says_what_is_in_it(
    boards, tmp_path, monkeypatch, capsys
):
    await published(boards, "Gov-76")
    made_now = await packing.pack(boards.desk.service, boards.desk.service.today())
    monkeypatch.setattr(command, "with_service", lambda _settings, _work: made_now)
    out = tmp_path / "pack.zip"
    command.command(boards.desk.service.today().strftime("%d/%m/%Y"), out)
    assert zipfile.is_zipfile(out)
    assert f"{len(made_now[0].of('published'))} published" in capsys.readouterr().out
