"""Every refusal the tenant can give, in one place; each dialect renders it in its own shape."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Refusal(Exception):
    """A refused call: HTTP status, Graph's code, words for a person, and SharePoint's number.

    `hresult` and `kind` ("-2130575251", "Microsoft.SharePoint.SPException") are what `_api` shows.
    """

    status: int
    code: str
    message: str
    hresult: int = -1
    kind: str = "Microsoft.SharePoint.Client.UnknownError"
    inner: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


def bad_request(message: str, code: str = "invalidRequest") -> Refusal:
    return Refusal(
        400, code, message, -1, "Microsoft.SharePoint.Client.InvalidClientQueryException"
    )


def unauthenticated(message: str = "Access token is missing or has expired.") -> Refusal:
    return Refusal(
        401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": "Bearer"}
    )


def access_denied(message: str = "Access denied") -> Refusal:
    return Refusal(403, "accessDenied", message, -2147024891, "System.UnauthorizedAccessException")


def not_found(message: str = "Item not found") -> Refusal:
    return Refusal(404, "itemNotFound", message, -2147024894, "System.IO.FileNotFoundException")


def name_exists(message: str = "Name already exists") -> Refusal:
    return Refusal(
        409, "nameAlreadyExists", message, -2130575342, "Microsoft.SharePoint.SPException"
    )


def stale(message: str = "ETag does not match current item's value") -> Refusal:
    return Refusal(
        412, "resourceModified", message, -2130575305, "Microsoft.SharePoint.SPException"
    )


def locked(message: str = "The resource you are attempting to access is locked") -> Refusal:
    return Refusal(
        423, "resourceLocked", message, -2147018894, "Microsoft.SharePoint.SPFileLockException"
    )


def checked_out(message: str) -> Refusal:
    return Refusal(
        423,
        "notAllowed",
        message,
        -2130575306,
        "Microsoft.SharePoint.SPFileCheckOutException",
        inner="resourceCheckedOut",
    )


def not_emulated(method: str, path: str) -> Refusal:
    return Refusal(501, "notImplemented", f"The local tenant does not serve {method} {path}")
