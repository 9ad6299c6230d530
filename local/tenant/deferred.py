"""An answer that takes the network or other calls: a webhook's handshake, a $batch's parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from local.tenant.call import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local.tenant.call import Call


class Hands(Protocol):
    """What a deferred answer may use, after its own transaction has been committed."""

    @property
    def plain(self) -> bool:
        """Whether webhooks of this machine may be plain http."""

    async def replay(self, call: Call) -> Answer:
        """Serve a call as if it had come by itself: own transaction, own meter, never raises."""

    async def post(
        self, url: str, body: bytes, kind: str, seconds: float
    ) -> tuple[int, str, bytes]:
        """POST outside the tenant: status (0: no answer in time), content type and body."""


@dataclass(slots=True)
class Deferred(Answer):
    """A handler returns this when the answer is still to be worked out by `finish`.

    `finish` runs after the handler's transaction, so nothing is locked while it waits; it may raise
    Refusal as a handler may, and opens transactions of its own.
    """

    finish: Callable[[Hands], Awaitable[Answer]] = field(kw_only=True)
