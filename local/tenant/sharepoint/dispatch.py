"""The one entry to `_api`: check the caller, walk the address, do what the last segment says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.deferred import Deferred
from local.tenant.errors import Refusal, access_denied, bad_request, not_emulated, not_found, stale
from local.tenant.sharepoint import digest
from local.tenant.sharepoint.address import Segment, parse_path
from local.tenant.sharepoint.body import read_body
from local.tenant.sharepoint.render import render
from local.tenant.sharepoint.surface import (
    ACT,
    KEYED,
    KINDS,
    REACH,
    VERB,
    Ask,
    Later,
    Step,
    Thing,
    Things,
    Value,
)
from local.tenant.store import sites

if TYPE_CHECKING:
    from local.tenant.call import Call
    from local.tenant.deferred import Hands
    from local.tenant.sharepoint.surface import Result

ROOT = Thing("", None)
METHODS = {"PATCH": "MERGE", "PUT": "MERGE"}


def answer(call: Call) -> Answer:
    """Carry out one call below `/_api` (not `$batch`); raises Refusal.

    Comes in: `site_path` and `path` as the door cut them. Goes out: JSON bytes in the form of the
    Accept header. `call.cost` is set to the operation's price in resource units.
    """
    admit(call)
    segments = parse_path(call.path, call.query)
    method = wanted_method(call)
    if not (method == "POST" and [step.name for step in segments] == ["contextinfo"]):
        digest.check(call)
    call.cost = max(call.cost, 2)
    ask = Ask(call, find_site(call), Segment("", ""), read_body(call))
    return perform(ask, segments, method)


def admit(call: Call) -> None:
    """Refuse a token for another audience, and one that an app got with a client secret."""
    who = call.who
    if who.audience != "sharepoint":
        raise Refusal(
            401,
            "InvalidAuthenticationToken",
            "Invalid audience in the access token",
            -2147024891,
            "System.UnauthorizedAccessException",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if who.app_only and who.proof != "certificate":
        raise access_denied("Access denied. App-only tokens need a certificate.")


def wanted_method(call: Call) -> str:
    """Return GET, POST, MERGE or DELETE: the method, or what X-HTTP-Method makes of a POST."""
    method = call.method.upper()
    if method == "POST":
        method = call.headers.get("x-http-method", "POST").upper()
    return METHODS.get(method, method)


def find_site(call: Call) -> Any:
    """Return the addressed site's row; 404 when there is none, or none yet."""
    row = sites.by_path(call.store, call.site_path or "/")
    if row["state"] != sites.READY:
        raise not_found("404 FILE NOT FOUND")
    return row


def perform(ask: Ask, segments: list[Segment], method: str) -> Answer:
    """Walk to the last segment but one, then do, change or show the last."""
    place: Result = ROOT
    for segment in segments[:-1]:
        place = step_on(ask.at(segment), place)
    last = segments[-1] if segments else Segment("", "")
    here = ask.at(last)
    named = (_kind(place), last.name) in ACT and (_kind(place), last.name) not in REACH
    acts = method == "POST" or (method != "GET" and (last.name == "$value" or named))
    if acts and (done := _act(here, place)) is not None:
        return done
    if method == "GET":
        return render(here, _shown(here, place))
    return _change(here, step_on(here, place), method)


def step_on(ask: Ask, place: Result) -> Thing | Things | Value | Any:
    """Follow one segment; 501 when nothing leads there."""
    segment, kind = ask.segment, _kind(place)
    if segment.keyed and (step := KEYED.get((kind, segment.name))):
        return _placed(_run(ask, step, place), place, segment.text)
    step = REACH.get((kind, segment.name))
    if step is None:
        raise not_emulated(ask.call.method, ask.call.path)
    return _placed(_run(ask, step, place), place, segment.text)


def _act(ask: Ask, place: Result) -> Answer | None:
    step = ACT.get((_kind(place), ask.segment.name))
    if step is None:
        return None
    return _answered(ask, _placed(_run(ask, step, place), place, ask.segment.text))


def _shown(ask: Ask, place: Result) -> Result:
    """Return what a GET shows: a step, or one member of the entity before it."""
    if isinstance(place, Thing) and (place.kind, ask.segment.name) not in REACH:
        kind = KINDS.get(place.kind)
        if kind is not None and not ask.segment.keyed:
            return _member(ask, place)
    return step_on(ask, place)


def _member(ask: Ask, place: Thing) -> Value:
    kind = KINDS[place.kind]
    for name, value in kind.extras.items():
        if name.lower() == ask.segment.name:
            return Value(value(ask, place.row))
    for name, shown in kind.show(ask, place.row).items():
        if name.lower() == ask.segment.name:
            return Value(shown)
    raise not_emulated(ask.call.method, ask.call.path)


def _change(ask: Ask, target: Result, method: str) -> Answer:
    kind = _kind(target)
    step = VERB.get((kind, "create" if method == "POST" else method.lower()))
    if step is None:
        raise not_emulated(method, ask.call.path)
    if isinstance(target, Thing):
        _check_etag(ask, target)
    result = _run(ask, step, target)
    if isinstance(result, Answer | Later):
        return _answered(ask, result, 201)
    if method == "MERGE":
        return Answer(204)
    if method == "DELETE":
        return Answer(200)
    if not isinstance(result, Thing) or not isinstance(target, Things):
        raise bad_request(f"{ask.call.path} can't be added to")
    uri = f"{target.uri}({KINDS[result.kind].key(result.row)})"
    return render(ask, replace(result, uri=uri), 201)


def _answered(ask: Ask, result: Result, status: int = 200) -> Answer:
    """Render a result, at once or when the network has had its say."""
    if isinstance(result, Answer):
        return result
    if not isinstance(result, Later):
        return render(ask, result, status)

    async def finish(hands: Hands) -> Answer:
        done = await result.finish(hands)
        return done if isinstance(done, Answer) else render(ask, done, status)

    return Deferred(finish=finish)


def _check_etag(ask: Ask, target: Thing) -> None:
    """Refuse with 412 when If-Match names another version than the one that is there."""
    etag, wanted = KINDS[target.kind].etag, ask.call.headers.get("if-match", "*").strip()
    if etag is not None and wanted != "*" and _bare(wanted) != _bare(etag(target.row)):
        raise stale()


def _bare(etag: str) -> str:
    return etag.removeprefix("W/").strip('"').replace("{", "").replace("}", "").lower()


def _run(ask: Ask, step: Step, place: Any) -> Result:
    ask.call.cost = max(ask.call.cost, step.cost)
    return step.run(ask, place)


def _placed(result: Result, place: Result, text: str) -> Result:
    if isinstance(result, Thing | Things) and not result.uri:
        before = place.uri + "/" if isinstance(place, Thing | Things) and place.uri else ""
        return replace(result, uri=before + text)
    return result


def _kind(place: Result) -> str:
    if isinstance(place, Things):
        return f"{place.kind}*"
    return place.kind if isinstance(place, Thing) else "?"
