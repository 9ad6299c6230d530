"""The text of a mail that Outlook keeps as rich text only, packed in its own way ([MS-OXRTFCP])."""

from __future__ import annotations

import re
import struct

DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the packing takes as already said ([MS-OXRTFCP] 2.1.2.1)."""

HEADER = struct.Struct("<LLLL")
PACKED, PLAIN = 0x75465A4C, 0x414C454D
WINDOW = 4096

_PIECE = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})|\\u(?P<code>-?\d+) ?.?|\\(?P<word>[a-z]+)(?:-?\d+)? ?"
    r"|\\(?P<sign>[^a-z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)"
)
_SILENT = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "htmltag", "mhtmltag"})
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "cell": "\t", "tab": "\t"}


def unpacked_rtf(packed: bytes) -> bytes:
    """Undo Outlook's packing. Raises ValueError or IndexError on damage, struct.error if torn."""
    _, size, kind, _ = HEADER.unpack_from(packed)
    body = packed[HEADER.size :]
    if kind == PLAIN:
        return body[:size]
    if kind != PACKED:
        raise ValueError("neither of the two ways of packing")
    return _unpack(body, size)


def _unpack(body: bytes, size: int) -> bytes:
    seen = bytearray(DICTIONARY)
    at, start = 0, len(DICTIONARY)
    while len(seen) - start < size and at < len(body):
        flags, at = body[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                seen += body[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(body[at : at + 2], "big")
            at += 2
            if not _repeat(seen, reference):
                return bytes(seen[start : start + size])
    return bytes(seen[start : start + size])


def _repeat(seen: bytearray, reference: int) -> bool:
    """Say again what the ring of 4,096 bytes holds there; False at the mark that ends the text."""
    place, length = reference >> 4, (reference & 0xF) + 2
    written = len(seen) % WINDOW
    if place == written:
        return False
    back = (written - place) % WINDOW
    if back > len(seen):
        raise ValueError("it refers to what was never said")
    for _ in range(length):
        seen.append(seen[-back])
    return True


def rtf_text(data: bytes) -> str:
    """Return the words of rich text: no fonts, styles, pictures or hidden groups."""
    shown: list[str] = []
    silent, depth = 0, 0
    for piece in _PIECE.finditer(data.decode("latin-1")):
        depth += {"{": 1, "}": -1}.get(piece["brace"] or "", 0)
        if silent and depth < silent:
            silent = 0
        if not silent and (piece["word"] in _SILENT or piece["sign"] == "*"):
            silent = depth
        if not silent:
            shown.append(_said(piece))
    return "".join(shown)


def _said(piece: re.Match[str]) -> str:
    if piece["byte"]:
        return bytes.fromhex(piece["byte"]).decode("cp1252", errors="replace")
    if piece["code"]:
        return chr(int(piece["code"]) % 0x10000)
    if piece["word"]:
        return _BREAKS.get(piece["word"], "")
    return piece["text"] or (piece["sign"] or "").strip("\r\n*~-_:|") or ""
