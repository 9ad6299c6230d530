"""JSON Schema of every kind of file people write, so that an editor helps while they write it."""

import json
from collections.abc import Mapping
from typing import Any

from sharepoint_schema.order import SigOrder
from sharepoint_schema.record import Record
from sharepoint_schema.roles import Roles
from sharepoint_schema.site import Fragment, SiteTemplate
from sharepoint_schema.standard import Standard

KINDS: Mapping[str, type[Record]] = {
    "standard": Standard,
    "site": SiteTemplate,
    "fragment": Fragment,
    "order": SigOrder,
    "roles": Roles,
}
"""Each kind of file and the record it must be."""


def json_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the JSON Schema (draft 2020-12) of each kind of file, by the kind's name."""
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **kind.model_json_schema(mode="validation"),
        }
        for name, kind in KINDS.items()
    }


def schema_text(kind: str) -> str:
    """Return a kind's JSON Schema as the text of its file `data/schema/{kind}.json`."""
    return json.dumps(json_schemas()[kind], indent=2, ensure_ascii=False, sort_keys=True) + "\n"
