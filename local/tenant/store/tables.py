"""The tables of everything a site holds, in the order the tenant opens them."""

from __future__ import annotations

from local.tenant.store import (
    access,
    attachments,
    changes,
    chunks,
    columns,
    content_types,
    files,
    items,
    kept,
    late,
    links,
    lists,
    locks,
    navigation,
    principals,
    retention,
    sites,
    templates,
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
        templates,
        views,
        items,
        versions,
        files,
        attachments,
        kept,
        locks,
        links,
        uploads,
        late,
        retention,
        navigation,
        changes,
        chunks,
    )
)
