"""Every refusal the tenant can give, in one place; each dialect renders it in its own shape."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Refusal(Exception):
    """A refused call: HTTP status, Graph's code, words for a person, and SharePoint's number.

    `hresult` and `kind` ("-2130575251", "Microsoft.SharePoint.SPException") are what `_api` shows;
    it answers `rest_status` where that differs (0: the same). `column` is the one it is about, and
    `detail` what a form says beside that column instead of the message.
    """

    status: int
    code: str
    message: str
    hresult: int = -1
    kind: str = "Microsoft.SharePoint.Client.UnknownError"
    inner: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    rest_status: int = 0
    column: str = ""
    detail: str = ""

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


def bad_formula(message: str) -> Refusal:
    """Refuse to save a formula. `_api` answers 500 to that, as measured on a real tenant in 2026.

    (firmfooting/dbml-sharepoint, calculated-operand-probe; the number and Graph's 400 are gk.)
    """
    return Refusal(
        400,
        "invalidRequest",
        message,
        -2130575273,
        "Microsoft.SharePoint.SPException",
        rest_status=500,
    )


def not_valid(*, column: str = "", told: str = "") -> Refusal:
    """Refuse values that the column's or (without `column`) the list's validation rejects.

    The message is the service's own (pnpjs#1770, sp-dev-docs#4938: 500 from `_api`); what the
    owner of the list wrote reaches only the forms.
    """
    return Refusal(
        400,
        "invalidRequest",
        "List data validation failed.",
        -2130575163 if column else -2130575162,
        "Microsoft.SharePoint.SPListDataValidationException",
        rest_status=500,
        column=column,
        detail=told,
    )


def not_emulated(method: str, path: str) -> Refusal:
    return Refusal(501, "notImplemented", f"The local tenant does not serve {method} {path}")
