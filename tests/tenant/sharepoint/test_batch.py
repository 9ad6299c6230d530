"""`$batch`: many operations in one call, each on its own."""

from __future__ import annotations

import pytest
from office365.runtime.client_request_exception import ClientRequestException
from office365.sharepoint.lists.creation_information import ListCreationInformation

from local.tenant.sharepoint import answer
from local.tenant.sharepoint.batch import answer_batch, read_parts
from local.tenant.sharepoint.digest import issue
from tests.tenant.sharepoint.rest_kit import CORE, app

PATH = "web/lists/getbytitle('Registry')"


def registry(rest):
    client = rest.client()
    made = client.web.lists.add(ListCreationInformation(Title="Registry", BaseTemplate=100))
    client.execute_query()
    return client, made


def body_of(*lines: str, boundary: str = "b") -> bytes:
    parts = [
        f"--{boundary}\r\nContent-Type: application/http\r\n"
        f"Content-Transfer-Encoding: binary\r\n\r\n{line} HTTP/1.1\r\n"
        "Accept: application/json;odata=nometadata\r\n\r\n\r\n"
        for line in lines
    ]
    return "".join([*parts, f"--{boundary}--\r\n"]).encode()


def batch_call(rest, *lines: str):
    headers = {"content-type": "multipart/mixed; boundary=b"}
    call = rest.call(app(), "POST", f"{CORE}/_api/$batch", headers, body_of(*lines))
    call.headers["x-requestdigest"] = issue(call)
    return call


def test_the_clients_batch_of_writes_and_reads_comes_back_in_order(rest):
    client, made = registry(rest)
    items = [made.add_item({"Title": f"t{number}"}) for number in range(3)]
    client.execute_batch()
    assert [item.properties["Title"] for item in items] == ["t0", "t1", "t2"]
    for number in (1, 2, 3):
        made.get_item_by_id(number).set_property("Title", f"n{number}").update()
    client.execute_batch()
    shown = rest.get(app(), f"{PATH}/items?$select=Title").json()["value"]
    assert [row["Title"] for row in shown] == ["n1", "n2", "n3"]


def test_a_refused_part_leaves_the_others_done(rest):
    client, made = registry(rest)
    made.add_item({"Title": "good"})
    client.execute_query()
    made.get_item_by_id(99).delete_object()
    made.get_item_by_id(1).set_property("Title", "better").update()
    with pytest.raises((ClientRequestException, OSError)):
        client.execute_batch()
    shown = rest.get(app(), f"{PATH}/items?$select=Title").json()["value"]
    assert [row["Title"] for row in shown] in (["good"], ["better"])


def test_each_part_is_priced_and_answered_on_its_own(rest):
    registry(rest)
    call = batch_call(
        rest,
        f"GET {CORE}/_api/web?$select=Title",
        f"GET {CORE}/_api/{PATH}/items(9)",
        f"GET {CORE}/_api/{PATH}/roleassignments",
    )
    with rest.store.transaction():
        told = answer(call).body.decode()
    assert [line[9:12] for line in told.split("\r\n") if line.startswith("HTTP/1.1")] == [
        "200", "404", "200",
    ]  # fmt: skip
    assert call.cost == 2 + 2 + 5


def test_the_door_may_replay_the_parts_itself(rest):
    call = batch_call(rest, f"GET {CORE}/_api/web", f"GET {CORE}/_api/site")
    seen = []

    def replay(part):
        seen.append((part.method, part.site_path, part.path))
        return answer(part)

    answer_batch(call, replay)
    assert seen == [("GET", "/sites/core", "/_api/web"), ("GET", "/sites/core", "/_api/site")]


def test_a_batch_that_is_none_or_too_large_is_refused(rest):
    lines = [f"GET {CORE}/_api/web"] * 101
    assert rest.post(app(), "$batch", data=b"{}").status_code == 400
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    many = body_of(*lines)
    assert rest.post(app(), "$batch", data=many, headers=headers).status_code == 400
    large = b"x" * (1024 * 1024 + 1)
    assert rest.post(app(), "$batch", data=large, headers=headers).status_code == 400


def test_a_part_keeps_its_query_headers_and_body(rest):
    body = (
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        "--c\r\nContent-Type: application/http\r\n\r\n"
        f"MERGE {CORE}/_api/web/lists/getbytitle('A%20B')?a=%2B1 HTTP/1.1\r\n"
        'IF-MATCH:*\r\n\r\n{"Title": "x"}\r\n--c--\r\n--b--\r\n'
    )
    headers = {"content-type": "multipart/mixed; boundary=b"}
    call = rest.call(app(), "POST", f"{CORE}/_api/$batch", headers, body)
    (part,) = read_parts(call)
    assert (part.call.method, part.call.path) == ("MERGE", "/_api/web/lists/getbytitle('A B')")
    assert part.call.query == {"a": "+1"}
    assert part.call.headers["if-match"] == "*"
    assert part.call.json() == {"Title": "x"}
    assert part.change_set == "c"
