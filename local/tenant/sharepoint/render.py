"""Answers in the three shapes of OData v3: verbose (`d`), minimal and no metadata, by Accept."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from local.tenant.call import Answer
from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.address import Segment
from local.tenant.sharepoint.options import Options, read_filter, read_options
from local.tenant.sharepoint.surface import (
    KINDS,
    REACH,
    Ask,
    Kind,
    Later,
    Page,
    Raw,
    Result,
    Thing,
    Things,
    Value,
    links_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.tenant.call import Call


class Form(Enum):
    """How much of OData's own information an answer carries."""

    VERBOSE = "verbose"
    MINIMAL = "minimalmetadata"
    NONE = "nometadata"


FORMS = {
    "verbose": Form.VERBOSE,
    "nometadata": Form.NONE,
    "none": Form.NONE,
    "minimalmetadata": Form.MINIMAL,
    "minimal": Form.MINIMAL,
    "fullmetadata": Form.MINIMAL,
}


def form_of(headers: Mapping[str, str]) -> Form:
    """Read `Accept: application/json;odata=verbose`; plain JSON gets minimal metadata."""
    accept = headers.get("accept", "").lower().replace(" ", "")
    for part in accept.split(";")[1:]:
        name, _, value = part.partition("=")
        if name in {"odata", "odata.metadata"}:
            return FORMS.get(value.split(",")[0], Form.MINIMAL)
    return Form.MINIMAL


def json_answer(call: Call, body: Any, status: int = 200) -> Answer:
    """Return JSON bytes with SharePoint's content type."""
    shape = form_of(call.headers).value
    header = {"Content-Type": f"application/json;odata={shape};charset=utf-8"}
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), header)


def refusal_answer(call: Call, refusal: Refusal) -> Answer:
    """Return a refusal as `_api` words it: `code` is the HRESULT and the exception's type."""
    code = f"{refusal.hresult}, {refusal.kind}"
    error = {"code": code, "message": {"lang": "en-US", "value": refusal.message}}
    name = "error" if form_of(call.headers) is Form.VERBOSE else "odata.error"
    answer = json_answer(call, {name: error}, refusal.rest_status or refusal.status)
    answer.headers.update(refusal.headers)
    return answer


def render(ask: Ask, result: Result, status: int = 200) -> Answer:
    """Return the answer for whatever an operation led to."""
    if isinstance(result, Answer | Later):
        raise TypeError("an answer is not rendered again, and a later one not yet")
    if isinstance(result, Raw):
        return Answer(status, result.data, {"Content-Type": result.type})
    painter = Painter(ask, form_of(ask.call.headers))
    if isinstance(result, Thing):
        body = painter.entity(result, read_options(ask.call.query))
        name = f"{KINDS[result.kind].type(result.row)}/@Element"
        answer = json_answer(ask.call, painter.top(body, name), status)
        return _with_etag(answer, result)
    if isinstance(result, Things):
        return json_answer(ask.call, painter.collection(result), status)
    return json_answer(ask.call, painter.value(result), status)


