"""What happens without a hint: the nets below the webhook. Each timer calls one flow."""

from __future__ import annotations

import contextlib

import azure.functions as func

from functions.startup import nudges, service

blueprint = func.Blueprint()


@blueprint.function_name("sweep")
@blueprint.timer_trigger("timer", schedule="0 * * * * *")
async def sweep(timer: func.TimerRequest) -> None:
    """Every minute: nudge for rows nobody works on, deadlines that came, mail not yet sent."""
    from sync.sweep import sweep as run

    await nudges().send(await run(await service()))


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
    await go_round(await service())


@blueprint.function_name("rules")
@blueprint.timer_trigger("timer", schedule="0 4,14,24,34,44,54 * * * *")
async def rules(timer: func.TimerRequest) -> None:
    """Every ten minutes: look at what changed rules would bring for the files already there."""
    from sync.rejudging import rejudge

    await nudges().send(await rejudge(await service()))
