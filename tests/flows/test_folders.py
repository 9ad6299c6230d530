"""A folder's new name moves its files, changes none of their eTags, and is all the feed tells."""

from sync import audit
from tests.budgets.kit import policed, rules_written


def folder_at(desk, path, area="working"):
    """Make a folder as staff; `path` is its path inside the library."""
    parent, _, name = path.rpartition("/")
    below = f"root:/{parent}:" if parent else "root"
    made = desk.person().post(
        f"/v1.0/drives/{desk.drives[area]}/{below}/children", json={"name": name, "folder": {}}
    )
    made.raise_for_status()
    return made.json()


def rename(desk, folder, name, area="working"):
    path = f"/v1.0/drives/{desk.drives[area]}/items/{folder['id']}"
    desk.person().patch(path, json={"name": name}).raise_for_status()


async def test_what_lies_in_a_folder_follows_its_new_name(desk):
    folder, _ = folder_at(desk, "Old"), folder_at(desk, "Old/2026")
    inside = desk.upload("Old/2026/prices.txt", b"one", "working")
    beside = desk.upload("Older.txt", b"two", "working")
    await desk.settle("working")
    assert not desk.policies(await desk.shadow(inside))

    rename(desk, folder, "Tenders")
    await desk.drain("working")
    rows = await desk.open_rows()
    assert [(one.item_id, one.kind) for one in rows] == [
        ((await desk.shadow(inside)).item_id, "due")
    ]
    await desk.settle("working")

    now = await desk.shadow(inside)
    assert desk.policies(now) == ["sensitive_in_open_place"]
    assert now.list_id == await desk.list_id("restricted")
    assert not desk.policies(await desk.shadow(beside))


async def test_a_folder_inside_one_that_moved_is_followed_from_its_new_path(desk):
    outer, inner = folder_at(desk, "Old"), folder_at(desk, "Old/2026")
    inside = desk.upload("Old/2026/prices.txt", b"one", "working")
    await desk.settle("working")
    rename(desk, outer, "New")
    await desk.settle("working")
    assert (await desk.shadow(inside)).folder == "New/2026"

    rename(desk, inner, "Tenders")
    await desk.settle("working")
    assert desk.policies(await desk.shadow(inside)) == ["sensitive_in_open_place"]


async def test_an_audit_looks_at_a_file_whose_folder_has_another_name(desk):
    folder = folder_at(desk, "Old")
    inside = desk.upload("Old/prices.txt", b"one", "working")
    await desk.settle("working")
    other = desk.upload("Other.txt", b"two", "working")
    await desk.settle("working")
    await policed(desk.service, await desk.list_id("working"))
    await rules_written(desk.service)
    rename(desk, folder, "Tenders")  # its notification never comes

    await audit.begin(desk.service, "core", anew=True)
    rows = [one.item_id for one in await desk.open_rows() if one.kind == "audit"]
    assert rows == [(await desk.shadow(inside)).item_id]
    assert not desk.policies(await desk.shadow(other))
    await desk.work_off("working")
    assert desk.policies(await desk.shadow(inside)) == ["sensitive_in_open_place"]
