"""The parameters of the rules: which parts of the standard each one reads, and trying other values.

A part of the standard is named by its path, `review.grace_days`; an entry of a list by its code,
`types.policy.review_months`, or its place from 0, `copies.0`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sharepoint_schema.loading import plain
from sharepoint_schema.standard import RULES, Standard
from sync.errors import Misconfigured
from sync.policies import policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MODES = "modes"
"""The part of the standard that says how policies act; it belongs to each of them."""


def parameters_of(policy: str, standard: Standard) -> dict[str, Any]:
    """Return the parts of the standard that a policy judges by, as JSON values.

    Raises KeyError for an unknown policy.
    """
    whole = standard.model_dump(mode="json")
    return {part: whole[part] for part in sorted(policies()[policy].parameters)}


def hash_of(values: Mapping[str, Any]) -> str:
    """Return what tells two sets of parameters apart (16 hex digits of SHA-256)."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_parts(standard: Standard, parts: Mapping[str, Any]) -> Standard | None:
    """Return a standard with these parts in place of its own; None when they no longer fit it."""
    whole = standard.model_dump(mode="json") | dict(parts)
    try:
        return Standard.model_validate_json(json.dumps(whole))
    except ValidationError:  # written by a release whose standard had another shape
        return None


def with_values(standard: Standard, told: Sequence[str]) -> Standard:
    """Return the standard with each `path=value` of `told` in place; values are written as YAML.

    Raises Misconfigured, which names the path and the way out, for one that does not exist or whose
    value does not fit.
    """
    whole = standard.model_dump(mode="json")
    for one in told:
        path, equals, text = one.partition("=")
        if not equals:
            raise Misconfigured(f"--set {one} names no value; write it as review.grace_days=7")
        _put(whole, path.strip(), _value(path, text))
    return _checked(whole, told)


def parts_of(told: Iterable[str]) -> frozenset[str]:
    """Return the parts of the standard that `path=value` words touch ("review", "modes")."""
    return frozenset(one.partition("=")[0].strip().partition(".")[0] for one in told)


def _value(path: str, text: str) -> Any:
    try:
        return plain(YAML(typ="safe", pure=True).load(text))
    except YAMLError as broken:
        raise Misconfigured(f"--set {path}: {text!r} is no value; put it in quotes") from broken


def _put(whole: Any, path: str, value: Any) -> None:
    """Put a value where the path leads; only what is there can be given another value."""
    steps, node, walked = path.split("."), whole, ""
    for step in steps[:-1]:
        node = node[_key(node, step, walked)]
        walked = f"{walked}.{step}".lstrip(".")
    node[_key(node, steps[-1], walked)] = value


def _key(node: Any, step: str, walked: str) -> Any:
    """Return the key or index that a step of a path means at this node."""
    keys = _keys(node)
    if step in keys:
        return keys[step]
    where = f"under {walked}" if walked else "in the standard"
    close = difflib.get_close_matches(step, keys, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(keys) or 'no parts'}"
    raise Misconfigured(f"--set: there is no {step} {where}; {hint}")


def _keys(node: Any) -> dict[str, Any]:
    if isinstance(node, dict):
        return {key: key for key in node}
    if not isinstance(node, list):
        return {}
    coded = {
        one["code"]: at for at, one in enumerate(node) if isinstance(one, dict) and "code" in one
    }
    return coded or {str(at): at for at in range(len(node))}


def _checked(whole: Mapping[str, Any], told: Sequence[str]) -> Standard:
    faults = [
        f"{_path(fault.place)}: {fault.says}" for rule in RULES for fault in rule.check(whole)
    ]
    try:
        standard = Standard.model_validate_json(json.dumps(whole))
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False)
        faults += [f"{_path(one['loc'])}: {one['input']!r}: {_said(one['msg'])}" for one in errors]
        raise Misconfigured(_refusal(told, faults)) from refusal
    if faults:
        raise Misconfigured(_refusal(told, faults))
    return standard


def _refusal(told: Sequence[str], faults: Sequence[str]) -> str:
    return f"--set {', '.join(told)} can't be used: {'; '.join(faults)}"


def _said(message: str) -> str:
    words = message.removeprefix("Value error, ")
    return words[0].lower() + words[1:]


def _path(place: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in place)
