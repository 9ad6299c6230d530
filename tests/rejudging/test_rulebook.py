"""What of a rule has changed, and what that means for one document."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sharepoint_schema.standard import load_standard
from sync.kept import Kept, NotKept
from sync.parameters import hash_of, parameters_of, with_values
from sync.rulebook import Subject, Turn, mark_of, turns, weigh
from sync.state.rulesets import Rule
from sync.trials import Effect
from tests.policies.kit import context, document

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STANDARD = load_standard()
SAID = {"policy": "file_type", "severity": "fix", "status": "Needs you", "says": "as it was"}
VERDICT = {"findings": [SAID], "observed": []}


def rule(standard=STANDARD, mode="warn", version="1", policy="file_type"):
    values = parameters_of(policy, standard)
    return Rule(list_id="L", policy=policy, version=version, mode=mode, parameters=values,
                parameters_hash=hash_of(values), schema_hash="s", since=NOW)  # fmt: skip


def subject(**more):
    def under(standard):
        return replace(context(), standard=standard)

    told = {"document": document(), "under": under, "standard": STANDARD, "verdict": None}
    return Subject(**{**told, **more})


PDF_ONLY = with_values(STANDARD, ["file_types.allowed.controlled=[pdf]"])


def test_version_mode_and_parameters_count_and_the_rest_of_the_schema_does_not():
    now = rule()
    assert turns({"p": now}, {"p": replace(now, schema_hash="other", since=NOW)}) == []
    for other in (rule(PDF_ONLY), rule(mode="enforce"), rule(version="2")):
        assert len(turns({"p": now}, {"p": other})) == 1
    assert [one.policy for one in turns({"b": now}, {"a": now})] == ["a", "b"]


def test_a_mark_tells_one_change_from_another():
    marks = {
        mark_of(turns({"p": rule()}, {"p": other})) for other in (rule(PDF_ONLY), rule(version="2"))
    }
    assert len(marks) == 2


def test_a_document_is_asked_by_the_old_parameters_and_by_the_new_ones():
    before, after = weigh(Turn("file_type", rule(PDF_ONLY), rule()), subject())
    assert before.effect is Effect.ASKED
    assert "Files that end in .docx" in before.says[0]
    assert after is None


def test_what_another_version_had_found_is_told_by_the_verdict():
    before, after = weigh(Turn("file_type", rule(version="0"), rule()), subject(verdict=VERDICT))
    assert before.says == ("as it was",)
    assert after is None


@pytest.mark.parametrize(("old", "new"), [(None, rule()), (rule(), None)])
def test_a_rule_that_comes_or_goes_finds_something_on_one_side_only(old, new):
    told = subject(standard=PDF_ONLY, verdict=VERDICT)
    before, after = weigh(Turn("file_type", old, new), told)
    assert [before is None, after is None] == [old is None, new is None]


def test_another_mode_alone_is_told_by_the_verdict_where_the_facts_cant_tell():
    turn = Turn("file_type", rule(), rule(mode="observe"))
    before, after = weigh(turn, subject(document=Kept(name="x.docx"), verdict=VERDICT))
    assert (before.effect, after.effect) == (Effect.ASKED, Effect.NOTED)


def test_other_parameters_are_never_told_by_the_verdict():
    turn = Turn("file_type", rule(PDF_ONLY), rule())
    with pytest.raises(NotKept):
        weigh(turn, subject(document=Kept(name="x.docx"), verdict=VERDICT))


def test_parameters_that_fit_no_standard_any_more_are_told_by_the_verdict():
    old = replace(rule(), parameters={"file_types": {"gone": 1}}, parameters_hash="old")
    before, _ = weigh(Turn("file_type", old, rule()), subject(verdict=VERDICT))
    assert before.says == ("as it was",)
