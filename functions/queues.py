"""The two queues: `library-changed` turns changes into work, `work` judges a chunk of it."""

from __future__ import annotations

import azure.functions as func

from functions.startup import nudges, service
from sync.hints import SECURITY, Hint, Nudge

blueprint = func.Blueprint()


@blueprint.function_name("drain")
@blueprint.queue_trigger("message", queue_name="library-changed", connection="AzureWebJobsStorage")
async def drain(message: func.QueueMessage) -> None:
    """In: one hint. Out: a nudge for each chunk of changed items, once they are safely in SQL.

    A hint about permissions has the library's access checked instead.
    """
    hint = Hint.parse(message.get_body().decode())
    if hint.kind == SECURITY:
        await _check_access(hint)
        return
    from sync.changes import drain as run

    await nudges().send(await run(await service(), hint))


async def _check_access(hint: Hint) -> None:
    from sync.notices import deliver
    from sync.restricted.rounds import asked

    await asked(await service(), hint)
    await deliver(await service())


@blueprint.function_name("judge")
@blueprint.queue_trigger("message", queue_name="work", connection="AzureWebJobsStorage")
async def judge(message: func.QueueMessage) -> None:
    """In: one nudge. Out: later nudges for what had to wait (a lock, a file still growing)."""
    from sync.enforcement import work_off

    await nudges().send(await work_off(await service(), Nudge.parse(message.get_body().decode())))
