"""A walk in bad weather: while staff act, the cloud fails, workers die, the clock jumps.

Each act of the weather is drawn from the same seed as the walk's own, and is kept in `log`: a walk
that fails is told again by its seed, and shortened by taking acts off its end.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sync import enforcement, sweep
from sync.errors import VergerError
from sync.tenant import access, documents, grant_writes, publishing, rows, stubs
from tests import tenant_kit as kit
from tests.faults.kit import PowerCut
from tests.faults.table import OPERATIONS, READS, WRITES
from tests.properties.walk import AREAS, LISTS, OTHERS, Walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flow_kit import Desk

WEATHER = 0.4
"""How often something happens besides what staff do."""
WRITERS = (
    *((access, "contain"), (documents, "rename"), (documents, "set_columns")),
    *((documents, "move"), (rows, "create"), (grant_writes, "admit"), (stubs, "leave")),
    (publishing, "unpublish"),
)
"""Every write of a remedy, by the function that makes it."""
JUMPS = (61.0, 3_600.0, 6 * 3_600.0, 86_400.0)
A_LOOK = 300.0
"""Seconds after which a dead worker's rows are free again."""
RESYNC = ("resyncChangesApplyDifferences", "resyncChangesUploadDifferences")


class Stormy(Walk):
    """A walk during which things go wrong. `restart` restarts the database, where there is one."""

    def __init__(self, desk: Desk, seed: int, restart: Callable[[], None] | None = None) -> None:
        super().__init__(desk, seed)
        self.log: list[str] = []
        self._restart = restart

    def step(self) -> None:
        if self.chance.random() < WEATHER:
            act = self.chance.choice((self.fault, self.fault, self.cursor, self.jump, self.base))
            self.log.append(act.__name__)
            act()
        before = self.done.copy()
        super().step()
        self.log += (self.done - before).elements()

    def fault(self) -> None:
        """Let the next calls of one kind go wrong, for Verger alone."""
        operation = self.chance.choice(list(OPERATIONS))
        kinds = [*READS, *(WRITES if OPERATIONS[operation].writes else ())]
        kind = self.chance.choice(kinds)
        trouble = (READS | WRITES)[kind][1]
        match = {**OPERATIONS[operation].match, "app": kit.ENFORCER}
        self.desk.tenant.fault(trouble.effect, match=match, count=trouble.count)
        self.log.append(f"  {operation}: {kind}")

    def cursor(self) -> None:
        """Let a library's cursor die."""
        drive = self.desk.drives[self.chance.choice(AREAS)]
        told = self._client().get(f"/v1.0/drives/{drive}/list").json()["id"]
        body = {"list": told, "code": self.chance.choice(RESYNC)}
        self.desk.tenant.local("POST", "/expire", body)

    def jump(self) -> None:
        self.desk.tenant.advance(self.chance.choice(JUMPS))

    def base(self) -> None:
        """Let the database's server go away and come back: every connection to it is gone."""
        if self._restart is not None:
            self._restart()

    async def look(self) -> None:
        """Look as ever, but a worker may die right after one of its writes."""
        dying = self._condemn() if self.chance.random() < WEATHER else None
        try:
            for area in LISTS if self.chance.random() < OTHERS else AREAS:
                with suppress(VergerError):  # the hint comes again
                    await self.desk.drain(area)
                await self._work_off(area)
        finally:
            if dying is not None:
                dying()

    async def rest(self) -> None:
        """Let the weather end, all that was left lie be taken up, and all come to its rest."""
        self.desk.tenant.local("DELETE", "/faults")
        for _ in range(3):
            self.desk.tenant.advance(A_LOOK)
            with suppress(VergerError):  # the app may still be told to pause
                await sweep.sweep(self.desk.service)
        await super().rest()

    async def _work_off(self, area: str) -> None:
        nudge = enforcement.Nudge(
            await self.desk.list_id(area), self.desk.service.now().isoformat()
        )
        while await self.desk._claimable(nudge.list_id):  # noqa: SLF001 -- the kit's own question
            try:
                await enforcement.work_off(self.desk.service, nudge)
            except VergerError:  # the database was away: the nudge comes again
                continue
            except BaseExceptionGroup as died:
                _, others = died.split(PowerCut)
                if others is not None:
                    raise others from died
                self.log.append("  a worker died")

    def _condemn(self) -> Callable[[], None]:
        """Let one write happen and its worker die; returns a way to take the sentence back."""
        module, name = self.chance.choice(WRITERS)
        whole = getattr(module, name)

        async def dying(*given: Any, **named: Any) -> Any:
            setattr(module, name, whole)
            await whole(*given, **named)
            raise PowerCut

        setattr(module, name, dying)
        return lambda: setattr(module, name, whole)
