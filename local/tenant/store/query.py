"""$filter and $orderby over a list's items, as SQL.

Only what Graph's list items take: comparisons, startswith, and, or, not, brackets. A column that is
not indexed needs the caller's `Prefer: HonorNonIndexedQueriesWarningMayFailRandomly`, and fails for
certain in a list above the view threshold of 5,000 items (limits.json).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.store import columns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from local.tenant.store.database import Store

THRESHOLD = 5000
PREFER = "honornonindexedquerieswarningmayfailrandomly"
_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),])|(?P<word>[^\s(),']+))")
_OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_SYSTEM = {
    "id": "id",
    "fields/id": "id",
    "createddatetime": "created",
    "fields/created": "created",
    "lastmodifieddatetime": "modified",
    "fields/modified": "modified",
    "fields/fileleafref": "name",
    "fields/contenttypeid": "content_type",
    "contenttype/id": "content_type",
}
_FREE = {"id"}  # found without an index


@dataclass(slots=True)
class Filter:
    """A parsed filter: `sql` for a WHERE clause and its values.

    `exact`: it asks for equals alone, so that an index gives them in the order of their numbers.
    """

    sql: str = ""
    values: list[Any] = field(default_factory=list)
    exact: bool = True


@dataclass(slots=True)
class Parser:
    """Recursive descent over the tokens; one instance per request."""

    store: Store
    list_row: sqlite3.Row
    prefer: str
    tokens: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    exact: bool = True

    def parse(self, text: str) -> Filter:
        """Return the filter's SQL; 400 for anything not understood."""
        self.tokens = self._tokens(text)
        sql = self._either()
        if self.tokens:
            raise self._bad()
        return Filter(f" AND ({sql})", self.values, self.exact)

    def order(self, text: str) -> str:
        """Return an ORDER BY list for $orderby, ending in id so that pages do not overlap."""
        parts = []
        for entry in text.split(","):
            name, _, way = entry.strip().partition(" ")
            if way.strip().lower() not in {"", "asc", "desc"}:
                raise bad_request(f"Invalid $orderby: {entry}")
            parts.append(f"{self._column(name)} {way.strip().upper() or 'ASC'}")
        return ", ".join([*parts, "id"])

    @staticmethod
    def _tokens(text: str) -> list[str]:
        found, position, text = [], 0, text.strip()
        while position < len(text):
            hit = _TOKEN.match(text, position)
            if hit is None:
                raise bad_request("Invalid filter clause")
            found.append(hit[0].strip())
            position = hit.end()
        return found

    def _bad(self) -> Refusal:
        return bad_request(f"Invalid filter clause near {' '.join(self.tokens[:3]) or 'its end'}")

    def _take(self, expected: str = "") -> str:
        if not self.tokens or (expected and self.tokens[0].lower() != expected):
            raise self._bad()
        return self.tokens.pop(0)

    def _chain(self, word: str, part: Callable[[], str]) -> str:
        sql = part()
        while self.tokens and self.tokens[0].lower() == word:
            self.exact = self.exact and word == "and"
            self._take()
            sql = f"{sql} {word.upper()} {part()}"
        return sql

    def _either(self) -> str:
        return self._chain("or", self._both)

    def _both(self) -> str:
        return self._chain("and", self._one)

    def _one(self) -> str:
        head = self._take()
        if head == "(":
            sql = self._either()
            self._take(")")
            return f"({sql})"
        if head.lower() == "not":
            self.exact = False
            return f"NOT {self._one()}"
        if head.lower() == "startswith":
            return self._startswith()
        column, operator = self._column(head), _OPERATORS.get(self._take().lower())
        if operator is None:
            raise self._bad()
        return self._compare(column, operator, self._take())

    def _startswith(self) -> str:
        self._take("(")
        column = self._column(self._take())
        self._take(",")
        text = str(self._literal(self._take()))
        self._take(")")
        self.exact = False
        self.values += [text, text + chr(sys.maxunicode)]
        return f"({column}>=? COLLATE NOCASE AND {column}<? COLLATE NOCASE)"

    def _compare(self, column: str, operator: str, token: str) -> str:
        value = self._literal(token)
        if value is None:
            return f"{column} IS {'NOT ' if operator == '<>' else ''}NULL"
        self.values.append(value)
        self.exact = self.exact and operator == "="
        # SharePoint's own texts have no case; the columns of a row have their own collation
        folded = " COLLATE NOCASE" if column.startswith("json_extract") else ""
        return f"{column}{operator}?{folded}"

    @staticmethod
    def _literal(token: str) -> Any:
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        words = {"true": 1, "false": 0, "null": None}
        if token.lower() in words:
            return words[token.lower()]
        try:
            return float(token)
        except ValueError:
            return token  # a date without quotation marks

    def _column(self, name: str) -> str:
        """Return the SQL of a column; refuses one that is unknown or may not be searched."""
        key = name.lower()
        bare = name.partition("/")[2] if key.startswith("fields/") else ""
        if key not in _SYSTEM and not bare:
            raise bad_request(f"Field '{name}' is not recognized in a filter")
        row = (
            columns.find(self.store, self.list_row["id"], bare.removesuffix("LookupId"))
            if bare
            else None
        )
        if bare and row is None and key not in _SYSTEM:
            raise bad_request(f"Field '{bare}' is not recognized")
        if _SYSTEM.get(key) not in _FREE and not (row is not None and row["indexed"]):
            self._allow_unindexed(bare or name)
        if key in _SYSTEM:
            return _SYSTEM[key]
        stored = (
            f"{row['name']}LookupId" if row and row["kind"] in {"lookup", "personOrGroup"} else bare
        )
        return columns.path_of(str(row["name"]) if row and stored == bare else stored)

    def _allow_unindexed(self, name: str) -> None:
        if PREFER not in self.prefer.lower():
            raise bad_request(
                f"Field '{name}' cannot be referenced in filter or orderby as it is not indexed. "
                "Provide the 'Prefer: HonorNonIndexedQueriesWarningMayFailRandomly' header to "
                "allow this, but be warned that such queries may fail on large lists."
            )
        if self.list_row["item_count"] > THRESHOLD:
            raise Refusal(
                500,
                "generalException",
                "The attempted operation is prohibited because it exceeds the list view threshold.",
                -2147024860,
                "Microsoft.SharePoint.SPQueryThrottledException",
            )
