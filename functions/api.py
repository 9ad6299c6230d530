"""The HTTP API: requests for SIG sites, from the need to an open site, asleep and awake again.

Every operation is for callers with a bearer token and a role (`auth`); a function key opens
nothing here. Steps that the provisioner has to carry out answer 202 and are looked up again.
"""

from __future__ import annotations

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.function_name("sig_requests")
@blueprint.route("sig-requests", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def sig_requests(req: func.HttpRequest) -> func.HttpResponse:
    """GET: all requests. POST {name, kind, chair, facilitator, need?}: a new one."""
    from functions import answers, sig

    if req.method == "GET":
        return await answers.answered(req, "GET sig-requests", sig.listed)
    return await answers.answered(req, "POST sig-requests", sig.asked)


@blueprint.function_name("sig_request")
@blueprint.route(
    "sig-requests/{request_id}", methods=["GET", "DELETE"], auth_level=func.AuthLevel.ANONYMOUS
)
async def sig_request(req: func.HttpRequest) -> func.HttpResponse:
    """GET: one request, with its plan. DELETE: withdraw it."""
    from functions import answers, sig

    work = sig.shown if req.method == "GET" else sig.withdrawn
    return await answers.answered(req, f"{req.method} sig-requests/…", work)


@blueprint.function_name("sig_step")
@blueprint.route(
    "sig-requests/{request_id}/{step}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
)
async def sig_step(req: func.HttpRequest) -> func.HttpResponse:
    """POST agreement {as?}, approval {reference, date}, plan, opening {seal}, sleep or waking."""
    from functions import answers, sig

    step = req.route_params.get("step", "")
    return await answers.answered(req, f"POST sig-requests/…/{step[:20]}", sig.stepped)


@blueprint.function_name("sig_silence")
@blueprint.timer_trigger("timer", schedule="0 37 * * * *")
async def sig_silence(timer: func.TimerRequest) -> None:
    """Every hour: end subscriptions of lists policed no longer, should a step have died."""
    from functions.startup import service
    from sync.dormancy import end_unwanted

    await end_unwanted(await service())


@blueprint.function_name("sig_rows")
@blueprint.timer_trigger("timer", schedule="15 * * * * *")
async def sig_rows(timer: func.TimerRequest) -> None:
    """Every minute: follow the rows of the list in which SIG sites are asked for and decided."""
    from functions.startup import others, service
    from sync.asked_in_list import follow

    await others().send(await follow(await service()))
