"""Files made to harm whoever opens them. Each is made in code, the same every time, and small."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sync.model import ReadState

MIB = 2**20
OFFICE = "http://schemas.openxmlformats.org"
WORD = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
SHEET = f'xmlns="{OFFICE}/spreadsheetml/2006/main"'
TYPES = "[Content_Types].xml"
CHARGE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class Hostile:
    """A hostile file, and what becomes of it: one of the states, with a reason in these words."""

    name: str
    make: Callable[[], bytes]
    states: frozenset[ReadState]
    why: str = ""

    def __str__(self) -> str:
        return f"{self.make.__name__}:{self.name}".encode("ascii", "backslashreplace").decode()


def ends(name: str, *states: ReadState, why: str = "") -> Callable[..., Hostile]:
    """Say under which name a maker's file is handed in and how its reading has to end."""
    return lambda make: Hostile(name, make, frozenset(states), why)


def zipped(parts: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts under their names as they are, twice the same one too; always the same bytes."""
    stream = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as package:
        warnings.simplefilter("ignore")  # two parts of one name are meant
        for name, data in parts:
            info = zipfile.ZipInfo("x", (1980, 1, 1, 0, 0, 0))
            info.filename = name  # unchanged: the constructor would cut at a NUL
            info.compress_type = compression
            package.writestr(info, data)
    return stream.getvalue()


def word(body: bytes | str, *more: tuple[str, bytes], dtd: str = "") -> bytes:
    """Return a Word file whose document has this body, after this DTD."""
    raw = body.encode() if isinstance(body, str) else body
    document = dtd.encode() + f"<w:document {WORD}><w:body>".encode() + raw
    document += b"</w:body></w:document>"
    return zipped([(TYPES, types()), ("word/document.xml", document), *more])


def types() -> bytes:
    part = f'<Override PartName="/word/document.xml" ContentType="{CHARGE}.main+xml"/>'
    schema = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<Types xmlns="{schema}">{part}</Types>'.encode()


def said(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def workbook(rows: str, *, strings: str = "", dtd: str = "", dimension: str = "A1") -> bytes:
    """Return a workbook of one sheet with these rows, made without a library that would object."""
    kinds = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{CHARGE}.spreadsheetml.{kind}+xml"/>'
        for part, kind in (
            ("workbook.xml", "sheet.main"), ("worksheets/sheet1.xml", "worksheet"),
            ("sharedStrings.xml", "sharedStrings"),
        )
    )  # fmt: skip
    schema = f"{OFFICE}/package/2006"
    related = f"{OFFICE}/officeDocument/2006/relationships"
    ways = "".join(
        f'<Relationship Id="r{at}" Type="{related}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(
            [("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")], 1
        )
    )
    start = f'<Relationship Id="r1" Type="{related}/officeDocument" Target="xl/workbook.xml"/>'
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        TYPES: f'<Types xmlns="{schema}/content-types">{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{schema}/relationships">{start}</Relationships>',
        "xl/workbook.xml": f'<workbook {SHEET} xmlns:r="{related}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels":
            f'<Relationships xmlns="{schema}/relationships">{ways}</Relationships>',
        "xl/worksheets/sheet1.xml":
            f'{dtd}<worksheet {SHEET}><dimension ref="{dimension}"/>'
            f"<sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": strings or f"<sst {SHEET}/>",
    }  # fmt: skip
    return zipped((name, text.encode()) for name, text in parts.items())


def pdf(*objects: str | bytes, trailer: str = "/Root 1 0 R", version: str = "1.7") -> bytes:
    """Return a PDF of these objects, numbered from 1, with a right table of their places."""
    out, places = bytearray(f"%PDF-{version}\n".encode()), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        raw = body.encode("latin-1") if isinstance(body, str) else body
        out += f"{number} 0 obj\n".encode() + raw + b"\nendobj\n"
    at = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    end = f"trailer\n<< /Size {len(places) + 1} {trailer} >>\nstartxref\n{at}\n%%EOF"
    return bytes(out) + end.encode()


def stream(data: bytes, entries: str = "", *, length: int | str | None = None) -> bytes:
    told = len(data) if length is None else length
    return f"<< /Length {told} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def page(contents: bytes, box: str = "0 0 595 842", resources: str = "", *more: bytes) -> bytes:
    """Return a PDF of one page whose contents are a stream object as given."""
    font = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R"
        f" /Resources << {resources or font} >> >>",
        contents,
        *more,
    )


def shown(text: str) -> bytes:
    return f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()


def deflated(data: bytes) -> bytes:
    return zlib.compress(data, 9)
