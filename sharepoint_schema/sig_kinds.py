"""Kinds of Special Interest Group, and what groups of a kind may be told apart by."""

from sharepoint_schema.record import Code, Line, Record


class SubKind(Record):
    """A pathway or a modality that a group of the kind looks after."""

    code: Code
    name: Line


class SigKind(Record):
    """A kind of Special Interest Group, and what its groups may be told apart by."""

    code: Code
    name: Line
    sub_kinds: tuple[SubKind, ...] = ()

    def sub_kind(self, code: str) -> SubKind:
        """Return the sub-kind with this code; KeyError when there is none."""
        for one in self.sub_kinds:
            if one.code == code:
                return one
        raise KeyError(code)
