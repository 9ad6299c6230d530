"""How each property of a site is cared for: owned, floor or free.

owned: put back when it differs. floor: staff may add to it, not weaken it. free: set once, then
theirs. The table is the usual class of each property; a template's entry may set one apart with
`care:` (design: Drift).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

type Care = Literal["owned", "floor", "free"]

CARE: Mapping[str, Mapping[str, Care]] = MappingProxyType(
    {
        "site": {"title": "owned", "description": "free"},
        "group": {"description": "free", "members": "floor", "level": "owned"},
        "column": {
            "title": "owned",
            "description": "free",
            "choices": "floor",
            "formula": "owned",
            "default": "owned",
            "required": "floor",
            "formatting": "owned",
            "indexed": "floor",
            "unique": "floor",
            "validation": "owned",
        },
        "hub": {"at": "owned"},
        "navigation": {"top": "floor", "quick": "floor"},
        "content_type": {
            "description": "free",
            "columns": "floor",
            "document_template": "owned",
        },
        "list": {
            "title": "owned",
            "description": "free",
            "content_types": "floor",
            "versioning": "floor",
            "minor": "floor",
            "keep_major": "floor",
            "keep_minor": "floor",
            "drafts_seen_by": "owned",
            "approval": "floor",
            "crawled": "owned",
            "own_only": "owned",
            "on_menu": "free",
            "validation": "owned",
            "inherits": "owned",
            "access": "owned",
        },
        "view": {
            "columns": "owned",
            "query": "owned",
            "rows": "free",
            "default": "owned",
            "formatting": "owned",
        },
        "file": {"text": "free"},
        "app": {"role": "floor"},
    }
)
"""Kind of thing, then property, to its usual class."""


def care_of(kind: str, name: str, apart: Mapping[str, Care]) -> Care:
    """Return the class of a property; `apart` is what the entry itself says."""
    return apart.get(name) or CARE[kind][name]
