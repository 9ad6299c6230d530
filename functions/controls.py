"""The API of what people change about Verger's acts: undo one, let a rule rest, end that.

Callers need a bearer token and a role (`auth`); a function key opens nothing here.
"""

from __future__ import annotations

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.function_name("undo")
@blueprint.route("undo", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def undo(req: func.HttpRequest) -> func.HttpResponse:
    """GET ?document=Gov-04: what can be undone. POST {entry} or {document}, reason?: undo it."""
    from functions import answers, controlled

    if req.method == "GET":
        return await answers.answered(req, "GET undo", controlled.undoable)
    return await answers.answered(req, "POST undo", controlled.undone)


@blueprint.function_name("waivers")
@blueprint.route("waivers", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def waivers(req: func.HttpRequest) -> func.HttpResponse:
    """GET: the waivers that hold. POST {document, policy, until, reason}: a new one."""
    from functions import answers, controlled

    if req.method == "GET":
        return await answers.answered(req, "GET waivers", controlled.listed)
    return await answers.answered(req, "POST waivers", controlled.waived)


@blueprint.function_name("waiver")
@blueprint.route("waivers/{waiver_id}", methods=["DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
async def waiver(req: func.HttpRequest) -> func.HttpResponse:
    """DELETE: end a waiver before its day."""
    from functions import answers, controlled

    return await answers.answered(req, "DELETE waivers/…", controlled.withdrawn)
