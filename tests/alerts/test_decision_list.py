"""What the decisions list can be narrowed by, and that PostgreSQL knows how few alerts wait for a log."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.filters import DecisionFilter
from alerts.models import Alert, AlertState, Decision, Verdict
from paca_site.accounts.models import Role
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_site, make_user


def decided(desk: Desk, alert: Alert, **fields: object) -> Decision:
    values = {"verdict": Verdict.CONFIRM, "by": desk.operator, "role": "operator", "after_s": 9.0, **fields}
    return Decision.objects.create(alert=alert, **values)


def listed(client: Client, **asked: str) -> list[int]:
    return [decision.pk for decision in client.get("/alerts/decisions/", asked).context["page"].decisions]


def test_a_decision_has_the_camera_of_its_alert(desk: Desk) -> None:
    assert decided(desk, desk.alert).camera == desk.alert.camera


def test_both_days_of_a_range_are_in_it_from_midnight_to_midnight_of_the_site(
    desk: Desk, as_supervisor: Client
) -> None:
    day = date(2026, 3, 1)
    first = datetime.combine(day, time.min, ZoneInfo("Europe/Oslo"))
    moments = [first - timedelta(microseconds=1), first, first + timedelta(hours=24, microseconds=-1)]
    before, start, end = (decided(desk, make_alert(desk.alert.camera), at=at) for at in moments)
    after = decided(desk, make_alert(desk.alert.camera), at=first + timedelta(days=1))
    assert listed(as_supervisor, first_day="2026-03-01", last_day="2026-03-01") == [end.pk, start.pk]
    assert listed(as_supervisor, first_day="2026-03-01") == [after.pk, end.pk, start.pk]
    assert listed(as_supervisor, last_day="2026-03-01") == [end.pk, start.pk, before.pk]


def test_a_day_on_which_the_clock_changes_has_23_hours(desk: Desk, as_supervisor: Client) -> None:
    start = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)
    last = decided(desk, make_alert(desk.alert.camera), at=start + timedelta(hours=23, microseconds=-1))
    decided(desk, make_alert(desk.alert.camera), at=start + timedelta(hours=23))
    assert listed(as_supervisor, first_day="2026-03-29", last_day="2026-03-29") == [last.pk]


def test_days_are_of_the_chosen_cameras_clock_where_sites_lie_in_several_zones(
    desk: Desk, as_supervisor: Client
) -> None:
    far = make_camera(make_site(time_zone="Pacific/Auckland"))
    desk.supervisor.scopes.create(site=far.site)
    morning = datetime(2026, 3, 2, 1, tzinfo=ZoneInfo("Pacific/Auckland"))  # still the first of March in UTC
    decision = decided(desk, make_alert(far), at=morning)
    assert listed(as_supervisor, first_day="2026-03-02", last_day="2026-03-02", camera=str(far.pk)) == [decision.pk]
    assert listed(as_supervisor, first_day="2026-03-01", last_day="2026-03-01") == [decision.pk]
    assert "From (UTC)" in as_supervisor.get("/alerts/decisions/").text
    assert "From (Pacific/Auckland)" in as_supervisor.get("/alerts/decisions/", {"camera": str(far.pk)}).text


def test_only_people_who_work_or_worked_at_ones_sites_and_cameras_there_can_be_chosen(desk: Desk) -> None:
    stranger = make_user(Role.OPERATOR)
    decided(desk, make_alert(elsewhere := make_camera()), by=stranger)
    decided(desk, desk.alert)
    left = make_user(Role.OPERATOR, desk.site)
    left.scopes.update(ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    chosen = DecisionFilter({}, queryset=Decision.objects.all(), person=desk.supervisor)
    people, cameras = (set(chosen.filters[name].queryset) for name in ("by", "camera"))
    assert {desk.operator, desk.supervisor, left} <= people
    assert stranger not in people
    assert elsewhere not in cameras
    assert desk.alert.camera in cameras


def test_the_choices_say_what_was_chosen_and_escape_names(desk: Desk, as_supervisor: Client) -> None:
    other = make_camera(desk.site, name="<b>Gate & door</b>")
    assert '<option value="" selected>' in as_supervisor.get("/alerts/decisions/").text
    text = as_supervisor.get("/alerts/decisions/", {"camera": str(other.pk)}).text
    assert f'<option value="{other.pk}" selected>&lt;b&gt;Gate &amp; door&lt;/b&gt;' in text
    assert f'<option value="{desk.alert.camera_id}">' in text
    assert '<label for="id_camera">' in text
    assert re.search(r'<select[^>]* id="id_camera"', text)


def test_pages_go_on_behind_decisions_of_one_moment(desk: Desk, as_supervisor: Client) -> None:
    at = timezone.now()
    made = [decided(desk, make_alert(desk.alert.camera), at=at).pk for _ in range(60)]
    first = as_supervisor.get("/alerts/decisions/").context["page"]
    rest = listed(as_supervisor, before=str(first.next_before))
    assert [*(decision.pk for decision in first.decisions), *rest] == made[::-1]


@pytest.mark.parametrize("state", list(AlertState))
def test_only_a_confirmed_alert_without_a_log_awaits_one(desk: Desk, state: AlertState) -> None:
    alert = make_alert(desk.alert.camera, state=state)
    assert Alert.objects.to_log().filter(pk=alert.pk).exists() == (state == AlertState.CONFIRMED)
    Alert.objects.filter(pk=alert.pk, state=AlertState.CONFIRMED).update(closed_at=timezone.now())
    assert not Alert.objects.to_log().exists()


def test_postgresql_knows_how_few_alerts_await_a_log(desk: Desk) -> None:
    """It took two facts for independent and guessed a fifth of the table, which it then read from end to end."""
    alerts = [
        Alert(
            camera=desk.alert.camera, event_id=f"many-{number}", severity=1, kind="crowd", sentence="", confidence=50,
            score=0.5, threshold=0.5, started_at=timezone.now(), peak_at=timezone.now(), region=[], masker="t",
            detector="t", state="confirmed" if number % 3 == 0 else "dismissed",
            closed_at=timezone.now() if number % 3 == 0 else None,
        )
        for number in range(3000)
    ]  # fmt: skip
    Alert.objects.bulk_create(alerts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alerts_alert")
    plan = Alert.objects.to_log().explain(format="json")
    assert '"Plan Rows": 1,' in plan


def test_the_clock_finds_claims_by_the_index_of_the_few_that_are_held(desk: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "alert_claimed" in Alert.desk.filter(claimed_until__lte=timezone.now()).explain()
