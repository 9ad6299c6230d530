"""Signing with the app's certificate what must be provable without Verger's database."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sync.errors import Misconfigured
from sync.tenant.credentials import certificate_of

if TYPE_CHECKING:
    from sync.settings import Settings


class Signer:
    """The app's certificate with its private key; raises Misconfigured where there is none."""

    def __init__(self, settings: Settings) -> None:
        pem = certificate_of(settings)
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise Misconfigured("the app's certificate has no RSA key")
        self._key = key
        self.thumbprint = thumbprint_of(pem)

    def sign(self, text: str) -> str:
        """Return the signature in base64: RSA PKCS #1 v1.5 over SHA-256, as openssl has it."""
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()


def thumbprint_of(pem: bytes) -> str:
    """Return a certificate's SHA-256 fingerprint in hex."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()


def is_signed(pem: bytes, text: str, signature: str) -> bool:
    """Say whether `signature` (base64) is that of `text` by the certificate in `pem`."""
    key = x509.load_pem_x509_certificate(pem).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        data = base64.b64decode(signature, validate=True)
        key.verify(data, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
