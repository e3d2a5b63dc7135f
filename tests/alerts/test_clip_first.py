import re
import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from alerts.clip_first import is_clip_first
from alerts.follow_up import ConfidenceReveal
from alerts.models import Alert, AlertState, ClipState, Decision, Severity
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert


@pytest.fixture
def watched(desk: Desk, tmp_path: Path, settings: LazySettings) -> Alert:
    """A severe alert with a clip: its confidence comes after the clip."""
    settings.FOOTAGE_DIR = tmp_path
    (tmp_path / "clip.mp4").write_bytes(b"masked")
    return make_alert(
        desk.alert.camera,
        severity=Severity.HIGH,
        confidence=93.0,
        score=0.876,
        clip_state=ClipState.READY,
        clip_path="clip.mp4",
        clip_started_at=timezone.now(),
        clip_duration_s=14,
    )


def token_of(page: str) -> str:
    found = re.search(r'name="view" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_number_is_nowhere_before_enough_was_watched(watched: Alert, as_operator: Client) -> None:
    page = as_operator.get(f"/alerts/{watched.pk}/").text
    assert "93 %" not in page
    assert "0.876" not in page
    assert "after 3 s of the clip" in page
    assert "93 %" not in as_operator.get("/alerts/rows").text


def test_the_server_believes_only_what_can_be_true(
    watched: Alert, as_operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(as_operator.get(f"/alerts/{watched.pk}/").text)
    address, htmx = f"/alerts/{watched.pk}/watched", {"HX-Request": "true"}

    def ask(watched_s: float, view: str = token) -> int:
        posted = {"view": view, "watched_s": str(watched_s)}
        return as_operator.post(address, posted, headers=htmx).status_code

    assert ask(60) == 409  # opened just now, and the clip was not even fetched
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 20)
    assert ask(60) == 409  # not fetched
    as_operator.get(f"/alerts/{watched.pk}/clip.mp4", {"view": token})
    assert ask(1) == 409  # not long enough
    assert ask(60, "forged") == 409
    assert not ConfidenceReveal.objects.exists()
    told = as_operator.post(address, {"view": token, "watched_s": "3.2"}, headers=htmx)
    assert told.status_code == 200
    assert "93 %" in told.text
    assert ask(3.2) == 200
    assert AuditEntry.objects.filter(action="alert.confidence-shown").count() == 1
    assert "93 %" in as_operator.get(f"/alerts/{watched.pk}/").text


def test_what_was_visible_is_kept_with_the_decision(
    watched: Alert, desk: Desk, as_operator: Client, settings: LazySettings
) -> None:
    as_operator.post(f"/alerts/{watched.pk}/decide", {"verdict": "confirm"})
    assert not Decision.objects.get().is_confidence_shown
    assert '"confidence_shown":false' in AuditEntry.objects.get(action="alert.confirmed").body
    assert "93 %" in as_operator.get(f"/alerts/{watched.pk}/").text  # decided: it leads nobody any more
    settings.CLIP_FIRST_PERCENT = 0
    as_operator.post(f"/alerts/{desk.alert.pk}/decide", {"verdict": "confirm"})
    assert Decision.objects.get(alert=desk.alert).is_confidence_shown


def test_the_share_is_drawn_by_the_alert_itself(desk: Desk, settings: LazySettings) -> None:
    settings.CLIP_FIRST_PERCENT = 25
    alerts = [Alert(event_id=f"event-{n}", severity=1, state=AlertState.NEW, clip_state="ready") for n in range(2000)]
    share = sum(is_clip_first(alert) for alert in alerts) / len(alerts)
    assert 0.21 < share < 0.29
    assert [is_clip_first(alert) for alert in alerts[:50]] == [is_clip_first(alert) for alert in alerts[:50]]
    settings.CLIP_FIRST_PERCENT, settings.CLIP_FIRST_SEVERITY = 0, 4
    assert not any(is_clip_first(alert) for alert in alerts)


@pytest.mark.parametrize("state", [ClipState.MISSING, ClipState.NONE, ClipState.PURGED])
def test_without_a_clip_the_number_is_told_at_once(desk: Desk, as_operator: Client, state: ClipState) -> None:
    alert = make_alert(desk.alert.camera, severity=Severity.HIGH, confidence=93.0, clip_state=state)
    assert "93 %" in as_operator.get(f"/alerts/{alert.pk}/").text
