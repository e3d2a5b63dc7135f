"""Legal holds: what a case needs outlives its policy, nothing else does, and everything about it is recorded."""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from alerts.services.retention import alerts_purge, clips_purge
from cameras.footage import footage_path
from cameras.holdings import camera_holdings, hold_content, policy_shortening
from cameras.models import LegalHold, Segment
from cameras.services.holds import hold_place, holds_expire
from cameras.services.retention import segments_purge
from inference.tasks import purge_expired
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert, make_camera, make_hold, make_policy, make_segment, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def footage(tmp_path: Path, settings: Any) -> Path:
    settings.FOOTAGE_DIR = tmp_path
    settings.REQUIRE_SECOND_FACTOR = False
    return tmp_path


def write(path: str) -> Path:
    file = footage_path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"masked video")
    return file


def told(action: str) -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in AuditEntry.objects.filter(action=action).order_by("number")]


def test_a_purge_keeps_every_recording_that_touches_a_hold_and_no_other() -> None:
    camera, now = make_camera(retention=make_policy(masked_hours=24)), timezone.now()
    hold = make_hold(camera, make_user(Role.CUSTODIAN), starts_at=now - 30 * HOUR, ends_at=now - 28 * HOUR)
    second = timedelta(seconds=1)
    starts = {
        "before": hold.starts_at - 10 * second,  # ends as the hold starts
        "over the start": hold.starts_at - 9 * second,
        "inside": hold.starts_at + HOUR,
        "over the end": hold.ends_at - second,
        "after": hold.ends_at,
    }
    files = {name: write(make_segment(camera, start).path) for name, start in starts.items()}
    elsewhere = write(make_segment(make_camera(), starts["inside"]).path)
    segments_purge(camera=camera)
    assert {name for name, file in files.items() if file.exists()} == {"over the start", "inside", "over the end"}
    assert elsewhere.exists(), "another camera's policy is another matter"
    assert Segment.objects.filter(camera=camera).count() == 3


def test_an_alert_near_what_is_held_keeps_its_row_its_clip_and_its_decisions() -> None:
    camera, now = make_camera(retention=make_policy(clip_days=1, alert_days=2)), timezone.now()
    hold = make_hold(camera, make_user(Role.CUSTODIAN), starts_at=now - 100 * HOUR, ends_at=now - 99 * HOUR)

    def alert(start: datetime, name: str) -> tuple[Alert, Path]:
        end = start + timedelta(seconds=20)
        made = make_alert(camera, started_at=start, ended_at=end, raised_at=start, clip_path=f"clips/{name}.mp4")
        return made, write(made.clip_path)

    near, near_clip = alert(hold.starts_at - timedelta(seconds=70), "near")
    _, far_clip = alert(hold.starts_at - timedelta(seconds=90), "far")
    assert (clips_purge(camera=camera), alerts_purge(camera=camera)) == (1, 1)
    assert near_clip.exists()
    assert not far_clip.exists()
    assert list(Alert.objects.all()) == [near]


def test_what_is_held_is_not_overdue_and_is_counted() -> None:
    camera, now = make_camera(retention=make_policy(masked_hours=24, clip_days=1, alert_days=1)), timezone.now()
    make_hold(camera, make_user(Role.CUSTODIAN), starts_at=now - 50 * HOUR, ends_at=now - 40 * HOUR)
    make_segment(camera, now - 45 * HOUR)
    make_segment(camera, now - 30 * HOUR)
    old = now - 45 * HOUR
    make_alert(camera, started_at=old, ended_at=old + HOUR, raised_at=old, clip_path="clips/1.mp4")
    (holding,) = camera_holdings([camera])
    assert (holding.recordings.held, holding.recordings.overdue) == (1, 1)
    assert (holding.held_alerts, holding.overdue_alerts) == (1, 0)
    loss = policy_shortening(camera.retention)
    assert (loss.segments, loss.clips, loss.alerts) == (1, 0, 0)
    content = hold_content(LegalHold.objects.get())
    assert (content.segments, content.alerts) == (1, 1)


def test_a_hold_ends_by_itself_and_the_same_purge_deletes_what_it_kept() -> None:
    camera, now = make_camera(retention=make_policy(masked_hours=24)), timezone.now()
    hold = make_hold(camera, make_user(Role.CUSTODIAN), expires_at=now + HOUR)
    file = write(make_segment(camera, now - 29 * HOUR).path)
    purge_expired()
    assert file.exists()
    LegalHold.objects.update(expires_at=now - HOUR)
    segments_purge(camera=camera)
    assert file.exists(), "until its end is recorded a hold protects"
    purge_expired()
    assert not file.exists()
    (entry,) = told("hold.expired")
    assert (entry["subject"], entry["role"], entry["details"]["case"]) == (f"hold:{hold.pk}", "system", hold.case)
    assert holds_expire() == 0


