"""Delta of lists and drives: last state, pages, tokens that go stale, what does not show."""

from __future__ import annotations

import pytest

from local.tenant.store import access, items, lists, quirks
from tests.tenant.graph.graph_kit import CORE, IRIS, user


@pytest.fixture
def library(tenant):
    return tenant.library()


def rounds(tenant, url):
    """All entries from a link on, and the delta link at the end."""
    entries = []
    while True:
        page = tenant.get(url)
        entries += page["value"]
        if "@odata.deltaLink" in page:
            return entries, page["@odata.deltaLink"]
        url = page["@odata.nextLink"]


def names(entries):
    return [entry.get("name") or entry["fields"]["FileLeafRef"] for entry in entries]


@pytest.mark.parametrize(
    "spelling",
    ["delta", "delta()", "delta?token=latest", "delta(token='latest')", "delta?$top=1"],
)
def test_every_spelling_is_served_for_lists_and_drives(tenant, library, spelling):
    for base in (f"{library}/items", f"{library}/drive/root", f"{library}/drive/items/root"):
        assert {"@odata.deltaLink"} <= set(tenant.get(f"{base}/{spelling}"))


def test_latest_is_an_empty_page_and_a_link_for_what_comes(tenant, library):
    tenant.upload(library, "old.txt")
    page = tenant.get(f"{library}/items/delta(token='latest')?$expand=fields")
    assert page["value"] == []
    tenant.upload(library, "new.txt")
    assert names(rounds(tenant, page["@odata.deltaLink"])[0]) == ["new.txt"]


def test_pages_hold_each_item_once_in_its_last_state(tenant, library):
    for number in range(5):
        tenant.upload(library, f"{number}.txt")
    tenant.upload(library, "0.txt", b"again")
    entries, link = rounds(
        tenant, f"{library}/items/delta?$top=2&$expand=fields($select=FileLeafRef)"
    )
    assert sorted(names(entries)) == [f"{number}.txt" for number in range(5)]
    assert rounds(tenant, link)[0] == []
    assert tenant.spent == 1


def test_an_item_changed_while_pages_are_turned_comes_again_at_the_end(tenant, library):
    for name in ("a.txt", "b.txt", "c.txt"):
        tenant.upload(library, name)
    page = tenant.get(f"{library}/items/delta?$top=2&$expand=fields")
    tenant.upload(library, "a.txt", b"later")
    rest, _link = rounds(tenant, page["@odata.nextLink"])
    assert names(page["value"]) + names(rest) == ["a.txt", "b.txt", "c.txt", "a.txt"]


def test_a_deleted_item_is_named_by_id_alone(tenant, library):
    made = tenant.upload(library, "a.txt")
    number = tenant.item_of(library, "a.txt").rpartition("/")[2]
    links = {base: rounds(tenant, f"{library}/{base}/delta")[1] for base in ("items", "drive/root")}
    tenant.ask("DELETE", f"{library}/drive/items/{made['id']}")
    (entry,), _ = rounds(tenant, links["items"])
    assert (entry["id"], entry["deleted"]) == (number, {"state": "deleted"})
    assert set(entry) == {"id", "parentReference", "contentType", "deleted"}
    (entry,), _ = rounds(tenant, links["drive/root"])
    assert (entry["id"], entry["deleted"]) == (made["id"], {"state": "deleted"})
    assert not {"name", "cTag"} & set(entry)


def test_what_was_deleted_before_the_enumeration_is_not_in_it_but_what_is_deleted_during_it_is(
    tenant, library
):
    gone, doomed = (tenant.upload(library, name) for name in ("gone.txt", "doomed.txt"))
    tenant.ask("DELETE", f"{library}/drive/items/{gone['id']}")
    for name in ("x.txt", "y.txt"):
        tenant.upload(library, name)
    page = tenant.get(f"{library}/items/delta?$top=1&$expand=fields")
    tenant.ask("DELETE", f"{library}/drive/items/{doomed['id']}")
    rest, _ = rounds(tenant, page["@odata.nextLink"])
    assert [entry.get("deleted") for entry in rest] == [None, None, {"state": "deleted"}]


