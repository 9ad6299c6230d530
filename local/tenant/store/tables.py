"""The tables of everything a site holds, in the order the tenant opens them."""

from __future__ import annotations

from local.tenant.store import (
    access,
    changes,
    chunks,
    columns,
    content_types,
    files,
    items,
    late,
    links,
    lists,
    locks,
    principals,
    retention,
    sites,
    uploads,
    versions,
    views,
)

CONTENT_TABLES = tuple(
    module.TABLES
    for module in (
        sites,
        principals,
        access,
        lists,
        columns,
        content_types,
        views,
        items,
        versions,
        files,
        locks,
        links,
        uploads,
        late,
        retention,
        changes,
        chunks,
    )
)
