"""A camera, the people of its site, and an empty footage folder."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from cameras.models import Camera
from paca_site.accounts.models import Role, User
from tests.cast import make_camera, make_site, make_user


@pytest.fixture
def folders(tmp_path: Path, settings: LazySettings) -> None:
    settings.FOOTAGE_DIR = tmp_path / "footage"


@pytest.fixture
def camera() -> Camera:
    return make_camera(make_site())


@pytest.fixture
def supervisor(camera: Camera) -> User:
    return make_user(Role.SUPERVISOR, camera.site)


@pytest.fixture
def operator(camera: Camera) -> User:
    return make_user(Role.OPERATOR, camera.site)
