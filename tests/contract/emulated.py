"""Writes local/tenant/EMULATED.md: what is served, with which members, and what is different.

The operations come from the route tables, the members from the answers that the documented examples
and the clients' recorded requests get, the differences from differences.toml.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from local.tenant import graph as graph_package
from local.tenant import witness
from local.tenant.graph.addressing import GraphRouter
from local.tenant.sharepoint import surface
from local.tenant.surfaces import routes_of
from tests.contract.client_kit import Imaging, operations
from tests.contract.doubles_kit import Doubles, doubles
from tests.contract.example_kit import World, graph_examples, operation_of
from tests.contract.rest_shapes_kit import VERBOSE, Shapes
from tests.contract.test_examples import ADMIN, DIFFERENCES, send
from tests.contract.test_examples_rest import EXAMPLES
from tests.contract.test_examples_rest import send as send_rest
from tests.contract.test_sharepoint_shapes import ADDRESSES
from tests.contract.tour import STOPS
from tests.contract_kit import FOLDER, Known, known_members
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_SERVED = 501
PAGE = Path(graph_package.__file__).parent.parent / "EMULATED.md"
SUBJECTS = ("sites", "lists", "drives", "shares", "subscriptions", "users", "me", "groups",
            "directoryObjects", "organization", "$batch")  # fmt: skip
HEAD = """# What the local tenant emulates

Written by `python scripts/emulated.py` from the route tables and from the answers that Microsoft's
documented examples and the recorded requests of the Python clients get; a test fails when it is
stale. An operation that is not listed as served answers **501** and is listed by
`GET /_local/unmatched`. The price is in resource units. *Members* says how many of the members that
Microsoft documents for the answer were seen in these answers.
"""


@dataclass
class Observed:
    """Operations that were served; members seen, by Graph operation, Graph and SharePoint type."""

    asked: set[str] = field(default_factory=set)
    operations: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    totals: dict[str, int] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    rest: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    families: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))


def observe(contract: Any, folder: Path) -> Observed:
    """Send every example and every recorded request to a tenant of its own; returns what it saw."""
    seen = Observed()
    with _witness(folder) as kept, Webhook() as hook:
        with running(folder / "examples", ADMIN) as tenant:
            _go_round(seen, contract, World(tenant, hook))
        with running(folder / "tour", ADMIN) as tenant:  # its stops look at what is there
            world = World(tenant, hook)
            for stop in STOPS:
                stop(world)
    for line in kept:
        seen.asked |= {line["operation"]} if line["status"] < 400 else set()
        if line["status"] < 300 and isinstance(line["body"], dict):
            _note(seen, contract, line)
    return seen


def _go_round(seen: Observed, contract: Any, world: World) -> None:
    """Send the examples, the clients' requests, and what is asked of `_api` for its shapes."""
    for example in graph_examples():
        served = send(world, example).status_code != NOT_SERVED
        seen.families[example["family"]][" ".join(operation_of(contract, example))] = served
    place = Imaging(world, "")
    hub = place.rest.post(f"{place.path}/_api/Site/RegisterHubSite").json()["ID"]
    place.close()
    for recorded in operations():
        place = Imaging(world, hub)
        place.prepare(recorded)
        list(place.replay(recorded))
        place.close()
    shapes = Shapes(Imaging(world, hub))
    for address in ADDRESSES:
        shapes.get(address.format(path=shapes.place.path), VERBOSE)
    made = Doubles(shapes, hub)
    for example in EXAMPLES:
        served = send_rest(made, example).status_code != NOT_SERVED
        seen.families[example["family"]][example["id"]] = served
    for double in doubles():
        served = made.send(double).status_code != NOT_SERVED
        seen.families[f"doubles of the CLI: {double['family']}"][double["id"]] = served
    shapes.place.close()


