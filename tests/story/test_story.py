"""`make run` as a user sees it: the story told, told again without a write, told once at a time."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest

from local.demo.stage import alone
from tests.story import kit

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story"), pytest.mark.timeout(300)]

WITHIN = 120
"""Seconds that `make run` may take once packages are installed (issue 1)."""
NUMBERS = ["Gov-04", "Gov-05", "Gov-11", "Gov-12", "Gov-13", "Op-01", "ToR-03", "ToR-08", "ToR-09"]
MAILS = 13
"""9 verdicts for staff, a publication, one more for the IG officers, a new group's two welcomes."""


def kept_by_tenant(data):
    """Return what the tenant keeps of items, versions and mail: any write shows in it."""
    store = f"file:{data / 'tenant' / 'tenant.db'}?mode=ro"
    with closing(sqlite3.connect(store, uri=True)) as tenant:
        return {
            table: tenant.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - three names
            for table in ("items", "versions", "mail")
        }


def numbers_in(shown):
    """Return the first cell of each row of the registry's printed table."""
    table = shown.rpartition("Document registry")[2].partition("Mail sent")[0]
    return re.findall(r"^│ ([A-Z]\w*-\d+)", table, re.MULTILINE)


def test_the_story_is_told_within_its_time(told):
    done, _ = told
    assert done.returncode == 0, done.stdout + done.stderr
    seconds = re.search(r"Told in (\d+) s\.", done.stdout)

    assert seconds is not None
    assert int(seconds[1]) <= WITHIN


def test_gov_04_comes_out_with_exactly_two_findings(told):
    _, data = told
    shown = kit.verger("findings", "--json", settings=data / "enforcer.env")
    rows = json.loads(shown.stdout)
    (gov_04,) = [
        row
        for row in rows
        if row["file"].startswith("Gov-04 ") and row["where"].endswith("Controlled documents")
    ]

    assert gov_04["status"] == "Needs you"
    assert sorted(one["policy"] for one in gov_04["findings"]) == ["approval_route", "review_date"]


def test_the_registry_is_printed_with_one_row_for_each_number(told):
    done, _ = told
    assert numbers_in(done.stdout) == NUMBERS


def test_every_mail_is_printed(told):
    done, _ = told
    table = done.stdout.partition("Mail sent")[2]

    assert table.count("│ helen.ward@dgft.nhs.example") == MAILS - 3
    assert table.count("│ iris.grant@dgft.nhs.example") == 1
    assert f"{MAILS} mails" in table


def test_a_second_telling_uploads_nothing_and_writes_nothing(told):
    first, data = told
    before = kept_by_tenant(data)
    done = kit.verger("local", "run", "--data", str(data))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "audited: 0 writes" in done.stdout
    assert "Helen uploads" not in done.stdout
    assert numbers_in(done.stdout) == numbers_in(first.stdout)
    assert kept_by_tenant(data) == before


@pytest.mark.parametrize("words", [("run",), ("run", "--fresh"), ("up",)])
def test_a_second_process_on_the_same_data_is_refused(told, words):
    _, data = told
    before = kept_by_tenant(data)
    with alone(data):
        done = kit.verger("local", *words, "--data", str(data))

    assert done.returncode == 1
    assert f"Another verger is running on {data}" in done.stdout
    assert "Traceback" not in done.stderr
    assert kept_by_tenant(data) == before
