"""The network's rules, one file each, found by their place in this folder.

A policy is a module with a docstring that staff can read and a pure
`check(document, context) -> Iterator[Finding]`: no network, no clock, no exception. It may also say

- `NEEDS`: the facts it judges by, of "name", "columns", "content", "versions" and "access";
- `WITHOUT_CONTENT`: True when it still judges a file whose content cannot be read (its name, say);
- `PARAMETERS`: the parts of the standard it judges by (all of them where it does not say);
- `PERMISSIONS`: what its remedies need in Microsoft 365;
- `VERSION`: raised whenever the same file might get another verdict.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sharepoint_schema.standard import Standard
from sync.model import Finding, ReadState, Recipient, Severity, Status, Tell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from types import ModuleType

    from sync.model import Context, Document

READING = "reading"
"""The name under which a file that could not be read is reported (decision 5: Not checked)."""

JUDGING = frozenset({"ignored"})
"""The part of the standard that every policy hangs on: what is no document at all."""
EVERY_PART = frozenset(Standard.model_fields) - {"modes"}

WAY_OUT = {
    ReadState.EMPTY: "Upload the file again if it should hold something.",
    ReadState.UNREADABLE: "Open it in Office, save it and upload it again.",
    ReadState.ENCRYPTED: "Remove the password and upload it again; the library guards access.",
    ReadState.NO_TEXT: "Upload a version with a text layer (text recognition), or the original.",
    ReadState.TOO_LARGE: "Split the file, or ask the quality manager to check it by hand.",
    ReadState.UNSUPPORTED: "Use .docx, .xlsx, .pptx, .odt or .pdf, or ask for a check by hand.",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule: `meaning` is its docstring, for staff."""

    name: str
    meaning: str
    check: Callable[[Document, Context], Iterator[Finding]]
    needs: frozenset[str]
    permissions: tuple[str, ...]
    parameters: frozenset[str]
    without_content: bool
    version: str


@cache
def policies() -> Mapping[str, Policy]:
    """Return all policies by name, in the order of the alphabet."""
    here = pkgutil.iter_modules(__path__)  # the rules about rows are a folder of their own
    names = sorted(one.name for one in here if one.name[0] != "_" and not one.ispkg)
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return MappingProxyType({name: _policy(name, module) for name, module in modules.items()})


def judge(
    document: Document, context: Context, names: Collection[str] | None = None
) -> list[Finding]:
    """Return what the rules of the document's area find, each finding with its policy and version.

    `names` narrows the rules (default: all of `context.area.policies`); an unknown name is a
    KeyError. A file the standard ignores has no findings. A file that could not be read gets one
    finding under the name "reading", and only the rules that do without its content.
    """
    chosen = [
        policies()[name] for name in sorted(context.area.policies if names is None else names)
    ]
    if context.standard.ignores(document.name):
        return []
    readable = document.reading is not None and document.reading.readable
    found = [
        replace(finding, policy=policy.name, version=policy.version)
        for policy in chosen
        if readable or policy.without_content or "content" not in policy.needs
        for finding in policy.check(document, context)
    ]
    if not readable and any("content" in policy.needs for policy in chosen):
        found.append(_not_checked(document))
    return found


def _policy(name: str, module: ModuleType) -> Policy:
    return Policy(
        name=name,
        meaning=module.__doc__ or "",
        check=module.check,
        needs=getattr(module, "NEEDS", frozenset()),
        permissions=getattr(module, "PERMISSIONS", ()),
        parameters=getattr(module, "PARAMETERS", EVERY_PART) | JUDGING,
        without_content=getattr(module, "WITHOUT_CONTENT", False),
        version=getattr(module, "VERSION", "1"),
    )


def _not_checked(document: Document) -> Finding:
    reading = document.reading
    return Finding(
        says=reading.why if reading else "The file's content has not been read yet.",
        expected="A file is checked by its text, so it has to be one that can be read.",
        how=WAY_OUT[reading.state] if reading else "Nothing to do: it will be read.",
        severity=Severity.STOP,
        status=Status.NOT_CHECKED,
        remedies=(Tell(Recipient.UPLOADER),),
        policy=READING,
        version="1",
    )
