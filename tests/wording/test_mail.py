"""A mail is sound, plain HTML; its words are the standard's; it says what to do, by when, where."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from pydantic import ValidationError

from sharepoint_schema.letters import KNOWS, PASSAGES, Letters, Wording
from sharepoint_schema.standard import load_standard
from sync import digest, letters, notices
from sync.explaining import paragraph
from sync.letters import Letter, Point, Section
from sync.model import Status
from sync.state.digests import Line
from tests.wording.cases import CASES
from tests.wording.snapshot import findings
from tests.wording.test_wording import AMERICAN, JARGON

DUE = datetime(2026, 12, 8, 9, tzinfo=UTC)
LINK = "https://wmin.sharepoint.com/sites/core/Controlled%20documents/a%26b.docx?x=1&y=%22"
FILE = {
    "name": "a & b <draft>.docx",
    "list": "Controlled documents",
    "site": "WMIN Core Team",
}
OPENING = "This is about “a & b <draft>.docx” in Controlled documents, WMIN Core Team."
WRONG = next(findings(one)[0] for one in CASES if one.policy == "file_name")
OTHER = next(findings(one)[0] for one in CASES if one.policy == "approval_route")
WORDS = load_standard().letters
WHOLE = {"signed": WORDS.signed, "mails": WORDS.mails, "passages": WORDS.passages}
EVERY = {name: f"<{name}> & more" for names in KNOWS.values() for name in names}


class Page(HTMLParser):
    """What a mail program makes of it: tags in order, texts, links."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.texts, self.links, self.attributes = [], [], [], [], {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)
        self.attributes[tag] = dict(attrs)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag  # well nested

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))

    def told(self, tag):
        return [text for there, text in self.texts if there == tag]


def letter(*points) -> Letter:
    told = points or (paragraph(WRONG, DUE.date()), paragraph(OTHER))
    return letters.write(WORDS, "needs_you", FILE, told, LINK)


def test_a_mail_is_sound_html_in_british_english_and_each_point_stands_in_a_list():
    page = Page(letters.as_html(letter()))
    assert page.open == []
    assert page.attributes["html"] == {"lang": "en-GB"}
    assert page.told("li") == [paragraph(WRONG, DUE.date()), paragraph(OTHER)]
    assert page.links == [LINK]
    assert page.told("a") == ["Open “a & b <draft>.docx” in Controlled documents"]
    assert OPENING in page.told("p")


@pytest.mark.parametrize("kind", sorted(KNOWS))
def test_every_mail_can_be_read_by_ear(kind):
    """WCAG 2.1 A and AA: a title and its heading, one main heading, links that say where to."""
    mail = letters.write(WORDS, kind, EVERY, ["one", "two"], LINK)
    page = Page(letters.as_html(mail))
    assert page.told("title") == page.told("h1") == [mail.subject]
    assert page.seen.count("h1") == 1
    assert not {"table", "font", "img", "style", "br"} & set(page.seen)
    assert page.links == ([LINK] if WORDS.mails[kind].link else [])
    assert all(len(says.split()) > 1 for says in page.told("a"))
    assert page.told("p")[-1] == WORDS.signed


@pytest.mark.parametrize("kind", sorted(KNOWS))
def test_the_text_part_says_what_the_html_says(kind):
    mail = letters.write(WORDS, kind, EVERY, ["one & two"], LINK)
    shown = [one for tag, one in Page(letters.as_html(mail)).texts if tag not in {"title", "h1"}]
    text = letters.as_text(mail)
    assert all(one in text for one in shown)
    assert (LINK in text) is bool(WORDS.mails[kind].link)


def test_a_mail_says_what_to_do_and_by_when_while_verger_waits():
    for said in letter().body().values():
        assert "Choose “Use the proposed name”" in said
        assert "Please put this right by 08/12/2026; after that Verger will." in said
        assert "Nothing to do" not in said


def test_a_mail_after_the_act_says_what_was_done():
    said = letters.as_text(letter(paragraph(WRONG)))
    assert "Nothing to do: the file has its agreed name now." in said
    assert "Please put this right by" not in said


def test_plain_text_says_the_same_with_the_address_at_the_end():
    lines = letters.as_text(letter()).splitlines()
    assert lines[0] == OPENING
    assert [line[:2] for line in lines[2:4]] == ["- ", "- "]
    assert lines[-3].endswith(f" in Controlled documents: {LINK}")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.docx", 'a"b&c.docx', "{0}{x}"])
def test_a_file_name_is_never_markup(name):
    page = Page(letters.as_html(letters.write(WORDS, "held", {**FILE, "name": name})))
    assert page.links == []
    assert any(name in text for _, text in page.texts)


def test_an_address_that_names_a_patient_is_left_out():
    mail = letters.write(WORDS, "held", FILE, address="https://x.example/943%20476%205919.docx")
    assert mail.address == ""
    assert Page(letters.as_html(mail)).links == []


