"""A custodian's key in shares: any `needed` of them open what is sealed, fewer tell nothing about it.

The private key is sealed under 32 random bytes, which are split by Shamir's scheme, each half by itself (the library
splits 16 bytes); each share is sealed under its holder's own passphrase. Made and kept outside of PACA.

Source: Shamir, How to share a secret, CACM 22 (1979); the split and the arithmetic are PyCryptodome's.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from Crypto.Protocol.SecretSharing import Shamir
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inference.core.errors import VaultError
from inference.core.vault.custodian import fingerprint, key_file_open, passphrase_check, stretch
from inference.core.vault.keys import KEY_BYTES, NONCE_BYTES

FORMAT: Final = "paca custodian share 1"
MOST_SHARES: Final = 16
MOST_NEEDED: Final = 8
HALF: Final = KEY_BYTES // 2


@dataclass(frozen=True, slots=True)
class KeyPart:
    """What one person brings: a key file or a share, and its passphrase."""

    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JoinedKey:
    """A private key, and the numbers of the shares it was joined from; none of a whole key."""

    private_key: X25519PrivateKey = field(repr=False)
    shares: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Share:
    public: bytes
    number: int
    needed: int
    made: int
    salt: bytes
    nonce: bytes
    sealed: bytes = field(repr=False)
    key_nonce: bytes
    key: bytes = field(repr=False)

    @property
    def bound(self) -> bytes:
        return FORMAT.encode() + self.public + bytes((self.number, self.needed, self.made))


def shares_make(passphrases: Sequence[str], needed: int) -> tuple[list[bytes], X25519PublicKey]:
    """Return the contents of new share files, one for each passphrase in order, and the public key to register.

    Raises:
        VaultError: the numbers are not 2 <= needed <= 8 and needed <= shares <= 16, or a passphrase is too short.
    """
    made = len(passphrases)
    for passphrase in passphrases:
        passphrase_check(passphrase)
    if not 2 <= needed <= MOST_NEEDED or not needed <= made <= MOST_SHARES:
        raise VaultError(
            f"2 to {MOST_NEEDED} shares may be needed, of at most {MOST_SHARES}; got {needed} needed of {made}."
        )
    secret, private_key = os.urandom(KEY_BYTES), X25519PrivateKey.generate()
    public_key = private_key.public_key()
    public, key_nonce = public_key.public_bytes_raw(), os.urandom(NONCE_BYTES)
    key = AESGCM(secret).encrypt(key_nonce, private_key.private_bytes_raw(), _key_bound(public))
    halves = [Shamir.split(needed, made, half) for half in (secret[:HALF], secret[HALF:])]
    files = []
    for passphrase, (number, first), (_, second) in zip(passphrases, *halves, strict=True):
        salt, nonce = os.urandom(16), os.urandom(NONCE_BYTES)
        share = _Share(public, number, needed, made, salt, nonce, b"", key_nonce, key)
        sealed = AESGCM(stretch(passphrase, salt)).encrypt(nonce, first + second, share.bound)
        content = {
            "format": FORMAT,
            "public": public.hex(),
            "fingerprint": fingerprint(public_key),
            "number": number,
            "needed": needed,
            "made": made,
            "salt": salt.hex(),
            "nonce": nonce.hex(),
            "sealed": sealed.hex(),
            "key_nonce": key_nonce.hex(),
            "key": key.hex(),
        }
        files.append(json.dumps(content, indent=1).encode() + b"\n")
    return files, public_key


def key_join(parts: Sequence[KeyPart]) -> JoinedKey:
    """Return the private key of one whole key file, or of as many shares as it needs.

    Raises:
        VaultError: a file or a passphrase is wrong, shares belong to different keys, one is there twice, or there are
            too few.
    """
    if len(parts) == 1 and not _is_share(parts[0].content):
        return JoinedKey(key_file_open(parts[0].content, parts[0].passphrase))
    shares = [_read(part.content, number) for number, part in enumerate(parts, start=1)]
    if not shares:
        raise VaultError("No key file was given.")
    first = shares[0]
    for share in shares[1:]:
        if (share.public, share.key) != (first.public, first.key):
            raise VaultError(
                f"Share {share.number} belongs to another key or to another making of it than share {first.number}."
            )
    numbers = sorted(share.number for share in shares)
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise VaultError(f"Share {twice[0]} was given twice; each counts once.")
    if len(shares) < first.needed:
        raise VaultError(f"This key needs {first.needed} of its {first.made} shares; got {len(shares)}.")
    opened = [(share.number, _open(share, part.passphrase)) for share, part in zip(shares, parts, strict=True)]
    opened = opened[: first.needed]
    secret = b"".join(Shamir.combine([(number, raw[at]) for number, raw in opened]) for at in _HALVES)
    try:
        raw = AESGCM(secret).decrypt(first.key_nonce, first.key, _key_bound(first.public))
    except InvalidTag as error:
        raise VaultError("The shares do not make the key: one of the files was changed.") from error
    return JoinedKey(X25519PrivateKey.from_private_bytes(raw), tuple(numbers))


_BYTES: Final = ("public", "salt", "nonce", "sealed", "key_nonce", "key")
_HALVES: Final = (slice(0, HALF), slice(HALF, KEY_BYTES))


def _open(share: _Share, passphrase: str) -> bytes:
    try:
        return AESGCM(stretch(passphrase, share.salt)).decrypt(share.nonce, share.sealed, share.bound)
    except (InvalidTag, ValueError) as error:
        raise VaultError(
            f"Share {share.number} does not open: the passphrase is wrong, or the file was changed."
        ) from error


def _is_share(content: bytes) -> bool:
    try:
        given: Any = json.loads(content)
        return bool(given["format"] == FORMAT)
    except (ValueError, KeyError, TypeError):
        return False


def _read(content: bytes, place: int) -> _Share:
    if not _is_share(content):
        raise VaultError(f'File {place} is no share of a custodian\'s key ("{FORMAT}"); a whole key stands alone.')
    given: Any = json.loads(content)
    try:
        fields: dict[str, Any] = {name: int(given[name]) for name in ("number", "needed", "made")}
        fields |= {name: bytes.fromhex(given[name]) for name in _BYTES}
        share = _Share(**fields)
        if not 1 <= share.number <= share.made <= MOST_SHARES or not 2 <= share.needed <= share.made:
            raise ValueError(f"share {share.number}, {share.needed} needed of {share.made}")
        if len(share.public) != KEY_BYTES:
            raise ValueError(f"a public key of {len(share.public)} bytes")
    except (ValueError, KeyError, TypeError) as error:
        raise VaultError(f"File {place} is a damaged share: {type(error).__name__} {error}.") from error
    return share


def _key_bound(public: bytes) -> bytes:
    return FORMAT.encode() + b" key" + public
