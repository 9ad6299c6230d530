"""`verger simulate`: what a rule would have done over what is recorded; nothing is written."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.common import UNNAMED, Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from pathlib import Path

    from sync.rejudging import Report
    from sync.service import Service
    from sync.simulation import Counted, Example, Simulated
    from sync.trials import Effect, Outcome

Policy = Annotated[str, typer.Argument(help="The rule, such as file_name.")]
Since = Annotated[str, typer.Option("--since", help="How far back: 90d (days), 12w (weeks).")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another value for a parameter, as path=value; may be repeated."),
]
Site = Annotated[str | None, typer.Option("--site", help="Address or name of one site.")]
Examples = Annotated[int, typer.Option("--examples", min=0, help="Examples shown at most.")]
Go = Annotated[
    bool, typer.Option("--go", help="Let a change of this rule act that waits (verger status).")
]
DAYS = {"d": 1, "w": 7}
SINCE = re.compile(r"(\d{1,4})([dw])")


def command(  # noqa: PLR0913 - an option each
    policy: Policy,
    settings: SettingsFile = None,
    since: Since = "90d",
    values: Values = None,
    site: Site = None,
    *,
    examples: Examples = 10,
    go: Go = False,
    as_json: Json = False,
) -> None:
    """Judge what was recorded again, with other parameters or another mode; write nothing.

    A changed rule that would give many files another verdict waits: --go lets it act on them.

    Example: verger simulate review_date --since 90d --set types.policy.review_months=24
    """
    if go:
        _let_act(settings, policy, site, values, as_json=as_json)
        return
    back = _back(since)
    told = with_service(
        settings, lambda service: _simulate(service, policy, back, (values or [], site, examples))
    )
    if as_json:
        console.print_json(json.dumps(_plain(told), default=str))
    else:
        _print(told)


def _let_act(
    settings: Path | None, policy: str, site: str | None, values: list[str] | None, *, as_json: bool
) -> None:
    """Let what waits act; other values are for a simulation only."""
    if values:
        raise typer.BadParameter("a trial of other values can't act", param_hint="--set")
    told = with_service(settings, lambda service: _go(service, policy, site))
    if as_json:
        console.print_json(json.dumps([asdict(one) for one in told], default=str))
        return
    for one in told:
        says = f"{one.site} {one.list}: {one.would_change} files will be judged anew"
        console.print(escape(f"{says}, within the hour's resource units. See: verger status"))


async def _go(service: Service, policy: str, site: str | None) -> list[Report]:
    from sync.rejudging import go as run  # noqa: PLC0415 - after --help

    return await run(service, policy, service.settings.client_id, site)


def _back(text: str) -> timedelta:
    found = SINCE.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is no stretch of time such as 90d or 12w", param_hint="--since"
        )
    return timedelta(days=int(found[1]) * DAYS[found[2]])


async def _simulate(
    service: Service, policy: str, back: timedelta, more: tuple[list[str], str | None, int]
) -> Simulated:
    from sync.simulation import Wish, simulate  # noqa: PLC0415 - after --help

    return await simulate(service, Wish(policy, service.now() - back, *more))


def _plain(told: Simulated) -> dict[str, Any]:
    return {
        "policy": told.policy,
        "since": told.since,
        "until": told.until,
        "lists": [_list(one) for one in told.lists],
        "examples": [_example(one) for one in told.examples],
    }


def _list(one: Counted) -> dict[str, Any]:
    return {
        "site": one.site,
        "list": one.list,
        "looks": one.looks,
        "told_by_the_verdict_then": one.recorded,
        "not_replayed": dict(one.not_replayed),
        "files": len(one.files),
        "different": len(one.different),
        "before": _effects(one.before),
        "after": _effects(one.after),
    }


def _effects(files: dict[str, Effect]) -> dict[str, int]:
    """Count the files by what is done about them."""
    told = [effect.says for effect in sorted(files.values(), reverse=True)]
    return {says: told.count(says) for says in dict.fromkeys(told)}


def _example(one: Example) -> dict[str, Any]:
    return {
        "site": one.site,
        "list": one.list,
        "file": one.file,
        "at": one.at,
        "before": _outcome(one.before),
        "after": _outcome(one.after),
    }


def _outcome(one: Outcome | None) -> dict[str, Any] | None:
    return None if one is None else {"effect": one.effect.says, "says": list(one.says)}


def _print(told: Simulated) -> None:
    title = f"{told.policy} over what was seen since {told.since:%d/%m/%Y}; nothing was written"
    table = Table(title=title, title_justify="left", show_lines=True)
    sides = ("As it is", "As it would be", "Different") if told.changed else ("As it is",)
    for heading in ("Library", "Files", "Looks", *sides):
        table.add_column(heading, overflow="fold")
    for one in told.lists:
        before, after = _shown(one.before), _shown(one.after)
        cells = (before, after, str(len(one.different))) if told.changed else (before,)
        where = f"{one.site} {one.list}"
        table.add_row(*map(escape, (where, str(len(one.files)), str(one.looks), *cells)))
    console.print(table)
    for one in told.lists:
        _print_gaps(one)
    for example in told.examples:
        _print_example(example, changed=told.changed)


def _shown(files: dict[str, Effect]) -> str:
    return "\n".join(f"{count} {says}" for says, count in _effects(files).items()) or "nothing"


def _print_gaps(one: Counted) -> None:
    if one.recorded:
        told = f"{one.recorded} looks are told by the verdict given then"
        console.print(escape(f"{one.list}: {told}; what the rule judges by is not kept."))
    for what, count in one.not_replayed.most_common():
        console.print(escape(f"{one.list}: {count} looks can't be replayed: {what} is not kept."))


def _print_example(one: Example, *, changed: bool) -> None:
    file = one.file or UNNAMED
    before = _said(one.before)
    said = f"{before} → {_said(one.after)}" if changed else before
    console.print(escape(f"{one.at:%d/%m/%Y} {one.list}, {file}: {said}"))


def _said(one: Outcome | None) -> str:
    if one is None:
        return "nothing"
    return " ".join((f"{one.effect.says}.", *one.says))
