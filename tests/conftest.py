"""What every test stands on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from paca_site.embedded.services import ServiceUrls


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: ServiceUrls) -> None:
    """Start the services before pytest-django makes the test database (here, as a conftest wins over plugins)."""


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
