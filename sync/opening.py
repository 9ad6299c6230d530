"""Opening a site: provisioning's progress kept in state, and its lists followed from then on.

The provisioner only says which lists are to be watched; the subscription is made by the enforcer,
whose own it must be (decision 19): a hint on the queue wakes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, retry_if_exception_type
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_fixed

from sync.errors import NotReady
from sync.hints import Hint
from sync.state import journal, lists, remembered, sites, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.order import SigOrder
    from sharepoint_schema.site import SiteList
    from sync.plan import Plan, Step
    from sync.service import Service
    from sync.site_state import FoundList, SiteState
    from sync.state.nudges import Nudges

SUBSCRIBE_WITHIN = 60.0
"""Seconds the enforcer may take to subscribe to a list it was hinted at."""
LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Opening:
    """One site being opened: its template's name, what it should be, the order that allows it."""

    service: Service
    template: str
    spec: SiteSpec
    order: SigOrder | None = None
    rests: str = "applied"
    """The state of the site's row once this is applied: dormant for a group put to sleep."""

    @property
    def address(self) -> str:
        return f"https://{self.service.settings.sharepoint_host}{self.spec.path}"

    def site(self, state: str, site_id: str | None, seal: str | None = None) -> sites.Site:
        """Return the site's row in state."""
        return sites.Site(
            site_key=self.spec.key,
            url=self.address,
            template=self.template,
            state=state,
            site_id=site_id,
            order=None if self.order is None else self.order.model_dump(mode="json"),
            seal=seal,
            applied_at=self.service.now() if seal else None,
        )

    def list_row(self, area: SiteList, found: FoundList, site_id: str) -> lists.ListRow:
        return lists.ListRow(
            id=found.id.lower(),
            site_id=site_id,
            site_url=self.address,
            area=area.key,
            template=self.template,
            title=area.title,
            policed=area.policed,
        )


@dataclass(frozen=True, slots=True)
class FollowedLists:
    """Which lists are watched, by state; watching one is asked of the enforcer over the queue."""

    opening: Opening
    nudges: Nudges

    async def watched(self, site: SiteState) -> Collection[str]:
        """Return the ids, as the site spells them, of the lists with a live subscription."""
        now = self.opening.service.now()
        async with self.opening.service.state.read() as tx:
            kept = await subscriptions.all_subscriptions(tx)
        live = {one.list_id for one in kept if one.expires_at > now}
        return {found.id for found in site.lists.values() if found.id.lower() in live}

    async def watch(
        self,
        spec: SiteSpec,  # noqa: ARG002 - the protocol's; the opening holds it
        area: SiteList,
        found: FoundList,
        site: SiteState,
    ) -> None:
        """Follow the list and wait until the enforcer has subscribed to it.

        Raises NotReady when it has not within SUBSCRIBE_WITHIN seconds: apply again.
        """
        if site.id is None:
            raise NotReady("the site is not there yet", doing=f"watch {area.title}")
        async with self.opening.service.state.begin() as tx:
            await sites.put_site(tx, self.opening.site("opening", site.id))
            await follow(tx, self.opening, site)
        hint = Hint(found.id.lower(), self.opening.service.now().isoformat())
        await self.nudges.send([hint])
        await self._until_subscribed(area, found.id.lower())

    async def _until_subscribed(self, area: SiteList, list_id: str) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(NotReady),
            wait=wait_fixed(LOOK_EVERY),
            stop=stop_after_delay(SUBSCRIBE_WITHIN),
            reraise=True,
        ):
            with attempt:
                async with self.opening.service.state.read() as tx:
                    kept = await subscriptions.all_subscriptions(tx, list_id=list_id)
                    if not any(one.expires_at > self.opening.service.now() for one in kept):
                        says = "the enforcer has not subscribed yet; is the function app running?"
                        raise NotReady(says, doing=f"watch {area.title}")


@dataclass(frozen=True, slots=True)
class KeptProgress:
    """Where an apply writes down how far it is: rows in state, a journal entry at its end."""

    opening: Opening

    @property
    def _key(self) -> str:
        return f"apply:{self.opening.spec.key}"

    async def unfinished(self) -> tuple[str, Collection[str]] | None:
        """Return the seal and coverage of an apply that began and did not end."""
        async with self.opening.service.state.read() as tx:
            kept: dict[str, Any] | None = await remembered.recall(tx, self._key)
        return None if kept is None else (kept["seal"], frozenset(kept["coverage"]))

    async def begin(self, plan: Plan) -> None:
        async with self.opening.service.state.begin() as tx:
            note = {"seal": plan.seal, "coverage": sorted(plan.coverage), "taken": 0}
            await remembered.remember(tx, self._key, note)

    async def taken(self, step: Step) -> None:
        service = self.opening.service
        async with service.state.begin() as tx:
            note = await remembered.recall(tx, self._key)
            row = sites.Step(
                site_key=self.opening.spec.key,
                seal=note["seal"],
                step_id=step.id,
                position=note["taken"],
                state="taken",
                at=service.now(),
                detail={"kind": step.kind, "target": step.target, "change": step.change},
            )
            await sites.put_step(tx, row)
            await remembered.remember(tx, self._key, {**note, "taken": note["taken"] + 1})

    async def finish(self, seal: str, site: SiteState) -> None:
        """Record the site as applied, with the decision that allowed it, in its own chain."""
        service, opening = self.opening.service, self.opening
        row = opening.site(opening.rests, site.id, seal)
        async with service.state.begin() as tx:
            await sites.put_site(tx, row)
            await follow(tx, opening, site)
            steps = await sites.steps_of(tx, opening.spec.key, seal)
            entry = journal.Entry(
                at=service.now(),
                kind="applied",
                actor=service.settings.client_id,
                correlation_id=seal,
                schema_hash=service.schema_hash,
                after={"path": opening.spec.path, "seal": seal, "order": row.order},
                undo=None,
                before={"steps": [step.step_id for step in steps]},
                idempotency_key=f"applied:{opening.spec.key}:{seal}",
            )
            await journal.append(tx, site.id or opening.spec.key, entry)
            await remembered.forget(tx, self._key)


async def follow(tx: AsyncConnection, opening: Opening, site: SiteState) -> None:
    """Write down every declared list that is there, policed or not, and since when it is."""
    for area in opening.spec.lists:
        found = site.lists.get(area.url)
        if found is not None and site.id is not None:
            row = opening.list_row(area, found, site.id)
            if await lists.get_list(tx, row.id) is None:
                today = opening.service.today().isoformat()
                await remembered.remember(tx, lists.opened_key(row.id), today)
            await lists.register_list(tx, row)
