"""The columns and content types every list and library has from the first moment."""

from __future__ import annotations

from typing import Any


def _column(name: str, display: str, kind: str, **more: Any) -> dict[str, Any]:
    facets: dict[str, dict[str, Any]] = {
        "text": {"maxLength": 255, "allowMultipleLines": False, "textType": "plain"},
        "dateTime": {"displayAs": "default", "format": "dateTime"},
        "personOrGroup": {
            "allowMultipleSelection": False,
            "chooseFromType": "peopleAndGroups",
            "displayAs": "nameWithPresence",
        },
    }
    return {"name": name, "displayName": display, kind: facets.get(kind, {}), **more}


_MACHINE = {"readOnly": True, "isDeletable": False}

COMMON = (
    _column("ID", "ID", "number", **_MACHINE),
    _column("ContentType", "Content Type", "text", isDeletable=False),
    _column("Created", "Created", "dateTime", **_MACHINE),
    _column("Author", "Created By", "personOrGroup", **_MACHINE),
    _column("Modified", "Modified", "dateTime", **_MACHINE),
    _column("Editor", "Modified By", "personOrGroup", **_MACHINE),
    _column("_UIVersionString", "Version", "text", **_MACHINE),
    _column("_ModerationStatus", "Approval Status", "number", **_MACHINE),
    _column("_ModerationComments", "Approver Comments", "text", **_MACHINE),
    _column("FolderChildCount", "Folder Child Count", "number", **_MACHINE),
    _column("ItemChildCount", "Item Child Count", "number", **_MACHINE),
)
LIST = (
    _column("Title", "Title", "text", required=True, isDeletable=False),
    _column("Attachments", "Attachments", "boolean", **_MACHINE),
    _column("LinkTitle", "Title", "text", **_MACHINE),
)
LIBRARY = (
    _column("FileLeafRef", "Name", "text", required=True, isDeletable=False),
    _column("Title", "Title", "text", isDeletable=False),
    _column("LinkFilename", "Name", "text", **_MACHINE),
    _column("LinkFilenameNoMenu", "Name", "text", **_MACHINE),
    _column("DocIcon", "Type", "text", **_MACHINE),
    _column("FileSizeDisplay", "File Size", "text", **_MACHINE),
    _column("CheckoutUser", "Checked Out To", "personOrGroup", **_MACHINE),
    _column("_CheckinComment", "Check In Comment", "text", **_MACHINE),
)
SITE = (*COMMON, *LIBRARY)
NAMES = frozenset(str(column["name"]) for column in (*COMMON, *LIST, *LIBRARY))

ITEM, DOCUMENT, FOLDER = "0x01", "0x0101", "0x0120"
CONTENT_TYPES = (
    (ITEM, "Item", "List Content Types", "Create a new list item."),
    (DOCUMENT, "Document", "Document Content Types", "Create a new document."),
    (FOLDER, "Folder", "Folder Content Types", "Create a new folder."),
    (
        "0x0120D520",
        "Document Set",
        "Document Set Content Types",
        "Create a document set when you want to manage multiple documents as one.",
    ),
)
