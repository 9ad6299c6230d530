"""Route tables: literal segments compare case-insensitively, {name} takes one segment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from local.tenant.call import Answer, Call

    type Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `cost` is its documented price in resource units (wire.md 4)."""

    method: str
    pattern: str
    handler: Handler
    cost: int = 1

    def compiled(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.pattern)
        text = "".join(
            f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
        return re.compile(f"^{text}/?$", re.IGNORECASE)


class Router:
    """First match wins, so a table lists its literal routes before those with names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._compiled = [(route, route.compiled()) for route in self.routes]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and its arguments, or None when nothing serves this method and path."""
        for route, pattern in self._compiled:
            if route.method == method and (hit := pattern.match(path)):
                return route, hit.groupdict()
        return None
