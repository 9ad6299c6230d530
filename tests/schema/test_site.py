"""The shipped templates are whole, keep the promises of the decisions, and expand to specs."""

import pytest

from sharepoint_schema.care import CARE, care_of
from sharepoint_schema.expand import expand, formatting
from sharepoint_schema.loading import DATA, parse_record
from sharepoint_schema.order import SigOrder
from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.roles import load_roles
from sharepoint_schema.site import RULES, SiteTemplate, load_template
from sharepoint_schema.standard import load_standard

ROLES = """\
people:
  site_owner: [noor.khan@dgft.nhs.example]
  core_team: [helen.ward@dgft.nhs.example, sam.price@dgft.nhs.example]
  readers: []
  registrars: [helen.ward@dgft.nhs.example]
  restricted_readers: [noor.khan@dgft.nhs.example]
  ig_officers: [iris.green@dgft.nhs.example]
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
        "core_team": expand(load_template("core_team"), None, roles),
        "sig": expand(load_template("sig"), order, roles),
    }


def test_the_core_site_has_the_agreed_areas(specs):
    assert {one.key: one.title for one in specs["core_team"].lists} == {
        "controlled": "Controlled documents",
        "working": "Working documents",
        "restricted": "Restricted",
        "quarantine": "Quarantine",
        "registry": "Document registry",
        "risks": "Risk register",
    }


def test_a_group_site_stands_under_the_groups_name(specs):
    sig = specs["sig"]
    assert (sig.key, sig.path, sig.title) == (
        "sig-breast-imaging",
        "/sites/sig-breast-imaging",
        "SIG Breast imaging",
    )
    assert [one.key for one in sig.lists] == [
        "documents",
        "restricted",
        "quarantine",
        "work_programme",
        "highlight_reports",
        "action_log",
    ]


def test_the_record_of_the_approval_is_kept_with_the_site(specs):
    (file,) = specs["sig"].starter_files
    assert "Operational Board's minute: NOB 2026/10 item 7, 14/10/2026" in file.text


@pytest.mark.parametrize("name", ["core_team", "sig"])
def test_every_library_can_hold_the_columns_of_a_moved_file(specs, name):
    spec = specs[name]
    for area in spec.lists:
        if area.template == "library":
            assert {column.name for column in spec.columns_of(area)} == POLICED, area.key


@pytest.mark.parametrize("name", ["core_team", "sig"])
def test_only_the_officers_open_the_quarantine(specs, name):
    area = specs[name].place("quarantine")
    assert [(grant.group, grant.level) for grant in area.access] == [("ig_officers", "contribute")]
    assert specs[name].group("ig_officers").level is None
    assert not area.policed


@pytest.mark.parametrize("name", ["core_team", "sig"])
def test_views_and_indexes_name_columns_that_are_there(specs, name):
    spec = specs[name]
    native = {"DocIcon", "LinkFilename", "LinkTitle", "Modified", "Editor"}
    for area in spec.lists:
        known = {column.name for column in spec.columns_of(area)}
        assert set(area.indexed) <= known, area.key
        for view in area.views:
            assert set(view.columns) <= known | native, (area.key, view.title)


@pytest.mark.parametrize("name", ["core_team", "sig"])
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
    assert set(modes) == set(load_standard().modes)


def test_a_template_without_its_order_is_refused_naming_the_blanks(roles):
    with pytest.raises(SchemaProblems) as refusal:
        expand(load_template("sig"), None, roles)
    assert {p.path for p in refusal.value.problems} >= {"order.name", "order.operational_board"}


def test_a_role_that_nobody_plays_is_named():
    with pytest.raises(SchemaProblems, match=r"add ig_officers under people in the roles file"):
        expand(load_template("core_team"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("group: ig_officers", "group: ig_officer", "did you mean 'ig_officers'?"),
        ("place: quarantine", "place: open", "a site has one quarantine library"),
        ("- DocumentNumber\n", "- DocumentNumbr\n", "did you mean 'DocumentNumber'?"),
        ("default: true", "default: false", "exactly one view is the default"),
        ("unique: [DocumentNumber]", "unique: [VersionLabel]", "must be indexed too"),
        ("url: WorkingDocuments", "url: ControlledDocuments", "is there already"),
        ("kind: choice", "kind: text", "a choice column, and no other, has choices"),
        ("keep_major: 500", "keep_major: many", "'many': input should be a valid integer"),
    ],
)
def test_a_template_that_contradicts_itself_is_refused(old, new, said):
    text = (DATA / "sites" / "core_team.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SchemaProblems) as refusal:
        parse_record(text.replace(old, new, 1), "core_team.yaml", SiteTemplate, RULES)
    assert said in str(refusal.value)


@pytest.mark.parametrize("file", sorted((DATA / "formatting").glob("*.json")), ids=lambda f: f.stem)
def test_a_formatting_is_json_and_used(file):
    assert formatting(file.stem).startswith("{")
    sites = "".join(p.read_text(encoding="utf-8") for p in (DATA / "sites").glob("*.yaml"))
    assert f"formatting: {file.stem}" in sites


def test_choices_of_document_types_are_the_standards_names(specs):
    names = tuple(kind.name for kind in load_standard().types)
    for spec in specs.values():
        assert sorted(spec.column("DocumentType").choices) == sorted(names)


def test_an_entry_may_set_a_property_apart():
    assert care_of("group", "members", {}) == "floor"
    assert care_of("group", "members", {"members": "owned"}) == "owned"
    assert {care for part in CARE.values() for care in part.values()} == {"owned", "floor", "free"}
