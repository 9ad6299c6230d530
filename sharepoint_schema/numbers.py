"""Document numbers: a series and a count, `Gov-04`; unique for ever, allocated by the registry."""

import re
from dataclasses import dataclass
from typing import Self

_EXACT = re.compile(r"([A-Za-z]{2,8})-([0-9]{2,4})")


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """One document number; `nn` counts from 1 within its series."""

    series: str
    nn: int

    def __post_init__(self) -> None:
        if not 1 <= self.nn <= 9999:  # noqa: PLR2004 - four digits is what the name format holds
            raise ValueError(
                f"{self.series}-{self.nn} is not a document number: counts run from 01"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number written exactly as agreed ("Gov-04"); ValueError quotes any other."""
        found = _EXACT.fullmatch(text)
        if found is None or int(found[2]) == 0 or f"{int(found[2]):02d}" != found[2]:
            raise ValueError(f"{text!r} is not a document number such as Gov-04")
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.series}-{self.nn:02d}"