@pytest.mark.django_db(transaction=True)
def test_a_hold_placed_while_a_purge_runs_waits_and_what_it_finds_then_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    camera, now = make_camera(retention=make_policy(masked_hours=24)), timezone.now()
    for minutes in range(4):
        write(make_segment(camera, now - 29 * HOUR + timedelta(minutes=minutes)).path)
    monkeypatch.setattr("cameras.services.retention.BATCH", 2)
    custodian, found = make_user(Role.CUSTODIAN), list[int]()
    hold = LegalHold(
        camera=camera,
        starts_at=now - 30 * HOUR,
        ends_at=now - 28 * HOUR,
        case="24-1",
        reason="Ordered by the court.",
        review_on=now.date(),
        expires_at=now + HOUR,
    )

    def place() -> None:
        hold_place(hold=hold, actor=custodian)
        found.append(hold_content(hold).segments)
        connection.close()

    thread = threading.Thread(target=place)
    forget = "cameras.services.retention._forget"
    from cameras.services import retention

    inner = retention._forget

    def forget_slowly(*arguments: Any) -> None:
        if not thread.is_alive() and not found:
            thread.start()
            thread.join(0.3)
            assert not found, "the hold waits for the batch in hand"
        inner(*arguments)
        transaction.on_commit(lambda: thread.join(10))  # placed between this batch and the next

    monkeypatch.setattr(forget, forget_slowly)
    assert segments_purge(camera=camera) == 2
    assert found == [2]
    assert all(footage_path(segment.path).exists() for segment in Segment.objects.filter(camera=camera))


def form(camera: Any, /, **fields: str) -> dict[str, str]:
    zone, now = ZoneInfo(camera.site.time_zone), timezone.now()

    def local(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")

    return {
        "camera": str(camera.pk),
        "starts_at": local(now - 3 * HOUR),
        "ends_at": local(now - 2 * HOUR),
        "case": "24-17MED-TAGD",
        "reason": "Ordered by Agder District Court on 2026-11-20.",
        "review_on": (now + timedelta(days=20)).date().isoformat(),
        "expires_at": local(now + timedelta(days=60)),
        **fields,
    }


def test_a_custodian_places_and_lifts_a_hold_in_the_time_of_the_site() -> None:
    site = make_site(time_zone="America/St_Johns")  # half an hour off, so that a mistake shows
    camera, custodian = make_camera(site), make_user(Role.CUSTODIAN, site)
    client: Client = client_of(custodian)
    given = form(camera)
    assert client.post(reverse("cameras:hold-add"), given).status_code == 302
    hold = LegalHold.objects.get()
    assert hold.starts_at.astimezone(ZoneInfo(site.time_zone)).strftime("%Y-%m-%dT%H:%M") == given["starts_at"]
    (placed,) = told("hold.placed")
    assert (placed["actor_id"], placed["site"], placed["details"]["case"]) == (custodian.pk, site.pk, hold.case)
    page = reverse("cameras:hold-end", args=[hold.pk])
    assert "at least 10 characters" in client.post(page, {"reason": "over"}).content.decode()
    assert client.post(page, {"reason": "The case was closed on 2026-11-22."}).status_code == 302
    again = client.post(page, {"reason": "The case was closed on 2026-11-22."})
    assert (again.status_code, "has ended already" in again.content.decode()) == (422, True)
    hold.refresh_from_db()
    assert (hold.is_current, hold.ended_by, len(told("hold.lifted"))) == (False, custodian, 1)
    assert hold.case in client.get(reverse("cameras:hold-list")).content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"ends_at": "2020-01-01T00:00"}, "The end must be after the start."),
        ({"starts_at": "2099-01-01T00:00"}, "must not lie in the future"),
        ({"expires_at": "2020-01-01T00:00"}, "must end in the future, within two years"),
        ({"expires_at": "2099-01-01T00:00"}, "must end in the future, within two years"),
        ({"review_on": "2020-01-01"}, "The review must come today or later"),
        ({"case": ""}, "This field is required"),
        ({"camera": "0"}, "not one of the available choices"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused_in_words_and_nothing_typed_is_lost(
    fields: dict[str, str], says: str
) -> None:
    camera = make_camera()
    client = client_of(make_user(Role.SUPERVISOR, camera.site))
    answer = client.post(reverse("cameras:hold-add"), form(camera, **fields))
    shown = answer.content.decode()
    assert (answer.status_code, says in shown) == (422, True)
    assert "Ordered by Agder District Court" in shown
    assert not LegalHold.objects.exists()


def test_a_camera_of_another_site_cannot_be_held() -> None:
    camera = make_camera()
    client = client_of(make_user(Role.CUSTODIAN, make_site()))
    assert client.post(reverse("cameras:hold-add"), form(camera)).status_code == 422
    assert not LegalHold.objects.exists()


def test_a_review_that_is_due_stands_out() -> None:
    camera = make_camera()
    make_hold(camera, make_user(Role.CUSTODIAN), review_on=timezone.now().date())
    shown = client_of(make_user(Role.AUDITOR, camera.site)).get(reverse("cameras:hold-list")).content.decode()
    assert "due since" in shown
    assert "Place a hold" not in shown
