"""What is wrong with a file people wrote: every problem at once, with line and way out."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong; `line` counts from 1, `path` is where in the file ("bodies[2].code")."""

    file: str
    line: int
    path: str
    says: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.says} ({self.way_out})"


class SchemaProblems(ValueError):
    """A declaration cannot be used; `problems` holds every reason, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
