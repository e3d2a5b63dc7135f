"""A row's HTML is made once for all screens, and says what is true now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import queue_rows as module
from alerts.access import open_alerts
from alerts.models import Alert
from alerts.queue_rows import AGE, DUE, queue_rows
from alerts.services.claiming import alert_claim
from tests.alerts.conftest import Desk
from tests.cast import make_alert


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    module._render.cache_clear()


def test_a_row_is_rendered_once_for_all_screens_and_again_when_it_has_changed(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    make_alert(desk.alert.camera)
    for client in (as_operator, as_supervisor, as_operator):
        assert client.get("/alerts/rows").status_code == 200
    assert module._render.cache_info().misses == 2
    Alert.objects.filter(pk=desk.alert.pk).update(sentence="One person on the ground; 20 s")
    assert "One person on the ground" in as_operator.get("/alerts/rows").text
    assert module._render.cache_info().misses == 3


def test_the_two_times_of_a_kept_row_go_on(desk: Desk) -> None:
    def told() -> str:
        return queue_rows(open_alerts(desk.operator), 1)[0].html

    now = timezone.now()
    Alert.objects.filter(pk=desk.alert.pk).update(raised_at=now - timedelta(minutes=3), due_at=now)
    first = told()
    assert ">3 min</time>" in first
    assert ">0:00</time>" in first
    Alert.objects.filter(pk=desk.alert.pk).update(due_at=now + timedelta(hours=1))
    assert ">0:00</time>" not in told()
    assert not {AGE, DUE} & set(told())


def test_the_words_of_an_alert_are_escaped(desk: Desk) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(sentence="<b>bold</b>", due_at=timezone.now())
    html = queue_rows(open_alerts(desk.operator), 1)[0].html
    assert "&lt;b&gt;bold" in html
    assert "<b>" not in html


def test_a_row_names_who_works_on_it_until_the_claim_runs_out(desk: Desk) -> None:
    alert_claim(alert=desk.alert, actor=desk.operator)
    assert queue_rows(open_alerts(desk.supervisor), 1)[0].holder == "Kari"
    Alert.objects.filter(pk=desk.alert.pk).update(claimed_until=timezone.now())
    assert queue_rows(open_alerts(desk.supervisor), 1)[0].holder == ""


def test_the_curves_of_an_alert_stay_in_the_database(desk: Desk) -> None:
    with CaptureQueriesContext(connection) as asked:
        queue_rows(open_alerts(desk.operator), 200)
    queue = next(query["sql"] for query in asked if 'FROM "alerts_alert"' in query["sql"])
    assert '"region"' in queue
    assert not [name for name in ("scores", "regions", "facts") if f'"{name}"' in queue]
