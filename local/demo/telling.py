"""`make run`: set the stage, open two sites, tell the story, print it, and judge it.

A first telling records what it uploaded in the data folder. A later one uploads nothing: it audits
everything there and passes only if nothing had to be corrected (decision 28).
"""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from local.demo import report
from local.demo.admins import Desk, Done
from local.demo.checks import check_lists
from local.demo.stage import Stage, alone, stage
from local.demo.story import PATIENCE, NotTold, Story, stopwatch
from local.demo.watch import Watch
from local.demo.world import HELEN, IMRAN, NADIA, SAM, make_world
from local.processes import NotStarted
from sync.state.engine import State

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


FAILED = 1
"""Exit status of `verger` for what is refused, and of a story that was not told."""
GROUP = "Breast imaging"
STOPS = (signal.SIGINT, signal.SIGTERM)
REFUSED = 2
"""Exit status of `verger` for input it does not accept."""
CHANGES = 2
"""Exit status of `verger plan` when there is something to do."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells: where it is printed, and the stage it plays on."""

    console: Console
    stage: Stage

    def say(self, text: str) -> None:
        self.console.rule(text, align="left", style="dim")

    def verger(self, *words: str, expect: int = 0, says: str = "") -> None:
        """Run the `verger` command as an admin would; NotTold when it ends or speaks otherwise."""
        self._show(words)
        done = self._desk.type(*words, settings=self.stage.world.provisioner)
        self._judge(words, done, expect, says)

    def verger_as(self, who: str, *words: str, says: str, keys: str = "") -> None:
        """Run it as a person who signs in; `keys` is what is typed when it asks."""
        self._show(words, f"  ({who})")
        self._judge(words, self._desk.type_as(who, *words, keys=keys), 0, says)

    @property
    def _desk(self) -> Desk:
        return Desk(self.stage, self.console.width)

    def _show(self, words: tuple[str, ...], who: str = "") -> None:
        typed = escape(f"$ verger {shlex.join(words)}")
        self.console.print(f"[bold]{typed}[/]{who}", highlight=False)

    def _judge(self, words: tuple[str, ...], done: Done, expect: int, says: str) -> None:
        self.console.print(done.said, highlight=False, markup=False, end="")
        if done.status != expect:
            raise NotTold(f"verger {' '.join(words)} ended with {done.status}, expected {expect}")
        if says not in " ".join(done.said.split()):
            raise NotTold(f"verger {' '.join(words)} did not say {says!r}")


def tell(console: Console, data: Path, *, fresh: bool = False, stay: bool = False) -> int:
    """Play the whole story on a data folder. Returns the exit status: 0 when all of it happened."""
    try:
        if fresh and data.exists():
            with alone(data):  # never from under another process's feet
                shutil.rmtree(data)
        asyncio.run(migrate(make_world(data).database_url))
        with stage(data) as here:
            _play(Teller(console, here))
            if stay:
                _stay(console, here)
    except (NotTold, NotStarted) as error:
        console.print(f"[bold red]Not told:[/] {error}", highlight=False)
        console.print(f"The logs are in {data / 'logs'}; what was done stays in {data}.")
        return FAILED
    return 0


async def migrate(url: str) -> None:
    """Bring the state database of a data folder up to this code's revision."""
    state = State.open(url)
    await state.migrate()
    await state.close()


def _play(teller: Teller) -> None:
    elapsed = stopwatch()
    teller.say("1. A Microsoft 365 tenant and the function app are running on this machine")
    teller.console.print(f"  tenant        {teller.stage.address}")
    teller.console.print(f"  function app  {teller.stage.host.ready['address']}")
    told = report.load(teller.stage.world.data / "story.json")
    with Watch(teller.stage) as watch:
        if told is None:
            _first(teller, watch)
        else:
            _again(teller, watch, told)
    teller.console.print(f"\n[bold green]Told in {elapsed():.0f} s.[/]", highlight=False)


def _first(teller: Teller, watch: Watch) -> None:
    teller.say("2. The core team's site is applied; a SIG's site is asked for, approved and opened")
    open_sites(teller)
    teller.say("3. Staff upload; Verger hears of it by webhook and puts things right")
    with report.progress(teller.console) as say:
        story = Story(teller.stage, watch, say)
        story.tell()
        at_rest = watch.until(watch.idle, PATIENCE)
    teller.stage.fire("sent")  # no need to wait for its minute: a second telling writes nothing
    at_rest = watch.until(watch.noted, PATIENCE) and at_rest
    rows = report.told(story)
    _print(teller, watch, rows, "What became of each file")
    wrong = story.check() + check_lists(teller.stage, watch)
    if not at_rest:
        wrong.append("Verger did not come to rest")
    if wrong:
        raise NotTold("\n  ".join(["these lines did not happen:", *wrong]))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    report.save(teller.stage.world.data / "story.json", at, rows)


