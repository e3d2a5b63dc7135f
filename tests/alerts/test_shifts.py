from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.handover import sheet_digest
from alerts.models import Alert, AlertState
from alerts.services.claiming import alert_claim
from alerts.services.shelving import alert_shelve
from alerts.services.shift_changing import shift_accept, shift_end, shift_start, shifts_purge
from alerts.shifts import Shift
from paca_site.accounts.models import Role, SiteScope
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_site, make_user


def test_the_sheet_tells_what_is_open_escalated_to_log_shelved_and_out(desk: Desk, as_operator: Client) -> None:
    camera = desk.alert.camera
    escalated = make_alert(camera, state=AlertState.ESCALATED)
    to_log = make_alert(camera, state=AlertState.CONFIRMED)
    shelved = make_alert(camera)
    elsewhere = make_alert(make_camera(make_site()))
    alert_shelve(alert=shelved, actor=desk.operator, minutes=30, reason="Building work")
    alert_claim(alert=desk.alert, actor=desk.operator)
    as_operator.post("/alerts/shift/start")
    answer = as_operator.post("/alerts/shift/end", {"notes": "Gate 2 is open"}, follow=True)
    assert "Signed. Whoever takes over signs it too." in answer.text
    shift = Shift.objects.get(person=desk.operator)
    numbers = [[row.get("number") for row in part["rows"]] for part in shift.sheet["parts"]]
    assert numbers[:4] == [[desk.alert.pk], [escalated.pk], [to_log.pk], [shelved.pk]]
    assert elsewhere.pk not in [number for part in numbers for number in part]
    assert "Gate 2 is open" in answer.text
    assert Alert.objects.get(pk=desk.alert.pk).claimed_by is None


def test_two_people_sign_the_same_sheet(desk: Desk, as_operator: Client, as_supervisor: Client) -> None:
    shift_start(actor=desk.operator)
    shift = shift_end(actor=desk.operator, notes="Quiet")
    assert shift.digest == sheet_digest(shift.sheet, "Quiet")
    assert "nobody yet" in as_supervisor.get("/alerts/shift/").text
    own = as_operator.get(f"/alerts/shift/{shift.pk}/").text
    assert "I have read it and take over" not in own
    assert "A colleague signs" in as_operator.post(f"/alerts/shift/{shift.pk}/accept", follow=True).text
    assert "you have taken over" in as_supervisor.post(f"/alerts/shift/{shift.pk}/accept", follow=True).text
    entries = AuditEntry.objects.filter(action__startswith="shift.").order_by("number")
    assert [entry.action for entry in entries] == ["shift.started", "shift.ended", "shift.accepted"]
    assert all(shift.digest in entry.body for entry in entries[1:])
    with pytest.raises(ValidationError, match="somebody else"):
        shift_accept(shift=shift, actor=make_user(Role.OPERATOR, desk.site))


def test_the_times_of_a_handover_are_the_sites_with_the_offset(desk: Desk, as_operator: Client) -> None:
    shift_start(actor=desk.operator)
    began = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    Shift.objects.filter(person=desk.operator).update(started_at=began)
    assert "2026-07-02 00:30 +0200" in as_operator.get("/alerts/shift/").text
    shift = shift_end(actor=desk.operator)
    Shift.objects.filter(pk=shift.pk).update(ended_at=began + timedelta(hours=8))
    sheet = as_operator.get(f"/alerts/shift/{shift.pk}/").text
    assert "2026-07-02 00:30 +0200" in sheet
    assert "2026-07-02 08:30:00 +0200" in sheet
    shift.sites.add(make_site(time_zone="Pacific/Auckland"))
    desk.operator.scopes.create(site=shift.sites.get(time_zone="Pacific/Auckland"))
    assert "2026-07-01 22:30 +0000" in as_operator.get(f"/alerts/shift/{shift.pk}/").text


def test_one_shift_at_a_time_and_none_to_end_where_none_runs(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="No shift"):
        shift_end(actor=desk.operator)
    shift_start(actor=desk.operator)
    with pytest.raises(ValidationError, match="running already"):
        shift_start(actor=desk.operator)
    with pytest.raises(ValidationError, match="Only operators"):
        shift_start(actor=desk.auditor)
    assert Shift.objects.count() == 1


def test_a_sheet_is_read_only_by_who_has_all_its_sites(desk: Desk, as_supervisor: Client) -> None:
    other = make_site()
    SiteScope.objects.create(user=desk.operator, site=other)
    shift_start(actor=desk.operator)
    shift = shift_end(actor=desk.operator)
    assert as_supervisor.get(f"/alerts/shift/{shift.pk}/").status_code == 404
    assert as_supervisor.post(f"/alerts/shift/{shift.pk}/accept").status_code == 404
    assert "Open the sheet" not in as_supervisor.get("/alerts/shift/").text
    SiteScope.objects.create(user=desk.supervisor, site=other)
    assert as_supervisor.get(f"/alerts/shift/{shift.pk}/").status_code == 200


def test_the_sheet_goes_at_the_ceiling_and_the_signatures_stay(desk: Desk, as_operator: Client) -> None:
    shift_start(actor=desk.operator)
    shift = shift_end(actor=desk.operator, notes="Gate 2 is open")
    days = desk.alert.camera.retention.alert_days
    assert shifts_purge(now=timezone.now() + timedelta(days=days - 1)) == 0
    late = timezone.now() + timedelta(days=days, minutes=1)
    assert (shifts_purge(now=late), shifts_purge(now=late)) == (1, 0)
    shift.refresh_from_db()
    assert (shift.sheet, shift.notes, shift.person) == ({}, "", desk.operator)
    assert "Deleted at the end of its retention" in as_operator.get(f"/alerts/shift/{shift.pk}/").text


def test_the_page_costs_the_same_number_of_queries_for_one_alert_and_for_ten(desk: Desk, as_operator: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_operator.get("/alerts/shift/").status_code == 200
        return len(captured)

    before = queries()
    for _ in range(9):
        make_alert(make_camera(desk.site))
    assert queries() == before
