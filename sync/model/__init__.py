"""What the network's documents, and Verger's judgement of them, look like as plain values.

Pure data: nothing here reads a clock, a file or the network, and nothing can be changed in place.
"""

from sync.model.items import (
    Amendment,
    Audience,
    ControlBlock,
    Document,
    Item,
    Person,
    Reading,
    ReadState,
    Version,
)
from sync.model.remedies import (
    ORDER,
    Contain,
    Keep,
    Move,
    Recipient,
    Remedy,
    Rename,
    SetColumns,
    Tell,
    in_order,
)
from sync.model.text import (
    SITE_TIME,
    Value,
    as_date,
    parse_label,
    parse_number,
)
from sync.model.verdicts import (
    Area,
    Context,
    Decision,
    Finding,
    Holder,
    Severity,
    Status,
    standing,
)

__all__ = [
    "ORDER",
    "SITE_TIME",
    "Amendment",
    "Area",
    "Audience",
    "Contain",
    "Context",
    "ControlBlock",
    "Decision",
    "Document",
    "Finding",
    "Holder",
    "Item",
    "Keep",
    "Move",
    "Person",
    "ReadState",
    "Reading",
    "Recipient",
    "Remedy",
    "Rename",
    "SetColumns",
    "Severity",
    "Status",
    "Tell",
    "Value",
    "Version",
    "as_date",
    "in_order",
    "parse_label",
    "parse_number",
    "standing",
]
