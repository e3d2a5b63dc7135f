"""Pytest plugin: PostgreSQL and Valkey in a temporary folder, once per session, when the first test needs them.

Loaded with `-p tests.services`, before pytest-django reads the settings: the addresses stand in the environment from
the start, the processes come with the fixture `services`. DATABASE_URL and REDIS_URL, where both are set, win; each
process of a run in several (pytest -n) has its own, though it inherits the environment of the first.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from paca_site.embedded.services import ServiceUrls, run_services, service_urls
from paca_site.metrics.publishing import MetricsPublisher

_INHERITED = "PACA_TESTS_MADE_SERVICES"
_IS_MADE = os.environ.get(_INHERITED) == "1"
_GIVEN = bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")) and not _IS_MADE
# /tmp, not TMPDIR: socket paths must be short.
_FOLDER = Path() if _GIVEN else Path(tempfile.mkdtemp(prefix="paca-test-", dir="/tmp"))

if not _GIVEN:
    os.environ["DATABASE_URL"] = service_urls(_FOLDER).database_url
    os.environ["REDIS_URL"] = service_urls(_FOLDER).redis_url
    if _IS_MADE or "PACA_DATA" not in os.environ:
        os.environ["PACA_DATA"] = str(_FOLDER / "data")
    os.environ[_INHERITED] = "1"
    (_FOLDER / "data" / "static").mkdir(parents=True)  # WhiteNoise warns in every test where there is none


@pytest.fixture(scope="session")
def services() -> Iterator[ServiceUrls]:
    """Running PostgreSQL and Valkey; request it in every test that touches Valkey, Celery or Channels."""
    if _GIVEN:
        yield ServiceUrls(database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"])
        return
    with run_services(_FOLDER) as urls:
        yield urls
        for thread in threading.enumerate():  # it would complain, after the last line of the run, that Valkey is gone
            if isinstance(thread, MetricsPublisher):
                thread.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: ServiceUrls) -> None:
    """Start the services before pytest-django makes the test database."""


def pytest_unconfigure() -> None:
    """Remove the session's folder."""
    if not _GIVEN:
        shutil.rmtree(_FOLDER, ignore_errors=True)
