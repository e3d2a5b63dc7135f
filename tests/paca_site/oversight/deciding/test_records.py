"""What the desk itself writes into the trail is what the figures are worked out from."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.models import Alert, Verdict
from alerts.reviewing.models import Review
from alerts.reviewing.services.drawing import SETTLED_AFTER, reviews_draw
from alerts.services.deciding import Choice, alert_decide
from alerts.services.raising import alert_raise
from alerts.services.undoing import decision_undo
from alerts.services.viewing import alert_viewed
from cameras.models import Camera
from paca_site.accounts.models import Role, User
from paca_site.oversight.deciding.records import AlertRecord, alert_records
from tests.cast import make_camera, make_report, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def camera(db: None) -> Camera:
    return make_camera(make_site())


@pytest.fixture
def kari(camera: Camera) -> User:
    return make_user(Role.OPERATOR, camera.site)


def records_of(camera: Camera) -> list[AlertRecord]:
    now = timezone.now()
    return alert_records([camera.site_id], now - timedelta(hours=1), now + timedelta(minutes=1))


def raised(camera: Camera, confidence: float) -> Alert:
    alert, _ = alert_raise(camera_id=camera.pk, report=make_report(confidence=confidence))
    return alert


def test_a_decision_of_the_desk_is_read_as_it_was_taken(camera: Camera, kari: User) -> None:
    alert = raised(camera, 61.0)
    alert_viewed(alert=alert, actor=kari, view_id=uuid4())
    (waiting,) = records_of(camera)
    assert (waiting.alert, waiting.camera, waiting.verdict, waiting.confidence) == (alert.pk, camera.pk, "", 61.0)
    choice = Choice(verdict=Verdict.DISMISS, reason="resolved", watched_s=6.5)
    decision = alert_decide(alert=alert, actor=kari, choice=choice)
    (record,) = records_of(camera)
    assert (record.verdict, record.reason, record.is_false) == ("dismiss", "resolved", False)
    assert (record.by, record.watched_s, record.is_bulk) == (kari.pk, 6.5, False)
    assert record.after_s == pytest.approx(decision.after_s, abs=0.06)
    assert record.opened_s is not None
    assert 0.0 <= record.opened_s < 30.0
    assert record.is_confidence_shown is decision.is_confidence_shown


def test_an_undo_of_the_desk_takes_the_decision_out_and_the_next_one_stands(camera: Camera, kari: User) -> None:
    alert = raised(camera, 61.0)
    first = alert_decide(alert=alert, actor=kari, choice=Choice(verdict=Verdict.CONFIRM))
    decision_undo(decision=first, actor=kari)
    (record,) = records_of(camera)
    assert record.verdict == ""
    alert.refresh_from_db()
    alert_decide(alert=alert, actor=kari, choice=Choice(verdict=Verdict.DISMISS, reason="crowd"))
    (record,) = records_of(camera)
    assert (record.verdict, record.is_false) == ("dismiss", True)


def test_a_supervisor_s_decision_after_an_escalation_is_theirs(camera: Camera, kari: User) -> None:
    siri = make_user(Role.SUPERVISOR, camera.site)
    alert = raised(camera, 61.0)
    alert_decide(alert=alert, actor=kari, choice=Choice(verdict=Verdict.ESCALATE))
    alert.refresh_from_db()
    alert_decide(alert=alert, actor=siri, choice=Choice(verdict=Verdict.CONFIRM))
    (record,) = records_of(camera)
    assert (record.verdict, record.by) == ("confirm", siri.pk)


def test_a_severe_alert_that_the_desk_confirms_is_drawn_for_review(camera: Camera, kari: User) -> None:
    camera.retention.clip_days, camera.retention.masked_hours = 7, 24
    camera.retention.save()
    reviews_draw(now=timezone.now())  # the draw runs here
    severe, plain = raised(camera, 93.0), raised(camera, 20.0)
    with patch("alerts.reviewing.drawing.drawn_number", return_value=99.0):
        for alert in (severe, plain):
            alert_decide(alert=alert, actor=kari, choice=Choice(verdict=Verdict.CONFIRM))
        reviews_draw(now=timezone.now() + SETTLED_AFTER)
    review = Review.objects.get()
    assert (review.alert, review.first_by, review.is_severe, review.is_random) == (severe, kari, True, False)
