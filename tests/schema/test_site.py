"""The shipped templates are whole, keep the promises of the decisions, and expand to specs."""

import re
import runpy
from pathlib import Path

import pytest
from docx import Document
from pydantic import ValidationError

from sharepoint_schema.care import CARE, care_of
from sharepoint_schema.expand import expand, formatting
from sharepoint_schema.loading import DATA, parse_record
from sharepoint_schema.order import SigOrder
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.roles import load_roles
from sharepoint_schema.site import (
    FRAGMENTS,
    SiteList,
    SiteTemplate,
    load_template,
    template_names,
    template_rules,
)
from sharepoint_schema.standard import load_standard
from sync.policies import policies

ROLES = """\
people:
  site_owner: [noor.khan@dgft.nhs.example]
  core_team: [helen.ward@dgft.nhs.example, sam.price@dgft.nhs.example]
  readers: []
  registrars: [helen.ward@dgft.nhs.example]
  restricted_readers: [noor.khan@dgft.nhs.example]
  ig_officers: [iris.green@dgft.nhs.example]
  neb_members: [noor.khan@dgft.nhs.example]
  neb_chairs: [noor.khan@dgft.nhs.example]
  neb_secretaries: [helen.ward@dgft.nhs.example]
  nob_members: [noor.khan@dgft.nhs.example]
  nob_chairs: [noor.khan@dgft.nhs.example]
  nob_secretaries: [helen.ward@dgft.nhs.example]
  db_members: [noor.khan@dgft.nhs.example]
  db_chairs: [noor.khan@dgft.nhs.example]
  db_secretaries: [helen.ward@dgft.nhs.example]
  cdf_members: [noor.khan@dgft.nhs.example]
  cdf_chairs: [noor.khan@dgft.nhs.example]
  cdf_secretaries: [helen.ward@dgft.nhs.example]
  neb_observers: [asha.patel@trust02.nhs.example]
  nob_observers: [asha.patel@trust02.nhs.example]
  db_observers: [asha.patel@trust02.nhs.example]
  cdf_observers: [asha.patel@trust02.nhs.example]
apps:
  enforcer: 11111111-1111-4111-8111-111111111111
"""
ORDER = {
    "name": "Breast imaging",
    "kind": "pathways",
    "chair": "asha.patel@trust02.nhs.example",
    "facilitator": "helen.ward@dgft.nhs.example",
    "network_director": {"who": "Ann Lee", "date": "01/10/2026"},
    "clinical_director": {"who": "Raj Rao", "date": "02/10/2026"},
    "operational_board": {"reference": "NOB 2026/10 item 7", "date": "14/10/2026"},
}
POLICED = {
    "DocumentNumber",
    "VersionLabel",
    "DocumentType",
    "DateAdopted",
    "ReviewDate",
    "ApprovedBy",
    "TargetAudience",
    "Sensitivity",
    "DocumentStatus",
    "ControlStatus",
    "ControlReason",
    "ControlRequest",
}


@pytest.fixture(name="roles")
def _roles(tmp_path):
    file = tmp_path / "roles.yaml"
    file.write_text(ROLES, encoding="utf-8")
    return load_roles(file)


@pytest.fixture(name="specs")
def _specs(roles):
    order = SigOrder.model_validate(ORDER)
    return {
        name: expand(load_template(name), order if name == "sig" else None, roles)
        for name in template_names()
    }


def test_the_core_site_has_the_agreed_areas(specs):
    assert {one.key: one.title for one in specs["core_team"].lists} == {
        "controlled": "Controlled documents",
        "working": "Working documents",
        "restricted": "Restricted",
        "quarantine": "Quarantine",
        "access_exceptions": "Access exceptions",
        "registry": "Document registry",
        "risks": "Risk register",
        "templates": "Document templates",
        "work_programme": "Work programme",
        "action_log": "Action log",
        "sig_requests": "SIG requests",
        "decisions": "Decisions",
        "published": "Published PDFs",
        "equality_assessments": "Equality assessments",
        "waivers": "Waivers",
        "information_requests": "Information requests",
        "clinical_governance": "Clinical governance log",
        "retention_schedule": "Retention schedule",
        "disposals": "Disposals",
        "acknowledgement_rounds": "Reading rounds",
        "acknowledgements": "Confirmations",
        "reviews": "Reviews",
        "ledger": "Verger ledger",
    }


