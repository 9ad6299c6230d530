"""Hostile PDFs: loops, monstrous claims, bad streams, bombs behind filters."""

from __future__ import annotations

from sync.model import ReadState
from tests.hostile import kit
from tests.hostile.kit import deflated, ends, page, pdf, shown, stream

READ, LARGE, TORN, SCAN = (
    ReadState.READ, ReadState.TOO_LARGE, ReadState.UNREADABLE, ReadState.NO_TEXT,
)  # fmt: skip
CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
BOMB = b"\0" * (80 * kit.MIB)


@ends("pages.pdf", TORN, SCAN)
def a_page_tree_that_is_its_own_child() -> bytes:
    return pdf(CATALOG, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>")


@ends("two-trees.pdf", TORN, SCAN)
def two_page_trees_that_hold_each_other() -> bytes:
    return pdf(
        CATALOG,
        "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 9 >>",
        "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R] /Count 9 >>",
    )


@ends("branches.pdf", TORN, LARGE, SCAN)
def a_page_tree_that_doubles_forty_times() -> bytes:
    trees = (f"<< /Type /Pages /Kids [{n} 0 R {n} 0 R] /Count 2 >>" for n in range(3, 43))
    return pdf(CATALOG, *trees, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")


@ends("count.pdf", READ, TORN, LARGE)
def one_page_that_is_counted_as_a_billion() -> bytes:
    return page(stream(shown("words"))).replace(b"/Count 1 ", b"/Count 999999999 ")


@ends("box.pdf", READ, SCAN)
def a_page_as_wide_as_numbers_go() -> bytes:
    return page(stream(shown("words")), box="-1e308 -1e308 99999999999999999999 1e308")


@ends("many.pdf", LARGE, why="pages")
def three_thousand_pages() -> bytes:
    kids = " ".join(f"{n} 0 R" for n in range(3, 3003))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count 3000 >>"
    return pdf(CATALOG, tree, *["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"] * 3000)


@ends("previous.pdf", READ, TORN)
def a_table_whose_previous_one_is_itself() -> bytes:
    data = page(stream(shown("words")))
    at = data.rindex(b"xref\n0")
    return data.replace(b"/Root 1 0 R", f"/Root 1 0 R /Prev {at}".encode())


@ends("table.pdf", READ, TORN, LARGE)
def a_table_of_a_billion_places() -> bytes:
    return page(stream(shown("words"))).replace(b"xref\n0 5", b"xref\n0 999999999")


@ends("xref-stream.pdf", TORN, SCAN, LARGE)
def a_stream_of_places_that_claims_a_billion() -> bytes:
    table = stream(b"\0" * 40, "/Type /XRef /Size 999999999 /W [1 99 99] /Root 1 0 R")
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    at = len(head)
    return head + b"9 0 obj\n" + table + f"\nendobj\nstartxref\n{at}\n%%EOF".encode()


@ends("nowhere.pdf", TORN, READ, SCAN)
def a_table_that_is_nowhere() -> bytes:
    data = page(stream(shown("words")))
    head, _, _ = data.rpartition(b"startxref")
    return head + b"startxref\n99999999999\n%%EOF"


@ends("reference.pdf", TORN, SCAN)
def an_object_that_is_a_reference_to_itself() -> bytes:
    return pdf(CATALOG, "2 0 R")


@ends("arrays.pdf", TORN, SCAN)
def arrays_a_hundred_thousand_deep() -> bytes:
    return pdf(CATALOG, "[" * 100_000 + "]" * 100_000)


@ends("dictionaries.pdf", TORN, SCAN)
def dictionaries_fifty_thousand_deep() -> bytes:
    return pdf(CATALOG, "<< /A " * 50_000 + "1" + ">>" * 50_000)


@ends("length.pdf", READ, TORN, SCAN)
def a_stream_that_claims_a_tebibyte() -> bytes:
    return page(stream(shown("words"), length=2**40))


@ends("length-loop.pdf", READ, TORN, SCAN)
def a_stream_whose_length_is_the_stream() -> bytes:
    return page(stream(shown("words"), length="4 0 R"))


@ends("garbage.pdf", TORN, SCAN)
def a_stream_that_does_not_unpack() -> bytes:
    return page(stream(b"\xff" * 1000, "/Filter /FlateDecode"))


@ends("flate.pdf", TORN, LARGE, SCAN)
def contents_that_unpack_a_thousandfold() -> bytes:
    return page(stream(deflated(BOMB), "/Filter /FlateDecode"))


@ends("flate-twice.pdf", TORN, LARGE, SCAN)
def contents_that_unpack_a_millionfold() -> bytes:
    twice = deflated(deflated(BOMB))
    return page(stream(twice, "/Filter [/FlateDecode /FlateDecode]"))


@ends("filters.pdf", TORN, LARGE, SCAN)
def contents_behind_ten_thousand_filters() -> bytes:
    return page(stream(b"00>" * 10, f"/Filter [{'/ASCIIHexDecode ' * 10_000}]"))


@ends("run-length.pdf", TORN, LARGE, SCAN)
def runs_of_a_hundred_and_twenty_eight() -> bytes:
    return page(stream(b"\x81 " * 500_000, "/Filter /RunLengthDecode"))


@ends("predictor.pdf", TORN, LARGE, SCAN)
def a_predictor_of_a_billion_columns() -> bytes:
    how = "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 999999999 >>"
    return page(stream(deflated(b"\0" * 1000), how))


@ends("form.pdf", TORN, SCAN, READ)
def a_form_that_draws_itself() -> bytes:
    entries = (
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    )
    form = stream(b"/X Do /X Do", entries)
    return page(stream(b"/X Do"), "0 0 595 842", "/XObject << /X 5 0 R >>", form)


@ends("map.pdf", READ, TORN, LARGE, SCAN)
def a_character_map_of_four_thousand_million() -> bytes:
    told = b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
    told += b"1 beginbfrange\n<00000000> <FFFFFFFF> <0041>\nendbfrange\n"
    font = "/Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /A /ToUnicode 5 0 R >> >>"
    return page(stream(shown("words")), "0 0 595 842", font, stream(told))


@ends("picture.pdf", READ, TORN, SCAN)
def a_picture_in_the_text_that_never_ends() -> bytes:
    return page(stream(b"BI /W 10 /H 10 /BPC 8 ID " + b"\0E" * 100_000))


@ends("operands.pdf", READ, TORN, LARGE, SCAN)
def half_a_million_operands_and_no_operator() -> bytes:
    return page(stream(deflated(b"1 " * 500_000), "/Filter /FlateDecode"))


@ends("unclosed.pdf", TORN, SCAN)
def a_string_that_nobody_closes() -> bytes:
    return page(stream(b"BT /F1 12 Tf (" + b"(" * 100_000))


@ends("encrypted.pdf", TORN, ReadState.ENCRYPTED)
def a_lock_that_makes_no_sense() -> bytes:
    data = page(stream(shown("words")))
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V -1 /R 99 >>")


@ends("action.pdf", READ)
def a_page_with_a_script_and_a_program_to_start() -> bytes:
    script = "/OpenAction << /S /JavaScript /JS (app.launchURL\\('http://attacker.example'\\)) >>"
    launch = "/AA << /O << /S /Launch /F (calc.exe) >> >>"
    data = page(stream(shown("words")))
    return data.replace(b"/Type /Catalog", f"/Type /Catalog {script} {launch}".encode())


@ends("none.pdf", TORN, SCAN)
def a_header_and_nothing_else() -> bytes:
    return b"%PDF-1.7\n%%EOF"


FILES = tuple(one for one in dict(globals()).values() if isinstance(one, kit.Hostile))
