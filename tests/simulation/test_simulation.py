"""A simulation replays what was found, says what it can't, and writes nothing anywhere."""

import contextlib
import sqlite3
from datetime import timedelta

import pytest

from sync.errors import Misconfigured, Missing
from sync.simulation import Wish, simulate
from sync.trials import Effect

MISNAMED = "ToR-03_Operational Board terms of reference (final) v1.docx"


async def run(desk, policy, *values, days=90, **more):
    since = desk.service.now() - timedelta(days=days)
    return await simulate(desk.service, Wish(policy, since, values, **more))


def at(told, title="Controlled documents"):
    return next(one for one in told.lists if one.list == title)


def dump(folder):
    with contextlib.closing(sqlite3.connect(folder / "state" / "verger.sqlite")) as state:
        return list(state.iterdump())


async def test_a_file_is_judged_as_it_was_found_not_as_it_was_left(desk):
    told = await run(desk, "file_name")

    assert list(at(told).before.values()) == [Effect.DONE]
    assert (at(told).looks, at(told).recorded, at(told).not_replayed) == (3, 0, {})
    assert [one.file for one in told.examples] == [MISNAMED]
    assert not told.changed


async def test_another_mode_shows_what_would_be_done(desk):
    told = await run(desk, "file_name", "modes.file_name=warn")

    (example,) = told.examples
    assert (example.before.effect, example.after.effect) == (Effect.DONE, Effect.DUE)
    assert example.before.says == example.after.says
    assert len(at(told).different) == 1


async def test_another_parameter_is_judged_by_anew(desk):
    told = await run(desk, "file_type", "file_types.allowed.controlled=[pdf, docx]")

    assert at(told).before == {}
    assert list(at(told).after.values()) == [Effect.ASKED]
    (example,) = told.examples
    assert example.before is None
    assert "Files that end in .xlsx are not kept" in example.after.says[0]


async def test_a_rule_about_text_is_told_by_the_verdict_of_that_day_while_only_modes_change(desk):
    told = await run(desk, "sensitive_in_open_place", "modes.sensitive_in_open_place=observe")

    here = at(told, "Working documents")
    assert (here.looks, here.recorded, here.not_replayed) == (2, 2, {})
    assert list(here.before.values()) == [Effect.DONE]
    assert list(here.after.values()) == [Effect.NOTED]


async def test_a_rule_about_text_says_that_other_parameters_cant_be_replayed(desk):
    told = await run(desk, "sensitive_in_open_place", "sensitivity.phrases_needed=1")

    here = at(told, "Working documents")
    assert here.looks == 0
    assert sum(here.not_replayed.values()) == 2
    assert set(here.not_replayed) == {
        "the file's own properties",
        "the name, which the place keeps to itself",
    }
    assert told.examples == ()


async def test_a_file_of_a_closed_place_is_neither_named_nor_quoted(desk):
    told = await run(desk, "sensitive_in_open_place")

    (example,) = told.examples
    assert (example.file, example.before.says) == ("", ())


async def test_nothing_is_asked_of_the_tenant_and_nothing_is_written(desk, folder):
    mark, before = desk.mark(), dump(folder)
    for policy in ("file_name", "patient_identifier", "publication"):
        await run(desk, policy, f"modes.{policy}=observe")

    assert desk.tenant.local("GET", f"/ledger?since={mark}")["value"] == []
    assert dump(folder) == before


async def test_only_the_site_asked_for_is_told(desk):
    core = await run(desk, "file_name", site="https://wmin.sharepoint.com/sites/core")
    assert {one.site for one in core.lists} == {"https://wmin.sharepoint.com/sites/core"}
    with pytest.raises(Missing, match="not a site that Verger follows; it follows core"):
        await run(desk, "file_name", site="sig-breast-imaging")


async def test_no_more_examples_are_shown_than_asked_for(desk):
    assert len((await run(desk, "version_label")).examples) == 3
    assert len((await run(desk, "version_label", examples=1)).examples) == 1
    assert (await run(desk, "version_label", examples=0)).examples == ()


@pytest.mark.parametrize(
    ("policy", "value", "says"),
    [
        ("file_names", "modes.file_name=warn", "there is no policy file_names; there are appro"),
        ("review_date", "review.grace_days=3", "does not go by review; it reads ignored, naming"),
        ("file_name", "modes.file_nam=warn", "no file_nam under modes; did you mean file_name"),
        ("file_name", "modes.file_name=on", "modes.file_name: 'on': input should be 'observe'"),
        ("file_name", "modes.file_name", "names no value; write it as"),
        ("copies", "x", "there is no policy copies"),
        ("uncontrolled_copy", "copies.likeness=2", "copies.likeness: 2: input should be less"),
        ("uncontrolled_copy", "copies.words=[", "is no value; put it in quotes"),
        ("uncontrolled_copy", "copies.words.x=1", "there is no x under copies.words; there are no"),
        ("review_date", "types.strateg.words=[]", "did you mean strategy"),
        ("required_metadata", "metadata.always.9=A", "there are 0, 1, 2"),
        ("patient_identifier", "modes.patient_identifier=warn", "only observe and enforce"),
    ],
)
async def test_what_does_not_exist_or_fit_is_refused_with_the_way_out(desk, policy, value, says):
    with pytest.raises(Misconfigured, match=says.replace("[", r"\[")):
        await run(desk, policy, value)
