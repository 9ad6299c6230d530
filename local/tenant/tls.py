"""The tenant's own certificate authority: https under the real host names."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAMES = ("127.0.0.1", "localhost", "graph.microsoft.com", "login.microsoftonline.com",
         "*.sharepoint.com")  # fmt: skip
LIFE = timedelta(days=825)
RENEW_BEFORE = timedelta(days=30)


def ensure_ca(folder: Path) -> Path:
    """Return ca.pem in the folder, made with its key on the first run.

    The folder must be the tenant's own: whoever holds ca.key can pretend to be Microsoft to every
    process that trusts ca.pem.
    """
    ca = folder / "ca.pem"
    if _still_good(ca) and (folder / "ca.key").exists():
        return ca
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Verger local tenant CA")])
    builder = _builder(name, name, key.public_key())
    usage = x509.KeyUsage(digital_signature=False, content_commitment=False, key_encipherment=False,
                          data_encipherment=False, key_agreement=False, key_cert_sign=True,
                          crl_sign=True, encipher_only=False, decipher_only=False)  # fmt: skip
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    _write_key(folder / "ca.key", key)
    ca.write_bytes(certificate.public_bytes(Encoding.PEM))
    return ca


def ensure_certificate(folder: Path, stem: str = "server", names: Sequence[str] = NAMES) -> Path:
    """Return `{stem}.pem` (key, certificate), signed by the folder's CA for these names.

    The local host asks for one of its own under another stem, so that webhooks are https too.
    """
    path = folder / f"{stem}.pem"
    ca = x509.load_pem_x509_certificate(ensure_ca(folder).read_bytes())
    if _still_good(path) and _signed_by(path, ca):
        return path
    ca_key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder / 'ca.key'} is not the EC key this module writes")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Verger local tenant")])
    alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    certificate = (
        _builder(subject, ca.subject, key.public_key())
        .add_extension(alternatives, critical=False)
        .add_extension(server, critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(path, key, certificate.public_bytes(Encoding.PEM))
    return path


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:  # not an address, so a host name
        return x509.DNSName(name)


def _still_good(path: Path) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc - RENEW_BEFORE > datetime.now(UTC)


def _signed_by(path: Path, ca: x509.Certificate) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    mine = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return found.key_identifier == mine.key_identifier


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey, certificate: bytes = b"") -> None:
    """Only the owner may read a key, from the first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + certificate)
