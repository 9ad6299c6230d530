"""The API of what is reported about registers: the risk register as a 5 by 5 map.

Callers need a bearer token and a role (`auth`); a function key opens nothing here.
"""

from __future__ import annotations

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.function_name("heat_map")
@blueprint.route("heat-map", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def heat_map(req: func.HttpRequest) -> func.HttpResponse:
    """GET ?site=core&since=2026-10-24: open risks by cell and band, and how they moved since."""
    from functions import answers, reported

    return await answers.answered(req, "GET heat-map", reported.heat_map)
