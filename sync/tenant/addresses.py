"""Real host names and where they are served from.

The product always speaks to login.microsoftonline.com, graph.microsoft.com and the tenant's
SharePoint by these names: links and ids that are stored are the same everywhere (decision 20). On
one machine the names lead to the local tenant; in the cloud nothing is mapped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HTTPS = 443


@dataclass(frozen=True, slots=True)
class Address:
    """Where to open a connection."""

    host: str
    port: int = HTTPS

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read "127.0.0.1:8443"; the port may be left out."""
        host, _, port = text.rpartition(":")
        return cls(host, int(port)) if host else cls(text)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The map from real names to addresses, and the CA that vouches for them (or the system's)."""

    hosts: Mapping[str, Address] = field(default_factory=dict)
    ca_file: Path | None = None

    @property
    def mapped(self) -> bool:
        """Whether names are served from elsewhere, so that no other host may be spoken to."""
        return bool(self.hosts)

    def find(self, host: str) -> Address | None:
        """Return where `host` is served from; None means: look it up as usual.

        Raises OSError for a stranger while names are mapped: a link in an answer must never lead
        from a machine's own tenant out to the internet.
        """
        address = self.hosts.get(host.lower())
        if address is None and self.mapped:
            raise OSError(f"{host} is not one of the hosts this tenant is made of")
        return address
