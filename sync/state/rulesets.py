"""The rules that verdicts were given by, list by list, and what a change of them would bring.

A change is looked at first, file by file; its place to go on and what it would change are kept, so
that a look cut short goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    delete,
    func,
    select,
    update,
)

from sync.state.items import ItemRow, items
from sync.state.sql import Json, UtcTime, load, load_all, metadata, save, values_of
from sync.state.work import Lane, work

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.standard import Mode

type State = Literal["looking", "waiting", "acting"]

rules_in_force = Table(
    "rules_in_force",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("policy", String, primary_key=True),
    Column("version", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("parameters", Json, nullable=False),
    Column("parameters_hash", String, nullable=False),
    Column("schema_hash", String, nullable=False),
    Column("since", UtcTime, nullable=False),
)
rule_changes = Table(
    "rule_changes",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("mark", String, nullable=False),
    Column("policies", Json, nullable=False),
    Column("state", String, nullable=False),
    Column("position", String, nullable=False),
    Column("files", Integer, nullable=False),
    Column("fetched", Integer, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("go_by", String),
    Column("go_at", UtcTime),
)
rule_effects = Table(
    "rule_effects",
    metadata,
    Column("list_id", String, primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("says", Json, nullable=False),
    Column("put_at", UtcTime),
    ForeignKeyConstraint(["list_id"], ["rule_changes.list_id"]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One policy in force in a list; `parameters` are the parts of the standard it reads."""

    list_id: str
    policy: str
    version: str
    mode: Mode
    parameters: dict[str, Any]
    parameters_hash: str
    schema_hash: str
    since: datetime

    @property
    def mark(self) -> tuple[str, str, str]:
        """What tells two rules apart; the whole schema's hash and the time do not count."""
        return self.version, self.mode, self.parameters_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a list's rules under way: `policies` names them, `mark` tells it from another.

    `position` is the last item looked at, `files` how many were, `fetched` how many of them had to
    be read from Microsoft 365. `go_by` let it act: a person's or an app's object id.
    """

    list_id: str
    mark: str
    policies: list[str]
    state: State
    begun_at: datetime
    position: str = ""
    files: int = 0
    fetched: int = 0
    go_by: str | None = None
    go_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEffect:
    """A file that would get another verdict: by policy, what is done about it now and then.

    `put_at` is when it was put up for judgement.
    """

    list_id: str
    item_id: str
    says: dict[str, list[str]]
    put_at: datetime | None = None


async def rules_of(tx: AsyncConnection, list_id: str) -> dict[str, Rule]:
    """Give the rules in force in a list by policy; none before they were first written down."""
    query = select(rules_in_force).where(rules_in_force.c.list_id == list_id)
    rows = load_all(Rule, await tx.execute(query.order_by(rules_in_force.c.policy)))
    return {row.policy: row for row in rows}


async def put_rules(tx: AsyncConnection, list_id: str, rules: Iterable[Rule]) -> None:
    """Write down a list's rules in place of those before."""
    here = rules_in_force.c.list_id == list_id
    await tx.execute(delete(rules_in_force).where(here))
    for rule in rules:
        await save(tx, rules_in_force, values_of(rule))


async def get_change(tx: AsyncConnection, list_id: str) -> Change | None:
    query = select(rule_changes).where(rule_changes.c.list_id == list_id)
    return load(Change, (await tx.execute(query)).first())


async def all_changes(tx: AsyncConnection) -> list[Change]:
    """Give every change under way, the oldest first."""
    query = select(rule_changes).order_by(rule_changes.c.begun_at, rule_changes.c.list_id)
    return load_all(Change, await tx.execute(query))


async def begin_change(tx: AsyncConnection, change: Change) -> None:
    """Begin a change anew; what an earlier one of the list had found is forgotten."""
    await end_change(tx, change.list_id)
    await save(tx, rule_changes, values_of(change))


async def end_change(tx: AsyncConnection, list_id: str) -> None:
    await tx.execute(delete(rule_effects).where(rule_effects.c.list_id == list_id))
    await tx.execute(delete(rule_changes).where(rule_changes.c.list_id == list_id))


async def move_on(tx: AsyncConnection, before: Change, after: Change) -> bool:
    """Write a change's progress; False when somebody else has moved it on meanwhile."""
    same = (rule_changes.c.mark == before.mark) & (rule_changes.c.position == before.position)
    here = (rule_changes.c.list_id == before.list_id) & (rule_changes.c.state == before.state)
    moved = update(rule_changes).where(here & same).values(values_of(after))
    return (await tx.execute(moved)).rowcount == 1


async def put_effects(tx: AsyncConnection, effects: Iterable[RuleEffect]) -> None:
    for effect in effects:
        await save(tx, rule_effects, values_of(effect))


async def count_effects(tx: AsyncConnection, list_id: str, *, put: bool | None = None) -> int:
    """Count the files that would change: all, or those (not) yet put up for judgement."""
    query = select(func.count()).where(rule_effects.c.list_id == list_id)
    if put is not None:
        query = query.where(rule_effects.c.put_at.isnot(None) == put)
    return int((await tx.execute(query)).scalar_one())


async def effects_of(
    tx: AsyncConnection, list_id: str, limit: int, *, put: bool | None = None
) -> list[RuleEffect]:
    """Give files that would change, in the order of their item ids."""
    query = select(rule_effects).where(rule_effects.c.list_id == list_id)
    if put is not None:
        query = query.where(rule_effects.c.put_at.isnot(None) == put)
    return load_all(
        RuleEffect, await tx.execute(query.order_by(rule_effects.c.item_id).limit(limit))
    )


async def items_after(tx: AsyncConnection, list_id: str, item_id: str, limit: int) -> list[ItemRow]:
    """Give a list's live items beyond a position, in the order of their ids as text."""
    columns = [items.c[name] for name in ItemRow.__dataclass_fields__]
    here = (items.c.list_id == list_id) & (items.c.item_id > item_id)
    query = select(*columns).where(here, items.c.deleted_at.is_(None))
    return load_all(ItemRow, await tx.execute(query.order_by(items.c.item_id).limit(limit)))


async def background_rows(tx: AsyncConnection) -> int:
    """Count the open work rows of the background lane, over all lists."""
    query = select(func.count()).where(work.c.lane == int(Lane.BACKGROUND))
    return int((await tx.execute(query)).scalar_one())
