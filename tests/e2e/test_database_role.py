"""The programs of PACA connect as a role that PostgreSQL does not let change the audit trail."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.stack import Stack

pytestmark = pytest.mark.e2e


def test_web_and_workers_run_as_a_role_that_cannot_change_the_trail(quiet: Stack) -> None:
    signed_in = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()"
    assert quiet.query(signed_in) == [("paca_app",)]
    assert quiet.query("SELECT count(*) > 0 FROM audit_auditentry") == [(True,)], "they do write into it"
    for statement in (
        "UPDATE audit_auditentry SET subject = subject RETURNING 1",
        "DELETE FROM audit_auditentry RETURNING 1",
        "TRUNCATE audit_auditentry",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
    ):
        with pytest.raises(InsufficientPrivilege):
            quiet.query(statement)


def test_another_terminal_finds_the_owner_too_for_dumps_and_migrations(quiet: Stack) -> None:
    with psycopg.connect(quiet.services()["OWNER_DATABASE_URL"]) as owner:
        assert owner.execute(
            "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE relname = 'audit_auditentry'"
        ).fetchone() == (True,)
