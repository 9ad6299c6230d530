"""Graph: columns of sites and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.call import Answer
from local.tenant.graph import find, odata, shapes
from local.tenant.routing import Route
from local.tenant.store import columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.tenant.call import Call
    from local.tenant.routing import Handler


def owner_of(call: Call, verb: str) -> str:
    """Return the guid of the site or list in the address."""
    return str((find.list_ if "list" in call.args else find.site)(call, verb)["id"])


def every(call: Call) -> Answer:
    rows = columns.every(call.store, owner_of(call, "read"))
    return Answer(
        body={
            "@odata.context": odata.context("columns"),
            "value": [odata.pick(shapes.column(row), odata.selected(call.query)) for row in rows],
        }
    )


def get(call: Call) -> Answer:
    return Answer(
        body=shapes.column(columns.get(call.store, owner_of(call, "read"), call.args["column"]))
    )


def create(call: Call) -> Answer:
    """Add a column; one that names a site column (`sourceColumn` or its id) copies it."""
    owner, body = owner_of(call, "manage"), call.json()
    if bind := body.pop("sourceColumn@odata.bind", None):
        source = columns.get(
            call.store, find.site_of(call, call.args["site"])["id"], str(bind).rpartition("/")[2]
        )
        columns.copy_missing(call.store, source["owner"], owner, [source["name"]])
        return Answer(201, shapes.column(columns.get(call.store, owner, source["name"])))
    row = columns.add(call.store, owner, body)
    return Answer(201, shapes.column(row))


def update(call: Call) -> Answer:
    row = columns.update(call.store, owner_of(call, "manage"), call.args["column"], call.json())
    return Answer(body=shapes.column(row))


def remove(call: Call) -> Answer:
    columns.remove(call.store, owner_of(call, "manage"), call.args["column"])
    return Answer(204)


def both(method: str, tail: str, handler: Handler, cost: int) -> tuple[Route, ...]:
    """Return the routes of an operation that a site and a list have in common."""
    return (
        Route(method, f"/sites/{{site}}{tail}", handler, cost),
        Route(method, f"/sites/{{site}}/lists/{{list}}{tail}", handler, cost),
    )


_TABLE: tuple[tuple[str, str, Callable[[Call], Answer], int], ...] = (
    ("GET", "/columns", every, 2),
    ("POST", "/columns", create, 2),
    ("GET", "/columns/{column}", get, 1),
    ("PATCH", "/columns/{column}", update, 2),
    ("DELETE", "/columns/{column}", remove, 2),
)
ROUTES = tuple(route for entry in _TABLE for route in both(*entry))
