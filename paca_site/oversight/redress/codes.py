"""References that can be read over the telephone, and the secret that goes with one."""

import hashlib
import hmac
import secrets

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another: I L O 0 1."""


def _blocks(count: int) -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(count))


def new_reference() -> str:
    """Return a reference such as `R-7K3M-9QXD` (about 850 thousand million of them)."""
    return f"R-{_blocks(2)}"


def new_secret() -> str:
    """Return a secret of 79 random bits, such as `7K3M-9QXD-42BF-KPWE`."""
    return _blocks(4)


def tidy(given: str) -> str:
    """Return what somebody typed as it was given out: capitals, no spaces."""
    return "".join(given.upper().split())


def hash_of(secret: str) -> str:
    """Return the SHA-256 of a secret: random enough that no slow hash is needed."""
    return hashlib.sha256(tidy(secret).encode()).hexdigest()


def is_secret(given: str, known_sha256: str) -> bool:
    """Return whether `given` is the secret, in the same time for every wrong one."""
    return hmac.compare_digest(hash_of(given), known_sha256)
