"""The programs of PACA connect as a role that PostgreSQL does not let change the audit trail."""

import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from paca_site.embedded.services import run_services
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


def test_a_database_of_ones_own_is_migrated_by_its_owner_and_used_by_the_other_role() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="paca-own-", dir="/tmp") as name,
        run_services(Path(name)) as urls,
        psycopg.connect(urls.database_url, autocommit=True) as owner,
    ):
        owner.execute("CREATE ROLE desk LOGIN")
        app = urls.database_url.replace("://paca@", "://desk@")
        stack = Stack(DATABASE_URL=app, PACA_OWNER_DATABASE_URL=urls.database_url, PACA_STREAM_WORKERS="1")
        try:
            stack.start()
            signed_in = owner.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
            assert signed_in == [("desk",)]
            assert owner.execute("SELECT count(*) > 0 FROM audit_auditentry").fetchone() == (True,)
            assert stack.process is not None
            started = [pid for pid in descendants(stack.process.pid) if b"celery" in told(pid, "cmdline")]
            assert started
            for pid in started:
                assert urls.database_url.encode() not in told(pid, "environ"), "the owner's address is up's alone"
        finally:
            stack.stop()


def told(pid: int, what: str) -> bytes:
    """What the kernel tells of a process; nothing where it has just ended."""
    path = Path(f"/proc/{pid}/{what}")
    return path.read_bytes() if path.exists() else b""


def descendants(pid: int) -> list[int]:
    """The processes below one, at any depth."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(child) for child in path.read_text().split()] if path.exists() else []
    return [*children, *(below for child in children for below in descendants(child))]
