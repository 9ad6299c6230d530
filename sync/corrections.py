"""What was put right in a file stands beside it until its content changes, however often one looks.

A second look no longer finds what the first one corrected. Did the file then fall silent about it,
every look would have something to write, and staff would never learn why a name is not theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.model import Document
    from sync.state.items import ItemRow


def earlier(known: ItemRow | None, document: Document) -> tuple[Finding, ...]:
    """Return the findings that looks at this very content corrected, oldest look's words kept."""
    if known is None or known.verdict is None or known.content_id != document.content_id:
        return ()
    told: Iterable[dict[str, str]] = known.verdict.get("put_right", ())
    return tuple(
        Finding(
            says=one["says"],
            expected=one["expected"],
            how=one["how"],
            status=Status.CORRECTED,
            policy=one["policy"],
            version=one["version"],
        )
        for one in told
    )


def kept(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return corrected findings as the shadow keeps them; the journal has them at their look."""
    return [
        {
            "policy": one.policy,
            "version": one.version,
            "says": one.says,
            "expected": one.expected,
            "how": one.how,
        }
        for one in findings
    ]
