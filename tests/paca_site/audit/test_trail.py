"""The trail refuses change, and shows it where somebody got around the refusal."""

import io
import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from paca_site.accounts.models import Role, User
from paca_site.audit import services
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import GENESIS_HASH, audit_record, audit_record_now, audit_verify, chain_hash
from tests.cast import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def _trail() -> None:
    actor = make_user(Role.OPERATOR)
    for number in range(1, 7):
        audit_record_now(action="alert.viewed", actor=actor, subject=f"alert:{number}", details={"n": number})


def tamper(statement: str) -> None:
    """Do what somebody with the database's superuser rights could: switch the triggers off first."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.usefixtures("_trail")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET subject = 'alert:9' WHERE number = 3",
        "DELETE FROM audit_auditentry WHERE number = 3",
        "TRUNCATE audit_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # otherwise PostgreSQL refuses TRUNCATE before the trigger can
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert audit_verify().is_sound
    assert AuditEntry.objects.count() == 6


@pytest.mark.usefixtures("_trail")
def test_an_entry_cannot_be_saved_twice() -> None:
    entry = AuditEntry.objects.get(number=2)
    with pytest.raises(TypeError, match="never changed"):
        entry.save()


@pytest.mark.usefixtures("_trail")
def test_a_sound_trail_verifies_to_its_head() -> None:
    result = audit_verify()
    assert (result.count, result.fault) == (6, "")
    assert result.head == AuditEntry.objects.get(number=6).hash


def rewritten() -> str:
    """Return a statement that changes an entry's text and gives it the hash that fits."""
    entry = AuditEntry.objects.get(number=3)
    body = entry.body.replace('"n":3', '"n":4')
    fitting = chain_hash(entry.previous_hash, body)
    return f"UPDATE audit_auditentry SET body = '{body}', hash = '{fitting}' WHERE number = 3"


@pytest.mark.usefixtures("_trail")
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            lambda: "UPDATE audit_auditentry SET body = replace(body, '\"n\":3', '\"n\":4') WHERE number = 3",
            "entry 3 was changed",
        ),
        (lambda: "UPDATE audit_auditentry SET subject = 'alert:9' WHERE number = 3", "columns subject differ"),
        (lambda: "UPDATE audit_auditentry SET at = at - interval '1 hour' WHERE number = 3", "columns at differ"),
        (lambda: "UPDATE audit_auditentry SET actor_id = NULL WHERE number = 3", "columns actor_id differ"),
        (lambda: "DELETE FROM audit_auditentry WHERE number = 3", "entry 3 is missing"),
        (lambda: "DELETE FROM audit_auditentry WHERE number = 1", "entry 1 is missing"),
        (
            lambda: (
                "UPDATE audit_auditentry SET number = CASE number WHEN 3 THEN -4 ELSE -3 END WHERE number IN (3, 4);"
                "UPDATE audit_auditentry SET number = -number WHERE number < 0"
            ),
            "entry 3 does not follow",
        ),
        (rewritten, "entry 4 does not follow entry 3"),
    ],
    ids=["text", "column", "time", "person", "deleted", "first deleted", "reordered", "rewritten with a fitting hash"],
)
def test_tampering_is_found(statement: Callable[[], str], fault: str) -> None:
    tamper(statement())
    result = audit_verify()
    assert not result.is_sound
    assert fault in result.fault


@pytest.mark.usefixtures("_trail")
def test_a_tail_cut_off_shows_against_a_head_written_down_before() -> None:
    head = audit_verify().head
    audit_record_now(action="alert.viewed", actor=None)
    call_command("verify_audit", expect_head=head, stdout=io.StringIO())  # the trail may have grown since
    tamper("DELETE FROM audit_auditentry WHERE number >= 6")
    assert audit_verify().is_sound, "the chain alone cannot know"
    with pytest.raises(CommandError, match="were removed or replaced"):
        call_command("verify_audit", expect_head=head, stdout=io.StringIO())


@pytest.mark.usefixtures("_trail")
def test_the_command_says_what_it_found_and_exits_accordingly() -> None:
    out = io.StringIO()
    call_command("verify_audit", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["sound"], told["count"], told["fault"]) == (True, 6, "")
    tamper("DELETE FROM audit_auditentry WHERE number = 2")
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("verify_audit", json=True, stdout=out)
    assert failure.value.returncode == 1
    assert "entry 2 is missing" in json.loads(out.getvalue())["fault"]


def test_an_empty_trail_is_sound() -> None:
    assert audit_verify().head == GENESIS_HASH


def test_an_unknown_action_and_a_missing_transaction_raise() -> None:
    with pytest.raises(KeyError):
        audit_record(action="alert.invented", actor=None)


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_the_transaction_of_its_change_raises() -> None:
    with pytest.raises(RuntimeError, match="must run in the transaction"):
        audit_record(action="alert.viewed", actor=None)


@pytest.mark.usefixtures("_trail")
def test_a_person_who_changes_their_name_leaves_the_trail_sound() -> None:
    actor = User.objects.get()
    actor.username = "a-new-name"
    actor.save()
    assert audit_verify().is_sound


@pytest.mark.usefixtures("_trail")
def test_everything_that_is_wrong_is_told_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    tamper("UPDATE audit_auditentry SET subject = 'x' WHERE number = 2")
    tamper("DELETE FROM audit_auditentry WHERE number = 4")
    result = audit_verify()
    assert result.count == 1
    assert [fault.split(":")[0] for fault in result.faults] == ["entry 2 was changed", "entry 4 is missing"]
    monkeypatch.setattr(services, "MOST_FAULTS", 1)
    assert audit_verify().faults[1:] == ("1 more",)
