"""Version labels as the network writes them: V0.1 and V0.2 are drafts, V1 is adopted."""

import re
from dataclasses import dataclass
from typing import Self

_EXACT = re.compile(r"V(0|[1-9][0-9]{0,3})(?:\.([1-9][0-9]{0,3}))?")
_TOLERANT = re.compile(
    r"\s*(?:version|ver\.?|v\.?)?\s*([0-9]{1,4})(?:\.([0-9]{1,4}))?\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """One version label; ordered as the versions follow one another (V0.3 < V1 < V1.1 < V2).

    `major` is SharePoint's major version; `minor` is the authors' own count, not SharePoint's
    (decision 1: V*n*.*m* goes with any minor of *n*).
    """

    major: int
    minor: int = 0

    def __post_init__(self) -> None:
        if self.major < 0 or self.minor < 0 or (self.major, self.minor) == (0, 0):
            raise ValueError(f"{self.major}.{self.minor} is not a version: the first is V0.1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a label written exactly as agreed ("V0.3", "V1"); ValueError quotes any other."""
        found = _EXACT.fullmatch(text)
        if found is None or found.group(0) == "V0":
            raise ValueError(f"{text!r} is not a version label such as V0.3 or V1")
        return cls(int(found[1]), int(found[2] or 0))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read a label as people type it ("v1.0", "Version 0.3", "1"); None when it is not one."""
        found = _TOLERANT.fullmatch(text)
        if found is None:
            return None
        major, minor = int(found[1]), int(found[2] or 0)
        return cls(major, minor) if major or minor else None

    @property
    def published(self) -> bool:
        """Whether a version with this label is adopted rather than a draft or a revision."""
        return self.minor == 0

    def __str__(self) -> str:
        return f"V{self.major}.{self.minor}" if self.minor else f"V{self.major}"
