"""Gives the camera of a running installation a vault, and prints, as JSON, what `modalities.py` needs.

`python -m tests.e2e.modalities_in_stack` with the installation's environment; only for installations of tests.
"""

import json
import os
import sys

import django

PASSPHRASE = "a-bridge-over-still-water"


def main() -> None:
    """Register a custodian's key and give the first camera a policy with an hour of unmasked video."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
    django.setup()
    from cameras.custody.models import CustodianKey
    from cameras.models import Camera, Modality
    from inference.core.vault.custodian import fingerprint, key_file_make
    from paca_site.accounts.models import Role, User
    from tests.cast import make_policy

    key_file, public_key = key_file_make(PASSPHRASE)
    CustodianKey.objects.create(
        public_key=public_key.public_bytes_raw().hex(),
        fingerprint=fingerprint(public_key),
        registered_by=User.objects.filter(role=Role.CUSTODIAN).earliest("pk"),
    )
    camera = Camera.objects.filter(modality=Modality.CENTRAL).earliest("pk")
    camera.retention = make_policy(name="With a vault", masked_hours=2, raw_hours=1)
    camera.save()
    json.dump({"central": camera.pk, "key_file": key_file.decode()}, sys.stdout)


if __name__ == "__main__":
    main()
