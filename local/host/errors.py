"""What stops the host before it serves anything; each says what to do about it."""

from __future__ import annotations


class HostError(Exception):
    """The host cannot run this app, or not here and now."""


class InvocationFailed(Exception):
    """A function, or the writing of its outputs, ended in an error."""
