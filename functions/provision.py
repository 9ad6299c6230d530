"""The provisioner's own app: it makes sites, puts them to sleep and wakes them (decision 19).

No webhook, no API and no file parsing here. One package, a second identity: VERGER_ROLE says so.
"""

from __future__ import annotations

import azure.functions as func

from functions.startup import nudges, others, service

blueprint = func.Blueprint()


@blueprint.function_name("provision")
@blueprint.queue_trigger("message", queue_name="provision", connection="AzureWebJobsStorage")
async def provision(message: func.QueueMessage) -> None:
    """In: the id of a request. Out: a later nudge, when something was busy or out of reach."""
    from sync.sig_records import Errand
    from sync.sig_sites import carry_out

    told = Errand.parse(message.get_body().decode())
    await nudges().send(await carry_out(await service(), others(), told.list_id))


@blueprint.function_name("provision_waiting")
@blueprint.timer_trigger("timer", schedule="30 * * * * *")
async def provision_waiting(timer: func.TimerRequest) -> None:
    """Every minute: nudge for what is under way, so that a lost nudge costs a minute."""
    from sync.sig_sites import waiting

    await nudges().send(await waiting(await service()))


@blueprint.function_name("drift")
@blueprint.timer_trigger("timer", schedule="0 0 2 * * *")
async def drift(timer: func.TimerRequest) -> None:
    """Every night: compare each site with its schema; correct by mode what two looks agree on."""
    from sync.nightly import check_all

    await check_all(await service())
