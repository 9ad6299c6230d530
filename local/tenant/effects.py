"""What can go wrong with a request or a notification: the effects that a fault can have."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from local.tenant.call import Answer
from local.tenant.errors import Refusal, unauthenticated
from local.tenant.store import quirks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.tenant.store.database import Store


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Refuse(Strict):
    """Answer with this status. `after` lets the operation happen, only its answer is lost."""

    kind: Literal["refuse"] = "refuse"
    status: int = Field(ge=400, le=599)
    code: str = "serviceNotAvailable"
    message: str = "The service is temporarily unavailable."
    inner: str | None = None
    hresult: int = -1
    retry_after: str | None = None
    headers: dict[str, str] = {}
    after: bool = False

    def refusal(self) -> Refusal:
        extra = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return Refusal(
            self.status,
            self.code,
            self.message,
            self.hresult,
            inner=self.inner,
            headers=self.headers | extra,
        )


class Delay(Strict):
    """Answer, but only after so many seconds of real time.

    Of a handshake or a delivery: the receiver took so long. No time passes; what is longer than
    the service waits counts as no answer.
    """

    kind: Literal["delay"] = "delay"
    seconds: float = Field(ge=0, le=600)


class Drop(Strict):
    """Break the connection before (or `after`) the operation; of a notification: lose it."""

    kind: Literal["drop"] = "drop"
    after: bool = False


class Lapse(Strict):
    """The token is no longer accepted: 401, as if it had expired (decisions.md 22)."""

    kind: Literal["lapse"] = "lapse"


class Hollow(Strict):
    """Answer as if it were done, and keep nothing of it (sp-dev-docs#10429).

    Not for what is worked out after its own transaction: a $batch, the making of a subscription.
    """

    kind: Literal["hollow"] = "hollow"


class Blank(Strict):
    """Answer a collection as if nothing were in it yet: content types, lists, members that lag."""

    kind: Literal["blank"] = "blank"


class Quirk(Strict):
    """Switch one of `store/quirks.py` on for this call only."""

    kind: Literal["quirk"] = "quirk"
    name: str
    value: Any = True

    @model_validator(mode="after")
    def _known(self) -> Self:
        try:
            quirks.check(self.name, self.value)
        except Refusal as refusal:
            raise ValueError(refusal.message) from refusal
        return self


class Notify(Strict):
    """What happens to a notification: sent twice, late (by the tenant's clock) or out of order."""

    kind: Literal["double", "late", "reorder"]
    seconds: float = Field(default=0, ge=0)


class Vanish(Strict):
    """The subscription is gone, and nobody is told; its notification with it."""

    kind: Literal["vanish"] = "vanish"


type Effect = Annotated[
    Refuse | Delay | Drop | Lapse | Hollow | Blank | Quirk | Notify | Vanish,
    Field(discriminator="kind"),
]
REQUEST = (Refuse, Delay, Drop, Lapse, Hollow, Blank, Quirk)
FITTING: dict[str, tuple[type[Strict], ...]] = {
    "notification": (Drop, Notify, Vanish),
    "handshake": (Refuse, Drop, Delay),
    "delivery": (Refuse, Drop, Delay),
}


def refuse(effect: Effect | None, *, after: bool = False) -> None:
    """Raise what a Refuse (on its side of the operation) or a Lapse (before it) says."""
    if isinstance(effect, Refuse) and effect.after == after:
        raise effect.refusal()
    if isinstance(effect, Lapse) and not after:
        raise unauthenticated("Lifetime validation failed, the token is expired.")


@contextmanager
def around(store: Store, effect: Effect | None) -> Iterator[None]:
    """Run a handler under a Hollow or a Quirk."""
    if isinstance(effect, Hollow):
        with store.rehearsal():
            yield
    elif isinstance(effect, Quirk):
        with store.overlaid({effect.name: effect.value}):
            yield
    else:
        yield


def disguised(effect: Effect | None, answer: Answer) -> Answer:
    """Return the answer as the client is to see it: emptied under a Blank."""
    if not isinstance(effect, Blank):
        return answer
    if isinstance(answer.body, dict):
        return Answer(answer.status, _emptied(answer.body), answer.headers)
    if isinstance(answer.body, bytes) and answer.body.startswith(b"{"):
        body = json.dumps(_emptied(json.loads(answer.body))).encode()
        return Answer(answer.status, body, answer.headers)
    return answer


def _emptied(body: dict[str, Any]) -> dict[str, Any]:
    """Empty a collection in Graph's form or in either of SharePoint's."""
    if isinstance(body.get("d"), dict) and "results" in body["d"]:
        return {"d": {"results": []}}
    if "value" in body:
        return {k: v for k, v in body.items() if k != "@odata.nextLink"} | {"value": []}
    return body


def unheard(effect: Effect | None, limit: float) -> tuple[int, str, bytes] | None:
    """Return what a scripted receiver answers within `limit` seconds (status 0: nothing).

    None lets the real receiver speak for itself.
    """
    if isinstance(effect, Refuse):
        return effect.status, "text/plain", effect.message.encode()
    if isinstance(effect, Drop):
        return 0, "", b"the connection broke"
    if isinstance(effect, Delay) and effect.seconds >= limit:
        return 0, "", f"no answer within {limit:g} s".encode()
    return None
