"""A vault with real footage, and folders of its own for every test."""

from pathlib import Path
from typing import Any

import pytest

from tests.cameras.warrants.made import Court, make_court
from tests.cameras.warrants.vaulted import Vaulted, make_vaulted


@pytest.fixture
def court(services: Any, db: None, tmp_path: Path, settings: Any) -> Court:
    settings.DATA_DIR = settings.FOOTAGE_DIR = tmp_path / "data"
    settings.VAULT_KEYS = tmp_path / "vault-keys"
    settings.CHECKPOINT_KEY = tmp_path / "audit" / "checkpoint.key"
    return make_court()


@pytest.fixture
def vaulted(court: Court) -> Vaulted:
    return make_vaulted(court)
