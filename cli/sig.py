"""`verger sig`: a Special Interest Group's site, from the need to an open site (Gov-12)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from tenacity import Retrying, retry_if_result
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_fixed

from cli.api import Api
from cli.common import Json, SettingsFile, console, with_nudges, with_service
from sync.errors import Missing, Rejected

if TYPE_CHECKING:
    from collections.abc import Collection

    from sync.plan import Plan
    from sync.service import Service
    from sync.state.nudges import Nudges

app = typer.Typer(
    help="Ask for, agree, approve and open a Special Interest Group's site; sleep and wake it.",
    no_args_is_help=True,
)
Group = Annotated[str, typer.Argument(help="The group's name, or the request's id.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for the provisioner; 0 does not wait.")]
LOOK_EVERY = 1.0
UNDER_WAY = ("approved", "opening", "falling asleep", "waking")
REQUESTS = "sig-requests"


@app.command("list")
def list_(settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Show every request and what it still waits for.

    Example: verger sig list
    """
    found = Api.open(settings).call("GET", REQUESTS)["value"]
    if as_json:
        console.print_json(data=found)
        return
    table = Table(title=f"SIG sites ({len(found)})", title_justify="left")
    for heading in ("Group", "State", "Chair", "Waits for"):
        table.add_column(heading, overflow="fold")
    for one in found:
        waits = "\n".join(one["missing"]) or one["trouble"] or ""
        table.add_row(*map(escape, (one["name"], one["state"], one["chair"], waits)))
    console.print(table)


