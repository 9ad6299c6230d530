"""The watch over all answers finds what breaks the contract, and forgives only what is shown."""

from __future__ import annotations

import json

import pytest

from local.tenant import witness
from local.tenant.call import Answer, Call
from tests.contract.example_kit import examples
from tests.contract_kit import Checker, Known, Watch, known_members, load_contract, shape

SITE = {"id": "a,b,c", "displayName": "Core"}


@pytest.fixture(scope="module")
def checker():
    contract = load_contract()
    if contract is None:
        pytest.skip("Microsoft's contract (../shared/contract) is not beside this checkout")
    return Checker(contract)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SITE, []),
        (SITE | {"displayName": 7}, ["displayName: 7 is not of type 'string', 'null'"]),
        (SITE | {"nonsense": 1}, [".nonsense is unknown"]),
        (SITE | {"createdDateTime": "yesterday"}, ["createdDateTime: 'yesterday' does not match"]),
    ],
)
def test_a_schema_error_and_an_unknown_member_are_found(checker, body, said):
    found = checker.faults("GET", "/v1.0/sites/root", 200, body)
    assert len(found) == len(said)
    assert all(word in fault for word, fault in zip(said, found, strict=True))


def test_an_operation_that_microsoft_has_not_is_found(checker):
    assert checker.faults("GET", "/v1.0/sites/root/verdicts", 200, {}) != []
    assert checker.faults("GET", "/v1.0/sites/root/verdicts", 501, {}) == []


def test_the_answers_of_an_upload_address_are_held_too(checker):
    line = {"surface": "files", "operation": "", "method": "PUT", "path": "/_upload/x",
            "headers": {}}  # fmt: skip
    assert checker.seen(line | {"status": 201, "body": {"id": "1", "name": "a"}}) == []
    assert checker.seen(line | {"status": 201, "body": {"id": 1}}) != []
    assert checker.seen(line | {"status": 202, "body": {"nextExpectedRanges": "1-"}}) != []


def test_answers_alike_but_for_figures_are_checked_once():
    one, other = ({"id": f"0{n}", "rows": [{"n": n}, {"n": n}]} for n in (1, 2))
    assert shape(one) != shape({**one, "id": "word"})
    assert shape({"id": "01"}) == shape({"id": "02"})
    assert shape(one["rows"]) != shape(other["rows"])  # figures are not identifiers


def test_the_watch_reads_what_is_new_and_whole(tmp_path, checker):
    watch = Watch(tmp_path, checker)
    line = {"surface": "graph", "operation": "", "method": "GET", "path": "/sites/root",
            "status": 200, "headers": {}, "body": {"id": 1}}  # fmt: skip
    file = tmp_path / "1.jsonl"
    text = json.dumps(line) + "\n"
    file.write_text(text + text[:20], encoding="utf-8")
    assert len(watch.new()) == 1
    assert watch.new() == []
    file.write_text(text + text, encoding="utf-8")
    assert len(watch.new()) == 1


def test_nothing_is_noted_unless_somebody_asks(tmp_path, monkeypatch):
    call = Call(None, "GET", "/me", {}, {}, b"", None, "")
    monkeypatch.delenv(witness.FOLDER, raising=False)
    witness.note("graph", "GET /me", call, Answer(200, {"id": "1"}))
    monkeypatch.setenv(witness.FOLDER, str(tmp_path))
    witness.note("graph", "GET /me", call, Answer(200, {"id": "2"}))
    witness.note("files", "", call, Answer(200, b"bytes", {"Content-Type": "text/plain"}))
    lines = [
        json.loads(line) for file in tmp_path.iterdir() for line in file.read_bytes().splitlines()
    ]
    assert [line["body"] for line in lines] == [{"id": "2"}, None]


@pytest.mark.parametrize("known", known_members(), ids=lambda each: each.member)
def test_a_known_member_is_shown_by_its_example_and_needed(checker, known):
    example = next(each for each in examples() if each["id"] == known.example)
    request, response = example["request"], example["response"]
    method, url = request["method"], request["url"]
    strict = Checker(checker.contract, [each for each in known_members() if each != known])
    assert checker.faults(method, url, response["status"], response["body"]) == []
    assert strict.faults(method, url, response["status"], response["body"]) != []


def test_a_known_member_counts_only_where_it_was_shown():
    known = Known("error", "/drives/{drive-id}/.*invite", "value", "gc-driveitem-invite-1")
    invite = "/drives/{drive-id}/items/{driveItem-id}/invite"
    assert known.covers(invite, ".value[3].error")
    assert not known.covers(invite, ".value[3].grantedTo.error")
    assert not known.covers("/sites/{site-id}", ".value[3].error")
