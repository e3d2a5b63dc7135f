"""Each test has its own data folder and its own house."""

from pathlib import Path
from typing import Any

import pytest

from tests.cameras.warrants.made import Court, make_court


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = settings.FOOTAGE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def court(services: Any, db: None) -> Court:
    return make_court()
