"""`python -m cli`: the same as `verger`, with errors told in one sentence."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.markup import escape

from cli.main import app
from sharepoint_schema.problems import SchemaProblems
from sync.errors import Misconfigured, VergerError

NAME = "verger"
"""What help and errors call the command, also where Python was told to run the package."""
FAILED, REFUSED = 1, 2


def main() -> int:
    """Return the exit status: 0 done, 1 the tenant or the story said no, 2 bad input."""
    console = Console(stderr=True)
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # it logs what it raises; once is enough
    try:
        app(prog_name=NAME)
    except SchemaProblems as problems:
        console.print(f"[red]Not valid, nothing was written:[/]\n{escape(str(problems))}")
        return REFUSED
    except VergerError as error:
        console.print(f"[red]verger:[/] {escape(str(error))}")
        return REFUSED if isinstance(error, Misconfigured) else FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
