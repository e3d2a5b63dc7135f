"""`manage.py make_custodian_key OUT`: a custodian's key file, and the public part to register (docs/custody.md)."""

import os
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.core.errors import VaultError
from inference.core.vault.custodian import fingerprint, key_file_make


class Command(BaseCommand):
    """Make a key on the custodian's own machine; PACA stores nothing of it and asks nothing of its database."""

    help = (
        "Make a custodian's key file, protected by a passphrase (asked for twice). Run it on the custodian's own "
        "machine, keep two copies offline, and register the public key it prints at Custody, Custodian's key."
    )
    requires_system_checks: list[str] = []  # needs no services: it runs on a machine of its own

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file."""
        parser.add_argument("out", type=Path, metavar="OUT", help="the key file to make; must not exist")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        """Ask for the passphrase, write the file, print the public part."""
        passphrase = getpass("Passphrase (at least 12 characters): ")
        if passphrase != getpass("The same again: "):
            raise CommandError("The two passphrases differ. Nothing was made.")
        try:
            content, public_key = key_file_make(passphrase)
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except VaultError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The key file {out} cannot be made: {error.strerror}.") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.stdout.write(f"The key file is {out}. Whoever loses it, or its passphrase, loses all video sealed for it.")
        self.stdout.write(f"Public key:  {public_key.public_bytes_raw().hex()}")
        self.stdout.write(f"Fingerprint: {fingerprint(public_key)}")
