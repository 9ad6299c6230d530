"""How the rules of an area are found, chosen and run."""

import ast
import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from sharepoint_schema.standard import load_standard
from sync.model import Reading, ReadState, Severity, Status, standing
from sync.policies import READING, WAY_OUT, judge, policies, rows
from tests.policies.kit import CONTROLLED, context, corrections, document

HERE = Path(__file__).parent
PURE = {"sync", "sharepoint_schema", "stdnum", "__future__", "re", "dataclasses", "enum", "typing",
        "functools", "collections", "itertools"}  # fmt: skip


def test_the_policies_are_found_by_their_place():
    assert {*policies(), *rows.policies()} == set(load_standard().modes)
    assert set(policies()) >= CONTROLLED


@pytest.mark.parametrize("name", sorted(policies()))
def test_every_policy_has_a_meaning_needs_permissions_a_mode_and_a_test(name):
    policy = policies()[name]
    assert policy.meaning.strip()
    assert policy.needs
    assert policy.needs <= {"name", "columns", "content", "versions", "access"}
    assert policy.permissions
    assert name in load_standard().modes
    assert (HERE / f"test_{name}.py").exists()


@pytest.mark.parametrize("name", [*sorted(policies()), "_truth"])
def test_a_policy_reads_no_clock_no_file_and_no_network(name):
    source = Path(importlib.import_module(f"sync.policies.{name}").__file__).read_text("utf-8")
    tree = ast.walk(ast.parse(source))
    roots = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in tree
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert roots - {"datetime"} <= PURE
    assert ".today()" not in source
    assert ".now(" not in source


def test_an_unknown_policy_is_an_error():
    with pytest.raises(KeyError):
        judge(document(), context(), {"good_taste"})


def test_an_ignored_file_has_no_findings():
    assert judge(document("~$Gov-11.docx"), context()) == []


@pytest.mark.parametrize("state", sorted(set(ReadState) - {ReadState.READ}))
def test_a_file_that_cannot_be_read_is_not_checked_and_stays_untouched(state):
    read_as = Reading(state, "Why it is not read.", content_id="c9")
    findings = judge(document("wrong.docx", fields={}, read_as=read_as), context())
    assert [finding.policy for finding in findings] == [READING]
    assert findings[0].severity is Severity.STOP
    assert findings[0].how == WAY_OUT[state]
    assert standing(findings) is Status.NOT_CHECKED
    assert corrections(findings) == []


def test_an_unreadable_file_is_still_judged_by_its_name():
    read_as = Reading(ReadState.ENCRYPTED, "Protected.", content_id="c9")
    subject = document("NHS no 999 123 4578.docx", fields={}, read_as=read_as)
    assert [f.policy for f in judge(subject, context())] == ["patient_identifier", READING]


def test_a_file_whose_content_was_not_fetched_is_not_checked():
    findings = judge(replace(document(), reading=None), context())
    assert standing(findings) is Status.NOT_CHECKED


def test_only_the_rules_asked_for_run():
    subject = document("x.docx", fields={})
    assert {f.policy for f in judge(subject, context(), {"file_name"})} == {"file_name"}


def test_a_document_in_order_has_no_findings():
    assert judge(document(), context()) == []