def test_a_group_site_stands_under_the_groups_name(specs):
    sig = specs["sig"]
    assert (sig.key, sig.path, sig.title) == (
        "sig-breast-imaging",
        "/sites/sig-breast-imaging",
        "SIG Breast imaging",
    )
    assert {one.key for one in sig.lists} == {
        "documents",
        "restricted",
        "quarantine",
        "access_exceptions",
        "work_programme",
        "highlight_reports",
        "action_log",
        "anonymous_intake",
        "agenda_items",
        "templates",
    }


def test_the_record_of_the_approval_is_kept_with_the_site(specs):
    file = next(one for one in specs["sig"].starter_files if one.name.endswith(".txt"))
    assert "Operational Board's minute: NOB 2026/10 item 7, 14/10/2026" in file.text


@pytest.mark.parametrize("name", template_names())
def test_every_library_can_hold_the_columns_of_a_moved_file(specs, name):
    spec = specs[name]
    for area in spec.lists:
        if area.template == "library":
            own = {column.name for column in area.columns}
            assert {column.name for column in spec.columns_of(area)} == POLICED | own, area.key


@pytest.mark.parametrize("name", template_names())
def test_only_the_officers_open_the_quarantine(specs, name):
    area = specs[name].place("quarantine")
    assert [(grant.group, grant.level) for grant in area.access] == [("ig_officers", "contribute")]
    assert specs[name].group("ig_officers").level is None
    assert (area.keeper, area.policies) == ("quarantine", ())


@pytest.mark.parametrize("name", template_names())
def test_views_and_indexes_name_columns_that_are_there(specs, name):
    spec = specs[name]
    native = {"DocIcon", "LinkFilename", "LinkTitle", "Modified", "Editor", "Author"}
    for area in spec.lists:
        known = {column.name for column in spec.columns_of(area)}
        assert set(area.indexed) <= known, area.key
        for view in area.views:
            asked = set(re.findall(r'FieldRef Name="(\w+)"', view.query))
            assert {*view.columns, *asked} <= known | native, (area.key, view.title)


@pytest.mark.parametrize("name", template_names())
def test_a_rule_names_columns_by_the_titles_they_have_there(specs, name):
    for area in specs[name].lists:
        if area.validation:
            titles = {column.title for column in specs[name].columns_of(area)}
            assert set(re.findall(r"\[(.+?)\]", area.validation.formula)) <= titles, area.key


@pytest.mark.parametrize("name", template_names())
def test_people_in_a_group_come_from_order_and_roles(specs, name):
    assert specs[name].group("ig_officers").members == ("iris.green@dgft.nhs.example",)
    assert specs[name].apps[0].app == "11111111-1111-4111-8111-111111111111"


def test_members_cannot_switch_off_the_approval(specs):
    assert specs["core_team"].group("members").level == "contribute"
    assert specs["core_team"].list("controlled").approval


def test_modes_of_an_area_come_from_list_site_and_standard(specs):
    core = specs["core_team"]
    area = core.list("controlled").model_copy(update={"modes": {"file_name": "enforce"}})
    site = core.model_copy(update={"modes": {"file_name": "observe", "review_date": "observe"}})
    modes = site.modes_of(area)
    assert (modes["file_name"], modes["review_date"]) == ("enforce", "observe")
    assert modes["patient_identifier"] == "enforce"
    assert set(modes) == set(policies())


