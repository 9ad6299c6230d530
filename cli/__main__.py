"""`python -m cli`: the same as `verger`, with errors told in one sentence."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape

from cli.main import app
from sharepoint_schema.problems import SchemaProblems
from sync.errors import VergerError

REFUSED = 2


def main() -> int:
    """Return the exit status: 0 done, 1 the tenant or the story said no, 2 bad input."""
    console = Console(stderr=True)
    try:
        app()
    except SchemaProblems as problems:
        console.print(f"[red]Not valid, nothing was written:[/]\n{escape(str(problems))}")
        return REFUSED
    except VergerError as error:
        console.print(f"[red]verger:[/] {escape(str(error))}")
        return REFUSED if error.status is None else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
