"""The two queues: `library-changed` turns changes into work, `work` judges a chunk of it."""

from __future__ import annotations

from dataclasses import replace

import azure.functions as func

from functions.startup import nudges, service
from sync.hints import SECURITY, Hint, Nudge

LONGEST_DELAY = 3_600.0
"""Seconds a hint is put back for at most: a pause may be lifted, and more than this is unkind."""
A_WHILE = 60.0
"""Seconds for which it is put back when the service names no time."""

blueprint = func.Blueprint()


@blueprint.function_name("drain")
@blueprint.queue_trigger("message", queue_name="library-changed", connection="AzureWebJobsStorage")
async def drain(message: func.QueueMessage) -> None:
    """In: one hint. Out: a nudge for each chunk of changed items, once they are safely in SQL.

    A hint about permissions has the library's access checked instead. While the app has to pause,
    the hint is put back for as long: it would else be tried five times and set aside.
    """
    from sync.errors import Throttled

    hint = Hint.parse(message.get_body().decode())
    try:
        await (_check_access(hint) if hint.kind == SECURITY else _read(hint))
    except Throttled as error:
        await nudges().send([replace(hint, delay=min(LONGEST_DELAY, error.retry_after or A_WHILE))])


async def _read(hint: Hint) -> None:
    from sync.changes import drain as run

    await nudges().send(await run(await service(), hint))


async def _check_access(hint: Hint) -> None:
    from sync.notices import deliver
    from sync.restricted.rounds import asked
    from sync.tenant.pace import Lane, lane

    with lane(Lane.URGENT):
        await asked(await service(), hint)
    await deliver(await service())


@blueprint.function_name("judge")
@blueprint.queue_trigger("message", queue_name="work", connection="AzureWebJobsStorage")
async def judge(message: func.QueueMessage) -> None:
    """In: one nudge. Out: later nudges for what had to wait (a lock, a file still growing).

    While rows are left the nudge goes to the queue's end, behind those of other lists.
    """
    from sync.changes import go_on
    from sync.enforcement import work_off

    nudge = Nudge.parse(message.get_body().decode())
    later = await work_off(await service(), nudge)
    follows = any(one.list_id == nudge.list_id and not one.delay for one in later)
    await nudges().send(later if follows else [*later, *await go_on(await service(), nudge)])