@app.command()
def request(  # noqa: PLR0913, PLR0917 - Gov-12's facts, each an option of its own
    what: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="An order file, or the group's name.")
    ],
    kind: Annotated[str | None, typer.Option(help="The kind of group, such as pathways.")] = None,
    chair: Annotated[str | None, typer.Option(help="The chair's user name.")] = None,
    facilitator: Annotated[str | None, typer.Option(help="The facilitator's user name.")] = None,
    sub_kind: Annotated[str | None, typer.Option(help="Such as breast, for a pathway.")] = None,
    need: Annotated[str | None, typer.Option(help="Where the need was seen.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Ask for a group's site, by an order file or by its facts. Agreements in a file don't count.

    Example: verger sig request orders/breast-imaging.yaml
    """
    told = {"kind": kind, "sub_kind": sub_kind, "chair": chair, "facilitator": facilitator}
    body = _wish(what, {name: text for name, text in (told | {"need": need}).items() if text})
    _show(Api.open(settings).call("POST", REQUESTS, body=body))


def _wish(what: str, told: dict[str, str]) -> dict[str, Any]:
    """Return what is asked for: a file says all of it, a name needs the options beside it."""
    from sharepoint_schema.order import load_wish  # noqa: PLC0415 - after --help

    file = Path(what)
    if file.is_file():
        if told:
            raise typer.BadParameter(f"{what} says it all; leave out --{' --'.join(told)}")
        return load_wish(file).model_dump(mode="json", exclude_none=True)
    if file.suffix in {".yaml", ".yml"}:
        raise typer.BadParameter(f"there is no file {what}")
    absent = [name for name in ("kind", "chair", "facilitator") if name not in told]
    if absent:
        raise typer.BadParameter(f"there is no file {what}; for a name add --{' --'.join(absent)}")
    return {"name": what, **told}


@app.command()
def agree(
    group: Group,
    office: Annotated[
        str | None, typer.Option("--as", help="Which director, for someone who is both.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Agree as the Network Director or the Clinical Director, with today's date.

    Example: verger sig agree "Breast imaging"
    """
    api = Api.open(settings)
    body = {"as": office} if office else {}
    _show(api.call("POST", REQUESTS, _find(api, group)["id"], "agreement", body=body))


@app.command()
def approve(
    group: Group,
    minute: Annotated[str, typer.Option(help="The reference of the board's minute.")],
    day: Annotated[
        str, typer.Option("--date", help="The day of the meeting, such as 14/10/2026.")
    ] = "",
    settings: SettingsFile = None,
) -> None:
    """Record the Operational Board's minute, as its secretary; the day is today unless said.

    Example: verger sig approve "Breast imaging" --minute "NOB 2026/11 item 7" --date 14/11/2026
    """
    api = Api.open(settings)
    body = {"reference": minute, "date": day or date.today().isoformat()}  # noqa: DTZ011 - theirs
    _show(api.call("POST", REQUESTS, _find(api, group)["id"], "approval", body=body))


@app.command("open")
def open_(
    group: Group,
    seal: Annotated[
        str | None, typer.Option(help="The seal of the plan that was approved.")
    ] = None,
    wait: Wait = 300,
    settings: SettingsFile = None,
) -> None:
    """Show the plan, ask for your approval of its seal, and have the site made.

    Example: verger sig open "Breast imaging"
    """
    api = Api.open(settings)
    found = _settled(api, _find(api, group)["id"], wait, ("approved",))
    approved = seal or _ask(found)
    answer = api.call("POST", REQUESTS, found["id"], "opening", body={"seal": approved})
    _end(api, answer, wait, "open")


@app.command()
def sleep(group: Group, wait: Wait = 300, settings: SettingsFile = None) -> None:
    """Put a group's site to sleep: everybody reads, nothing is policed, review clocks stand still.

    Example: verger sig sleep "Breast imaging"
    """
    api = Api.open(settings)
    _end(api, api.call("POST", REQUESTS, _find(api, group)["id"], "sleep"), wait, "dormant")


@app.command()
def wake(group: Group, wait: Wait = 300, settings: SettingsFile = None) -> None:
    """Wake a group's site: its members write again, and it is policed again.

    Example: verger sig wake "Breast imaging"
    """
    api = Api.open(settings)
    _end(api, api.call("POST", REQUESTS, _find(api, group)["id"], "waking"), wait, "open")


@app.command()
def provision(settings: SettingsFile = None) -> None:
    """Carry out, once, what waits for the provisioner; for a place without its function app.

    Example: verger sig provision --settings provisioner.env
    """
    for line in with_service(settings, _provision):
        console.print(escape(line))


async def _provision(service: Service) -> list[str]:
    from sync.sig_records import find  # noqa: PLC0415 - after --help
    from sync.sig_sites import carry_out, waiting  # noqa: PLC0415 - after --help

    told = []

    async def work(hints: Nudges) -> None:
        for errand in await waiting(service):
            await carry_out(service, hints, errand.list_id)
            row = (await find(service, errand.list_id)).request
            told.append(
                f"{row.wish['name']}: {row.state}" + f" ({row.trouble})" * bool(row.trouble)
            )

    await with_nudges(service, work)
    return told or ["Nothing waits."]


def _find(api: Api, group: str) -> dict[str, Any]:
    """Return the live request of a name, or the one of an id."""
    found: list[dict[str, Any]] = api.call("GET", REQUESTS)["value"]
    wanted = group.strip().casefold()
    for one in found:
        if wanted == one["id"] or (
            wanted == one["name"].casefold() and one["state"] != "withdrawn"
        ):
            return one
    raise Missing(f"there is no request for a group {group!r}; see verger sig list")


def _ask(found: dict[str, Any]) -> str:
    """Show the plan and return its seal once a person has said yes to it."""
    from cli.plan import show  # noqa: PLC0415 - after --help

    plan = _plan_of(found)
    show(plan)
    typer.confirm("Open the site by this plan?", abort=True)
    return plan.seal


def _plan_of(found: dict[str, Any]) -> Plan:
    """Return a request's plan. Its seal is made here, of what is shown, not taken on trust."""
    from sync.plan import Plan, Step  # noqa: PLC0415 - after --help

    if not found["plan"]:
        waits = "; ".join(found["missing"]) or found["trouble"] or f"it is {found['state']}"
        raise Rejected(f"there is no plan to approve: {waits}")
    told = found["plan"]
    steps = tuple(Step(**{**step, "within": tuple(step["within"])}) for step in told["steps"])
    return Plan(told["site"], told["path"], steps, tuple(told["blocked"]))


def _end(api: Api, found: dict[str, Any], wait: float, wanted: str) -> None:
    """Wait until the provisioner is done, show where that left the request; exit 1 if elsewhere."""
    with console.status(f"{found['name']}: {found['state']} …"):
        done = _settled(api, found["id"], wait, UNDER_WAY)
    _show(done)
    if wait and done["state"] != wanted:
        raise typer.Exit(1)


def _settled(api: Api, request_id: str, wait: float, under_way: Collection[str]) -> dict[str, Any]:
    """Look until nothing is under way any more, or the time is up; returns the last look."""
    looking = Retrying(
        retry=retry_if_result(lambda found: found["state"] in under_way),
        wait=wait_fixed(LOOK_EVERY),
        stop=stop_after_delay(wait),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    found: dict[str, Any] = looking(api.call, "GET", REQUESTS, request_id)
    return found


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def _show(found: dict[str, Any]) -> None:
    from sync.sig_orders import next_steps  # noqa: PLC0415 - after --help

    console.print(
        f"[bold]{escape(found['name'])}[/]: {found['state']} ({found['id']})", soft_wrap=True
    )
    for one in found["decisions"]:
        said = f", {one['reference']}" if one["reference"] else ""
        console.print(
            escape(f"  {one['step'].replace('_', ' ')}: {one['who']}, {_day(one['date'])}{said}")
        )
    for line in (*found["missing"], *([found["trouble"]] if found["trouble"] else ())):
        console.print(f"  [yellow]{escape(line)}[/]")
    decided = [one["step"] for one in found["decisions"]]
    for line in next_steps(found["name"], found["state"], decided):
        console.print(escape(f"  Next: {line}"), soft_wrap=True)