@pytest.mark.parametrize("subject", [one.subject for one in WORDS.mails.values()])
def test_a_subject_is_short_plain_and_names_no_file(subject):
    assert len(subject) <= 60
    assert not JARGON.search(subject)
    assert not AMERICAN.search(subject)
    assert "." not in subject


def test_every_status_that_asks_for_a_mail_has_its_words():
    silent = {Status.IN_ORDER}
    assert notices.KINDS.keys() == set(Status) - silent


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subject": "About {name}"}, "the subject of held is to name no document"),
        ({"subject": "Gov-04 is held"}, "the subject of held is to name no document"),
        ({"subject": "“Risk” is red"}, "the subject of held is to name no document"),
        ({"subject": "Write to helen@dgft.nhs.example"}, "the subject of held is to name"),
        ({"opening": "Patient {patient} is named"}, "held asks for {patient}; it knows list, name"),
        ({"closing": "Ask {owner}"}, "held asks for {owner}"),
    ],
)
def test_words_that_say_too_much_are_refused(change, says):
    held = Wording.model_validate(WORDS.mails["held"].model_dump() | change)
    with pytest.raises(ValidationError, match=says):
        Letters(**{**WHOLE, "mails": {**WORDS.mails, "held": held}})


def test_a_mail_without_words_is_refused():
    kept = {kind: one for kind, one in WORDS.mails.items() if kind != "lost"}
    with pytest.raises(ValidationError, match="mails has no lost"):
        Letters(**{**WHOLE, "mails": kept})


@pytest.mark.parametrize("kind", sorted(PASSAGES))
def test_every_passage_says_all_it_knows_in_plain_british_english(kind):
    knows = {name: f"<{name}> & more" for name in PASSAGES[kind]}
    text = WORDS.passage(kind, knows)
    assert all(one in text for one in knows.values())
    assert not JARGON.search(text)
    assert not AMERICAN.search(text)


def test_a_letters_paragraphs_are_parted():
    told = WORDS.passage("attendance", {"who": "Ann Lee", "days": "01/12/2026, 05/01/2027"})
    assert told.startswith("Dear Ann Lee,\n\nYou could not be at our meetings of 01/12/2026, 05")
    assert told.endswith("Yours sincerely\n\nChair")


@pytest.mark.parametrize(
    ("passages", "says"),
    [
        (
            {"certificate": ("Gone, said {nobody}.",)},
            "certificate asks for {nobody}; it knows appr",
        ),
        ({"attendance": ()}, "passages has no attendance"),
    ],
)
def test_a_passage_that_asks_for_what_nobody_tells_is_refused(passages, says):
    with pytest.raises(ValidationError, match=says):
        Letters(**{**WHOLE, "passages": {**WORDS.passages, **passages}})


@pytest.mark.parametrize(
    ("now", "until"),
    [  # 25 and 28 December 2026 are holidays (gov.uk/bank-holidays); British summer time in June
        ("2026-11-24T03:00", None),
        ("2026-11-28T12:00", "2026-11-30T07:30"),
        ("2026-12-25T09:00", "2026-12-29T07:30"),
        ("2026-06-12T23:30", "2026-06-15T06:30"),  # Saturday already, in Britain
        ("2026-06-14T22:59", "2026-06-15T06:30"),
        ("2026-06-14T23:01", None),
    ],
)
def test_what_can_wait_rests_until_the_next_working_day(now, until):
    found = letters.rests_until(datetime.fromisoformat(f"{now}+00:00"))
    assert found == (datetime.fromisoformat(f"{until}+00:00") if until else None)


def line(key: str, says: str, section: str = "Risks", link: str = LINK) -> Line:
    return Line(
        key=key, recipient="a@b.c", section=section, says=says, link=link, queued_at=DUE
    )  # fmt: skip


def test_a_digest_gives_the_last_word_on_each_subject_and_no_sentence_twice():
    lines = [
        line("r1:row_due:review:2026-12-01:14:a@b.c", "due in two weeks"),
        line("r1:row_due:mitigation:2026-12-01:14:a@b.c", "mitigation"),
        line("r1:row_due:review:2026-12-01:0:a@b.c", "due today"),
        line("r2:row_complete:complete:A,B:a@b.c", "still A, B"),
        line("r2:row_complete:complete:A:a@b.c", "still A"),
        line("r2:risk_scope:scope:a@b.c", "still A"),
    ]
    assert [one.says for one in digest.latest(lines)] == ["mitigation", "due today", "still A"]


def test_each_register_is_a_heading_and_each_line_a_link_in_a_digest():
    mail = letters.write(WORDS, "digest", {"day": "24/11/2026"})
    points = (Point("Risk 7: review it.", LINK), Point("Nothing to open."))
    page = Page(
        letters.as_html(letters.with_sections(mail, [Section(points, "Risk register, Core")]))
    )
    assert page.told("h2") == ["Risk register, Core"]
    assert page.told("li") == ["Nothing to open."]
    assert page.told("a") == ["Risk 7: review it."]
