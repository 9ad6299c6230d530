"""`/_local/`: what only a test, a story or the operator of this machine may do to the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.call import Answer
from local.tenant.control_data import Data
from local.tenant.deferred import Deferred
from local.tenant.errors import access_denied, bad_request, not_found
from local.tenant.graph.subscriptions import shown
from local.tenant.login import belongs
from local.tenant.routing import Route, Router
from local.tenant.sharepoint import provisioning
from local.tenant.store import apps, directory, grants, ledger, lists, locks, mail, subscriptions
from local.tenant.surfaces import Surface, graph_refusal, routed
from local.tenant.tokens import GRAPH

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from local.tenant.call import Call
    from local.tenant.deferred import Hands
    from local.tenant.delivery import Delivery
    from local.tenant.door import Door
    from local.tenant.routing import Handler
    from local.tenant.store.apps import App


class Control:
    """Handlers over the same store and clock the tenant uses; reached by loopback names only."""

    def __init__(self, door: Door, delivery: Delivery) -> None:
        self._door = door
        self._store = door.store
        self._delivery = delivery

    def surface(self) -> Surface:
        table: dict[str, Handler] = {
            "GET /": self._status,
            "GET /clock": self._clock,
            "POST /clock": self._move_clock,
            "GET /faults": self._faults,
            "POST /faults": self._add_fault,
            "DELETE /faults": self._clear_faults,
            "DELETE /faults/{fault}": self._remove_fault,
            "GET /mailbox": self._mailbox,
            "GET /approve": self._waiting,
            "POST /approve": self._approve,
            "POST /token": self._token,
            "GET /ledger": self._ledger,
            "GET /unmatched": self._unmatched,
            "GET /subscriptions": self._subscriptions,
            "DELETE /subscriptions/{subscription}": self._lose,
            "GET /deliveries": self._deliveries,
            "POST /deliver": self._deliver,
            "POST /expire": self._expire,
            "POST /lock": self._lock,
            "POST /sites": self._site_creation,
            "POST /unlock": self._unlock,
            **Data(self._door).table(),
        }
        routes = []
        for name, run in table.items():
            method, path = name.split(" ")
            routes.append(Route(method, path, _same_origin(run), 0))
        return Surface("control", None, routed(Router(routes)), graph_refusal)

    def _status(self, _call: Call) -> Answer:
        tenant = self._door.config.model_dump(mode="json")
        return Answer(200, {"tenant": tenant, "now": self._store.stamp()})

    def _clock(self, _call: Call) -> Answer:
        offset = float(self._store.get("clock_offset", "0"))
        return Answer(200, {"now": self._store.stamp(), "offset": offset})

    def _move_clock(self, call: Call) -> Answer:
        """Advance the clock by seconds; a clock never goes back."""
        seconds = call.json().get("advance")
        if not isinstance(seconds, int | float) or seconds < 0:
            raise bad_request('Send {"advance": seconds}, not negative')
        offset = float(self._store.get("clock_offset", "0")) + seconds
        self._store.put("clock_offset", repr(offset))
        _publish(self._store.path.parent / "clock", repr(offset))
        self._delivery.settle()  # what fell due in between is there when the caller looks
        self._door.wrote.set()
        return self._clock(call)

    def _faults(self, _call: Call) -> Answer:
        return Answer(200, {"value": self._door.faults.account()})

    def _add_fault(self, call: Call) -> Answer:
        return Answer(201, {"id": self._door.faults.add(call.json())})

    def _clear_faults(self, _call: Call) -> Answer:
        self._door.faults.remove()
        return Answer(204)

    def _remove_fault(self, call: Call) -> Answer:
        self._door.faults.remove(_number(call.args["fault"]))
        return Answer(204)

    def _mailbox(self, call: Call) -> Answer:
        since = _number(call.query.get("since", "0"))
        return Answer(200, {"value": mail.messages(self._store, call.query.get("to", ""), since)})

    def _waiting(self, _call: Call) -> Answer:
        return Answer(200, {"value": grants.waiting(self._store)})

    def _approve(self, call: Call) -> Answer:
        """Sign a person in on the device that shows the code; {"upn": null} refuses."""
        body = call.json()
        user_id = self._user(body["upn"])["id"] if body.get("upn") else None
        if not grants.decide(self._store, str(body.get("user_code", "")), user_id):
            raise not_found(f"No device waits for the code {body.get('user_code')!r}")
        return Answer(204)

    def _token(self, call: Call) -> Answer:
        """Hand out a token without a sign-in: {"upn" | "app", "audience", "scopes"?, "proof"?}.

        A person's token is bound to the app named in "client" ("staff" unless said).
        """
        body = call.json()
        audience = self._door.tokens.audience(self._resource(str(body.get("audience", "graph"))))
        if audience is None:
            raise bad_request(f"Unknown audience {body.get('audience')!r}")
        if "app" in body:
            app = self._app(str(body["app"]))
            token = self._door.tokens.for_app(app, audience, body.get("proof", "certificate"))
            return Answer(200, {"access_token": token})
        app = self._app(str(body.get("client", "staff")))
        scopes = body.get("scopes") or sorted(s for s in app.scopes if belongs(s, audience.name))
        user = self._user(str(body.get("upn", "")))
        return Answer(
            200, {"access_token": self._door.tokens.for_user(app, user, audience, scopes)}
        )

    def _ledger(self, call: Call) -> Answer:
        since = _number(call.query.get("since", "0"))
        return Answer(200, {"mark": ledger.mark(self._store),
                            "value": ledger.totals(self._store, since),
                            "windows": ledger.windows(self._store),
                            "agents": ledger.agents(self._store)})  # fmt: skip

    def _unmatched(self, _call: Call) -> Answer:
        return Answer(200, {"value": ledger.all_unmatched(self._store)})

    def _subscriptions(self, _call: Call) -> Answer:
        rows = [shown(row) for row in subscriptions.live(self._store)]
        return Answer(200, {"value": rows, "outbox": subscriptions.outbox(self._store)})

    def _lose(self, call: Call) -> Answer:
        """Remove a subscription silently, as the service does at times."""
        if not subscriptions.remove(self._store, call.args["subscription"]):
            raise not_found("There is no such subscription")
        return Answer(204)

    def _deliveries(self, call: Call) -> Answer:
        since = _number(call.query.get("since", "0"))
        return Answer(200, {"value": subscriptions.deliveries(self._store, since)})

    def _deliver(self, _call: Call) -> Answer:
        async def finish(_hands: Hands) -> Answer:
            return Answer(200, {"accepted": await self._delivery.deliver()})

        return Deferred(finish=finish)

    def _expire(self, call: Call) -> Answer:
        """Make a list's delta tokens die: {"list": guid, "code"?: one of the two resync codes}."""
        body = call.json()
        row = lists.by_id(self._store, str(body.get("list", "")))
        lists.expire_tokens(self._store, row["id"],
                            body.get("code", "resyncChangesApplyDifferences"))  # fmt: skip
        return Answer(204)

    def _lock(self, call: Call) -> Answer:
        """Hold a file open for a person: {"unique_id", "upn", "seconds"?, "shape"?}."""
        body = call.json()
        shape = body.get("shape", locks.SHAPES[0])
        if shape not in locks.SHAPES:
            raise bad_request(f"shape is one of {', '.join(locks.SHAPES)}")
        holder = f"user:{self._user(str(body.get('upn', '')))['id']}"
        seconds = float(body.get("seconds", 365 * 24 * 3600))
        locks.lock(self._store, str(body.get("unique_id", "")), holder, seconds, shape)
        return Answer(204)

    def _unlock(self, call: Call) -> Answer:
        if not locks.unlock(self._store, str(call.json().get("unique_id", ""))):
            raise not_found("That file is not locked")
        return Answer(204)

    def _site_creation(self, call: Call) -> Answer:
        """Say how long new sites take: {"polls"?: questions, "seconds"?: of the tenant's clock}."""
        body = call.json()
        for name, key in (("polls", provisioning.POLLS), ("seconds", provisioning.SECONDS)):
            if name in body:
                self._store.put(key, str(_number(str(body[name]))))
        return Answer(204)

    def _resource(self, audience: str) -> str:
        """Spell out the two short names; anything else is an API's own identifier."""
        host = f"https://{self._door.config.sharepoint_host}"
        return {"graph": GRAPH, "sharepoint": host}.get(audience, audience)

    def _user(self, key: str) -> sqlite3.Row:
        row = directory.user(self._store, key)
        if row is None:
            raise not_found(f"The tenant has no user {key!r}")
        return row

    def _app(self, key: str) -> App:
        app = apps.app(self._store, key)
        if app is None:
            raise not_found(f"The tenant has no app {key!r}")
        return app


def _same_origin(run: Handler) -> Handler:
    """Refuse what a page in a browser sends: it has no business with this machine's controls."""

    def guarded(call: Call) -> Answer:
        if "origin" in call.headers:
            raise access_denied("Controls are not for web pages")
        return run(call)

    return guarded


def _number(text: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"{text!r} is not a number")
    return int(text)


def _publish(path: Path, text: str) -> None:
    """Let the other processes of this machine read the clock's offset, never half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="ascii")
    fresh.replace(path)
