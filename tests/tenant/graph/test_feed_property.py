"""Whoever folds the delta feed holds, in the end, what a full reading shows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tenant.graph.graph_kit import seeded

NAMES = ("a.txt", "b.txt", "c.txt")
STEPS = st.one_of(
    st.tuples(st.just("upload"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("restore"), st.sampled_from(NAMES)),
    st.tuples(st.just("rename"), st.permutations(NAMES).map(lambda names: tuple(names[:2]))),
    st.tuples(st.just("columns"), st.sampled_from(NAMES)),
    st.tuples(st.just("read"), st.just("")),
)


class Follower:
    """Keeps what it has heard of a library, one page at a time, and the link to go on from."""

    def __init__(self, tenant, library):
        self.tenant, self.known = tenant, {}
        self.link = f"{library}/items/delta?$expand=fields&$top=2"

    def read(self):
        """Fold one page; returns whether it was the last."""
        page = self.tenant.get(self.link)
        for entry in page["value"]:
            if "deleted" in entry:
                self.known.pop(entry["id"], None)
            else:
                self.known[entry["id"]] = (entry["fields"]["FileLeafRef"], entry["eTag"])
        self.link = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        return "@odata.deltaLink" in page


def _do(tenant, library, step, argument):
    """One step of staff's; a step that is refused changes nothing, which is a case as well."""
    ids = {
        entry["name"]: entry["id"]
        for entry in tenant.get(f"{library}/drive/root/children")["value"]
    }
    if step == "upload":
        tenant.upload(library, argument)
    elif step == "restore":
        gone = tenant.store.one(
            "SELECT drive_item_id FROM items WHERE state=1 AND name=?", argument
        )
        if gone and argument not in ids:
            tenant.ask("POST", f"{library}/drive/items/{gone['drive_item_id']}/restore", {})
    elif step == "rename" and argument[0] in ids and argument[1] not in ids:
        tenant.ask("PATCH", f"{library}/drive/items/{ids[argument[0]]}", {"name": argument[1]})
    elif step == "delete" and argument in ids:
        tenant.ask("DELETE", f"{library}/drive/items/{ids[argument]}")
    elif step == "columns" and argument in ids:
        tenant.ask("PATCH", f"{tenant.item_of(library, argument)}/fields", {"Score": 3})


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_a_follower_ends_with_what_a_full_reading_shows(steps):
    tenant = seeded(Path(":memory:"), None)
    library = tenant.library()
    follower = Follower(tenant, library)
    for step, argument in steps:
        if step == "read":
            follower.read()
        else:
            _do(tenant, library, step, argument)
    while not follower.read():
        pass
    full = tenant.get(f"{library}/items?$expand=fields")["value"]
    assert follower.known == {
        entry["id"]: (entry["fields"]["FileLeafRef"], entry["eTag"]) for entry in full
    }
    tenant.store.close()
