"""Resource units: what each app has spent, and 429 once a minute's or a day's budget is gone.

Budgets, prices and the limits of people and of sharing are SharePoint's published ones
(how-to-avoid-getting-throttled, 2025-10).
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal
from local.tenant.store import ledger, quirks

if TYPE_CHECKING:
    from datetime import datetime

    from local.tenant.config import Config
    from local.tenant.store.database import Store

BANDS = (  # licences up to; units an app may spend a minute and a day, all apps in five minutes
    (1_000, 1_250, 1_200_000, 18_750),
    (5_000, 2_500, 2_400_000, 37_500),
    (15_000, 3_750, 3_600_000, 56_250),
    (50_000, 5_000, 4_800_000, 75_000),
    (math.inf, 6_250, 6_000_000, 93_750),
)
USER_REQUESTS = 3_000  # of one person in five minutes, whatever the app
SHARING_REQUESTS = 300  # of one app in five minutes ("Specific Sharing APIs")
WARN_FROM = 0.8
FIVE_MINUTES = 300
DECIMAL_PART = 0.128  # a sample of 2021 shows "Retry-After: 2.128" (concepts/throttling.md)


class Meter:
    """One meter for all apps; windows are whole minutes and days of the tenant's clock."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self.minute, self.day, self.tenant = next(
            band[1:] for band in BANDS if config.licences <= band[0]
        )

    def admit(self, app: str, cost: int, operation: str = "", user: str = "") -> None:
        """Let a call in, or refuse it; the refused one is metered all the same by its caller.

        `operation` is the route's name, `user` the object id of the person it is made for, if any.
        """
        if not self._config.throttle or not cost:
            return
        now = self._store.now()
        self._admit_app(app, now)
        limits = [(ledger.TENANT, self.tenant)]
        limits += [(ledger.user_key(user), USER_REQUESTS)] if user else []
        if ledger.is_sharing(operation):
            limits.append((ledger.sharing_key(app), SHARING_REQUESTS))
        span = ledger.five_minutes(now)
        if any(ledger.spent(self._store, who, span) >= most for who, most in limits):
            raise self._throttled(FIVE_MINUTES - (now.minute % 5 * 60 + now.second))

    def _admit_app(self, app: str, now: datetime) -> None:
        minute, day = ledger.spans(now)
        if ledger.spent(self._store, app, day) >= self.day:
            raise self._throttled(_until_tomorrow(now))
        if ledger.spent(self._store, app, minute) >= self.minute:
            raise self._throttled(60 - now.second)

    def headers(self, app: str) -> dict[str, str]:
        """Return RateLimit-* (draft-03) once four fifths of the minute's budget are spent."""
        if not self._config.rate_limit_headers:
            return {}
        now = self._store.now()
        spent = ledger.spent(self._store, app, ledger.spans(now)[0])
        if spent < self.minute * WARN_FROM:
            return {}
        return {
            "RateLimit-Limit": str(self.minute),
            "RateLimit-Remaining": str(max(0, self.minute - spent)),
            "RateLimit-Reset": str(60 - now.second),
        }

    def _throttled(self, seconds: int) -> Refusal:
        """Refuse for so many seconds: with 429 or 503, and Retry-After as the settings have it."""
        status = int(quirks.get(self._store, quirks.THROTTLE_STATUS) or 429)
        style = quirks.get(self._store, quirks.THROTTLE_RETRY_AFTER) or "integer"
        told = {"integer": str(seconds), "decimal": f"{seconds + DECIMAL_PART:.3f}"}
        return Refusal(
            status,
            "TooManyRequests" if status == 429 else "serviceNotAvailable",  # noqa: PLR2004 -- HTTP's own number
            "Please retry again later.",
            -2147429894,
            "Microsoft.SharePoint.Client.ThrottledException",
            inner=str(status),
            headers={"Retry-After": told[style]} if style in told else {},
        )


def _until_tomorrow(now: datetime) -> int:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return math.ceil((midnight - now).total_seconds())
