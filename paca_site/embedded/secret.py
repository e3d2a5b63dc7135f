"""The installation's secret: random, made once, readable by its owner only."""

import os
import secrets
from pathlib import Path

from paca_site.embedded.errors import StartError


def installation_secret(path: Path) -> str:
    """Return the secret in `path`, making it (mode 0600) the first time.

    Raises:
        StartError: the file is there but is empty or too short, so somebody must look at it.
    """
    if not path.exists():
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        fresh.rename(path)
    secret = path.read_text().strip()
    if len(secret) < 40:
        raise StartError(f"The secret in {path} is damaged; remove the file (everybody then signs in again).")
    return secret
