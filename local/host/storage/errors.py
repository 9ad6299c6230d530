"""Every refusal of the storage wire, with Microsoft's own status and code.

Source: "Queue service error codes", "Blob service error codes" and "Common REST API error codes"
of the Azure Storage reference.
"""

from __future__ import annotations


class Refusal(Exception):
    """An answer of the wire that is not a success: status, code and a sentence."""

    def __init__(self, status: int, code: str, says: str) -> None:
        super().__init__(f"{code}: {says}")
        self.status = status
        self.code = code
        self.says = says


def authentication_failed(why: str) -> Refusal:
    return Refusal(
        403,
        "AuthenticationFailed",
        f"Server failed to authenticate the request. Make sure the value of the Authorization "
        f"header is formed correctly including the signature. {why}",
    )


def no_authentication() -> Refusal:
    return Refusal(
        401,
        "NoAuthenticationInformation",
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header.",
    )


def queue_not_found() -> Refusal:
    return Refusal(404, "QueueNotFound", "The specified queue does not exist.")


def queue_exists() -> Refusal:
    return Refusal(409, "QueueAlreadyExists", "The specified queue already exists.")


def message_not_found() -> Refusal:
    return Refusal(404, "MessageNotFound", "The specified message does not exist.")


def receipt_mismatch() -> Refusal:
    return Refusal(
        400,
        "PopReceiptMismatch",
        "The specified pop receipt did not match the pop receipt for a dequeued message.",
    )


def message_too_large() -> Refusal:
    return Refusal(
        413, "RequestBodyTooLarge", "The request body is too large and exceeds 64 KiB of text."
    )


def invalid_name() -> Refusal:
    return Refusal(
        400, "InvalidResourceName", "The specified resource name contains invalid characters."
    )


def name_length() -> Refusal:
    return Refusal(
        400, "OutOfRangeInput", "The specified resource name length is not within 3 to 63."
    )


def out_of_range(name: str, value: object) -> Refusal:
    return Refusal(
        400,
        "OutOfRangeQueryParameterValue",
        f"The query parameter {name}={value} is outside the permissible range.",
    )


def invalid_parameter(name: str, value: object) -> Refusal:
    return Refusal(
        400, "InvalidQueryParameterValue", f"The query parameter {name}={value} is not a number."
    )


def missing_parameter(name: str) -> Refusal:
    return Refusal(400, "MissingRequiredQueryParameter", f"The query parameter {name} is missing.")


def missing_header(name: str) -> Refusal:
    return Refusal(400, "MissingRequiredHeader", f"The header {name} is missing.")


def invalid_header(name: str, value: str) -> Refusal:
    return Refusal(400, "InvalidHeaderValue", f"The header {name}: {value} is not in the format.")


def invalid_xml() -> Refusal:
    return Refusal(400, "InvalidXmlDocument", "The specified XML is not syntactically valid.")


def container_not_found() -> Refusal:
    return Refusal(404, "ContainerNotFound", "The specified container does not exist.")


def container_exists() -> Refusal:
    return Refusal(409, "ContainerAlreadyExists", "The specified container already exists.")


def blob_not_found() -> Refusal:
    return Refusal(404, "BlobNotFound", "The specified blob does not exist.")


def blob_exists() -> Refusal:
    return Refusal(409, "BlobAlreadyExists", "The specified blob already exists.")


def condition_not_met() -> Refusal:
    return Refusal(
        412,
        "ConditionNotMet",
        "The condition specified using HTTP conditional header(s) is not met.",
    )


def invalid_range() -> Refusal:
    return Refusal(
        416, "InvalidRange", "The range specified is invalid for the current size of the resource."
    )


def lease_missing() -> Refusal:
    return Refusal(
        412,
        "LeaseIdMissing",
        "There is currently a lease on the blob and no lease ID was specified in the request.",
    )


def lease_not_present(operation: str) -> Refusal:
    return Refusal(
        409 if operation == "Lease" else 412,
        f"LeaseNotPresentWith{operation}Operation",
        "There is currently no lease on the blob.",
    )


def lease_mismatch(operation: str) -> Refusal:
    return Refusal(
        409 if operation == "Lease" else 412,
        f"LeaseIdMismatchWith{operation}Operation",
        "The lease ID specified did not match the lease ID for the blob.",
    )


def lease_present() -> Refusal:
    return Refusal(409, "LeaseAlreadyPresent", "There is already a lease present.")


def not_served(method: str, what: str) -> Refusal:
    return Refusal(501, "NotImplemented", f"This storage does not serve {method} {what}.")
