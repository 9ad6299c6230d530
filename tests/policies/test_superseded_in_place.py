"""What is superseded does not lie where readers look for what is in force."""

import pytest

from sharepoint_schema.labels import Label
from sync.policies.superseded_in_place import check
from tests.policies.kit import IN_ORDER, context, document, holder


def with_status(status):
    return document(fields=IN_ORDER | {"DocumentStatus": status})


@pytest.mark.parametrize("status", ["Superseded", "Archived", "Disposed"])
def test_a_dead_document_in_an_open_library_is_told(status):
    (finding,) = check(with_status(status), context())
    assert finding.says == f"This document is {status.lower()}, and it lies where readers look."


@pytest.mark.parametrize("status", ["", "Draft", "Current", "Overdue"])
def test_a_living_document_is_left_alone(status):
    assert list(check(with_status(status), context())) == []


def test_a_closed_area_is_not_where_readers_look():
    assert list(check(with_status("Superseded"), context("restricted"))) == []


@pytest.mark.parametrize(("current", "told"), [(Label(2), 1), (Label(1), 0), (None, 0)])
def test_an_older_version_as_a_file_of_its_own_is_told(current, told):
    around = context(holders={"Gov-11": holder("Gov-11", label=current)})
    found = list(check(document(), around))
    assert len(found) == told
    if found:
        assert found[0].says == "This is V1 of Gov-11; the document now is Gov-11 V2."
