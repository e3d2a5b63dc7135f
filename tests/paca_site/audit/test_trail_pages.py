"""The auditor's pages: who may read, what is shown, and that reading is recorded."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from paca_site.accounts.models import Role, User
from paca_site.audit import views
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now
from tests.cast import PASSWORD, make_site, make_user
from tests.paca_site.audit.test_trail import tamper
from tests.proof import prove

pytestmark = pytest.mark.django_db
LIST = "audit:entry-list"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


async def read_all(response: Any) -> str:
    return "".join([part.decode() async for part in response])


def numbers(response: Any) -> list[int]:
    return [entry.number for entry in response.context["entries"]]


@pytest.mark.parametrize("role", list(Role))
def test_only_auditors_read_the_trail(role: Role) -> None:
    client, status = client_of(make_user(role)), 200 if role == Role.AUDITOR else 403
    assert client.get(reverse(LIST)).status_code == status
    assert client.get(reverse("audit:entry-detail", args=[1])).status_code == status
    assert client.post(reverse("audit:verify")).status_code == (302 if role == Role.AUDITOR else 403)


def test_each_view_is_recorded_with_its_filters() -> None:
    client = client_of(make_user(Role.AUDITOR))
    client.get(reverse(LIST), {"verb": "erasure", "subject": ""})
    client.get(reverse("audit:entry-detail", args=[1]))
    viewed = [json.loads(entry.body) for entry in AuditEntry.objects.filter(action="audit.viewed").order_by("number")]
    assert [entry["details"] for entry in viewed] == [{"filters": {"verb": "erasure"}}, {}]
    assert viewed[1]["subject"] == "audit:1"


def test_entries_of_other_sites_are_left_out() -> None:
    mine, other = make_site(), make_site()
    seen = audit_record_now(action="alert.viewed", actor=None, site_id=mine.pk)
    unseen = audit_record_now(action="alert.viewed", actor=None, site_id=other.pk)
    client = client_of(make_user(Role.AUDITOR, mine))
    shown = numbers(client.get(reverse(LIST), {"action": "alert.viewed"}))
    assert seen.number in shown
    assert unseen.number not in shown
    assert client.get(reverse("audit:entry-detail", args=[unseen.number])).status_code == 404


def test_filters_narrow_the_list() -> None:
    operator = make_user(Role.OPERATOR)
    first = audit_record_now(action="alert.viewed", actor=operator, subject="alert:1")
    second = audit_record_now(action="alert.confirmed", actor=operator, subject="alert:12")
    third = audit_record_now(action="retention.purged", actor=None, subject="camera:1")
    client = client_of(make_user(Role.AUDITOR))
    for query, found in (
        ({"action": "alert.confirmed"}, [second.number]),
        ({"verb": "erasure"}, [third.number]),
        ({"actor": operator.pk}, [second.number, first.number]),
        ({"subject": "alert:1"}, [first.number]),
        ({"subject": "alert"}, [second.number, first.number]),
        ({"until": "2020-01-01"}, []),
    ):
        assert numbers(client.get(reverse(LIST), query)) == found, query


def test_days_and_times_of_the_trail_are_those_of_the_readers_sites_with_the_offset() -> None:
    site = make_site()
    client = client_of(make_user(Role.AUDITOR, site))
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with patch("paca_site.audit.services.timezone.now", return_value=moment):
        entry = audit_record_now(action="camera.viewed", actor=None, site_id=site.pk)
    assert numbers(client.get(reverse(LIST), {"since": "2026-07-02", "until": "2026-07-02"})) == [entry.number]
    assert numbers(client.get(reverse(LIST), {"since": "2026-07-01", "until": "2026-07-01"})) == []
    page = client.get(reverse(LIST), {"action": "camera.viewed"}).text
    assert "2026-07-02 00:30:00 +0200" in page
    assert "From (Europe/Oslo)" in page
    assert "2026-07-01 22:30:00.000000 UTC" in client.get(reverse("audit:entry-detail", args=[entry.number])).text


def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 4)
    written = [audit_record_now(action="alert.viewed", actor=None).number for _ in range(10)]
    client, query, shown = client_of(make_user(Role.AUDITOR)), {"action": "alert.viewed"}, []
    for _ in range(3):
        response = client.get(reverse(LIST), query)
        shown += numbers(response)
        query = {**query, "before": str(response.context["older_before"])}
    assert shown == written[::-1]
    assert response.context["older_before"] is None


def test_the_list_asks_the_database_equally_often_for_few_and_many(django_assert_num_queries: Any) -> None:
    client, operator = client_of(make_user(Role.AUDITOR)), make_user(Role.OPERATOR)
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(LIST))
    for number in range(30):
        audit_record_now(action="alert.viewed", actor=operator, subject=f"alert:{number}")
    with django_assert_num_queries(len(few)):
        client.get(reverse(LIST))


def test_verifying_is_recorded_and_its_result_stays_on_the_page() -> None:
    client = client_of(make_user(Role.AUDITOR))
    assert "Not verified yet" in client.get(reverse(LIST)).content.decode()
    page = client.post(reverse("audit:verify"), follow=True).content.decode()
    assert "Sound:" in page
    tamper("DELETE FROM audit_auditentry WHERE number = 1")
    page = client.post(reverse("audit:verify"), follow=True).content.decode()
    assert "The trail is broken: entry 1 is missing" in page
    faults = [
        json.loads(entry.body)["details"]["fault"] for entry in AuditEntry.objects.filter(action="audit.verified")
    ]
    assert [bool(fault) for fault in faults] == [True, False]


def test_one_entry_shows_the_exact_text_that_is_hashed() -> None:
    entry = audit_record_now(action="alert.viewed", actor=None, subject="alert:5", details={"note": "æøå <b>"})
    page = client_of(make_user(Role.AUDITOR)).get(reverse("audit:entry-detail", args=[entry.number]))
    assert page.context["entry"].body == entry.body
    assert entry.hash in page.content.decode()
    assert "<b>" not in page.content.decode()


def test_an_export_asks_for_a_reason_and_leaves_out_what_other_sites_wrote(settings: Any, tmp_path: Path) -> None:
    settings.CHECKPOINT_FILE, settings.CHECKPOINT_KEY = tmp_path / "c.jsonl", tmp_path / "c.key"
    mine, other = make_site(), make_site()
    for site in (mine, other, None):
        audit_record_now(action="alert.viewed", actor=None, site_id=site.pk if site else None)
    client = client_of(make_user(Role.AUDITOR, mine))
    for answer in (client.get(reverse("audit:entry-export")), client.post(reverse("audit:entry-export"), {})):
        assert "reauthenticate" in answer["Location"]  # first who they are, then the reason
    prove(client)
    assert client.get(reverse("audit:entry-export")).status_code == 200
    assert client.post(reverse("audit:entry-export"), {"reason": "because"}).status_code == 422
    assert not AuditEntry.objects.filter(action="audit.exported").exists()
    response = client.post(reverse("audit:entry-export"), {"reason": "case 12/2026, the defence"})
    lines = [json.loads(line) for line in async_to_sync(read_all)(response).splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    unread = [line["number"] for line in lines if "body" not in line]
    assert unread == [AuditEntry.objects.get(site_id=other.pk).number]
    assert json.loads(lines[-1]["body"])["details"] == {"reason": "case 12/2026, the defence"}


def test_changes_of_what_one_signs_in_with_are_recorded() -> None:
    user = make_user(Role.OPERATOR)
    client = client_of(user)
    again = "another-horse-battery-staple"
    data = {"oldpassword": PASSWORD, "password1": again, "password2": again}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    entry = AuditEntry.objects.get(action="account.password-changed")
    assert (entry.actor, entry.subject) == (user, f"user:{user.pk}")
