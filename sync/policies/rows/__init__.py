"""The rules about rows of registers, one file each, found by their place in this folder.

A rule is a module with a docstring that staff can read and a pure function: no network, no clock,
no exception. It judges single rows by `check(row, context) -> Iterator[Finding]`, or what a whole
register lacks by `check_all(rows, context) -> Iterator[Finding]`, which is asked once a day. It may
also say

- `READS`: keys of the lists whose rows it compares with, of the same site, else of every site that
  has one; "registry" stands for the network's documents,
  "equality_assessments" and "decisions" for what our state knows of these lists;
- `SETTERS`: columns of which it asks who filled them in (2 units a look, when one is filled);
- `VERSION`: raised whenever the same row might get another verdict.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from types import ModuleType

    from sync.model import Finding, Item
    from sync.model.rows import RowContext


@dataclass(frozen=True, slots=True)
class RowPolicy:
    """One rule: `meaning` is its docstring, for staff."""

    name: str
    meaning: str
    check: Callable[[Item, RowContext], Iterator[Finding]] | None
    check_all: Callable[[Sequence[Item], RowContext], Iterator[Finding]] | None
    reads: tuple[str, ...]
    setters: tuple[str, ...]
    version: str


@cache
def policies() -> Mapping[str, RowPolicy]:
    """Return all rules about rows by name, in the order of the alphabet."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name[0] != "_")
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return MappingProxyType({name: _policy(name, module) for name, module in modules.items()})


def judge(row: Item, context: RowContext, names: Collection[str]) -> list[Finding]:
    """Return what these rules find in a row, each finding with its rule; KeyError for no rule."""
    return [
        replace(finding, policy=policy.name, version=policy.version)
        for policy in (policies()[name] for name in sorted(names))
        if policy.check is not None
        for finding in policy.check(row, context)
    ]


def judge_all(rows: Sequence[Item], context: RowContext, names: Collection[str]) -> list[Finding]:
    """Return what these rules find a whole register to lack; KeyError for no rule."""
    return [
        replace(finding, policy=policy.name, version=policy.version)
        for policy in (policies()[name] for name in sorted(names))
        if policy.check_all is not None
        for finding in policy.check_all(rows, context)
    ]


def reads(names: Collection[str]) -> frozenset[str]:
    """Return the keys of the lists these rules compare with."""
    return frozenset(area for name in names for area in policies()[name].reads)


def asks_who(names: Collection[str]) -> tuple[str, ...]:
    """Return the columns of which these rules ask who filled them in."""
    return tuple(column for name in sorted(names) for column in policies()[name].setters)


def _policy(name: str, module: ModuleType) -> RowPolicy:
    return RowPolicy(
        name=name,
        meaning=module.__doc__ or "",
        check=getattr(module, "check", None),
        check_all=getattr(module, "check_all", None),
        reads=getattr(module, "READS", ()),
        setters=getattr(module, "SETTERS", ()),
        version=getattr(module, "VERSION", "1"),
    )
