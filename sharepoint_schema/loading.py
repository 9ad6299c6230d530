"""YAML into frozen records, with every problem of the file reported at once, each with its line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from sharepoint_schema.problems import Problem, SchemaProblems
from sharepoint_schema.record import Record
from sharepoint_schema.rules import Place, Rule

DATA = Path(__file__).parent / "data"
"""The network's own declarations, shipped with the package."""

_QUIET = {"value_error", "missing", "extra_forbidden"}
"""Refusals that quote what they refuse themselves, or where the value says nothing."""

_WAYS_OUT = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct its spelling",
    "literal_error": "use one of those",
    "enum": "use one of those",
    "string_type": "write words; put quotes around a number or yes/no",
    "int_type": "write a whole number without quotes",
    "bool_type": "write true or false",
    "tuple_type": "write a list",
    "model_type": "write keys and values",
    "dict_type": "write keys and values",
}


def read_record[R: Record](file: Path, kind: type[R], rules: Sequence[Rule] = ()) -> R:
    """Return the record a YAML file declares; SchemaProblems lists every fault of the file."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as broken:
        says, way_out = f"byte {broken.start} is not UTF-8", "save the file as UTF-8"
        raise SchemaProblems([Problem(file.name, 1, "(file)", says, way_out)]) from broken
    return parse_record(text, file.name, kind, rules)


def parse_record[R: Record](text: str, name: str, kind: type[R], rules: Sequence[Rule] = ()) -> R:
    """Return the record that YAML text declares; `name` is the file's name for the problems."""
    tree = _tree(text, name)
    data = plain(tree)
    faults = [
        (rule_fault.place, rule_fault.says, rule_fault.way_out)
        for rule in rules
        for rule_fault in rule.check(data)
    ]
    told = {place for place, _, _ in faults}  # a rule knows better words than "field required"
    try:
        record = kind.model_validate_json(json.dumps(data))
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False)
        faults += [_fault(error) for error in errors if error["loc"] not in told]
        record = None
    if record is None or faults:
        raise SchemaProblems({_problem(tree, name, *fault) for fault in faults})
    return record


def plain(tree: Any) -> Any:
    """Return YAML values as JSON knows them; a date becomes its ISO form."""
    if isinstance(tree, Mapping):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [plain(value) for value in tree]
    if isinstance(tree, date):
        return tree.isoformat()
    return tree if tree is None or isinstance(tree, (str, int, float)) else str(tree)


def _tree(text: str, name: str) -> Any:
    try:
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        line = mark.line + 1 if mark else 1
        says = " ".join(str(part) for part in (broken.context, broken.problem) if part)
        raise SchemaProblems(
            [Problem(name, line, "(file)", says, "correct the YAML here")]
        ) from broken
    return CommentedMap() if tree is None else tree


def _fault(error: ErrorDetails) -> tuple[Place, str, str]:
    says = error["msg"].removeprefix("Value error, ")
    says = says[0].lower() + says[1:] if error["type"] != "value_error" else says
    shown = error.get("input")
    if isinstance(shown, (str, int, float)) and error["type"] not in _QUIET:
        says = f"{shown!r}: {says}"
    return error["loc"], says, _WAYS_OUT.get(error["type"], "correct the value")


def _problem(tree: Any, name: str, place: Place, says: str, way_out: str) -> Problem:
    line, path = 1, ""
    for step, node in _walk(tree, place):
        line = _line(node, step) or line
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return Problem(name, line, path.removeprefix(".") or "(file)", says, way_out)


def _walk(tree: Any, place: Place) -> Iterator[tuple[str | int, Any]]:
    """Yield each step of a place with the node it is taken from.

    pydantic also names union members and key checks in a place; such a step leads nowhere and
    is left out, except the last one, which may be a key that is missing.
    """
    node = tree
    for position, step in enumerate(place):
        inside = _child(node, step)
        if inside is not _NOWHERE:
            yield step, node
            node = inside
        elif position == len(place) - 1 and isinstance(node, Mapping) and isinstance(step, str):
            yield step, node


_NOWHERE = object()


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, Mapping) and step in node:
        return node[step]
    if (
        isinstance(node, Sequence)
        and not isinstance(node, str)
        and isinstance(step, int)
        and step < len(node)
    ):
        return node[step]
    return _NOWHERE


def _line(node: Any, step: str | int) -> int | None:
    """Return the line (from 1) where a step stands; for a missing key, where its owner begins."""
    if isinstance(node, CommentedMap):
        mark = node.lc.key(step) if step in node else (node.lc.line, node.lc.col)
        return None if mark[0] is None else int(mark[0]) + 1  # an empty file has no line
    if isinstance(node, CommentedSeq):
        return int(node.lc.item(step)[0]) + 1
    return None
