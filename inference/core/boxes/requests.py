"""What a camera box and the server say to each other, and how each request is signed: both sides read it here.

Ed25519 over purpose, method, path, hash of the body, time and nonce. Time bounds how long a nonce must be remembered,
the nonce makes each request valid once, the hash ties the body to both. Source: RFC 8032 (Ed25519).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

RELEASE: Final = "0.1.0"
"""Of this code; the same as in pyproject.toml, which a box does not have."""
MAX_SKEW_S: Final = 60.0
"""A request of another time than this around now is refused."""
MAX_BODY_BYTES: Final = 2_000_000

BOX, TIME, NONCE, SIGNATURE, RELEASE_HEADER = (
    "PACA-Box",
    "PACA-Time",
    "PACA-Nonce",
    "PACA-Signature",
    "PACA-Release",
)
REQUEST, ENROLMENT, ATTESTATION, ANSWER, NEXT_KEY = (
    "paca box request 1",
    "paca box enrolment 1",
    "paca box attestation 1",
    "paca box answer 1",
    "paca box next key 1",
)
"""Purposes: what a signature is for stands before the text, so that it serves for nothing else."""
CONFIGURATION: Final = "paca box configuration 1"
"""What the server signs for a box; a `Purpose` of `paca_site.audit.signing`."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What of a request is signed.

    Attributes:
        method, path: as in the request line; the path with its query.
        body: as sent.
        at: ISO 8601 with offset.
        nonce: 32 hex digits.
    """

    method: str
    path: str
    body: bytes
    at: str
    nonce: str

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return "\n".join([self.method, self.path, hashlib.sha256(self.body).hexdigest(), self.at, self.nonce])


def sign(key: Ed25519PrivateKey, purpose: str, text: str) -> str:
    """Return the signature of `text` for one purpose as 128 hex digits."""
    return key.sign(f"{purpose}\n{text}".encode()).hex()


def is_signed(public_key: str, purpose: str, text: str, signature: str) -> bool:
    """Tell whether `signature` (hex) is that of `text`, by the key `public_key` (hex), for this purpose."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), f"{purpose}\n{text}".encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(public_key: str) -> str:
    """Return what people compare: the first 16 hex digits of the SHA-256 of a public key, in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def signed_headers(key: Ed25519PrivateKey, box: int, method: str, path: str, body: bytes) -> Mapping[str, str]:
    """Return the headers of one request; made anew for each try, as a nonce is good for one."""
    signed = Signed(method, path, body, datetime.now(UTC).isoformat(timespec="microseconds"), secrets.token_hex(16))
    return {
        BOX: str(box),
        TIME: signed.at,
        NONCE: signed.nonce,
        SIGNATURE: sign(key, REQUEST, signed.text),
        RELEASE_HEADER: RELEASE,
    }


def is_compatible(release: str, own: str = RELEASE) -> bool:
    """Tell whether a box of one release and a server of another understand each other: at most one minor apart."""
    try:
        (major, minor), (own_major, own_minor) = (
            [int(part) for part in text.split(".")[:2]] for text in (release, own)
        )
    except ValueError:
        return False
    return major == own_major and abs(minor - own_minor) <= 1
