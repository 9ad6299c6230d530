"""One pace for all processes of an app: its book lies in SQL, a draw is one short transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sync.state.pace import Pace, get_pace, lock_pace, put_pace
from sync.tenant.pace import DAY, DAY_PER_MINUTE, DAY_SHARE, Book, Drawn, Lane, Spent, Wish

if TYPE_CHECKING:
    from sync.settings import Settings
    from sync.state.engine import State


def app_of(settings: Settings) -> str:
    """Return the name under which an app's pace is kept: a quota is an app's in one tenant."""
    return f"{settings.client_id}@{settings.tenant_id}"


class Shared:
    """The ledger of an app whose processes share this state (`sync.tenant.pace.Ledger`)."""

    def __init__(self, state: State, app: str) -> None:
        self._state = state
        self._app = app

    async def draw(self, wish: Wish) -> Drawn:
        """Carry a wish out. Raises Unavailable when the database is out of reach."""
        async with self._state.begin() as tx:
            book = _book(await lock_pace(tx, self._app))
            drawn = book.carry_out(wish, self._state.now().timestamp())
            await put_pace(tx, _row(self._app, book))
        return drawn


@dataclass(frozen=True, slots=True)
class Standing:
    """How an app stands: `spent` of `budget` units today (UTC), and what waits until when, if any.

    `held` is whether staff's changes wait too: the service asked for a pause, or the day's budget
    is spent for all but containment, until midnight UTC; the background is kept back earlier.
    """

    spent: int
    budget: int
    waits: str = ""
    until: datetime | None = None
    held: bool = False


async def standing(state: State, settings: Settings) -> Standing:
    """Return how this app stands now."""
    async with state.read() as tx:
        row = await get_pace(tx, app_of(settings))
    now = state.now().timestamp()
    budget = settings.ru_per_minute * DAY_PER_MINUTE
    today = int(now // DAY)
    spent = row.spent if row is not None and row.day == today else 0
    if row is not None and row.held_until > now:
        until = _moment(row.held_until)
        return Standing(spent, budget, f"everything: {row.says}", until, held=True)
    lanes = [one for one in Lane if spent >= budget * DAY_SHARE[one]]
    if not lanes:
        return Standing(spent, budget)
    waits = f"{_KEPT_BACK[min(lanes)]}: the day's budget is spent"
    held = min(lanes) < Lane.BACKGROUND
    return Standing(spent, budget, waits, _moment((today + 1) * DAY), held=held)


_KEPT_BACK = {
    Lane.URGENT: "everything",
    Lane.NORMAL: "all but containment",
    Lane.BACKGROUND: "background work",
}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _book(row: Pace) -> Book:
    draws = [Spent(float(at), int(units), str(name)) for at, units, name in row.draws]
    return Book(row.held_until, row.says, row.day, row.spent, draws)


def _row(app: str, book: Book) -> Pace:
    kept = {**asdict(book), "draws": [list(one) for one in book.draws]}
    return Pace(app=app, **kept)
