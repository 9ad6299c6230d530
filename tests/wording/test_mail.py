"""A mail says what it is about, every point as beside the file, by when, and leads to the file."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from sync import breakers, notices
from sync.explaining import paragraph
from sync.model import Status
from tests.wording.cases import CASES
from tests.wording.snapshot import findings
from tests.wording.test_wording import AMERICAN, JARGON

DUE = datetime(2026, 12, 8, 9, tzinfo=UTC)
LINK = "https://wmin.sharepoint.com/sites/core/Controlled%20documents/a%26b.docx?x=1&y=%22"
OPENING = "This is about “a & b <draft>.docx” in Controlled documents, WMIN Core Team."
WRONG = next(findings(one)[0] for one in CASES if one.policy == "file_name")
OTHER = next(findings(one)[0] for one in CASES if one.policy == "approval_route")


class Page(HTMLParser):
    """What a mail program makes of it: tags in order, texts, links."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.links, self.attributes = [], [], [], {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes[tag] = dict(attrs)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag  # well nested

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))


def letter(**more):
    due = {WRONG.policy: DUE}
    return notices.Letter(OPENING, (WRONG, OTHER), LINK, due, **more)


def test_a_mail_is_sound_html_in_british_english_and_each_point_stands_in_a_list():
    page = Page(notices.as_html(letter()))
    assert page.open == []
    assert page.attributes["html"] == {"lang": "en-GB"}
    points = [text for tag, text in page.texts if tag == "li"]
    assert points == [paragraph(WRONG, DUE.date()), paragraph(OTHER)]
    assert page.links == [LINK]
    assert ("a", "Open the document") in page.texts
    assert OPENING in [text for tag, text in page.texts if tag == "p"]


def test_a_mail_says_what_to_do_and_by_when_while_verger_waits():
    for said in (notices.as_html(letter()), notices.as_text(letter())):
        assert "Choose “Use the proposed name”" in said
        assert "Please put this right by 08/12/2026; after that Verger will." in said
        assert "Nothing to do" not in said


def test_a_mail_after_the_act_says_what_was_done():
    said = notices.as_text(notices.Letter(OPENING, (WRONG,), LINK))
    assert "Nothing to do: the file has its agreed name now." in said
    assert "Please put this right by" not in said


def test_plain_text_says_the_same_with_the_address_at_the_end():
    lines = notices.as_text(letter()).splitlines()
    assert lines[0] == OPENING
    assert [line[:2] for line in lines[2:4]] == ["- ", "- "]
    assert f"The document: {LINK}" in lines


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.docx", 'a"b&c.docx'])
def test_a_file_name_is_never_markup(name):
    page = Page(notices.as_html(notices.Letter(f"About “{name}”.", (), "")))
    assert page.links == []
    assert any(name in text for _, text in page.texts)


@pytest.mark.parametrize(
    "subject", [*notices.SUBJECTS.values(), notices.FOR_OFFICERS, breakers.ALARM]
)
def test_a_subject_is_short_plain_and_names_no_file(subject):
    assert len(subject) <= 60
    assert not JARGON.search(subject)
    assert not AMERICAN.search(subject)
    assert "." not in subject


def test_every_status_that_asks_for_a_mail_has_a_subject():
    silent = {Status.IN_ORDER}
    assert notices.SUBJECTS.keys() == set(Status) - silent
