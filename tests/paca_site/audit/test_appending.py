"""An entry is numbered, dated, hashed and inserted by the database, in one call, one writer after the other."""

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import (
    GENESIS_HASH,
    audit_lock,
    audit_record,
    audit_record_now,
    audit_verify,
    canonical_json,
    chain_hash,
    current_request_id,
)
from tests.cast import make_user

AT = datetime(2026, 3, 1, 12, 0, 0, 120, tzinfo=UTC)


def record_at(at: datetime) -> AuditEntry:
    with patch("paca_site.audit.services.timezone.now", return_value=at):
        return audit_record_now(action="alert.viewed", actor=None)


@pytest.mark.django_db
def test_what_the_database_writes_is_the_canonical_text_and_its_hash() -> None:
    person = make_user(Role.OPERATOR)
    person.username = 'åse-"quoted"-\\back'
    details = {
        "z": 1,
        "note": 'æøå "x" \\ \n \u2028 😀 %s %(a)s',
        "at": "not this",
        "number": -1,
        "n": [1.5, None, True],
    }
    request_id = uuid.uuid4()
    token = current_request_id.set(request_id)
    try:
        with patch("paca_site.audit.services.timezone.now", return_value=AT):
            first = audit_record_now(
                action="alert.viewed", actor=person, subject="alert:1", site_id=None, details=details
            )
    finally:
        current_request_id.reset(token)
    second = audit_record_now(action="camera.viewed", actor=None, site_id=7)
    assert first.body == canonical_json(
        {
            "number": 1,
            "at": "2026-03-01T12:00:00.000120+00:00",
            "action": "alert.viewed",
            "verb": "consultation",
            "actor": person.username,
            "actor_id": person.pk,
            "role": "operator",
            "request": str(request_id),
            "subject": "alert:1",
            "site": None,
            "details": details,
        }
    )
    assert second.body == canonical_json(json.loads(second.body))
    assert (first.previous_hash, first.hash) == (GENESIS_HASH, chain_hash(GENESIS_HASH, first.body))
    assert (second.previous_hash, second.hash) == (first.hash, chain_hash(first.hash, second.body))
    stored = AuditEntry.objects.order_by("number").values()
    assert [{**row} for row in stored] == [
        {field.attname: getattr(entry, field.attname) for field in AuditEntry._meta.concrete_fields}
        for entry in (first, second)
    ]
    assert audit_verify().is_sound


@pytest.mark.django_db
def test_an_entry_costs_one_question_to_the_database() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        audit_record(action="alert.confirmed", actor=None)
        audit_record_now(action="alert.viewed", actor=None)
    assert len(asked) == 2


@pytest.mark.django_db
def test_times_follow_numbers_unless_a_clock_was_set_back() -> None:
    record_at(AT)
    assert record_at(AT - timedelta(seconds=4)).at == AT, "waited for its turn"
    assert record_at(AT - timedelta(hours=1)).at == AT - timedelta(hours=1), "a false time would be worse"
    assert record_at(AT + timedelta(seconds=1)).at == AT + timedelta(seconds=1)
    assert audit_verify().is_sound


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain_without_gaps_also_where_some_take_their_change_back() -> None:
    def write(writer: int) -> None:
        try:
            for turn in range(10):
                with transaction.atomic():
                    audit_record(action="alert.confirmed", actor=None, subject=f"alert:{writer}")
                    if turn % 3 == 0:
                        transaction.set_rollback(True)
                audit_record_now(action="alert.viewed", actor=None, subject=f"alert:{writer}")
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    result = audit_verify()
    assert (result.count, result.fault) == (6 * 16, "")
    times = list(AuditEntry.objects.order_by("number").values_list("at", flat=True))
    assert times == sorted(times)


@pytest.mark.django_db(transaction=True)
def test_a_reading_is_committed_when_the_call_returns() -> None:
    audit_record_now(action="alert.viewed", actor=None)
    found: list[int] = []

    def look() -> None:
        found.append(AuditEntry.objects.count())
        connection.close()

    other = threading.Thread(target=look)
    other.start()
    other.join()
    assert found == [1]


@pytest.mark.django_db(transaction=True)
def test_who_took_the_lock_early_keeps_writers_waiting_until_the_end() -> None:
    found: list[str] = []

    def write() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                audit_record(action="alert.viewed", actor=None)
        except OperationalError as error:
            found.append(str(error))
        finally:
            connection.close()

    for is_locked in (True, False):
        with transaction.atomic():
            if is_locked:
                audit_lock()
            other = threading.Thread(target=write)
            other.start()
            other.join()
    assert len(found) == 1, found
    assert "lock timeout" in found[0]
    assert AuditEntry.objects.count() == 1
