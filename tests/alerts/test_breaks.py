"""Breaks: proposed in time, begun and ended once, and nothing waits for who rests."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from alerts.services.claiming import alert_claim
from alerts.services.shift_changing import break_begin, break_end, shift_end, shift_start
from alerts.sharing.load import people_on_shift
from alerts.shifts import Shift
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk

DUE = "at the desk without a break"


def begun(desk: Desk, minutes_ago: float) -> Shift:
    shift = shift_start(actor=desk.operator)
    Shift.objects.filter(pk=shift.pk).update(started_at=timezone.now() - timedelta(minutes=minutes_ago))
    return shift


def test_a_break_is_proposed_after_two_hours_and_again_two_hours_after_the_last(
    desk: Desk, as_operator: Client
) -> None:
    begun(desk, 119)
    assert DUE not in as_operator.get("/alerts/").text
    Shift.objects.update(started_at=timezone.now() - timedelta(minutes=121))
    for page in ("/alerts/", "/load/mine", "/alerts/shift/"):
        assert DUE in as_operator.get(page).text, page
    as_operator.post("/alerts/shift/break", {"break": "begin"})
    assert "Your break began" in as_operator.get("/load/mine").text
    as_operator.post("/alerts/shift/break", {"break": "end"})
    assert DUE not in as_operator.get("/alerts/").text
    Shift.objects.update(rested_at=timezone.now() - timedelta(minutes=121))
    assert DUE in as_operator.get("/alerts/").text


def test_without_a_shift_or_with_the_setting_at_0_nobody_is_reminded(
    desk: Desk, as_operator: Client, settings: Any
) -> None:
    assert DUE not in as_operator.get("/alerts/").text
    begun(desk, 600)
    settings.BREAK_AFTER_MIN = 0
    assert DUE not in as_operator.get("/alerts/").text


def test_who_rests_works_on_nothing_and_is_offered_nothing_and_the_trail_has_both(desk: Desk) -> None:
    begun(desk, 10)
    alert_claim(alert=desk.alert, actor=desk.operator)
    break_begin(actor=desk.operator)
    assert Alert.objects.get(pk=desk.alert.pk).claimed_by is None
    assert desk.operator not in people_on_shift([desk.site])[desk.site.pk]
    with pytest.raises(ValidationError, match="a break already"):
        break_begin(actor=desk.operator)
    Shift.objects.update(on_break_since=timezone.now() - timedelta(minutes=20))
    break_end(actor=desk.operator)
    assert desk.operator in people_on_shift([desk.site])[desk.site.pk]
    with pytest.raises(ValidationError, match="no break now"):
        break_end(actor=desk.operator)
    entries = AuditEntry.objects.filter(action__startswith="shift.break").order_by("number")
    assert [entry.action for entry in entries] == ["shift.break-begun", "shift.break-ended"]
    assert 1199 <= json.loads(entries[1].body)["details"]["lasted_s"] <= 1201


def test_the_end_of_the_shift_ends_the_break(desk: Desk) -> None:
    begun(desk, 10)
    break_begin(actor=desk.operator)
    shift = shift_end(actor=desk.operator)
    assert shift.on_break_since is None
    assert AuditEntry.objects.filter(action="shift.break-ended").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.filter(pk=shift.pk).update(on_break_since=timezone.now())


def test_without_a_shift_there_is_no_break(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="No shift of yours is running"):
        break_begin(actor=desk.operator)
