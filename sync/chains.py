"""Proving the journal: each chain is walked, and the first entry that does not hold is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.errors import Missing
from sync.state import journal_reading, sites

if TYPE_CHECKING:
    from datetime import datetime

    from sync.service import Service


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a chain that is not as it was written.

    `at` and `kind` are what stands there now, None when no entry stands there any more.
    """

    seq: int
    at: datetime | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain: `name` is the site's address (or its id), `entries` how many there are."""

    name: str
    entries: int
    broken: Broken | None = None


async def prove(service: Service, site: str | None = None) -> list[Chain]:
    """Walk the chains of all sites, or of one (its address, key or id).

    Memory stays within a page of entries. Raises Missing for a site without a journal.
    """
    async with service.state.read() as tx:
        known = {one.site_id or one.site_key: one for one in await sites.all_sites(tx)}
        ids = await journal_reading.chains(tx)
    here = [
        one
        for one in ids
        if site in (None, one) or (one in known and site in (known[one].url, known[one].site_key))
    ]
    if site is not None and not here:
        raise Missing(f"{site} has no journal; see: verger journal verify")
    return [await _chain(service, one, known[one].url if one in known else one) for one in here]


async def _chain(service: Service, site_id: str, name: str) -> Chain:
    async with service.state.read() as tx:
        seq = await journal_reading.verify(tx, site_id)
        entries = await journal_reading.length(tx, site_id)
        if seq is None:
            return Chain(name, entries)
        entry = await journal_reading.get_entry(tx, site_id, seq)
    at, kind = (entry.at, entry.kind) if entry else (None, None)
    return Chain(name, entries, Broken(seq, at, kind))
