"""`manage.py make_custodian_key OUT`: a custodian's key file, whole or in shares, and the public part to register."""

import os
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.core.errors import VaultError
from inference.core.vault.custodian import fingerprint, key_file_make
from inference.core.vault.shares import MOST_NEEDED, MOST_SHARES, shares_make


class Command(BaseCommand):
    """Make a key on the custodian's own machine; PACA stores nothing of it and asks nothing of its database."""

    help = (
        "Make a custodian's key file, protected by a passphrase (asked for twice), or shares of a key for several "
        "people, each with a passphrase of their own. Run it on a machine of the custodian's own, keep two copies of "
        "each file offline, and register the public key it prints at Custody, Custodian's key."
    )
    requires_system_checks: list[str] = []  # needs no services: it runs on a machine of its own

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file and the numbers of shares."""
        parser.add_argument("out", type=Path, metavar="OUT", help="the key file to make; must not exist")
        parser.add_argument(
            "--shares", type=int, default=1, metavar="N", help=f"make N shares, OUT-1 to OUT-N (at most {MOST_SHARES})"
        )
        parser.add_argument(
            "--needed", type=int, default=0, metavar="K", help=f"how many of them open together (2 to {MOST_NEEDED})"
        )

    def handle(self, *args: Any, out: Path, shares: int, needed: int, **options: Any) -> None:
        """Ask for the passphrases, write the files, print the public part."""
        if (shares == 1 and needed > 1) or shares < 1:
            raise CommandError(f"--shares must be at least --needed; got {shares} shares, {needed} needed.")
        if shares > 1 and not needed:
            raise CommandError("--needed must say how many of the shares open together, such as --shares 5 --needed 3.")
        paths = [out] if shares == 1 else [out.with_name(f"{out.name}-{number}") for number in range(1, shares + 1)]
        try:
            contents, public_key = self._make(shares, needed)
        except VaultError as error:
            raise CommandError(str(error)) from error
        _write_all(paths, contents)
        if shares == 1:
            self.stdout.write(
                f"The key file is {out}. Whoever loses it, or its passphrase, loses all video sealed for it."
            )
        else:
            self.stdout.write(
                f"The shares are {paths[0]} to {paths[-1]}; any {needed} open together. Give each to its holder and "
                f"keep none here. If more than {shares - needed} are lost, all video sealed for this key is lost."
            )
        self.stdout.write(f"Public key:  {public_key.public_bytes_raw().hex()}")
        self.stdout.write(f"Fingerprint: {fingerprint(public_key)}")

    def _make(self, shares: int, needed: int) -> tuple[list[bytes], X25519PublicKey]:
        if shares == 1:
            content, public_key = key_file_make(_asked("Passphrase (at least 12 characters): "))
            return [content], public_key
        if shares > MOST_SHARES:
            raise VaultError(f"At most {MOST_SHARES} shares may be made; got {shares}.")
        passphrases = [
            _asked(f"Holder of share {number} of {shares}, your passphrase (at least 12 characters): ")
            for number in range(1, shares + 1)
        ]
        return shares_make(passphrases, needed)


def _asked(question: str) -> str:
    passphrase = getpass(question)
    if passphrase != getpass("The same again: "):
        raise CommandError("The two passphrases differ. Nothing was made.")
    return passphrase


def _write_all(paths: Sequence[Path], contents: Sequence[bytes]) -> None:
    """Write all files or none."""
    written: list[Path] = []
    try:
        for path, content in zip(paths, contents, strict=True):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            written.append(path)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise CommandError(
            f"{error.filename or paths[0]} cannot be made: {error.strerror}. Nothing was made."
        ) from error
