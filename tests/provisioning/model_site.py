"""A site state that conforms to a spec, built without a tenant."""

from sharepoint_schema.expand import formatting
from sync.diff_lists import rule_of
from sync.site_state import Found, FoundList, SiteState


def conforming(spec):
    """Return the state of a site that is exactly as declared."""
    return SiteState(
        id="host,site,web",
        values={"title": spec.title, "description": spec.description},
        groups={g.title: Found(str(n), _group(g)) for n, g in enumerate(spec.groups, 1)},
        levels={g.title: (g.level,) for g in spec.groups if g.level},
        columns={c.name: Found(c.name, _column(c)) for c in spec.columns},
        types={
            t.name: Found(
                "0x",
                {
                    "description": t.description,
                    "columns": ["Title", *spec.type_columns(t)],
                    "document_template": spec.template_url(t) or "",
                },
            )
            for t in spec.content_types
        },
        lists={area.url: _list(spec, area) for area in spec.lists},
        apps={grant.app: Found("p", {"roles": [grant.role]}) for grant in spec.apps},
        files=frozenset((spec.list(f.list).url, f.name) for f in spec.files),
        hub=spec.hub.at,
        hubs={spec.hub.at: "the hub's id"},
        navigation={bar: _links(spec.links(bar)) for bar in ("top", "quick")},
    )


def _links(links):
    return tuple(
        Found(str(number), {"title": title, "url": url})
        for number, (title, url) in enumerate(links, 2001)
    )


def _group(group):
    return {"description": group.description, "members": sorted(group.members)}


def _column(column, *, indexed=False, unique=False):
    return {
        "kind": column.kind,
        "title": column.title,
        "description": column.description,
        "choices": list(column.choices),
        "formula": column.formula,
        "default": column.default,
        "required": column.required,
        "formatting": formatting(column.formatting) if column.formatting else None,
        "indexed": indexed,
        "unique": unique,
        "validation": rule_of(column.validation),
        "ours": True,
        "removable": True,
        "many": column.many,
    }


def _list(spec, area):
    columns = {
        c.name: Found(
            c.name, _column(c, indexed=c.name in area.indexed, unique=c.name in area.unique)
        )
        for c in spec.columns_of(area)
    }
    views = {
        v.title: Found(
            "v",
            {
                "columns": list(v.columns),
                "query": v.query,
                "rows": v.rows,
                "default": v.default,
                "formatting": formatting(v.formatting) if v.formatting else None,
            },
        )
        for v in area.views
    }
    access = {spec.group(g.group).title: (g.level,) for g in area.access or ()}
    names = [spec.content_type(key).name for key in area.content_types]
    return FoundList(
        id=f"id-{area.key}",
        values=_settings(area),
        types=dict.fromkeys([*names, "Folder"], "0x"),
        templates={
            one.name: spec.template_url(one)
            for one in map(spec.content_type, area.content_types)
            if one.document_template
        },
        columns=columns,
        views=views,
        inherits=area.access is None,
        access=access,
    )


def _settings(area):
    return {
        "template": area.template,
        "title": area.title,
        "description": area.description,
        "versioning": True,
        "minor": area.versions.minor,
        "keep_major": area.versions.keep_major,
        "keep_minor": area.versions.keep_minor or 0,
        "drafts_seen_by": area.versions.drafts_seen_by,
        "approval": area.approval,
        "crawled": area.crawled,
        "own_only": area.own_only,
        "on_menu": area.on_menu,
        "validation": rule_of(area.validation),
    }
