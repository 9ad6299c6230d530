"""docs/registers: a page for each list that governance asks for, made from the site templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.site import load_template, template_names
from sync.policies.rows import policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.registers import Clock, Computed, Need, News, Register, Rhythm
    from sharepoint_schema.site import SiteList

MADE = "Made from the site templates by `make schemas`."


def register_pages() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each page: one for each register, and their index."""
    found = registers()
    yield "README.md", _index(found)
    for key, (area, sites) in found.items():
        yield f"{key}.md", _page(area, sites)


def registers() -> dict[str, tuple[SiteList, tuple[str, ...]]]:
    """Return every register by key, with the titles of the kinds of site that have it.

    A library whose files open for a day is kept by its calendar, as a register is by its clocks.
    """
    areas: dict[str, SiteList] = {}
    sites: dict[str, list[str]] = {}
    for name in template_names():
        template = load_template(name)
        for area in template.lists:
            if (area.template == "list" and area.place == "register") or area.on_the_day:
                areas.setdefault(area.key, area)
                sites.setdefault(area.key, []).append(template.title)
    return {key: (areas[key], tuple(sites[key])) for key in sorted(areas)}


def _index(found: dict[str, tuple[SiteList, tuple[str, ...]]]) -> str:
    lines = ["# The registers", "", MADE, "", "| Register | What it is for | On |", "|---|---|---|"]
    for key, (area, sites) in found.items():
        on = ", ".join(sites)
        lines.append(f"| [{area.title}]({key}.md) | {area.description} | {on} |")
    return "\n".join(lines) + "\n"


def _page(area: SiteList, sites: tuple[str, ...]) -> str:
    titles = {one.name: one.title for one in area.columns}
    parts = [
        f"# {area.title}",
        "",
        MADE,
        "",
        f"{area.description}.",
        "",
        f"On: {', '.join(sites)}.",
    ]
    if area.on_the_day:
        parts += ["", _on_the_day(area)]
    if area.entries is not None:
        parts += ["", f"Source: {area.entries.source}.", *_entries(area.entries, titles)]
    if area.template == "list":
        parts += [*_columns(area), *_rules(area)]
    return "\n".join(parts) + "\n"


def _on_the_day(area: SiteList) -> str:
    who = " and ".join(area.on_the_day)
    return (
        f"What is published here is open to the site's {who} on the day that its name says, and on"
        " no other. Its files are kept to the [rules for documents](../policies.md)."
    )


def _columns(area: SiteList) -> Iterator[str]:
    yield from ("", "## Columns", "", "| Column | Kind | |", "|---|---|---|")
    for column in area.columns:
        said = column.description or ", ".join(column.choices)
        yield f"| {column.title} | {column.kind} | {said} |"


def _rules(area: SiteList) -> Iterator[str]:
    for name in area.policies:
        yield from ("", f"## Rule: {name}", "", policies()[name].meaning.strip())


def _entries(entries: Register, titles: dict[str, str]) -> Iterator[str]:
    if entries.closed:
        closed = "; ".join(
            _answer(titles, column, values) for column, values in entries.closed.items()
        )
        yield from ("", f"An entry is over when: {closed}.")
    if entries.needs:
        yield from ("", "## What an entry says", "")
        yield from (f"- {_need(one, titles)}" for one in entries.needs)
    if entries.computed:
        yield from ("", "## What Verger works out", "")
        yield from (f"- {_computed(one, titles)}" for one in entries.computed)
    if entries.clocks:
        yield from ("", "## Reminders", "")
        yield from (f"- {_clock(one, titles)}" for one in entries.clocks)
    if entries.rhythm:
        yield from ("", "## Rhythm", "", f"- {_rhythm(entries.rhythm)}")
    if entries.news:
        yield from ("", "## Who is told", "")
        yield from (f"- {_news(one, titles)}" for one in entries.news)


def _answer(titles: dict[str, str], column: str, values: tuple[str, ...]) -> str:
    said = "anything" if values == ("*",) else " or ".join(values)
    return f"{titles.get(column, column)} says {said}"


def _need(need: Need, titles: dict[str, str]) -> str:
    when = " and ".join(_answer(titles, column, values) for column, values in need.when.items())
    return f"{titles.get(need.column, need.column)}{f', when {when}' if when else ''}"


def _computed(one: Computed, titles: dict[str, str]) -> str:
    of = ", ".join(titles.get(name, name) for name in one.of)
    how = {
        "product": f"the product of {of}",
        "same": f"as {of}",
        "working_days": f"{one.days} working days from {of}{_own_days(one)}",
        "months": f"{one.months or _by(one)} months after {of}",
    }[one.rule]
    return f"{titles.get(one.column, one.column)}: {how}"


def _own_days(one: Computed) -> str:
    return f", unless the body has {one.days_of} days of its own" if one.days_of else ""


def _by(one: Computed) -> str:
    return ", ".join(f"{count} ({word})" for word, count in one.by.items())


def _clock(clock: Clock, titles: dict[str, str]) -> str:
    rungs = ", ".join(_rung(one.days) for one in clock.ladder)
    to = ", ".join(titles.get(name, name) for name in clock.to)
    return f"{titles.get(clock.column, clock.column)}: {rungs}; to {to}"


def _rhythm(rhythm: Rhythm) -> str:
    every = "each month" if rhythm.months == 1 else f"every {rhythm.months} months"
    reminded = ", ".join(_rung(days) for days in rhythm.remind)
    told = f"; reminded {reminded}" if reminded else ""
    by = f"within {rhythm.days_after} days after its end"
    return f"{rhythm.what} {every}, {by}{told}; to {', '.join(rhythm.to)}"


def _news(news: News, titles: dict[str, str]) -> str:
    when = " and ".join(_answer(titles, column, values) for column, values in news.when.items())
    body = titles.get(news.body_in or "", "")
    to = ", ".join(
        name.replace("{body}_", f"the {body.lower()} body's ") if body else name for name in news.to
    )
    return f"When {when}: to {to}"


def _rung(days: int) -> str:
    if days == 0:
        return "on the day"
    return f"{abs(days)} days {'before' if days > 0 else 'after'}"
