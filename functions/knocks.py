"""How often a stranger may knock at the webhook, told without a database.

A notification that is ours costs nothing. One that is not costs its sender a token of a bucket that
fills up again; a sender whose bucket is empty is told 429, which makes Graph, should it be Graph
after all, send its notification again later: nothing of ours is lost (Graph retries what was not
answered with 2xx for up to four hours). One process counts for itself. Standard library only.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BURST = 200.0
"""Forged POSTs that one sender may send at once."""
REFILL = 5.0
"""Forged POSTs a second that one sender may go on sending."""
SENDERS = 1024
"""Senders that are remembered; those not heard of for longest are forgotten first."""


@dataclass(slots=True)
class Knocks:
    """A bucket of tokens for each sender who sent something that was not ours."""

    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, sender: str) -> int:
        """Return for how many seconds a sender is not listened to; 0 when it is."""
        left = self._tokens(sender)
        return 0 if left >= 1 else math.ceil((1 - left) / REFILL)

    def strange(self, sender: str) -> None:
        """Count a POST that held something not ours."""
        self._left[sender] = max(0.0, self._tokens(sender) - 1), self.clock()
        self._left.move_to_end(sender)
        if len(self._left) > SENDERS:
            self._left.popitem(last=False)

    def _tokens(self, sender: str) -> float:
        left, since = self._left.get(sender, (BURST, self.clock()))
        return min(BURST, left + (self.clock() - since) * REFILL)


def sender_of(forwarded: str | None) -> str:
    """Return who sent a request: the last address of X-Forwarded-For, without its port.

    That one is written by Azure's front end; those before it are what the sender claims.
    """
    last = (forwarded or "").rpartition(",")[2].strip()[:64]
    address, _, port = last.rpartition(":")
    return address if port.isdecimal() and ("]" in address or ":" not in address) else last
