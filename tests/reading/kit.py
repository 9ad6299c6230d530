"""Files for the reading tests, the bad ones among them."""

import zipfile
from io import BytesIO

from local.demo.writing import Control, to_docx

CONTROL = Control("A Strategy", "V1", "Gov-11", "NEB 02/03/2026", "all staff", "02/03/2026",
                  "02/03/2027", history=(("V0.1", "01/02/2026", "First draft"),))  # fmt: skip


def docx(*paragraphs, control=CONTROL):
    return to_docx("A Strategy", paragraphs, control)


def parts_of(data):
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return stream.getvalue()


def with_parts(data, **parts):
    return packed(parts_of(data) | parts)


def bomb(mebibytes=40):
    return with_parts(docx(), **{"word/media/image1.png": b"\0" * (mebibytes * 2**20)})
