"""The columns' formatting is what SharePoint understands, and its buttons ask what Verger answers.

Checked against Microsoft's "Formatting syntax reference" (column formatting, schema v2): elements,
attributes, styles, functions, actions. Nobody has seen it on a real tenant yet.
"""

import json
import re
from pathlib import Path

import pytest

from sharepoint_schema.loading import DATA
from sharepoint_schema.site import load_template
from sync import asking, explaining
from sync.model import Finding, Status
from sync.policies.file_name import check
from tests.policies.kit import context, document

FILES = sorted((DATA / "formatting").glob("*.json"))
ELEMENTS = {"div", "span", "a", "img", "svg", "path", "button", "p", "filepreview"}
ATTRIBUTES = {"href", "rel", "src", "class", "target", "title", "role", "iconName", "d", "alt"}
ATTRIBUTES |= {"aria-label", "aria-hidden", "data-interception", "viewBox"}
STYLES = {
    "align-items",
    "background-color",
    "border-radius",
    "box-sizing",
    "color",
    "display",
    "flex-wrap",
    "flex-direction",
    "font-size",
    "font-weight",
    "justify-content",
    "margin",
    "max-width",
    "padding",
    "text-align",
    "white-space",
    "width",
    "height",
}
FUNCTIONS = {"if", "indexOf", "Number", "toString", "toLowerCase", "length", "startsWith", "Date"}
ACTIONS = {"setValue", "defaultClick", "share", "delete", "editProps", "executeFlow"}
MEMBERS = {"elmType", "style", "attributes", "txtContent", "children", "customRowAction"}
MEMBERS |= {"customCardProps", "$schema"}
FIELD = re.compile(r"\[\$(\w+)\]")
TEXT = re.compile(r"'[^']*'")


def read(file: Path):
    return json.loads(file.read_text("utf-8"))


def elements(part):
    """Yield every element of a formatting, those of its hover card too."""
    yield part
    inner = [*part.get("children", ())]
    if card := part.get("customCardProps"):
        inner.append(card["formatter"])
    for one in inner:
        yield from elements(one)


def texts(part):
    """Yield every text and expression."""
    if isinstance(part, dict):
        for one in part.values():
            yield from texts(one)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, str):
        yield part


COLUMNS = [file for file in FILES if "column-formatting" in read(file)["$schema"]]
column = pytest.mark.parametrize("file", COLUMNS, ids=lambda file: file.stem)


@column
def test_it_uses_what_sharepoint_knows(file):
    for one in elements(read(file)):
        assert one.keys() <= MEMBERS
        assert one["elmType"] in ELEMENTS
        assert one.get("attributes", {}).keys() <= ATTRIBUTES
        assert one.get("style", {}).keys() <= STYLES
        if action := one.get("customRowAction"):
            assert one["elmType"] == "button"
            assert action["action"] in ACTIONS


@column
def test_its_expressions_are_whole(file):
    for text in texts(read(file)):
        if not text.startswith("="):
            continue
        bare = TEXT.sub("''", text)
        assert bare.count("'") % 2 == 0
        assert bare.count("(") == bare.count(")")
        assert set(re.findall(r"([A-Za-z]\w*)\(", bare)) <= FUNCTIONS


def shown_in(name):
    """Yield the columns of each view of each list that shows a column of this formatting."""
    for template in ("core_team", "sig", "neb", "nob", "db", "cdf"):
        site = load_template(template)
        own = {one.name for one in site.columns if one.formatting == name}
        for area in site.lists:
            here = own | {one.name for one in area.columns if one.formatting == name}
            for view in area.views:
                if here & set(view.columns):
                    yield f"{template}: {area.key}, {view.title}", set(view.columns)


@column
def test_every_view_that_shows_it_has_the_columns_it_reads(file):
    read_there = {name for text in texts(read(file)) for name in FIELD.findall(text)}
    for place, columns in shown_in(file.stem):
        missing = read_there - columns
        assert not missing, f"{place} lacks {missing}"


def buttons():
    return [one for one in elements(read(DATA / "formatting" / "control_request.json"))
            if one["elmType"] == "button"]  # fmt: skip


def test_the_buttons_ask_exactly_what_verger_answers():
    asked = [one["customRowAction"]["actionInput"] for one in buttons()]
    assert asked == [{asking.COLUMN: asking.USE_NAME}, {asking.COLUMN: asking.WAIVER}]
    (column,) = [one for one in load_template("core_team").columns if one.name == asking.COLUMN]
    assert list(column.choices) == [asking.USE_NAME, asking.WAIVER]


def test_a_button_shows_where_the_reason_speaks_of_it_and_only_there():
    (found,) = check(document("mine.docx"), context())
    proposed = explaining.paragraph(found, context().today)
    other = explaining.paragraph(Finding(says="x", how="y", status=Status.NEEDS_YOU))
    for button, reason in zip(buttons(), (proposed, explaining.WAIVABLE), strict=True):
        (sought,) = re.findall(
            r"indexOf\(\[\$ControlReason\], '([^']+)'\)", button["style"]["display"]
        )
        assert sought in reason
        assert sought not in other
        assert sought not in explaining.paragraph(found)  # renamed already


def test_the_hover_card_shows_the_whole_reason():
    card = read(DATA / "formatting" / "control_status.json")["customCardProps"]
    assert card["openOnEvent"] == "hover"
    assert "[$ControlReason]" in card["formatter"]["txtContent"]
    assert card["formatter"]["style"]["white-space"] == "pre-wrap"