def test_a_template_without_its_order_is_refused_naming_the_blanks(roles):
    with pytest.raises(SchemaProblems) as refusal:
        expand(load_template("sig"), None, roles)
    assert {p.path for p in refusal.value.problems} >= {"order.name", "order.operational_board"}


def test_a_role_that_nobody_plays_is_named():
    with pytest.raises(SchemaProblems, match=r"add ig_officers under people in the roles file"):
        expand(load_template("core_team"))


def refused(text, name="core_team.yaml"):
    with pytest.raises(SchemaProblems) as refusal:
        parse_record(text, name, SiteTemplate, template_rules(), fragments=FRAGMENTS)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("group: registrars", "group: registrar", "did you mean 'registrars'?"),
        (", kept_apart]", "]", "a site has one restricted library"),
        ("- DocumentNumber\n", "- DocumentNumbr\n", "did you mean 'DocumentNumber'?"),
        ("default: true", "default: false", "exactly one view is the default"),
        ("unique: [DocumentNumber]", "unique: [VersionLabel]", "must be indexed too"),
        ("url: WorkingDocuments", "url: ControlledDocuments", "is there already"),
        ("kind: note", "kind: choice", "a choice column, and no other, has choices"),
        ("keep_major: 500", "keep_major: many", "'many': input should be a valid integer"),
        ("      - policy\n", "      - policies\n", "'policies' is not declared at content_types"),
        ("parent: Item", "parent: Itm", "did you mean 'Item'?"),
        ("parent: Item", "parent: registry_entry", "has itself among its parents"),
        (
            "- ReviewDate\n          - ControlStatus",
            "- Reviewdate\n          - ControlStatus",
            "did you mean 'ReviewDate'?",
        ),
        (
            'FieldRef Name="DocumentStatus"',
            'FieldRef Name="DocumentState"',
            "the list has no column 'DocumentState' (did you mean 'DocumentStatus'?)",
        ),
        ("</Eq></Where>", "</Where>", "the query is no XML"),
        ("include: [controlled_types", "include: [kept_off", "there is no fragment 'kept_off'"),
        (
            "policies:\n      - file_name",
            "policies:\n      - file_nam",
            "did you mean 'file_name'?",
        ),
    ],
)
def test_a_template_that_contradicts_itself_is_refused(old, new, said):
    text = (DATA / "sites" / "core_team.yaml").read_text(encoding="utf-8")
    assert old in text
    assert said in refused(text.replace(old, new, 1))


def test_a_fault_in_a_fragment_is_told_with_its_own_file_and_line(tmp_path):
    (tmp_path / "shared.yaml").write_text(
        "title: Ours\nlists:\n  - {key: a, title: A, url: A, template: list, place: attic}\n",
        encoding="utf-8",
    )
    text = (DATA / "sites" / "neb.yaml").read_text(encoding="utf-8")
    text = text.replace("include: [board, actions]", "include: [shared, lost]")
    with pytest.raises(SchemaProblems) as refusal:
        parse_record(text, "neb.yaml", SiteTemplate, fragments=tmp_path)
    told = [(p.file, p.line, p.path) for p in refusal.value.problems]
    folder = tmp_path.name
    assert (f"{folder}/shared.yaml", 1, "title") in told
    assert (f"{folder}/shared.yaml", 3, "lists[0].place") in told
    assert ("neb.yaml", 6, "include[1]") in told


def test_what_a_fragment_shares_is_written_once(specs):
    for area in ("action_log", "work_programme", "risks", "quarantine"):
        found = [one for spec in specs.values() for one in spec.lists if one.key == area]
        assert len({one.description for one in found}) == 1, area


@pytest.mark.parametrize("board", ["neb", "nob", "db", "cdf"])
def test_observers_open_the_agenda_and_nothing_else(specs, board):
    spec = specs[board]
    assert spec.group("observers").level is None
    open_to = [
        one.key for one in spec.lists if any(g.group == "observers" for g in one.access or ())
    ]
    assert open_to == []
    assert {one.key for one in spec.lists if "observers" in one.on_the_day} == {"agendas"}
    assert spec.list("agendas").versions.drafts_seen_by == "editors"


