"""Where sealed files and their secrets lie: apart, so that a backup of one is noise without the other."""

from pathlib import Path, PurePosixPath

from django.conf import settings

from cameras.footage import footage_path

FOLDER = "vault"
SEALED, SECRET = ".sealed", ".secret"


def sealed_folder(camera_id: int) -> Path:
    """Return the folder of a camera's sealed files."""
    return footage_path(f"{FOLDER}/{camera_id}")


def secrets_folder(camera_id: int) -> Path:
    """Return the folder of a camera's secrets (`PACA_VAULT_KEYS`)."""
    return Path(settings.VAULT_KEYS) / str(camera_id)


def secret_path(relative: str) -> Path:
    """Return where the secret of a sealed file lies.

    Raises:
        ValueError: `relative` is not `vault/<camera>/<name>.sealed`.
    """
    parts = PurePosixPath(relative).parts
    if len(parts) != 3 or parts[0] != FOLDER or not parts[1].isdecimal() or not parts[2].endswith(SEALED):
        raise ValueError(f"`{relative}` must be {FOLDER}/<camera>/<name>{SEALED}.")
    return secrets_folder(int(parts[1])) / f"{parts[2].removesuffix(SEALED)}{SECRET}"
