"""Start one of the stand-ins in a process of its own, wait for its ready line, end it again."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class NotStarted(RuntimeError):
    """The process ended, or said nothing, before it was ready; the text quotes its last words."""


@dataclass
class Running:
    """A ready process: `ready` is the JSON line it printed, `log` the file its stderr goes to."""

    name: str
    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    log: Path

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        seconds: float = 60,
    ) -> Self:
        """Run `python -m …command…` and wait at most `seconds` for its one JSON line on stdout.

        Raises NotStarted with the end of its log. The child gets only what it needs of our
        environment, plus `env`.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own modules, by our own interpreter
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=bare_environment() | dict(env or {}),
                start_new_session=True,  # Ctrl-C reaches us first; we end it in order
            )
        line = _first_line(process, seconds)
        try:
            ready = json.loads(line)
        except ValueError:
            process.kill()
            status = process.wait()
            raise NotStarted(
                f"{name} did not start (exit status {status}). It said:\n{_tail(log, line)}"
            ) from None
        return cls(name, process, ready, log)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, seconds: float = 20) -> int:
        """Ask it to finish (SIGTERM) and wait; kill it if it takes longer. Returns its status."""
        if self.alive:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()
        finally:
            self._close()

    def kill(self) -> int:
        """End it at once, as a power cut would (SIGKILL)."""
        if self.alive:
            os.kill(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        self._close()
        return status

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


def bare_environment() -> dict[str, str]:
    """Our environment without anybody's VERGER_ or Functions settings and without proxies."""
    unwanted = ("VERGER_", "AZUREWEBJOBS", "FUNCTIONS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {
        name: value for name, value in os.environ.items() if not name.upper().startswith(unwanted)
    }


def _first_line(process: subprocess.Popen[bytes], seconds: float) -> str:
    stdout = process.stdout
    if stdout is None:
        return ""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            return ""
    return stdout.readline().decode(errors="replace")


def _tail(log: Path, line: str) -> str:
    words = (line + log.read_text(errors="replace")).strip()
    return "\n".join(words.splitlines()[-12:]) or "nothing"
