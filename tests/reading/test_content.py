"""content_id is about content: what SharePoint writes into a file does not change it."""

import hashlib

import pytest

from sync.reading.limits import Limits
from sync.reading.read import read
from tests.reading.kit import docx, packed, parts_of

DATA = docx("Some words.")
PARTS = parts_of(DATA)
REL = '<Relationship Id="rId99" Type="t" Target="{}"/></Relationships>'
OVERRIDE = '<Override PartName="{}" ContentType="c"/></Types>'


def content_id(parts):
    return read(packed(parts), "a.docx", Limits()).content_id


def named(part, rels, target, name):
    """The parts with one more, and with the entries that name it."""
    return PARTS | {
        part: b"<p>promoted column</p>",
        rels: PARTS[rels].replace(b"</Relationships>", REL.format(target).encode()),
        "[Content_Types].xml": PARTS["[Content_Types].xml"].replace(
            b"</Types>", OVERRIDE.format(name).encode()
        ),
    }


@pytest.mark.parametrize(
    "parts",
    [
        dict(reversed(PARTS.items())),
        PARTS | {"docProps/core.xml": b"<other/>"},
        {name: part for name, part in PARTS.items() if not name.startswith("docProps/")},
        PARTS | {"customXml/item1.xml": b"<a/>", "customXml/_rels/item1.xml.rels": b"<a/>"},
        named("docProps/custom.xml", "_rels/.rels", "docProps/custom.xml", "/docProps/custom.xml"),
        named(
            "customXml/item2.xml",
            "word/_rels/document.xml.rels",
            "../customXml/item2.xml",
            "/customXml/item2.xml",
        ),
        named("docProps/custom.xml", "_rels/.rels", "/docProps/custom.xml", "/docProps/custom.xml"),
    ],
)
def test_promoted_properties_do_not_change_it(parts):
    assert content_id(parts) == content_id(PARTS)
    assert packed(parts) != packed(PARTS)


@pytest.mark.parametrize(
    "parts",
    [
        PARTS | {"word/document.xml": PARTS["word/document.xml"].replace(b"Some", b"Same")},
        PARTS | {"word/media/image9.png": b"picture"},
        named("word/extra.xml", "word/_rels/document.xml.rels", "extra.xml", "/word/extra.xml"),
        PARTS
        | {
            "word/_rels/document.xml.rels": PARTS["word/_rels/document.xml.rels"].replace(
                b"</Relationships>",
                b'<Relationship Id="r" Type="t" Target="https://x/docProps/a" '
                b'TargetMode="External"/></Relationships>',
            )
        },
    ],
)
def test_any_other_part_or_entry_changes_it(parts):
    assert content_id(parts) != content_id(PARTS)


def test_other_files_are_known_by_their_bytes():
    reading = read(b"words", "a.txt", Limits())
    assert reading.content_id == reading.raw_hash == hashlib.sha256(b"words").hexdigest()


def test_the_raw_hash_is_kept_beside_it():
    reading = read(DATA, "a.docx", Limits())
    assert reading.raw_hash == hashlib.sha256(DATA).hexdigest() != reading.content_id
