"""YAML into frozen records, with every problem of the file reported at once, each with its line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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

_INCLUDE = "include"

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


def read_record[R: Record](
    file: Path, kind: type[R], rules: Sequence[Rule] = (), *, fragments: Path | None = None
) -> R:
    """Return the record a YAML file declares; SchemaProblems lists every fault of the file."""
    return parse_record(_text(file), file.name, kind, rules, fragments=fragments)


def parse_record[R: Record](
    text: str,
    name: str,
    kind: type[R],
    rules: Sequence[Rule] = (),
    *,
    fragments: Path | None = None,
) -> R:
    """Return the record that YAML text declares; `name` is the file's name for the problems.

    `fragments` is the folder of the files that an `include:` names; a fault in one of them is told
    with its own file and line.
    """
    whole = Whole(Source(name, _tree(text, name)))
    if fragments is not None:
        _include(whole, whole.main, fragments)
    data = whole.data()
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
    problems = [*whole.problems, *(_problem(whole, *fault) for fault in faults)]
    if record is None or problems:
        raise SchemaProblems(set(problems))
    return record


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML file: its name for the problems, and what stands in it, with its lines."""

    name: str
    tree: Any


@dataclass(slots=True)
class Whole:
    """A file with all that it includes: entries of lists are gathered, the rest is its own."""

    main: Source
    parts: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def data(self) -> Any:
        """Return everything as one value, in the form JSON knows."""
        data = plain(self.main.tree)
        if not self.parts or not isinstance(data, dict):
            return data
        for key in {key for part in self.parts for key in part.tree}:
            own = data.get(key, [])
            gathered = [plain(entry) for part in self.parts for entry in part.tree.get(key, ())]
            data[key] = [*gathered, *own] if isinstance(own, list) else own
        return data

    def locate(self, place: Place) -> tuple[Source, Place]:
        """Return the file that a place of the whole stands in, and the place within that file."""
        match place:
            case (str() as key, int() as number, *rest):
                for part in self.parts:
                    entries = part.tree.get(key, ())
                    if number < len(entries):
                        return part, (key, number, *rest)
                    number -= len(entries)
                return self.main, (key, number, *rest)
        return self.main, place


def _include(whole: Whole, source: Source, folder: Path) -> None:
    """Gather what a file includes, each fragment once and before what includes it."""
    names = source.tree.get(_INCLUDE, ()) if isinstance(source.tree, Mapping) else ()
    for position, name in enumerate(names if isinstance(names, list) else ()):
        file = folder / f"{name}.yaml"
        if not file.is_file():
            known = ", ".join(sorted(each.stem for each in folder.glob("*.yaml")))
            line = _line(names, position) or 1
            says = f"there is no fragment {name!r}"
            place = f"{_INCLUDE}[{position}]"
            whole.problems.append(Problem(source.name, line, place, says, f"use one of {known}"))
        elif all(part.name != _shown(file) for part in whole.parts):
            part = Source(_shown(file), _tree(_text(file), _shown(file)))
            _include(whole, part, folder)
            whole.problems += _strangers(part)
            whole.parts.append(Source(part.name, _entries_of(part.tree)))


def _entries_of(tree: Any) -> Mapping[str, Any]:
    found = tree.items() if isinstance(tree, Mapping) else ()
    return {key: value for key, value in found if key != _INCLUDE and isinstance(value, list)}


def _strangers(part: Source) -> list[Problem]:
    """Return what a fragment may not hold: it adds entries to lists, and nothing else."""
    if not isinstance(part.tree, Mapping):
        return [Problem(part.name, 1, "(file)", "this is no mapping", "write keys and lists")]
    return [
        Problem(part.name, _line(part.tree, key) or 1, str(key), "a fragment holds lists only",
                "move it to the templates")
        for key, value in part.tree.items()
        if not isinstance(value, list)
    ]  # fmt: skip


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as broken:
        says, way_out = f"byte {broken.start} is not UTF-8", "save the file as UTF-8"
        raise SchemaProblems([Problem(file.name, 1, "(file)", says, way_out)]) from broken


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


def _problem(whole: Whole, place: Place, says: str, way_out: str) -> Problem:
    source, inside = whole.locate(place)
    line, path = 1, ""
    for step, node in _walk(source.tree, inside):
        line = _line(node, step) or line
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return Problem(source.name, line, path.removeprefix(".") or "(file)", says, way_out)


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
