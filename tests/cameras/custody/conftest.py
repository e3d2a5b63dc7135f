"""Folders of their own for every test of custody."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def _custody_folders(tmp_path: Path, settings: LazySettings) -> None:
    settings.FOOTAGE_DIR = tmp_path / "footage"
    settings.VAULT_KEYS = tmp_path / "vault-keys"
    settings.CHECKPOINT_KEY = tmp_path / "audit" / "checkpoint.key"
    settings.REQUIRE_SECOND_FACTOR = False