def test_only_a_quality_group_has_a_forum(roles):
    order = {**ORDER, "name": "Quality", "kind": "qsi"}
    spec = expand(load_template("sig"), SigOrder.model_validate(order), roles)
    assert spec.list("quality_forum").columns


def test_the_documents_are_those_that_their_script_writes():
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "templates.py"))
    for template in script["TEMPLATES"]:
        stored = (DATA / "assets" / template.file).read_bytes()
        assert script["content"](template) == stored, template.file


def test_a_template_of_a_document_carries_the_control_block():
    for name in ("policy", "procedure", "position_statement", "terms_of_reference"):
        document = Document(DATA / "assets" / f"{name}.docx")
        block = [row.cells[0].text for row in document.tables[0].rows]
        assert block[:3] == ["Name", "Version Number", "Date Adopted"], name


@pytest.mark.parametrize("file", sorted((DATA / "formatting").glob("*.json")), ids=lambda f: f.stem)
def test_a_formatting_is_json_and_used(file):
    assert formatting(file.stem).startswith("{")
    sites = "".join(p.read_text(encoding="utf-8") for p in (DATA / "sites").rglob("*.yaml"))
    assert f"formatting: {file.stem}" in sites


def test_choices_of_document_types_are_the_standards_names(specs):
    names = tuple(kind.name for kind in load_standard().types)
    for spec in specs.values():
        assert sorted(spec.column("DocumentType").choices) == sorted(names)


def test_an_entry_may_set_a_property_apart():
    assert care_of("group", "members", {}) == "floor"
    assert care_of("group", "members", {"members": "owned"}) == "owned"
    assert {care for part in CARE.values() for care in part.values()} == {"owned", "floor", "free"}


@pytest.mark.parametrize(
    ("template", "unique"), [("library", ()), ("list", ("Title",))], ids=["library", "unique"]
)
def test_own_rows_are_for_lists_without_a_unique_column(template, unique):
    told = {"key": "a", "title": "A", "url": "Aa", "template": template, "place": "register"}
    with pytest.raises(ValidationError, match="own_only is for lists"):
        SiteList(**told, own_only=True, indexed=unique, unique=unique)


def test_only_chair_and_facilitator_are_let_at_what_is_raised_in_confidence(specs):
    sig = specs["sig"]
    intake = sig.list("anonymous_intake")
    assert (intake.own_only, intake.crawled) == (True, False)
    levels = {one.group: one.level for one in intake.access}
    assert levels == {"intake_readers": "design", "members": "contribute"}
    readers = sig.group("intake_readers")
    assert set(readers.members) == {ORDER["chair"], ORDER["facilitator"]}
    assert readers.care == {"members": "owned"}


@pytest.mark.parametrize("board", ["neb", "nob", "db", "cdf"])
def test_a_boards_chair_and_secretaries_alone_are_let_at_what_is_raised_in_confidence(specs, board):
    spec = specs[board]
    intake = spec.list("anonymous_intake")
    assert (intake.own_only, intake.crawled) == (True, False)
    readers = spec.group("intake_readers")
    assert set(readers.members) == {"noor.khan@dgft.nhs.example", "helen.ward@dgft.nhs.example"}
    assert readers.care == {"members": "owned"}
    assert spec.list("agenda_items").access == spec.list("papers").access


def test_somebody_who_plays_two_of_a_groups_parts_is_in_it_once(roles):
    one = ("noor.khan@dgft.nhs.example",)
    people = {**roles.people, "neb_chairs": one, "neb_secretaries": one}
    spec = expand(load_template("neb"), None, roles.model_copy(update={"people": people}))
    assert spec.group("intake_readers").members == one
