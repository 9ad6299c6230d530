"""The served surface: what can be reached from what, what can be done there, and what is shown.

Each subject module fills these tables with decorators, so `_api` is walked segment by segment the
way OData describes it, and `$expand` walks the very same steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.address import parse_literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local.tenant.call import Answer, Call
    from local.tenant.deferred import Hands
    from local.tenant.sharepoint.address import Segment
    from local.tenant.store.database import Store

    type Show = Callable[[Ask, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Thing:
    """An addressed entity: its kind (`SP.List`), the store's row, and its address below `_api`."""

    kind: str
    row: Any
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Members of a collection; `token` is the $skiptoken of the next page."""

    rows: list[Any]
    token: str | None = None
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Things:
    """An addressed collection of one kind; read only when somebody wants to see it."""

    kind: str
    load: Callable[[Ask], Page]
    owner: Thing
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """The plain result of an operation: a scalar, a complex value or a list, with its type.

    `name` is what a verbose answer calls it, where that is not the operation's own name.
    """

    data: Any
    type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are (`$value`)."""

    data: bytes
    type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Later:
    """A result that takes the network first; `finish` runs after the call's own transaction."""

    finish: Callable[[Hands], Awaitable[Result]]


type Result = Thing | Things | Value | Raw | Answer | Later | None
type Handler = Callable[[Ask, Any], Result]


@dataclass(frozen=True, slots=True)
class Ask:
    """One operation in hand: the call, the site's row, and the segment with its arguments."""

    call: Call
    site: Any
    segment: Segment
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.call.store

    @property
    def who(self) -> Any:
        return self.call.who

    def at(self, segment: Segment) -> Ask:
        return replace(self, segment=segment)

    def find(self, name: str, position: int = 0) -> Any:
        """Return an argument by name from brackets, query or body, else by position, else None."""
        lower = name.lower()
        if lower in self.segment.named:
            return self.segment.named[lower]
        if position < len(self.segment.values):
            return self.segment.values[position]
        if lower in self.body:
            return self.body[lower]
        asked = next((text for key, text in self.call.query.items() if key.lower() == lower), None)
        return None if asked is None else parse_literal(asked, self.call.query)

    def need(self, name: str, position: int = 0) -> Any:
        """Return an argument; 400 when it was not sent."""
        value = self.find(name, position)
        if value is None:
            raise bad_request(f"The parameter {name} is missing")
        return value

    def text(self, name: str, position: int = 0) -> str:
        value = self.need(name, position)
        if isinstance(value, dict | list):
            raise bad_request(f"The parameter {name} is not text")
        return str(value)

    def number(self, name: str, position: int = 0) -> int:
        value = self.need(name, position)
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise bad_request(f"The parameter {name} is not a number: {value!r}") from error


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind is shown: its members, its key between brackets, its type name, its eTag."""

    name: str
    show: Show
    key: Callable[[Any], str]
    type: Callable[[Any], str]
    etag: Callable[[Any], str] | None = None
    extras: dict[str, Callable[[Ask, Any], Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A served step: its name as Microsoft spells it, its handler, its price in resource units."""

    name: str
    run: Handler
    cost: int = 2
    link: bool = False


KINDS: dict[str, Kind] = {}
REACH: dict[tuple[str, str], Step] = {}
KEYED: dict[tuple[str, str], Step] = {}
ACT: dict[tuple[str, str], Step] = {}
VERB: dict[tuple[str, str], Step] = {}


def kind(
    name: str,
    key: Callable[[Any], str],
    *,
    type: Callable[[Any], str] | None = None,  # noqa: A002 -- OData's own word for it
    etag: Callable[[Any], str] | None = None,
) -> Callable[[Show], Show]:
    """Declare how an entity kind is shown; the decorated function returns its members."""

    def declare(show: Show) -> Show:
        KINDS[name] = Kind(name, show, key, type or (lambda _row: name), etag)
        return show

    return declare


def extra[M: Callable[..., Any]](kind_name: str, name: str) -> Callable[[M], M]:
    """Declare a member that is shown only when $select names it or it is addressed itself."""

    def declare(value: M) -> M:
        KINDS[kind_name].extras[name] = value
        return value

    return declare


def link[H: Handler](owner: str, name: str, cost: int = 2) -> Callable[[H], H]:
    """Declare a navigation member: reachable, deferred in verbose answers, expandable."""
    return _table(REACH, owner, name, cost, linked=True)


def reach[H: Handler](owner: str, name: str, cost: int = 2) -> Callable[[H], H]:
    """Declare a function that leads on to something else, such as GetByTitle('x')."""
    return _table(REACH, owner, name, cost)


def keyed[H: Handler](owner: str, name: str) -> Callable[[H], H]:
    """Declare how a member of a collection is found by its key: `items(7)`."""
    return _table(KEYED, owner, name, 2)


def act[H: Handler](owner: str, name: str, cost: int = 2) -> Callable[[H], H]:
    """Declare an operation invoked by POST on the last segment."""
    return _table(ACT, owner, name, cost)


def verb[H: Handler](owner: str, name: str, cost: int = 2) -> Callable[[H], H]:
    """Declare MERGE or DELETE on an entity, or CREATE on a collection (`SP.List*`)."""
    return _table(VERB, owner, name, cost)


def _table[H: Handler](
    table: dict[tuple[str, str], Step], owner: str, name: str, cost: int, *, linked: bool = False
) -> Callable[[H], H]:
    def declare(run: H) -> H:
        table[owner, name.lower()] = Step(name, run, cost, linked)
        return run

    return declare


def links_of(kind_name: str) -> list[str]:
    """Return the navigation members of a kind, as Microsoft spells them."""
    return [step.name for (owner, _), step in REACH.items() if owner == kind_name and step.link]