@contextmanager
def _witness(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield a list that holds, afterwards, what the tenant noted within the block."""
    own = witness.FOLDER not in os.environ
    os.environ.setdefault(witness.FOLDER, str(folder))
    path = Path(os.environ[witness.FOLDER]) / f"{os.getpid()}.jsonl"
    start = path.stat().st_size if path.exists() else 0
    kept: list[dict[str, Any]] = []
    try:
        yield kept
    finally:
        kept += [json.loads(line) for line in path.read_bytes()[start:].splitlines()]
        if own:
            del os.environ[witness.FOLDER]


def _note(seen: Observed, contract: Any, line: dict[str, Any]) -> None:
    if line["surface"] == "sharepoint":
        _rest_members(seen, line["body"])
    if line["surface"] != "graph":
        return
    template, operation = contract.match(line["method"], f"/v1.0{quote(line['path'])}")
    if template is None:
        return
    schema = contract.response_schema(operation, line["status"])
    name, properties, rows = _entity(contract, schema, line["body"])
    members = {key for row in rows if isinstance(row, dict) for key in row if key in properties}
    seen.operations[line["operation"]] |= members
    seen.totals[line["operation"]] = len(properties)
    if name:
        seen.types[name] |= members
        seen.totals[name] = len(properties)


def _entity(
    contract: Any, schema: Any, body: dict[str, Any]
) -> tuple[str, dict[str, Any], list[Any]]:
    """Return the type an answer is of (or is a collection of), its members, and the rows."""
    properties, _is_open = contract._props(schema or {})  # noqa: SLF001 -- the one way to its members
    inner = contract.deref(properties.get("value") or {}).get("items")
    if inner is not None and isinstance(body.get("value"), list):
        return _name(inner), contract._props(inner)[0], body["value"]  # noqa: SLF001 -- as above
    return _name(schema or {}), properties, [body]


def _name(schema: dict[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2].removeprefix("microsoft.graph.")
    return "" if "Collection" in name or "." in name else name


def _rest_members(seen: Observed, body: Any) -> None:
    """Gather the members of every typed object inside a verbose answer."""
    if isinstance(body, list):
        for each in body:
            _rest_members(seen, each)
    elif isinstance(body, dict):
        name = (body.get("__metadata") or {}).get("type") if "__metadata" in body else None
        if name and not name.startswith(("Collection(", "SP.Data.")):
            seen.rest[name] |= body.keys() - {"__metadata"}
        for each in body.values():
            _rest_members(seen, each)


# -- the page -------------------------------------------------------------------------------------
def page(contract: Any, seen: Observed) -> str:
    """Return the whole page."""
    parts = [
        HEAD,
        *_graph(seen),
        *_types(seen),
        *_rest(seen),
        *_shares(seen),
        *_differences(),
        *_unserved(contract),
    ]
    return "\n".join(parts) + "\n"


def _graph(seen: Observed) -> Iterator[str]:
    yield "## Microsoft Graph v1.0"
    routes = routes_of(graph_package)
    for subject in SUBJECTS:
        rows = sorted(
            (route for route in routes if route.pattern.split("/")[1] == subject),
            key=lambda route: (route.pattern, route.method),
        )
        yield f"\n### {subject}\n\n| operation | RU | members |\n|---|---|---|"
        for route in rows:
            name = f"{route.method} {route.pattern}"
            count = (
                f"{len(seen.operations[name])} of {seen.totals[name]}"
                if name in seen.totals
                else ""
            )
            yield f"| `{name}` | {route.cost} | {count} |"
    yield "\nEvery documented spelling of an address is taken (graph/addressing.py): by path, by"
    yield "way of `me`, users, groups and shares, with brackets and namespaces; `$count` of every"
    yield "collection; HEAD for GET.\n"
    yield "Without a token, by an address that is its own key:\n"
    for route in routes_of(graph_package, "PREAUTH_ROUTES"):
        yield f"- `{route.method} {route.pattern}`"


def _types(seen: Observed) -> Iterator[str]:
    yield "\n### Members seen, by type\n\n| type | documented | seen |\n|---|---|---|"
    for name in sorted(seen.types):
        if seen.types[name]:
            yield f"| {name} | {seen.totals[name]} | {', '.join(sorted(seen.types[name]))} |"
    yield "\nMembers beyond Microsoft's own schema, each shown by the example named:\n"
    for each in known_members():
        yield f"- `{each.member}` ({_where(each)}): {each.example}"


def _where(each: Known) -> str:
    return f"`{each.on}` of `{each.template}`" if each.on else f"`{each.template}`"


def _rest(seen: Observed) -> Iterator[str]:
    yield "\n## SharePoint REST (`_api`)\n"
    yield "By type: what it leads to (→), what it does on POST (!), what can be done to it (MERGE,"
    yield "DELETE, and *create* on a collection). 2 resource units unless said otherwise.\n"
    tables = (
        ("→", surface.REACH),
        ("(key)", surface.KEYED),
        ("!", surface.ACT),
        ("", surface.VERB),
    )
    found: dict[str, list[str]] = defaultdict(list)
    for mark, table in tables:
        for (owner, _), step in table.items():
            price = "" if step.cost == 2 else f" ({step.cost})"
            found[owner].append(f"{mark} {step.name}".strip() + price)
    yield "| on | operations |\n|---|---|"
    for owner in sorted(found):
        yield f"| {owner or '`_api`'} | {'; '.join(sorted(found[owner]))} |"
    yield "\n### Members seen, by type\n\n| type | documented | seen |\n|---|---|---|"
    known = json.loads((FOLDER / "sharepoint-rest-metadata.json").read_text("utf-8"))["types"]
    for name in sorted(seen.rest):
        documented = known.get(name)
        total = len(documented["props"]) + len(documented["nav"]) if documented else ""
        yield f"| {name} | {total} | {', '.join(sorted(seen.rest[name]))} |"


def _shares(seen: Observed) -> Iterator[str]:
    yield "\n## How much of what is documented is served\n"
    yield "Graph's by operation, SharePoint's by example; anything but 501 counts as served.\n"
    yield "| family | documented | served | share |\n|---|---|---|---|"
    for family in sorted(seen.families):
        rows = seen.families[family].values()
        yield f"| {family} | {len(rows)} | {sum(rows)} | {100 * sum(rows) // len(rows)} % |"


def _differences() -> Iterator[str]:
    yield "\n## Known differences\n"
    for name, each in sorted(DIFFERENCES.items()):
        told = f"answers {each['status']}" if "status" in each else ""
        told = told or ("without " + ", ".join(f"`{m}`" for m in each.get("lacks", [])))
        yield f"- {name}: {told}: {each['why']}"


def _unserved(contract: Any) -> Iterator[str]:
    yield "\n## Documented by Microsoft, not served (501)\n"
    router = GraphRouter(routes_of(graph_package))
    for template, methods in sorted(contract.spec["paths"].items()):
        path = re.sub(r"\{[^}]*\}", "x", template)
        left = [
            method.upper()
            for method in ("get", "post", "put", "patch", "delete")
            if method in methods and router.find(method.upper(), path) is None
        ]
        if left:
            yield f"- `{' '.join(left)}` {template}"


def write(contract: Any) -> tuple[str, list[str]]:
    """Return the page, and the Graph operations that nothing of the tour went by."""
    with tempfile.TemporaryDirectory() as folder:
        seen = observe(contract, Path(folder))
    served = {f"{route.method} {route.pattern}" for route in routes_of(graph_package)}
    return page(contract, seen), sorted(served - seen.asked)
