import threading
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client
from django.utils import timezone

from alerts.incidents import Flood, Incident
from alerts.models import Alert, AlertState, Decision, Severity
from alerts.services.claiming import alert_claim
from alerts.services.flooding import floods_check
from alerts.services.raising import alert_raise
from cameras.models import Camera
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_report, make_site

METRE = 1 / 111_320  # degrees of latitude


@pytest.fixture
def near(desk: Desk) -> Camera:
    """A camera 50 m to the north of the alert's."""
    return make_camera(desk.site, latitude=desk.alert.camera.latitude + 50 * METRE)


def raised(camera: Camera, **fields: object) -> Alert:
    return alert_raise(camera_id=camera.pk, report=make_report(**fields))[0]


def test_followers_of_the_same_and_of_a_near_camera_join_one_incident(desk: Desk, near: Camera) -> None:
    first = raised(desk.alert.camera)
    assert first.incident is not None
    assert raised(desk.alert.camera).incident == first.incident
    assert raised(near).incident == first.incident


def test_what_is_far_away_long_ago_or_of_another_site_is_another_incident(desk: Desk, near: Camera) -> None:
    now, here = timezone.now(), desk.alert.camera
    first = raised(here, started_at=now - timedelta(seconds=200), ended_at=now - timedelta(seconds=100))
    far = make_camera(desk.site, latitude=here.latitude + 61 * METRE)
    elsewhere = make_camera(make_site())
    later = raised(near)
    joined = [first.incident, later.incident, raised(elsewhere).incident]
    assert len(set(joined)) == 3
    Alert.objects.filter(pk=later.pk).update(ended_at=now - timedelta(seconds=90))
    first_far = raised(far)
    assert first_far.incident not in joined


def test_an_incident_takes_in_what_follows_within_the_time_and_not_after_an_hour(
    desk: Desk, settings: LazySettings
) -> None:
    now, camera = timezone.now(), desk.alert.camera
    first = raised(camera, started_at=now - timedelta(seconds=70), ended_at=now - timedelta(seconds=50))
    assert raised(camera, started_at=now).incident == first.incident
    assert first.incident is not None
    Incident.objects.update(opened_at=now - timedelta(minutes=61))
    assert raised(camera, started_at=now).incident != first.incident


@pytest.mark.django_db(transaction=True)
def test_two_alerts_at_once_find_each_other(desk: Desk, near: Camera) -> None:
    start = threading.Barrier(2)

    def raise_at(camera: Camera) -> None:
        try:
            start.wait(timeout=10)
            raised(camera)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=raise_at, args=(camera,)) for camera in (desk.alert.camera, near)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert Incident.objects.count() == 1
    assert Alert.objects.filter(incident=Incident.objects.get()).count() == 2


def test_the_queue_keeps_an_incident_together_where_its_most_urgent_alert_stands(
    desk: Desk, as_operator: Client
) -> None:
    camera, now, incident = desk.alert.camera, timezone.now(), Incident.objects.create(site=desk.site)
    severe = make_alert(camera, severity=Severity.HIGH, incident=incident, raised_at=now - timedelta(minutes=4))
    alone = make_alert(camera, severity=Severity.HIGH, raised_at=now - timedelta(minutes=3))
    slight = make_alert(camera, severity=Severity.LOW, incident=incident, raised_at=now - timedelta(minutes=2))
    text = as_operator.get("/alerts/").text
    order = [text.find(f'id="alert-{alert.pk}"') for alert in (severe, slight, alone, desk.alert)]
    assert order == sorted(order)
    assert order[0] > 0
    assert ">2</span> alerts, one incident" in text
    assert text.count("data-follower") == 1


