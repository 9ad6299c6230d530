"""Anchors: the heads of all journals, signed and kept where the database's keeper cannot reach.

Whoever can write the database could write a chain anew from its first entry. An anchor of an
earlier day says, under the app certificate's signature, which hash the chain had at which entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from sync import ledger
from sync.state import journal_reading, remembered
from sync.state.chain import canonical
from sync.tenant import rows
from sync.tenant.credentials import certificate_of
from sync.tenant.signing import Signer, is_signed, thumbprint_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sync.service import Service

LAST = "anchored"


class Head(msgspec.Struct, frozen=True):
    """A chain's newest entry: its number and its hash (SHA-256, hex)."""

    seq: int
    hash: str


class Anchor(msgspec.Struct, frozen=True):
    """What was signed: when (UTC), by which certificate (SHA-256), each site's head by its id."""

    at: datetime
    by: str
    heads: Mapping[str, Head]

    @property
    def text(self) -> str:
        """What the signature is of: the anchor as JSON, written one way only."""
        return canonical(msgspec.to_builtins(self))


class Signed(msgspec.Struct, frozen=True):
    """An anchor as it is kept: itself and its signature in base64."""

    anchor: Anchor
    signature: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An anchor that does not hold, and why. `row` says where it stands."""

    row: str
    at: datetime | None
    why: str


async def anchor(service: Service) -> bool:
    """Sign the heads and keep them, unless nothing was journalled since. Returns whether it did.

    Raises Misconfigured where the app has no certificate.
    """
    home = await ledger.home(service)
    async with service.state.read() as tx:
        heads = await journal_reading.heads(tx)
        last = await remembered.recall(tx, LAST)
    now = {site: seq for site, (seq, _) in heads.items()}
    if home is None or not heads or now == last:
        return False
    signer = Signer(service.settings)
    told = {site: Head(*head) for site, head in heads.items()}
    made = Anchor(service.now(), signer.thumbprint, told)
    kept = Signed(made, signer.sign(made.text))
    await ledger.write(service, home, ledger.ANCHOR, msgspec.json.encode(kept).decode())
    async with service.state.begin() as tx:
        await remembered.remember(tx, LAST, now)
    return True


async def kept(service: Service) -> list[tuple[str, str]]:
    """Return the anchors that the ledger has, each as (row, text), oldest first."""
    home = await ledger.home(service)
    if home is None:
        return []
    found = rows.every(service.tenant, home)
    return [
        (f"row {one.id}", ledger.entry_of(one))
        async for one in found
        if ledger.kind_of(one) == ledger.ANCHOR
    ]


def exported(file: Path) -> list[tuple[str, str]]:
    """Return the anchors of a file that `verger journal verify --export` wrote, as `kept` does."""
    lines = file.read_text().splitlines()
    return [(f"line {number}", line) for number, line in enumerate(lines, start=1) if line.strip()]


async def prove(
    service: Service, anchors: Iterable[tuple[str, str]], certificates: Sequence[bytes] = ()
) -> list[Broken]:
    """Compare the journal with anchors; return those that do not hold.

    One that is newer than a database that was restored does not: the entries are gone.

    `certificates` are PEMs of earlier ones of the app's, beside the one it has now.
    """
    has_one = service.settings.certificate or service.settings.certificate_pem
    pems = (*([certificate_of(service.settings)] if has_one else []), *certificates)
    known = {thumbprint_of(pem): pem for pem in pems}
    return [
        Broken(row, signed.anchor.at if signed else None, why)
        for row, text in anchors
        for signed in (_read(text),)
        if (why := await _fault(service, signed, known))
    ]


def _read(text: str) -> Signed | None:
    try:
        return msgspec.json.decode(text, type=Signed)
    except msgspec.DecodeError:
        return None


async def _fault(service: Service, signed: Signed | None, known: Mapping[str, bytes]) -> str:
    """Return what is wrong with one anchor, "" when it holds."""
    if signed is None:
        return "it is no anchor, or was changed"
    pem = known.get(signed.anchor.by)
    if pem is None:
        return f"its certificate {signed.anchor.by[:16]}… is not the app's; give an earlier one"
    if not is_signed(pem, signed.anchor.text, signed.signature):
        return "it was changed after it was signed"
    for site, head in signed.anchor.heads.items():
        async with service.state.read() as tx:
            entry = await journal_reading.get_entry(tx, site, head.seq)
        if entry is None:
            return f"the journal of {site} has lost entry {head.seq}, which was anchored"
        if entry.hash != head.hash:
            return f"the journal of {site} has another entry {head.seq} than was anchored"
    return ""
