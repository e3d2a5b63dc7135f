"""Each test has its own data folder and its own house."""

from pathlib import Path
from typing import Any

import pytest

from tests.cameras.warrants.made import Court, make_court
from tests.cameras.warrants.vaulted import Vaulted, make_vaulted


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = settings.FOOTAGE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def court(services: Any, db: None) -> Court:
    return make_court()


@pytest.fixture
def vaulted(court: Court, settings: Any, tmp_path: Path) -> Vaulted:
    settings.VAULT_KEYS = tmp_path / "vault-keys"
    return make_vaulted(court)
