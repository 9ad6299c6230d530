"""What staff read is plain English: the rule, what was found, what is right, and a way out."""

import ast
import importlib
import inspect
import re

import pytest

from sync import explaining, policies
from sync.model import Severity
from tests.wording.cases import CASES
from tests.wording.snapshot import FILE, findings, spoken, text

QUOTED = re.compile(r"“[^”]*”")
SENTENCE, ITEM = re.compile(r"(?<=[.!?])\s+"), "; "
LONGEST = 25
"""Words of one sentence, or of an item of a list; what is quoted counts as one."""
JARGON = re.compile(
    r"\b(?:api|boolean|cache|checksum|compliance|configur\w*|deprecated|enum|etag|exception raised"
    r"|guid|hash|idempoten\w*|invalid|item id|json|lifecycle|metadata|mitigat\w*|non-compliant"
    r"|null|object|parameter|parse\w*|payload|principal|provision\w*|query|regex|remediat\w*"
    r"|schema|stakeholder|string|tenant|token|unicode|url|utili[sz]e|valid\w*|webhook|workflow)\b",
    re.IGNORECASE,
)
"""Words that staff on a ward do not use; "policy" is a kind of document, so it is not one."""
AMERICAN = re.compile(
    r"\b(?:\w+(?<!s)(?<!cap)iz(?:e|ed|es|ing|ation|ations)|color|center|behavior|catalog|canceled"
    r"|labeled|favorite|license[ds]?|program(?=s? of work)|gray)\b",
    re.IGNORECASE,
)
FOUND = [(case, one) for case in CASES for one in findings(case)]
IDS = [f"{case.policy}: {case.name}" for case, _ in FOUND]
each = pytest.mark.parametrize("finding", [one for _, one in FOUND], ids=IDS)


def test_the_words_are_those_that_were_read_and_agreed():
    says = "read the difference as staff would, then: python -m tests.wording.snapshot"
    assert text() == FILE.read_text("utf-8"), says


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy}: {case.name}")
def test_every_case_is_found_by_its_rule(case):
    assert findings(case)


@each
def test_it_begins_with_the_rule_and_says_what_is_right(finding):
    for said in spoken(finding).values():
        assert said.startswith(f"{explaining.title_of(finding.policy)}: ")
    assert finding.says
    assert finding.expected


@each
def test_there_is_a_way_out_also_while_verger_waits(finding):
    assert finding.how
    if waiting := spoken(finding).get("warned"):
        assert "Nothing" not in waiting
        assert finding.severity is not Severity.NOTE


@each
def test_sentences_are_whole_and_short(finding):
    for said in spoken(finding).values():
        words = QUOTED.sub("“…”", said)
        for sentence in SENTENCE.split(words):
            assert all(len(item.split()) <= LONGEST for item in sentence.split(ITEM)), sentence
            assert sentence[0].isupper(), sentence
            assert sentence[-1] == ".", sentence


@each
def test_it_is_british_and_nobody_needs_it_explained(finding):
    for said in spoken(finding).values():
        words = QUOTED.sub("“…”", said)
        assert not JARGON.search(words), JARGON.findall(words)
        assert not AMERICAN.search(words), AMERICAN.findall(words)


def _written():
    """Yield where each rule makes a finding: its module, and the lines of the call."""
    modules = [importlib.import_module(f"sync.policies.{name}") for name in policies.policies()]
    for module in [*modules, policies]:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                yield module, range(node.lineno, (node.end_lineno or node.lineno) + 1)


def test_no_words_of_any_rule_are_missing_from_the_snapshot(monkeypatch):
    seen = set()
    places = list(_written())
    for module in {module for module, _ in places}:
        plain = module.Finding

        def noted(plain=plain, module=module, **said):
            seen.add((module, inspect.currentframe().f_back.f_lineno))
            return plain(**said)

        monkeypatch.setattr(module, "Finding", noted)

    for case in CASES:
        findings(case)

    unseen = [
        f"{module.__name__}, line {lines.start}"
        for module, lines in places
        if not any(where is module and line in lines for where, line in seen)
    ]
    assert unseen == []
