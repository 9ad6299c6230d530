"""Admins at work: the `verger` command as they type it, signed in as themselves where it asks."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.processes import bare_environment

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.stage import Stage

CODE = re.compile(r"enter the code ([A-Z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and all that it printed, errors too."""

    status: int
    said: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where commands are typed: a stage, and how many columns the terminal has."""

    stage: Stage
    width: int = 300

    def type(self, *words: str, settings: Path, keys: str = "") -> Done:
        """Run `verger` with an app's settings; `keys` answers what it asks."""
        return self._run(words, settings, keys, None)

    def type_as(self, who: str, *words: str, keys: str = "") -> Done:
        """Run `verger` as a person: the code it shows is entered in that person's name."""
        return self._run(words, self.stage.world.staff, keys, who)

    def _run(self, words: tuple[str, ...], settings: Path, keys: str, who: str | None) -> Done:
        with subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "cli", *words, "--settings", str(settings)],
            env=bare_environment() | {"COLUMNS": str(self.width)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise ValueError("a pipe was asked for and not given")
            process.stdin.write(keys)
            process.stdin.close()
            said = []
            for line in process.stdout:
                said.append(line)
                shown = CODE.search(line)
                if shown and who is not None:
                    approval = {"user_code": shown[1], "upn": who}
                    self.stage.control("POST", "/approve", approval)
        return Done(process.returncode, "".join(said))
