"""The API of the quarantine, for its IG officers.

Callers need a bearer token and a role (`auth`); a function key opens nothing here.
"""

from __future__ import annotations

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.function_name("quarantine")
@blueprint.route("quarantine", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def quarantine(req: func.HttpRequest) -> func.HttpResponse:
    """GET: what lies in quarantine, by the documents' ids; no names, no identifiers."""
    from functions import answers, released

    return await answers.answered(req, "GET quarantine", released.listed)


@blueprint.function_name("quarantine_release")
@blueprint.route(
    "quarantine/{document_id}/release", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
)
async def quarantine_release(req: func.HttpRequest) -> func.HttpResponse:
    """POST {as: "redacted" | "false positive", reason}: have it put back where it came from."""
    from functions import answers, released

    return await answers.answered(req, "POST quarantine/…/release", released.ordered)