def open_sites(teller: Teller) -> None:
    """Refuse the unsigned order, open the core team's site, then the group's. Raises NotTold."""
    world = teller.stage.world
    unsigned = world.data / "orders" / "unsigned.yaml"
    lines = world.order.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("operational_board")]
    unsigned.write_text("".join(kept), encoding="utf-8")
    refused = ["plan", "sig", "--order", str(unsigned)]
    teller.verger(*refused, expect=REFUSED, says="the Operational Board's minute is missing")
    plan = str(world.data / "core.plan.json")
    teller.verger("plan", "core_team", "--out", plan, expect=CHANGES)
    teller.verger("apply", "core_team", "--plan", plan)
    teller.verger("plan", "core_team")
    open_group(teller)


def open_group(teller: Teller) -> None:
    """Have a group's site asked for, agreed to, approved and opened, each step by its own person.

    What the order file says of agreements opens nothing before they are on record. Raises NotTold.
    """
    teller.stage.start_provisioner()
    order = str(teller.stage.world.order)
    teller.verger_as(HELEN, "sig", "request", order, says=f"{GROUP}: requested")
    teller.verger_as(NADIA, "sig", "agree", GROUP, says="network director: Nadia Drew")
    teller.verger_as(IMRAN, "sig", "agree", GROUP, says="clinical director: Imran Shah")
    missing = "the Operational Board's minute is missing (Gov-12)"
    teller.verger("apply", "sig", "--order", order, expect=FAILED, says=missing)
    minute = ("--minute", "NOB 2026/11 item 7")
    teller.verger_as(SAM, "sig", "approve", GROUP, *minute, says="operational board: Sam Price")
    teller.verger_as(HELEN, "sig", "open", GROUP, keys="y\n", says=f"{GROUP}: open ")
    teller.verger("plan", "sig", "--order", order)


def _again(teller: Teller, watch: Watch, told: dict[str, Any]) -> None:
    """Audit everything there is; nothing may be written anywhere."""
    teller.say("2. This folder's story was told before: nothing is uploaded, everything is audited")
    mark = teller.stage.control("GET", "/ledger")["mark"]
    before = len(watch.registry_rows())
    teller.verger("audit")
    if not watch.until(watch.idle, PATIENCE):
        raise NotTold("the audit did not end; see verger status")
    _print(teller, watch, told["files"], f"What became of each file (first run at {told['at']})")
    writes = _writes(teller.stage, mark)
    teller.console.print(f"  audited: {sum(writes.values())} writes", highlight=False)
    if writes or len(watch.registry_rows()) != before:
        raise NotTold(f"the audit corrected something: {json.dumps(writes)}")


def _writes(stage: Stage, mark: int) -> dict[str, int]:
    """Return the enforcer's writes since a mark of the tenant's ledger, by operation."""
    rows = stage.control("GET", f"/ledger?since={mark}")["value"]
    return {row["operation"]: row["requests"] for row in rows if _is_write(row)}


def _is_write(row: dict[str, Any]) -> bool:
    harmless = ("contextinfo", "subscriptions", "token", "$batch")  # a batch's parts are told apart
    operation = str(row["operation"]).lower()
    return not operation.startswith("get ") and not any(word in operation for word in harmless)


def _print(teller: Teller, watch: Watch, rows: list[dict[str, Any]], title: str) -> None:
    report.files(teller.console, rows, title)
    report.registry(teller.console, watch.registry_rows())
    mails = teller.stage.control("GET", "/mailbox")["value"]
    report.mailbox(
        teller.console,
        [{"to": ", ".join(one["to"]), "subject": one["message"]["subject"]} for one in mails],
    )
    units = sum(row["units"] for row in rows)
    teller.console.print(
        f"  {len(rows)} files, {units:.0f} resource units, {units / max(1, len(rows)):.1f} a file; "
        f"{len(mails)} mails",
        highlight=False,
    )


def _stay(console: Console, here: Stage) -> None:
    """Keep everything running until Ctrl-C, the provisioner's function app too."""
    here.start_provisioner()
    console.rule("Up until Ctrl-C", align="left")
    places = {
        "tenant": here.address,
        "its control door": f"{here.address}/_local/",
        "its certificate authority": str(here.ca),
        "function app": here.host.ready["address"],
        "settings, as an app": f"--settings {here.world.provisioner} (or enforcer.env)",
        "settings, as a person": f"--settings {here.world.staff}",
        "logs": str(here.world.data / "logs"),
    }
    for name, place in places.items():
        console.print(f"  {name:<26} {place}", highlight=False)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    signal.sigwait(STOPS)
    console.print("Stopping …")
