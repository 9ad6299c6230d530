"""The API of decisions about documents, and the timer that draws what was published as PDF.

Callers need a bearer token and a role (`auth`); a function key opens nothing here.
"""

from __future__ import annotations

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.function_name("decisions")
@blueprint.route("decisions", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def decisions(req: func.HttpRequest) -> func.HttpResponse:
    """GET ?document=Gov-04: its decisions. POST {document, version, kind, body, date, …}: one."""
    from functions import answers, decided

    if req.method == "GET":
        return await answers.answered(req, "GET decisions", decided.listed)
    return await answers.answered(req, "POST decisions", decided.recorded)


@blueprint.function_name("renditions")
@blueprint.timer_trigger("timer", schedule="45 * * * * *")
async def renditions(timer: func.TimerRequest) -> None:
    """Every minute: draw the PDFs of published documents that are still waiting."""
    from functions.startup import service
    from sync.renditions import draw_waiting

    await draw_waiting(await service())
