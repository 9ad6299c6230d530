"""What happens without a hint: the nets below the webhook. Each timer calls one flow."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import azure.functions as func

from functions.startup import nudges, service

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = func.Blueprint()


@contextlib.contextmanager
def in_background() -> Iterator[None]:
    """Have what nobody waits for give way to staff's changes (`sync.tenant.pace`)."""
    from sync.tenant.pace import Lane, lane

    with lane(Lane.BACKGROUND):
        yield


@blueprint.function_name("sweep")
@blueprint.timer_trigger("timer", schedule="0 * * * * *")
async def sweep(timer: func.TimerRequest) -> None:
    """Every minute: nudge for rows nobody works on, deadlines that came, mail not yet sent."""
    from sync.sweep import sweep as run

    await nudges().send(await run(await service()))


@blueprint.function_name("sent")
@blueprint.timer_trigger("timer", schedule="45 * * * * *")
async def sent(timer: func.TimerRequest) -> None:
    """Every minute: note in SharePoint which mails left; no restored database repeats them."""
    from sync.sent_list import flush

    await flush(await service())


@blueprint.function_name("ledger")
@blueprint.timer_trigger("timer", schedule="0 35 1 * * *")
async def ledger(timer: func.TimerRequest) -> None:
    """Every night: remove old notes of sent mails, and sign where the journals stand."""
    from sync.anchors import anchor
    from sync.sent_list import prune

    await prune(await service())
    await anchor(await service())


@blueprint.function_name("renew")
@blueprint.timer_trigger("timer", schedule="0 7 * * * *")
async def renew(timer: func.TimerRequest) -> None:
    """Every hour: renew subscriptions at a third of their life, make those that are gone anew."""
    from sync.subscriptions import reconcile

    await nudges().send(await reconcile(await service()))


@blueprint.function_name("quiet")
@blueprint.timer_trigger("timer", schedule="0 20 * * * *")
async def quiet(timer: func.TimerRequest) -> None:
    """Every hour: drain lists quiet for hours, so that a lost notification costs five at most."""
    from sync.sweep import hint_all

    await nudges().send(await hint_all(await service()))


@blueprint.function_name("meeting_day")
@blueprint.timer_trigger("timer", schedule="0 2 * * * *")
async def meeting_day(timer: func.TimerRequest) -> None:
    """Every hour: open a board's agenda to its observers on the day, close it when it is over."""
    from sync.observers import keep_to_the_day

    await keep_to_the_day(await service())


@blueprint.function_name("registers")
@blueprint.timer_trigger("timer", schedule="0 */15 * * * *")
async def registers(timer: func.TimerRequest) -> None:
    """Every quarter of an hour: each register whole once a day, and the morning's digests."""
    from sync import owners
    from sync.digest import make_out
    from sync.standing import look

    async with contextlib.AsyncExitStack() as each:  # a register that fails keeps back no digest
        each.enter_context(in_background())
        each.push_async_callback(make_out, await service())
        each.push_async_callback(owners.look, await service())
        await look(await service())


@blueprint.function_name("access")
@blueprint.timer_trigger("timer", schedule="30 * * * * *")
async def access(timer: func.TimerRequest) -> None:
    """Every minute: check who can open restricted files, and what is shared outward, in turn."""
    from sync.restricted.exceptions import end_what_is_over
    from sync.restricted.rounds import go_round

    await end_what_is_over(await service())
    with in_background():
        await go_round(await service())


@blueprint.function_name("rules")
@blueprint.timer_trigger("timer", schedule="0 4,14,24,34,44,54 * * * *")
async def rules(timer: func.TimerRequest) -> None:
    """Every ten minutes: look at what changed rules would bring for the files already there."""
    from sync.rejudging import rejudge

    with in_background():
        found = await rejudge(await service())
    await nudges().send(found)