def test_a_restored_item_is_there_again_with_its_number(tenant, library):
    made = tenant.upload(library, "a.txt")
    _, link = rounds(tenant, f"{library}/items/delta?$expand=fields")
    tenant.ask("DELETE", f"{library}/drive/items/{made['id']}")
    tenant.ask("POST", f"{library}/drive/items/{made['id']}/restore", {})
    entries, _ = rounds(tenant, link)
    assert [entry.get("deleted") for entry in entries] == [None]


def test_permission_changes_do_not_show(tenant, library):
    tenant.upload(library, "a.txt")
    _, link = rounds(tenant, f"{library}/items/delta")
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    item = items.by_path(tenant.store, row, "/a.txt")
    access.break_inheritance(
        tenant.store, access.of_item(item), tenant.who, copy=False, clear=False
    )
    assert rounds(tenant, link)[0] == []


def test_a_reader_is_given_only_what_they_may_read(tenant, library):
    from tests.tenant.graph.test_versions import join  # noqa: PLC0415 - only here

    join(tenant, IRIS, 2)
    for name in ("open.txt", "closed.txt"):
        tenant.upload(library, name)
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    closed = access.of_item(items.by_path(tenant.store, row, "/closed.txt"))
    access.break_inheritance(tenant.store, closed, tenant.who, copy=False, clear=False)
    seen = tenant.get(f"{library}/items/delta?$expand=fields", user(IRIS))["value"]
    assert names(seen) == ["open.txt"]


def test_pages_repeat_items_when_the_setting_says_so(tenant, library):
    tenant.upload(library, "a.txt")
    quirks.put(tenant.store, quirks.DELTA_REPEATS, value=True)
    assert names(tenant.get(f"{library}/items/delta?$expand=fields")["value"]) == ["a.txt", "a.txt"]


@pytest.mark.parametrize("token", ["abc", "%00", "eyJ4IjoxfQ", "AAAA"])
def test_a_malformed_token_is_400(tenant, library, token):
    assert "malformed" in tenant.refused(400, "GET", f"{library}/items/delta?token={token}").message


def test_another_lists_token_is_400(tenant, library):
    link = tenant.get(f"{CORE}/lists/Documents/items/delta")["@odata.deltaLink"]
    tenant.refused(400, "GET", f"{library}/items/delta?token={link.partition('token=')[2]}")


@pytest.mark.parametrize(
    "code", ["resyncChangesApplyDifferences", "resyncChangesUploadDifferences"]
)
def test_an_expired_token_is_410_with_a_link_to_start_again(tenant, library, code):
    tenant.upload(library, "a.txt")
    _, link = rounds(tenant, f"{library}/items/delta?$expand=fields&$top=7")
    lists.expire_tokens(tenant.store, library.rpartition("/")[2], code)
    refusal = tenant.refused(410, "GET", link)
    assert refusal.code == code
    entries, fresh = rounds(tenant, refusal.headers["Location"])
    assert names(entries) == ["a.txt"]
    assert rounds(tenant, fresh)[0] == []


def test_a_drive_takes_a_timestamp_as_token(tenant, library):
    tenant.upload(library, "a.txt")
    stamp = tenant.store.stamp()
    tenant.store.put("clock_offset", "60")
    tenant.upload(library, "b.txt")
    assert names(tenant.get(f"{library}/drive/root/delta?token={stamp}")["value"]) == ["b.txt"]


def test_the_drives_first_round_begins_with_its_root(tenant, library):
    tenant.upload(library, "a.txt")
    entries, link = rounds(tenant, f"{library}/drive/root/delta")
    assert "root" in entries[0]
    assert names(entries[1:]) == ["a.txt"]
    assert rounds(tenant, link)[0] == []
