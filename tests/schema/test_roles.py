"""Who plays which part is one small file."""

import pytest

from sharepoint_schema.problems import SchemaProblems
from sharepoint_schema.roles import load_roles


def roles(tmp_path, text):
    file = tmp_path / "roles.yaml"
    file.write_text(text, encoding="utf-8")
    return load_roles(file)


def test_roles_name_people_and_apps(tmp_path):
    found = roles(
        tmp_path,
        "people: {ig_officers: [a@dgft.nhs.example]}\n"
        "apps: {enforcer: 11111111-1111-4111-8111-111111111111}\n",
    )
    assert found.people["ig_officers"] == ("a@dgft.nhs.example",)
    assert found.apps["enforcer"].startswith("1111")


def test_a_name_that_is_no_address_and_an_id_that_is_none_are_told_at_once(tmp_path):
    with pytest.raises(SchemaProblems) as refusal:
        roles(tmp_path, "people: {ig_officers: [Iris Grant]}\napps: {enforcer: verger}\n")
    assert [problem.path for problem in refusal.value.problems] == [
        "people.ig_officers[0]",
        "apps.enforcer",
    ]
