"""What second factors are made from stands sealed in the database. The format is that of paca_site/sealing.py."""

import base64
import os

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import migrations

SEALED, PURPOSE = "sealed:1:", b"second factor"


def seal(apps, schema_editor):
    change(apps, lambda key, text: SEALED + base64.urlsafe_b64encode(key.encrypt(text.encode(), [PURPOSE])).decode())


def open_again(apps, schema_editor):
    change(
        apps,
        lambda key, text: key.decrypt(base64.urlsafe_b64decode(text.removeprefix(SEALED)), [PURPOSE]).decode(),
    )


def change(apps, turned):
    rows = list(apps.get_model("mfa", "Authenticator").objects.filter(type__in=["totp", "recovery_codes"]))
    if not rows:
        return
    key = key_of(settings.SECRETS_KEY)
    for row in rows:
        for name in {"secret", "seed"} & set(row.data):
            row.data[name] = turned(key, row.data[name])
        if "migrated_codes" in row.data:
            row.data["migrated_codes"] = [turned(key, code) for code in row.data["migrated_codes"]]
        row.save(update_fields=["data"])


def key_of(path):
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(AESSIV.generate_key(512))
            file.flush()
            os.fsync(file.fileno())  # what it seals is in the database for good
        fresh.rename(path)
    return AESSIV(path.read_bytes())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_language"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(seal, open_again)]
