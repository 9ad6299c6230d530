"""Each system that the network's governance asks for: its page, and a story in these tests.

The systems are those of the domain, by the section of it that asks for them ("Document control",
"Boards, meetings, SIGs" and so on); "Issue 5" stands for what title 5's own list adds. A page says
for staff what a register is for; it is made from the site templates and named by the list's key.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.registers import register_pages
from sharepoint_schema.site import load_template, template_names

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "registers"
NOT_RUN = frozenset({"skip", "skipif", "xfail"})


class System(NamedTuple):
    """What is asked for and where, the pages that tell of it, the tests that live it through."""

    name: str
    asked_in: str
    pages: tuple[str, ...]
    stories: tuple[str, ...]


SYSTEMS = (
    System(
        "document numbers, unique for ever",
        "Document control",
        ("registry",),
        (
            "registry/test_numbers_for_staff.py::test_a_document_without_a_number_gets_the_next_and_its_author_is_told",
            "registry/test_numbers_for_staff.py::test_a_row_with_a_title_reserves_a_number_and_the_upload_binds_it",
        ),
    ),
    System(
        "the registry as the list of controlled documents",
        "Document control",
        ("registry",),
        (
            "registry/test_rows.py::test_a_registrars_review_date_goes_to_the_document_once",
            "flows/test_edges.py::test_the_registry_says_so_when_a_document_is_deleted",
        ),
    ),
    System(
        "ratification by the bodies of the matrix",
        "Document control",
        ("decisions",),
        (
            "ratification/test_life.py::test_the_whole_chain_publishes_the_draft_as_its_next_whole_version",
            "ratification/test_rows.py::test_the_board_above_approves_what_was_passed_on_to_it",
        ),
    ),
    System(
        "review dates and their reminders",
        "Document control",
        ("reviews", "registry"),
        (
            "registers/test_reviews.py::test_author_and_quality_manager_are_reminded_at_each_rung_and_the_board_in_the_end",
            "ratification/test_review_dates.py::test_a_date_that_staff_change_shows_on_document_registry_views_and_in_reminders",
            "ratification/test_review_dates.py::test_a_review_is_put_off_only_with_a_reason_on_record",
        ),
    ),
    System(
        "terms of reference, reviewed yearly",
        "Document control; Boards, meetings, SIGs",
        ("reviews",),
        (
            "registers/test_stories.py::test_terms_of_reference_are_asked_for_a_year_after_their_last_review",
        ),
    ),
    System(
        "retention and disposal with a certificate",
        "Document control",
        ("retention_schedule", "disposals"),
        (
            "registers/test_records.py::test_the_schedule_fills_itself_from_the_standard_once",
            "registers/test_stories.py::test_a_document_is_disposed_of_by_two_registrars_and_leaves_a_certificate",
        ),
    ),
    System(
        "equality impact assessments",
        "Document control",
        ("equality_assessments",),
        (
            "flows/test_assessment_rows.py::test_an_assessment_filled_in_puts_its_procedure_in_order",
        ),
    ),
    System(
        "waivers of a rule",
        "Document control",
        ("waivers",),
        ("controls/test_waivers.py::test_anyone_asks_in_the_list_and_a_registrar_approves",),
    ),
    System(
        "restricted documents, open to the relevant members only",
        "Information governance",
        ("access_exceptions",),
        (
            "restricted/test_exceptions.py::test_who_has_an_agreed_exception_keeps_access_to_that_file_only",
            "restricted/test_exceptions.py::test_when_its_time_is_over_the_access_is_taken_away",
        ),
    ),
    System(
        "no patient's identifier in a register",
        "Information governance",
        ("risks",),
        (
            "registers/test_identifiers.py::test_a_risk_with_a_number_is_held_and_told_and_the_number_is_kept_nowhere",
        ),
    ),
    System(
        "matters raised without their author",
        "Information governance",
        ("anonymous_intake", "agenda_items"),
        (
            "registers/test_anonymous.py::test_the_chairs_text_reaches_the_agenda_and_nothing_says_who_raised_it",
            "registers/test_boards.py::test_a_matter_raised_in_confidence_reaches_the_boards_agenda_without_its_author",
        ),
    ),
    System(
        "observers see the agenda on the day",
        "Information governance",
        ("agendas",),
        ("drift/test_observers.py::test_the_agenda_is_open_on_its_day_and_closed_the_next",),
    ),
    System(
        "requests for information, answered in 20 working days",
        "Information governance",
        ("information_requests",),
        (
            "registers/test_requests.py::test_an_answer_is_due_after_twenty_working_days_over_christmas",
            "registers/test_requests.py::test_the_clock_stands_still_while_clarification_is_awaited",
            "registers/test_requests.py::test_what_is_held_back_names_the_exemption_even_when_the_request_is_closed",
        ),
    ),
    System(
        "the risk register",
        "Risk register (Gov-09)",
        ("risks",),
        (
            "registers/test_risks.py::test_crossing_into_red_tells_the_executive_boards_secretariat_once_each_time",
            "registers/test_risks.py::test_a_providers_own_risk_is_an_exception_report_only",
            "registers/test_heat.py::test_the_api_shows_where_risks_stand_and_how_they_moved_since_a_day",
        ),
    ),
    System(
        "declarations of interest",
        "Boards, meetings, SIGs",
        ("declarations",),
        (
            "registers/test_boards.py::test_a_declaration_is_for_a_year_and_a_nil_return_counts",
            "registers/test_integrity.py::test_a_decision_shows_whose_interests_bear_on_it_and_not_which",
        ),
    ),
    System(
        "members of fifteen trusts and six ICBs",
        "Who; Issue 5",
        ("members",),
        ("registers/test_boards.py::test_a_board_says_who_is_missing_and_who_has_not_declared",),
    ),
    System(
        "papers in advance and minutes after",
        "Boards, meetings, SIGs",
        ("meetings",),
        ("registers/test_boards.py::test_papers_and_minutes_are_due_around_the_meeting",),
    ),
    System(
        "attendance against the quorum",
        "Boards, meetings, SIGs",
        ("meetings", "decisions"),
        (
            "registers/test_boards.py::test_the_quorum_is_counted_and_what_was_typed_is_put_right",
            "registers/test_integrity.py::test_a_decision_without_its_meeting_says_so_there_and_to_the_boards_secretary",
            "registers/test_integrity.py::test_a_decision_follows_its_meeting_whenever_the_attendance_comes",
            "ratification/test_rows.py::test_a_meeting_without_a_quorum_is_recorded_and_does_not_count",
        ),
    ),
    System(
        "a letter from the chair after low attendance",
        "Boards, meetings, SIGs",
        ("letters",),
        ("registers/test_boards.py::test_after_three_absences_a_letter_waits_for_the_chair_once",),
    ),
    System(
        "the action log (Op-03)",
        "Boards, meetings, SIGs",
        ("action_log",),
        (
            "registers/test_action_log.py::test_the_owner_is_reminded_at_each_rung_once_and_the_sites_owner_in_the_end",
        ),
    ),
    System(
        "the work programme (Op-01)",
        "Boards, meetings, SIGs",
        ("work_programme",),
        (
            "registers/test_stories.py::test_a_work_programme_is_never_empty_and_its_leads_are_reminded",
        ),
    ),
    System(
        "highlight reports",
        "Boards, meetings, SIGs",
        ("highlight_reports",),
        (
            "registers/test_stories.py::test_a_group_that_reports_each_month_is_left_alone_and_one_that_does_not_is_told",
        ),
    ),
    System(
        "a new group by need, agreements and minute (Gov-12)",
        "Boards, meetings, SIGs",
        ("sig_requests",),
        (
            "sig/test_asked_in_list.py::test_a_need_is_asked_for_agreed_and_minuted_in_sharepoint",
            "sig/test_requests.py::test_no_site_is_opened_without_the_recorded_approval",
        ),
    ),
    System(
        "a dormant group that wakes again",
        "Who",
        ("sig_requests",),
        ("sig/test_dormant_site.py::test_a_group_sleeps_is_watched_asleep_and_wakes_whole",),
    ),
    System(
        "clinical governance: learning, reviews, audits, escalation",
        "Boards, meetings, SIGs; Accreditation",
        ("clinical_governance",),
        (
            "registers/test_stories.py::test_what_an_incident_taught_is_escalated_and_closed_with_its_learning",
        ),
    ),
    System(
        "the Quality Forum of the QSI group",
        "Who; Accreditation",
        ("quality_forum",),
        ("registers/test_stories.py::test_what_was_learnt_comes_before_the_quality_forum_whole",),
    ),
    System(
        "the publication pack for the members' page",
        "Boards, meetings, SIGs",
        ("registry", "decisions"),
        (
            "ratification/test_pack.py::test_a_published_document_comes_with_the_very_file_that_was_published",
            "ratification/test_pack.py::test_the_command_writes_the_zip_and_says_what_is_in_it",
        ),
    ),
    System(
        "acknowledgement by the target audience",
        "Issue 5",
        ("acknowledgement_rounds", "acknowledgements"),
        (
            "registers/test_records.py::test_a_reading_round_reminds_who_has_not_confirmed_and_ends_when_all_have",
        ),
    ),
    System(
        "a note of effectiveness at each review",
        "Issue 5",
        ("reviews",),
        (
            "registers/test_stories.py::test_terms_of_reference_are_asked_for_a_year_after_their_last_review",
        ),
    ),
    System(
        "notices sent once, and a journal that can't be rewritten",
        "Issue 5",
        ("ledger",),
        (
            "flows/test_sent_list.py::test_a_restored_older_database_mails_nothing_twice",
            "flows/test_anchors.py::test_a_chain_written_anew_from_its_first_entry_is_found_out",
        ),
    ),
    System(
        "owners who left",
        "Issue 5",
        ("risks", "action_log"),
        (
            "registers/test_owners.py::test_the_entry_is_found_within_a_day_and_gets_the_sites_owner_with_a_record",
        ),
    ),
)
STORIES = sorted({(system.name, story) for system in SYSTEMS for story in system.stories})


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_each_system_has_a_page_about_a_list_that_a_site_has(system):
    made, lists = pages_made(), keys()
    assert system.pages
    for page in system.pages:
        assert page in lists, f"no template has a list {page}"
        file = PAGES / f"{page}.md"
        assert file.read_text(encoding="utf-8") == made[file.name], "run: make schemas"
        assert lists[page] in made["README.md"]


@pytest.mark.parametrize(("system", "story"), STORIES, ids=lambda told: told.rpartition(":")[2])
def test_each_system_is_lived_through_by_a_test_that_runs(system, story):
    file, _, name = story.partition("::")
    assert name in run_of(file), f"{system}: {file} has no test {name}"


def test_every_page_tells_of_a_system_and_every_system_is_named_once():
    claimed = {page for system in SYSTEMS for page in system.pages}
    assert claimed == {name.removesuffix(".md") for name in pages_made()} - {"README"}
    assert {file.stem for file in PAGES.glob("*.md")} == {*claimed, "README"}
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_a(): ...\nasync def test_b(): ...", {"test_a", "test_b"}),
        ("def helper():\n    def test_inside(): ...", set()),
        ("@pytest.mark.skip(reason='x')\ndef test_a(): ...", set()),
        ("@pytest.mark.skipif(True, reason='x')\nasync def test_b(): ...", set()),
        ("@pytest.mark.parametrize('a', [1])\ndef test_c(a): ...", {"test_c"}),
        ("test_d = 1", set()),
    ],
)
def test_only_what_pytest_collects_and_runs_counts_as_a_story(source, found):
    assert run_in(ast.parse(source)) == found


@cache
def pages_made() -> dict[str, str]:
    return dict(register_pages())


@cache
def keys() -> dict[str, str]:
    """Return every list of every template: its title by its key."""
    return {one.key: one.title for name in template_names() for one in load_template(name).lists}


@cache
def run_of(file: str) -> frozenset[str]:
    """Return the tests that pytest collects from a file of ours and runs; none from no file."""
    path = ROOT / "tests" / file
    return (
        frozenset(run_in(ast.parse(path.read_text(encoding="utf-8"))))
        if path.exists()
        else frozenset()
    )


def run_in(module: ast.Module) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        one.name
        for one in module.body
        if isinstance(one, functions) and one.name.startswith("test_") and not marks(one) & NOT_RUN
    }


def marks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    inside = (node for decorator in function.decorator_list for node in ast.walk(decorator))
    return {node.attr for node in inside if isinstance(node, ast.Attribute)}
