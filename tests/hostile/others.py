"""Files that are two things at once, or not what they are called; ill text, tables and mail."""

from __future__ import annotations

import zipfile

from sync.model import ReadState
from tests.hostile import kit
from tests.hostile.kit import ends, page, said, shown, stream, word, zipped

READ, LARGE, TORN, OTHER = (
    ReadState.READ, ReadState.TOO_LARGE, ReadState.UNREADABLE, ReadState.UNSUPPORTED,
)  # fmt: skip
TWO = "a PDF and an archive at once"


def _page() -> bytes:
    return page(stream(shown("harmless words")))


@ends("both.pdf", TORN, why=TWO)
def a_pdf_with_an_archive_behind_it() -> bytes:
    return _page() + b"\n" + word(said("943 476 5919"))


@ends("both.zip", TORN, why=TWO)
def an_archive_with_a_pdf_before_it() -> bytes:
    return _page() + b"\n" + zipped([("a.txt", b"943 476 5919")])


@ends("inside.pdf", TORN, why=TWO)
def an_archive_that_readers_of_pdf_open_too() -> bytes:
    """A PDF may begin anywhere in the first kilobyte: here it is an archive's first part."""
    return zipped([("a.pdf", _page()), ("a.txt", b"943 476 5919")], zipfile.ZIP_STORED)


@ends("stored.zip", READ)
def an_archive_of_a_pdf_that_was_not_packed() -> bytes:
    return zipped([("a.pdf", _page())], zipfile.ZIP_STORED)


@ends("renamed.pdf", READ)
def a_word_file_called_pdf() -> bytes:
    return word(said("words"))


@ends("page.docx", OTHER, why="web page")
def a_web_page_called_docx() -> bytes:
    return b"<html><body onload=alert(1)>943 476 5919</body></html>"


@ends("page.pdf", READ, TORN)
def a_web_page_with_a_pdf_in_it() -> bytes:
    return b"<html><script>alert(1)</script>\n" + _page()


@ends("program.docx", OTHER, why="program")
def a_program_called_docx() -> bytes:
    return b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + b"\0" * 100


@ends("program.pdf", OTHER, READ, TORN)
def a_program_with_a_pdf_in_it() -> bytes:
    return b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + _page()


@ends("compound.msg", OTHER, TORN)
def an_old_container_whose_sectors_run_in_a_circle() -> bytes:
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
    return (head.ljust(512, b"\0") + b"\0\0\0\0" * 128) * 4


@ends("\u202efdp.exe.docx", READ)
def a_name_that_is_read_from_the_right() -> bytes:
    return word(said("words"))


@ends("../../../etc/passwd\0.docx", READ)
def a_name_that_climbs() -> bytes:
    return word(said("words"))


@ends("CON.docx ", READ)
def a_name_that_windows_keeps_for_itself() -> bytes:
    return word(said("words"))


@ends("field.csv", READ, TORN, LARGE)
def a_table_of_one_field_of_a_million_letters() -> bytes:
    return b'a,b\n"' + b"x" * kit.MIB


@ends("commas.csv", READ, LARGE)
def a_table_of_three_million_empty_cells() -> bytes:
    return b"," * (3 * kit.MIB)


@ends("lines.txt", READ)
def a_text_of_a_million_empty_lines() -> bytes:
    return b"\n" * kit.MIB


@ends("digits.txt", LARGE, why="more text than is checked")
def a_text_of_six_million_digits() -> bytes:
    return b"1" * 6_000_000


@ends("halves.txt", READ, TORN)
def a_text_of_half_letters() -> bytes:
    return b"\xff\xfe" + b"\x00\xd8" * 1000


@ends("parts.eml", READ, TORN)
def a_mail_of_parts_five_hundred_deep() -> bytes:
    lines = ["From: a@b.example", "Subject: x"]
    for n in range(500):
        lines += [f'Content-Type: multipart/mixed; boundary="b{n}"', "", f"--b{n}"]
    return "\r\n".join([*lines, "Content-Type: text/plain", "", "words"]).encode()


@ends("headers.eml", READ, TORN, LARGE)
def a_mail_to_two_thousand_people() -> bytes:
    people = ",\r\n ".join(f"Name {n} <p{n}@b.example>" for n in range(2_000))
    return f"From: a@b.example\r\nTo: {people}\r\nSubject: x\r\n\r\nwords".encode()


@ends("tags.eml", READ, LARGE)
def a_mail_whose_page_is_all_tags() -> bytes:
    head = b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n"
    return head + b"<div>" * 100_000 + b"<!--" * 10_000 + b"&#x" * 10_000


FILES = tuple(one for one in dict(globals()).values() if isinstance(one, kit.Hostile))
