"""Graph: `…/$count` of any collection: as many as the caller would be shown, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from local.tenant.errors import bad_request
from local.tenant.graph import odata
from local.tenant.routing import Route

if TYPE_CHECKING:
    from local.tenant.call import Answer, Call


def of(route: Route) -> Route:
    """Return the counting route of a collection; 400 where the address is not one."""

    def count(call: Call) -> Answer:
        total, query = 0, {**call.query, "$top": str(odata.LARGEST_PAGE)}
        while query:
            body = route.handler(replace(call, query=query, args=dict(call.args))).body
            if not isinstance(body, dict) or not isinstance(body.get("value"), list):
                raise bad_request("$count is for collections.")
            total += len(body["value"])
            query = dict(parse_qsl(urlsplit(body.get("@odata.nextLink", "")).query))
        return odata.plain(str(total))

    return Route(route.method, f"{route.pattern}/$count", count, route.cost)
