"""What bad input gets: a verdict that says so, a sentence, an exit status; never a stuck stage."""

from __future__ import annotations

import http.client
import json
import re
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from local.demo.documents import samples
from local.demo.story import AREAS, CORE
from local.demo.world import HELEN, PROVISIONER
from sync.model import SITE_TIME
from sync.reading.kinds import ENCRYPTED_PACKAGE, OLE
from sync.state import lists
from tests.reading.kit import bomb
from tests.story import kit

if TYPE_CHECKING:
    from local.demo.staff import Uploaded

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story"), pytest.mark.timeout(300)]

DAY = samples(datetime.now(SITE_TIME).date())
NOT_CHECKED = "Not checked"
PATIENCE = 100
"""Seconds: longer than a file of 0 bytes is given to grow (sync.facts)."""


def protected(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt("secret", algorithm="AES-256")
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def scan() -> bytes:
    """Return a PDF of one page that shows something and says nothing."""
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 50, 50)
    return bytes(pdf.output())


TEXT = DAY["gov_04"].data
BAD_FILES = {
    "damaged report (final).docx": (TEXT[: len(TEXT) // 2], "damaged"),
    "locked report (final).docx": (OLE + bytes(504) + ENCRYPTED_PACKAGE, "password"),
    "locked minutes (final).pdf": (protected(DAY["terms_as_pdf"].data), "password"),
    "bomb (final).docx": (bomb(220), "unpack"),
    "scan (final).pdf": (scan(), "no text"),
    "nothing (final).docx": (b"", "empty (0 bytes)"),
}
"""Files nobody can check, under names that break the rule, and the word their reason has to say."""


@pytest.fixture(scope="module")
def scene(opened, tmp_path_factory):
    """Return a stage on a copy of the opened folder, and its watch."""
    with kit.playing(opened, tmp_path_factory.mktemp("bad") / "data") as playing:
        yield playing


def put(here, name: str, data: bytes, area: str = "controlled") -> Uploaded:
    helen = here.person(HELEN)
    return helen.upload(helen.library(CORE, AREAS[area]), name, data)


@pytest.fixture(scope="module")
def bad_files(scene):
    """Upload all of them together; return each with what the tenant and Verger say at the end."""
    here, watch = scene
    files = {name: put(here, name, data) for name, (data, _) in BAD_FILES.items()}
    empty = files["nothing (final).docx"]
    assert watch.until(lambda: watch.is_waiting(empty.unique_id, "0 bytes"), kit.SETTLES_WITHIN)
    kit.advance(here, PATIENCE)
    for file in files.values():
        assert watch.until(lambda file=file: watch.settled(file.unique_id), kit.SETTLES_WITHIN), (
            f"{file.name}: {watch.why_not(file.unique_id)}"
        )
    assert watch.until(watch.idle, kit.SETTLES_WITHIN)
    return files


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_checked_says_so_and_is_left_as_it_was(scene, bad_files, name):
    here, watch = scene
    verdict = watch.verdict(bad_files[name].unique_id)
    columns = watch.columns(verdict.list_id, verdict.item_id)
    data, word = BAD_FILES[name]

    assert (verdict.status, columns[kit.STATUS]) == (NOT_CHECKED, NOT_CHECKED)
    assert verdict.policies == ("reading",)
    assert word in columns[kit.REASON]
    assert (verdict.name, verdict.area) == (name, "controlled")
    assert verdict.done <= {"set_columns"}
    assert here.person(HELEN).content(bad_files[name]) == data


def test_each_uploader_of_an_unchecked_file_gets_one_mail(scene, bad_files):
    here, _ = scene
    subjects = [subject for _, subject, _ in kit.mails(here).values()]
    told = [subject for subject in subjects if "document" in subject]  # no welcome to a new group

    assert told == ["Your document could not be checked"] * len(bad_files)
    assert kit.doubles(here) == 0


def test_a_forged_notification_is_dropped_and_counted_and_drains_nothing(scene):
    here, watch = scene
    sig = _list_of(here, "documents")
    forged = {"subscriptionId": "s", "clientState": "k1." + "0" * 64, "changeType": "updated"}

    status = _post(here, f"/api/webhook/{sig.id}", {"value": [forged, forged]})
    real = put(here, "after the forgery.txt", b"Agenda of the day.", "working")

    assert watch.until(lambda: watch.settled(real.unique_id), kit.SETTLES_WITHIN)
    assert watch.until(watch.idle, kit.SETTLES_WITHIN)
    assert status == 202
    assert f"dropped 2 notification(s) not made by us for list '{sig.id}'" in _log(here)
    assert _list_of(here, "documents") == sig


def test_a_policed_upload_leaves_the_version_list_as_staff_left_it(scene):
    """Staff work while the function app is down, so that what they left is seen before it acts."""
    here, watch = scene
    keys = [key for key in DAY if key not in {"growing", "locked", "with_nhs_number"}]
    here.host.stop()
    files = {key: _as_staff_do(here, DAY[key]) for key in keys}
    ids = {key: file.unique_id for key, file in files.items()}
    left = kit.versions_of(here, ids)

    here.restart_host()
    kit.advance(here, kit.LEASES_LAPSE)  # the notifications that nobody heard are sent again

    for key, file in files.items():
        assert watch.until(lambda file=file: watch.settled(file.unique_id), kit.SETTLES_WITHIN), key
    assert {watch.verdict(one).status for one in ids.values()} > {"Corrected", "In order"}
    assert kit.versions_of(here, ids) == left


UNREACHABLE = (
    r"verger: could not get a token for https://graph\.microsoft\.com/\.default: "
    r"login\.microsoftonline\.com cannot be reached \(Connection refused\)\n"
)
"""All that a command says when the tenant is down: what it was about, whom it could not reach."""
BROKEN_ORDER = """\
name: Breast imaging
kind: gardening
chair: nobody
colour: green
facilitator: tom.baker@dgft.nhs.example
network_director: {who: Nadia Drew, date: 02/11/2026}
operational_board: {reference: NOB 2026/11 item 7, date: 31/02/2026}
"""
BROKEN_LINES = {2: "kind", 3: "chair", 4: "colour", 7: "operational_board"}
"""Where the broken order is wrong; the missing agreement has no line of its own."""


@pytest.mark.parametrize("words", [("schema", "check"), ("plan", "sig"), ("apply", "sig")])
def test_a_schema_error_names_every_line_and_writes_nothing(scene, tmp_path, words):
    here, _ = scene
    order = tmp_path / "broken.yaml"
    order.write_text(BROKEN_ORDER, encoding="utf-8")
    mark = here.control("GET", "/ledger")["mark"]
    settings = None if words[0] == "schema" else here.world.provisioner

    done = kit.verger(*words, "--order", str(order), settings=settings)

    assert done.returncode == 2
    assert "nothing was written" in done.stderr
    for line, path in BROKEN_LINES.items():
        assert f"broken.yaml:{line}: {path}" in done.stderr
    assert "the Clinical Director's agreement is missing" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    asked = here.control("GET", f"/ledger?since={mark}")["value"]
    assert [one for one in asked if one["app"] == PROVISIONER] == []


def test_a_dead_tenant_is_said_in_a_sentence_and_all_goes_on_when_it_is_back(scene):
    here, watch = scene
    hold = {"match": {"surface": "files"}, "effect": {"kind": "delay", "seconds": 30}}
    here.control("POST", "/faults", hold)
    file = put(here, "Minutes of the day.txt", b"Nothing was decided.", "working")
    assert watch.until(lambda: kit.in_flight(here)[0] > 0, kit.SETTLES_WITHIN)
    here.tenant.kill()

    ends = {
        words: kit.verger(*words, settings=settings)
        for words, settings in (
            (("plan", "core_team"), here.world.provisioner),
            (("audit",), here.world.enforcer),
        )
    }
    here.restart_tenant()
    here.control("DELETE", "/faults")

    for words, done in ends.items():
        assert done.returncode == 1, words
        assert re.fullmatch(UNREACHABLE, done.stderr), done.stderr
        assert "Traceback" not in done.stdout
    kit.advance(here, kit.LEASES_LAPSE)
    assert watch.until(lambda: watch.settled(file.unique_id), kit.SETTLES_WITHIN)
    assert watch.verdict(file.unique_id).status == "In order"
    assert kit.verger("plan", "core_team", settings=here.world.provisioner).returncode == 0
    assert kit.verger("audit", settings=here.world.enforcer).returncode == 0
    assert watch.until(watch.idle, kit.SETTLES_WITHIN), kit.left_over(here)


def _as_staff_do(here, sample) -> Uploaded:
    """Upload a file, fill in columns, publish it, as the story's staff do."""
    helen = here.person(HELEN)
    file = put(here, sample.name, sample.data, sample.area)
    if sample.columns:
        helen.set_columns(file, dict(sample.columns))
    if sample.publish:
        helen.publish(file, f"{sample.name}, as approved")
    return file


def _list_of(here, area: str) -> lists.ListRow:
    rows = kit.ask(here, lists.all_lists)
    return next(row for row in rows if row.area == area)


def _post(here, path: str, body: object) -> int:
    where = urlsplit(here.host.ready["address"])
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _log(here) -> str:
    return here.host.log.read_text(encoding="utf-8", errors="replace")