def _with_etag(answer: Answer, thing: Thing) -> Answer:
    if (etag := KINDS[thing.kind].etag) is not None:
        answer.headers["ETag"] = etag(thing.row)
    return answer


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws entities, collections and values in one form, for one operation."""

    ask: Ask
    form: Form

    @property
    def verbose(self) -> bool:
        return self.form is Form.VERBOSE

    @property
    def root(self) -> str:
        return f"{self.ask.call.base}{self.ask.call.site_path}/_api/"

    def top(self, body: dict[str, Any], name: str) -> dict[str, Any]:
        """Return an answer's outermost object: `d`, or with the address of its description."""
        if self.verbose:
            return {"d": body}
        if self.form is Form.MINIMAL:
            return {"odata.metadata": f"{self.root}$metadata#{name}"} | body
        return body

    def entity(self, thing: Thing, options: Options) -> dict[str, Any]:
        """Draw one entity: control information, links, members asked for, expanded members."""
        kind = KINDS[thing.kind]
        body = self._control(kind, thing)
        if self.verbose:
            body |= self._deferred(thing, options)
        body |= {name: self.plain(value) for name, value in self._members(kind, thing, options)}
        for name in options.expand:
            body |= self._expanded(thing, name, options)
        return body

    def collection(self, things: Things) -> dict[str, Any]:
        """Draw a page of a collection, filtered, with the address of the next page."""
        options = read_options(self.ask.call.query)
        page = self._page(things, options)
        rows = [self.member(things, row, options) for row in page.rows]
        link = self._next(things, page)
        if self.verbose:
            return {"d": {"results": rows} | ({"__next": link} if link else {})}
        body: dict[str, Any] = {"value": rows}
        if self.form is Form.MINIMAL:
            body = {"odata.metadata": f"{self.root}$metadata#{things.kind}"} | body
        return body | ({"odata.nextLink": link} if link else {})

    def member(self, things: Things, row: Any, options: Options) -> dict[str, Any]:
        uri = f"{things.uri}({KINDS[things.kind].key(row)})"
        return self.entity(Thing(things.kind, row, uri), options)

    def value(self, value: Value | None) -> dict[str, Any]:
        """Draw what an operation returned, under its name in verbose and bare otherwise."""
        name = self.ask.segment.text.partition("(")[0].rpartition(".")[2]
        name = (value.name if value else "") or name
        if value is None:
            return {"d": {name: None}} if self.verbose else {"odata.null": True}
        drawn = self.plain(value.data, value.type)
        if self.verbose:
            return {"d": {name: drawn}}
        kind = value.type or "Edm.String"
        kind = f"Collection({kind})" if isinstance(drawn, list) else kind
        return self.top(drawn if isinstance(drawn, dict) else {"value": drawn}, kind)

    def plain(self, value: Any, kind: str = "") -> Any:
        """Draw a member's value: lists and complex values carry their type in verbose."""
        if isinstance(value, Value):
            return self.plain(value.data, value.type)
        if isinstance(value, dict):
            inner = {name: self.plain(each) for name, each in value.items()}
            return {"__metadata": {"type": kind}, **inner} if self.verbose and kind else inner
        if isinstance(value, list):
            rows = [self.plain(each, kind) for each in value]
            if not self.verbose:
                return rows
            return {"__metadata": {"type": f"Collection({kind or 'Edm.String'})"}, "results": rows}
        return value

    def _control(self, kind: Kind, thing: Thing) -> dict[str, Any]:
        uri, type_name = self.root + quote(thing.uri, safe="/()',=$"), kind.type(thing.row)
        etag = kind.etag(thing.row) if kind.etag else None
        if self.verbose:
            stamp = {"etag": etag} if etag else {}
            return {"__metadata": {"id": uri, "uri": uri, **stamp, "type": type_name}}
        if self.form is Form.NONE:
            return {}
        head = {"odata.type": type_name, "odata.id": uri, "odata.editLink": thing.uri}
        return head | ({"odata.etag": etag} if etag else {})

    def _deferred(self, thing: Thing, options: Options) -> dict[str, Any]:
        address = self.root + quote(thing.uri, safe="/()',=$")
        return {
            name: {"__deferred": {"uri": f"{address}/{name}"}}
            for name in links_of(thing.kind)
            if options.wants(name) and name.lower() not in options.expand
        }

    def _members(self, kind: Kind, thing: Thing, options: Options) -> list[tuple[str, Any]]:
        shown = kind.show(self.ask, thing.row)
        members = [(name, value) for name, value in shown.items() if options.wants(name)]
        extras = {name.lower(): name for name in kind.extras}
        for wanted in options.select:
            if wanted in extras:
                name = extras[wanted]
                members.append((name, kind.extras[name](self.ask, thing.row)))
        known = {name.lower() for name in shown} | set(extras) | {"*"}
        known |= {name.lower() for name in links_of(kind.name)}
        if unknown := next((name for name in options.select if name not in known), None):
            raise bad_request(f"The field or property '{unknown}' does not exist.")
        return members

    def _expanded(self, thing: Thing, name: str, options: Options) -> dict[str, Any]:
        step = REACH.get((thing.kind, name))
        if step is None or not step.link:
            raise bad_request(f"The member {name!r} of {thing.kind} can't be expanded")
        self.ask.call.cost = max(self.ask.call.cost, step.cost)
        result = step.run(self.ask.at(Segment(name, step.name)), thing)
        below = options.below(name)
        if isinstance(result, Thing):
            placed = replace(result, uri=f"{thing.uri}/{step.name}")
            return {step.name: self.entity(placed, below)}
        if isinstance(result, Things):
            placed_many = replace(result, uri=f"{thing.uri}/{step.name}")
            rows = [self.member(placed_many, row, below) for row in result.load(self.ask).rows]
            return {step.name: {"results": rows} if self.verbose else rows}
        return {step.name: None}

    def _page(self, things: Things, options: Options) -> Page:
        page = things.load(self.ask)
        if page.filtered:
            return page
        rows = page.rows
        if text := self.ask.call.query.get("$filter"):
            test, show = read_filter(text), KINDS[things.kind].show
            rows = [row for row in rows if test(show(self.ask, row))]
        if "$top" in self.ask.call.query or options.skip:
            rows = rows[options.skip : options.skip + options.top]
        return replace(page, rows=rows)

    def _next(self, things: Things, page: Page) -> str | None:
        if page.token is None:
            return None
        kept = {k: v for k, v in self.ask.call.query.items() if k.lower() != "$skiptoken"}
        return f"{self.root}{things.uri}?" + urlencode({"$skiptoken": page.token} | kept)
