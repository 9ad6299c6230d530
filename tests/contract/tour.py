"""A walk past the Graph operations that no example and no recorded client request goes by.

Each stop asks once and looks at what matters; tests/contract_kit.py holds every answer against
Microsoft's schema on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.example_kit import KEEP, LABEL
from tests.tenant_kit import API, DIRECTOR, SAM

if TYPE_CHECKING:
    from tests.contract.example_kit import World


def people(world: World) -> None:
    ask, app = world.ask, world.app
    made = world.user("Temporary Person")
    path = f"/users/{made}"
    ask("PATCH", path, {"jobTitle": "Radiographer", "city": "Dudley", "accountEnabled": False}, app)
    told = ask("GET", f"{path}?$select=jobTitle,city,accountEnabled", who=app)
    assert (told["jobTitle"], told["city"], told["accountEnabled"]) == (
        "Radiographer",
        "Dudley",
        False,
    )
    ask(
        "PUT",
        f"{path}/manager/$ref",
        {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{DIRECTOR}"},
        app,
    )
    assert ask("GET", f"{path}/manager", who=app)["userPrincipalName"] == DIRECTOR
    ask("DELETE", f"{path}/manager/$ref", who=app)
    assert app.get(f"/v1.0{path}/manager").status_code == 404
    tenant = ask("GET", "/organization")["value"][0]["id"]
    assert ask("GET", f"/organization/{tenant}")["id"] == tenant
    ask("DELETE", path, who=app)
    assert app.get(f"/v1.0{path}").status_code == 404


def groups(world: World) -> None:
    ask, app = world.ask, world.app
    group, person = world.group(), world.user()
    path = f"/groups/{group}"
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{person}"}
    for role in ("members", "owners"):
        ask("POST", f"{path}/{role}/$ref", reference, app)
        assert person in {row["id"] for row in ask("GET", f"{path}/{role}", who=app)["value"]}
        _narrowed(world, f"{path}/{role}")
        ask("DELETE", f"{path}/{role}/{person}/$ref", who=app)
    _narrowed(world, f"{path}/transitiveMembers")
    outer = ask("GET", f"{path}/memberOf", who=app)["value"][0]["id"]
    counted = f"/v1.0{path}/memberOf/microsoft.graph.group/$count"
    assert app.get(counted, headers={"ConsistencyLevel": "eventual"}).text == "1"
    assert ask("GET", f"{path}/memberOf/{outer}", who=app)["id"] == outer
    for name in ("checkMemberGroups", "checkMemberObjects"):
        key = "groupIds" if "Groups" in name else "ids"
        assert ask("POST", f"{path}/{name}", {key: [group]}, app)["value"] == []
    for name in ("getMemberGroups", "getMemberObjects"):
        assert ask("POST", f"{path}/{name}", {"securityEnabledOnly": False}, app)["value"]
    site = ask("GET", f"{path}/sites/root", who=app)
    assert ask("GET", f"{path}/drive", who=app)["webUrl"].startswith(site["webUrl"])
    ask("DELETE", path, who=app)
    assert app.get(f"/v1.0{path}").status_code == 404


def _narrowed(world: World, path: str) -> None:
    """A collection of directory objects, narrowed to people or to groups, and counted."""
    eventual = {"ConsistencyLevel": "eventual"}
    every = world.ask("GET", path, who=world.app)["value"]
    kinds = [row["@odata.type"].rpartition(".")[2] for row in every]
    for kind in ("user", "group"):
        rows = world.ask("GET", f"{path}/microsoft.graph.{kind}", who=world.app)["value"]
        counted = world.app.get(f"/v1.0{path}/microsoft.graph.{kind}/$count", headers=eventual)
        assert len(rows) == int(counted.text) == kinds.count(kind)
    assert int(world.app.get(f"/v1.0{path}/$count", headers=eventual).text) == len(every)
    assert world.app.get(f"/v1.0{path}/$count").status_code == 400


def whose_groups(world: World) -> None:
    """What a person is in, asked as an app and by the person."""
    person = world.person()
    app, mine = world.app, world.graph
    for who, client in ((f"/users/{person}", app), ("/me", mine)):
        for name in ("memberOf", "transitiveMemberOf"):
            found = world.ask("GET", f"{who}/{name}", who=client)["value"]
            for row in found[:1]:
                assert world.ask("GET", f"{who}/{name}/{row['id']}", who=client)["id"] == row["id"]
            rows = world.ask("GET", f"{who}/{name}/microsoft.graph.group", who=client)["value"]
            assert len(rows) == len(found)
            for path in (f"{who}/{name}/microsoft.graph.group/$count", f"{who}/{name}/$count"):
                told = client.get(f"/v1.0{path}", headers={"ConsistencyLevel": "eventual"})
                assert int(told.text) == len(found)
    for who, client in (
        (f"/users/{person}", app),
        ("/me", mine),
        (f"/directoryObjects/{person}", app),
    ):
        for name in ("getMemberGroups", "getMemberObjects"):
            held = world.ask("POST", f"{who}/{name}", {"securityEnabledOnly": False}, client)[
                "value"
            ]
            if held:
                key = "groupIds" if "Groups" in name else "ids"
                check = name.replace("get", "check", 1)
                assert (
                    world.ask("POST", f"{who}/{check}", {key: held[:1]}, client)["value"]
                    == held[:1]
                )
    assert world.ask("GET", "/users", who=app)["value"]


def sites(world: World) -> None:
    ask, app = world.ask, world.app
    every = ask("GET", "/sites/getAllSites", who=app)["value"]
    assert any(row["isPersonalSite"] for row in every)
    told = ask("GET", "/sites/delta", who=app)
    again = ask("GET", told["@odata.deltaLink"].partition("/v1.0")[2], who=app)
    assert (len(told["value"]), again["value"]) == (len(every), [])
    path = f"/sites/{world.site}"
    assert (
        ask("PATCH", path, {"displayName": "West Midlands"}, app)["displayName"] == "West Midlands"
    )
    assert ask("GET", f"{path}/operations")["value"] == []
    listed = ask("GET", f"{path}/lists")["value"]
    assert world.graph.get(f"/v1.0{path}/lists/$count").text == str(len(listed))
    grant = world.site_permission()
    assert ask("GET", f"{path}/permissions/{grant}", who=app)["roles"] == ["read"]
    assert ask("PATCH", f"{path}/permissions/{grant}", {"roles": ["write"]}, app)["roles"] == [
        "write"
    ]
    drives = ask("GET", f"{path}/drives")["value"]
    assert ask("GET", f"{path}/drives/{drives[0]['id']}")["id"] == drives[0]["id"]
    assert ask("GET", "/me/drives")["value"][0]["driveType"] == "business"
    assert len(ask("GET", f"/users/{SAM}/drives", who=app)["value"]) == 1


def lists(world: World) -> None:
    ask, site = world.ask, f"/sites/{world.site}"
    path = f"{site}/lists/{world.new_list()}"
    assert ask("PATCH", path, {"description": "All of them"})["description"] == "All of them"
    column = ask("POST", f"{path}/columns", {"name": "Band", "text": {}})["id"]
    assert ask("GET", f"{path}/columns/{column}")["name"] == "Band"
    told = ask("PATCH", f"{path}/columns/{column}", {"description": "1 to 9"})
    assert told["description"] == "1 to 9"
    ask("DELETE", f"{path}/columns/{column}")
    own = ask("POST", f"{site}/columns", {"name": "Grade", "text": {}})["id"]
    assert ask("GET", f"{site}/columns/{own}")["name"] == "Grade"
    assert ask("PATCH", f"{site}/columns/{own}", {"required": True})["required"] is True
    ask("DELETE", f"{site}/columns/{own}")
    assert ask("GET", f"{path}/operations")["value"] == []
    assert ask("GET", path)["list"]["template"] == "genericList"
    _subscriptions(world, path)
    ask("DELETE", path)
    assert world.graph.get(f"/v1.0{path}").status_code == 404


def _subscriptions(world: World, path: str) -> None:
    """Subscriptions by way of what they are about."""
    ask = world.ask
    body = {"changeType": "updated", "notificationUrl": world.hook.url, "clientState": "s",
            "expirationDateTime": world.in_days(2)}  # fmt: skip
    made = ask("POST", f"{path}/subscriptions", body)["id"]
    assert [row["id"] for row in ask("GET", f"{path}/subscriptions")["value"]] == [made]
    one = f"{path}/subscriptions/{made}"
    assert ask("GET", one)["id"] == made
    ask("PATCH", one, {"expirationDateTime": world.in_days(3)})
    ask("POST", f"{one}/reauthorize")
    ask("DELETE", one)
    assert ask("GET", f"{path}/subscriptions")["value"] == []


def list_items(world: World) -> None:
    ask = world.ask
    path = f"/sites/{world.site}/lists/{world.list}/items"
    one = f"{path}/{world.item(world.list)}"
    assert ask("GET", f"{path}?$expand=fields&$top=1")["value"][0]["fields"]["Title"] == "Widget"
    told = ask("PATCH", one, {"fields": {"Color": "Blue"}})
    assert told["fields"]["Color"] == "Blue"
    assert ask("GET", f"{one}/fields")["Color"] == "Blue"
    older = ask("GET", f"{one}/versions")["value"][-1]["id"]
    assert ask("GET", f"{one}/versions/{older}")["fields"]["Title"] == "Widget"
    assert ask("GET", f"{one}/versions/{older}/fields")["Title"] == "Widget"
    ask("DELETE", f"{one}/versions/{older}")
    assert older not in {row["id"] for row in ask("GET", f"{one}/versions")["value"]}
    for place in (one, f"/sites/{world.site}/lists/{world.list}"):
        body = {"roles": ["read"], "grantedToV2": {"application": {"id": API}}}
        made = ask("POST", f"{place}/permissions", body)["id"]
        assert made in {row["id"] for row in ask("GET", f"{place}/permissions")["value"]}
        grant = f"{place}/permissions/{made}"
        assert ask("GET", grant)["roles"] == ["read"]
        assert ask("PATCH", grant, {"roles": ["write"]})["roles"] == ["write"]
        ask("DELETE", grant)
    link = ask("POST", f"{one}/createLink", {"type": "view", "scope": "organization"})
    assert link["link"]["type"] == "view"


def content_types(world: World) -> None:
    ask, site = world.ask, f"/sites/{world.site}"
    one = f"{site}/contentTypes/{world.content_type()}"
    assert ask("GET", f"{one}/isPublished")["value"] is True
    column = ask("GET", f"{one}/columns")["value"][-1]["id"]
    assert ask("PATCH", f"{one}/columns/{column}", {"required": True})["required"] is True
    assert ask("GET", f"{one}/columns/{column}")["required"] is True
    assert ask("GET", f"{site}/columns/{column}")["required"] is False
    offered = ask("GET", f"{site}/contentTypes/getCompatibleHubContentTypes")["value"]
    assert {"Document", "Item"} <= {row["name"] for row in offered}
    hub = {"contentTypeId": offered[0]["id"]}
    assert ask("POST", f"{site}/contentTypes/addCopyFromContentTypeHub", hub)["name"] == "Item"
    in_list = f"{site}/lists/{world.new_list()}"
    copied = ask(
        "POST", f"{in_list}/contentTypes/addCopyFromContentTypeHub", {"contentTypeId": "0x0101"}
    )
    there = f"{in_list}/contentTypes/{copied['id']}"
    assert ask("GET", there)["name"] == "Document"
    assert ask("PATCH", there, {"description": "A paper"})["description"] == "A paper"
    assert "Document" in {row["name"] for row in ask("GET", f"{in_list}/contentTypes")["value"]}
    _columns_of_a_type(world, in_list, there)
    assert ask("GET", f"{there}/isPublished")["value"] is False
    ask("POST", f"{there}/publish")
    ask("POST", f"{there}/unpublish")
    ask("DELETE", there)


def _columns_of_a_type(world: World, in_list: str, there: str) -> None:
    ask = world.ask
    column = ask("POST", f"{in_list}/columns", {"name": "Extra", "text": {}})["id"]
    ask("POST", f"{there}/columns", {"sourceColumn@odata.bind": column})
    assert ask("GET", f"{there}/columns/{column}")["name"] == "Extra"
    assert ask("PATCH", f"{there}/columns/{column}", {"hidden": True})["hidden"] is True
    assert "Extra" in {row["name"] for row in ask("GET", f"{there}/columns")["value"]}
    ask("DELETE", f"{there}/columns/{column}")
    assert "Extra" not in {row["name"] for row in ask("GET", f"{there}/columns")["value"]}


def files(world: World) -> None:
    ask, drive = world.ask, f"/drives/{world.drive}"
    one = f"{drive}/items/{world.file()}"
    assert ask("POST", f"{one}/follow")["id"] == ask("GET", one)["id"]
    ask("POST", f"{one}/unfollow")
    assert ask("POST", f"{one}/preview")["getUrl"].startswith("https://")
    assert ask("GET", f"{one}/listItem")["contentType"]["name"] == "Document"
    assert ask("GET", f"{one}/listItem/fields")["FileLeafRef"].endswith(".txt")
    assert ask("GET", "/me/drive/recent()")["value"]
    ask("POST", f"{one}/checkout")
    ask("POST", f"{one}/discardCheckout")
    assert world.graph.get(f"/v1.0{drive}/items/{world.folder()}/delta").status_code == 400
    root = ask("GET", f"{drive}/root")["id"]
    assert ask("GET", f"{drive}/items/{root}/delta()")["value"]
    inner = world.folder()
    assert ask("GET", f"{drive}/items/{inner}/children/inner.txt")["name"] == "inner.txt"
    _labels(world, one)
    _subscriptions(world, f"{drive}/root")
    gone = world.file()
    ask("POST", f"{drive}/items/{gone}/permanentDelete")
    assert world.graph.post(f"/v1.0{drive}/items/{gone}/restore", json={}).status_code == 404
    assert ask("GET", f"{drive}/list")["list"]["template"] == "documentLibrary"
    assert ask("GET", f"{drive}/list/drive")["id"] == world.drive


def _labels(world: World, one: str) -> None:
    assert world.graph.get(f"/v1.0{one}/retentionLabel").status_code == 404
    first = world.graph.patch(f"/v1.0{one}/retentionLabel", json={"name": LABEL})
    again = world.graph.patch(
        f"/v1.0{one}/retentionLabel", json={"retentionSettings": {"isRecordLocked": False}}
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["retentionSettings"]["isRecordLocked"] is False
    refused = world.graph.delete(f"/v1.0{one}/retentionLabel")
    assert refused.status_code == 403  # a record keeps its label
    other = f"/me/drive/items/{world.file()}/retentionLabel"
    settings = world.ask("PATCH", other, {"name": KEEP})["retentionSettings"]
    assert settings["behaviorDuringRetentionPeriod"] == "retain"
    world.ask("DELETE", other)
    assert world.graph.get(f"/v1.0{other}").status_code == 404


def sharing(world: World) -> None:
    ask = world.ask
    item = world.shared()
    path = f"/me/drive/items/{item}/permissions"
    every = ask("GET", path)["value"]
    link = next(row for row in every if "link" in row)
    share = f"/shares/{link['shareId']}"
    assert ask("GET", f"{share}?$expand=driveItem")["driveItem"]["id"] == item
    for tail in ("/driveItem", "/root"):
        assert ask("GET", share + tail)["id"] == item
    assert ask("GET", f"{share}/listItem")["contentType"]["name"] == "Document"
    assert ask("GET", f"{share}/list")["list"]["template"] == "documentLibrary"
    assert ask("GET", f"{share}/site")["isPersonalSite"] is True
    assert ask("GET", f"{share}/permission")["id"] == link["id"]
    people = {"recipients": [{"email": SAM}], "roles": ["read"]}
    ask("POST", f"{path}/{link['id']}/grant", people)
    ask("POST", f"{share}/permission/grant", people)
    person = next(row for row in every if "Sam Price" in str(row))
    assert ask("PATCH", f"{path}/{person['id']}", {"roles": ["read"]})["roles"] == ["read"]
    ask("DELETE", f"{path}/{person['id']}")
    ask("DELETE", f"{share}/permission")
    assert world.graph.get(f"/v1.0{share}").status_code == 404


def subscriptions(world: World) -> None:
    made = world.subscription()
    assert made in {row["id"] for row in world.ask("GET", "/subscriptions")["value"]}


STOPS: tuple[Any, ...] = (people, groups, whose_groups, sites, lists, list_items, content_types,
                          files, sharing, subscriptions)  # fmt: skip
