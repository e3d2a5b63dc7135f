"""What every test stands on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from paca_site.embedded.services import ServiceUrls


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: ServiceUrls) -> None:
    """Start the services before pytest-django makes the test database (here, as a conftest wins over plugins)."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End what threads left open, as PostgreSQL waits 5 s for it before it refuses to drop the test database."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_the_trail() -> Iterator[None]:
    """Between tests the audit table is emptied too, which its triggers refuse to everybody else."""
    original = DatabaseOperations.sql_flush

    def flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = original(self, *args, **kwargs)
        return ["SET session_replication_role = replica", *statements, "RESET session_replication_role"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cameras_need_no_papers() -> Iterator[None]:
    """Cameras of the cast run without assessment and permission; the tests of the gate put its sources back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cameras.running.AGAINST_RUNNING", ())
        patch.setattr("cameras.running.AGAINST_STARTING", ())
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobody_waits_for_passwords() -> Iterator[None]:
    """A cheap hash, as Argon2 is slow on purpose, and no second factor, which nobody of the cast has.

    The tests of both switch the real thing on again (tests/paca_site/accounts).
    """
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=cheap, REQUIRE_SECOND_FACTOR=False):
        yield


@pytest.fixture(autouse=True)
def _nobody_speaks_for_the_next() -> Iterator[None]:
    """Whose language and time zone a test's last request was answered in must not reach the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()