def test_several_alerts_of_one_incident_are_dismissed_for_one_reason_and_only_those_chosen(
    desk: Desk, as_operator: Client
) -> None:
    incident = Incident.objects.create(site=desk.site)
    chosen = [make_alert(desk.alert.camera, incident=incident) for _ in range(2)]
    held, unseen = (make_alert(desk.alert.camera, incident=incident) for _ in range(2))
    alert_claim(alert=held, actor=desk.supervisor)
    foreign = make_alert(desk.alert.camera, incident=Incident.objects.create(site=desk.site))
    page = as_operator.get(f"/alerts/incidents/{incident.pk}/").text
    assert page.count('type="checkbox"') == 3  # none for what a colleague has
    assert AuditEntry.objects.filter(action="incident.viewed", actor=desk.operator).count() == 1
    posted = {"alerts": [str(alert.pk) for alert in (*chosen, held, foreign)], "reason": "crowd"}
    answer = as_operator.post(f"/alerts/incidents/{incident.pk}/dismiss", posted, follow=True)
    assert "2 dismissed." in answer.text
    assert f"Alert {held.pk}: {desk.supervisor} has it." in answer.text
    assert set(Decision.objects.filter(is_bulk=True).values_list("alert", flat=True)) == {a.pk for a in chosen}
    assert AuditEntry.objects.filter(action="alert.dismissed").count() == 2
    for alert in (held, unseen, foreign):
        alert.refresh_from_db()
        assert alert.state == AlertState.NEW


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"reason": "crowd"}, "Choose at least one"),
        ({"alerts": ["{pk}"]}, "A dismissal needs a reason"),
        ({"alerts": ["{pk}"], "reason": "other"}, "Say in a few words why"),
        ({"alerts": ["{pk}"], "reason": "confirm"}, "not one of the available choices"),
    ],
)
def test_a_bulk_dismissal_without_choice_or_reason_dismisses_nothing(
    desk: Desk, as_operator: Client, posted: dict[str, object], words: str
) -> None:
    incident = Incident.objects.create(site=desk.site)
    alert = make_alert(desk.alert.camera, incident=incident)
    filled = {key: [str(alert.pk)] if key == "alerts" else value for key, value in posted.items()}
    answer = as_operator.post(f"/alerts/incidents/{incident.pk}/dismiss", filled)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Decision.objects.exists()


def test_a_flood_starts_above_ten_in_ten_minutes_ends_below_five_and_hides_nothing(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    now, incident = timezone.now(), Incident.objects.create(site=desk.site)
    alerts = [make_alert(desk.alert.camera, incident=incident) for _ in range(9)]
    floods_check()
    assert not Flood.objects.exists()  # ten with the desk's own
    alerts.append(make_alert(desk.alert.camera, incident=incident))
    floods_check()
    floods_check()
    flood = Flood.objects.get()
    assert (flood.alerts, flood.operators, flood.ended_at) == (11, 1, None)
    for screen in (as_operator, as_supervisor):
        text = screen.get("/alerts/").text
        assert "Flood at" in text
        assert "data-folded" in text
        assert all(f'id="alert-{alert.pk}"' in text for alert in alerts)
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts[:6]]).update(raised_at=now - timedelta(minutes=11))
    floods_check()
    assert Flood.objects.filter(ended_at=None).exists()  # five are left: not over yet
    Alert.objects.filter(pk=alerts[6].pk).update(raised_at=now - timedelta(minutes=11))
    floods_check()
    assert not Flood.objects.filter(ended_at=None).exists()
    assert "Flood at" not in as_operator.get("/alerts/").text
    assert AuditEntry.objects.filter(action__startswith="flood.").count() == 2


def test_more_people_at_work_bear_more_alerts(desk: Desk) -> None:
    alerts = [make_alert(desk.alert.camera) for _ in range(15)]
    for person, alert in zip((desk.operator, desk.supervisor), alerts, strict=False):
        alert_claim(alert=alert, actor=person)
    floods_check()
    assert not Flood.objects.exists()
    for _ in range(5):
        make_alert(desk.alert.camera)
    floods_check()
    assert Flood.objects.get().operators == 2
