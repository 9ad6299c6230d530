"""Graph's query options: $select, $expand with options of its own, page sizes and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from local.tenant.call import Answer
from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.tenant.call import Call

DEFAULT_PAGE = 200
LARGEST_PAGE = 5000
METADATA = "https://graph.microsoft.com/v1.0/$metadata"


def _split(text: str, mark: str) -> Iterator[str]:
    """Split at `mark` outside brackets."""
    depth, start = 0, 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == mark and not depth:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def expands(text: str) -> dict[str, dict[str, str]]:
    """`fields($select=A,B),driveItem` → {"fields": {"$select": "A,B"}, "driveItem": {}}."""
    found: dict[str, dict[str, str]] = {}
    for part in _split(text, ","):
        name, _, inner = part.strip().partition("(")
        if not name:
            continue
        options = dict(
            pair.split("=", 1) for pair in _split(inner.removesuffix(")"), ";") if "=" in pair
        )
        if "/" in name:
            raise bad_request(f"$expand={name} is not supported")
        found[name] = {key.strip(): value for key, value in options.items()}
    return found


def selected(options: Mapping[str, str]) -> set[str]:
    return {name.strip() for name in options.get("$select", "").split(",") if name.strip()}


def pick(body: dict[str, Any], names: set[str], keep: set[str] | None = None) -> dict[str, Any]:
    """Only the selected members (all without $select), what was expanded, and the annotations."""
    if not names or "*" in names:
        return body
    wanted = names | (keep or set())
    return {
        key: value
        for key, value in body.items()
        if key in wanted or key.partition("@")[0] in {"", *wanted}
    }


def page_size(call: Call) -> int:
    """`$top`, 200 without; 400 for anything but a positive number."""
    text = call.query.get("$top", str(DEFAULT_PAGE))
    if not text.isdecimal() or text == "0":
        raise bad_request("Invalid value for $top")
    return min(int(text), LARGEST_PAGE)


def link(call: Call, **changed: str) -> str:
    """Return this request's address by the client's way, with other options ('' drops one)."""
    path = quote(call.path.partition("(")[0], safe="/:,!@~'")
    query = {**call.query, **{key.replace("__", "$"): value for key, value in changed.items()}}
    text = urlencode(
        {key: value for key, value in query.items() if value}, quote_via=quote, safe="$(),;=/'"
    )
    return f"{call.base}/v1.0{path}" + (f"?{text}" if text else "")


def context(tail: str) -> str:
    return f"{METADATA}#{tail}"


def plain(text: str) -> Answer:
    """Answer with bare text, as `…/$count` does."""
    return Answer(200, text.encode(), {"Content-Type": "text/plain"})
