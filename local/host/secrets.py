"""The keys of this host, made once per data folder: storage account, master, default, functions.

The rule of who may call is the real host's: `x-functions-key` wins over `?code=`; a function
key opens its function, the default key every function, the master key everything.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from local.host.storage.sharedkey import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ACCOUNT = "vergerlocal"


class Keys:
    """The keys file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[str, Any] = (
            json.loads(path.read_text(encoding="utf-8"))
            if path.exists()
            else {
                "account": base64.b64encode(secrets.token_bytes(64)).decode(),
                "master": secrets.token_urlsafe(32),
                "default": secrets.token_urlsafe(32),
                "functions": {},
            }
        )
        self._write()

    def account(self) -> Account:
        return Account(ACCOUNT, self._found["account"])

    def master(self) -> str:
        return str(self._found["master"])

    def ensure(self, functions: Iterable[str]) -> None:
        """Give every function a key of its own."""
        for name in functions:
            self._found["functions"].setdefault(name, secrets.token_urlsafe(32))
        self._write()

    def allows(self, level: str, function: str, given: str) -> bool:
        """Tell whether `given` opens a function of this level (ANONYMOUS, FUNCTION, ADMIN)."""
        if level == "ANONYMOUS":
            return True
        known = [self._found["master"]]
        if level == "FUNCTION":
            known += [self._found["default"], self._found["functions"].get(function, "")]
        return any(key and hmac.compare_digest(key.encode(), given.encode()) for key in known)

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self._found, file, indent=1)
        fresh.replace(self.path)


def given_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the key a request brings: the header's, else the query's."""
    return headers.get("x-functions-key") or query.get("code", "")
