"""Decisions as a file: what was asked for, nothing that may name somebody, and on record before it leaves."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from alerts import decision_download
from alerts.models import Alert, Decision, Verdict
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.alerts.test_desk_pages import decide
from tests.cast import make_alert, make_camera, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import proved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
WHY = {"reason": "The council asked for the month."}
PATH = "/alerts/decisions/export"


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_file_holds_what_the_list_is_narrowed_to_and_no_notes(desk: Desk, as_supervisor: Client) -> None:
    decide(desk.alert, desk, note="Kari Nordmann fell")
    other = make_user(Role.OPERATOR, desk.site)
    decide(make_alert(desk.alert.camera), desk, by=other, verdict=Verdict.DISMISS, reason="crowd")
    answer = proved(as_supervisor).post(PATH, {**WHY, "verdict": "dismiss"})
    (row,) = rows_of(answer)
    assert (row["verdict"], row["reason"], row["person"]) == ("dismiss", "crowd", other.username)
    assert "no-store" in answer["Cache-Control"]
    everything = proved(as_supervisor).post(PATH, WHY)
    assert len(rows_of(everything)) == 2
    assert "Kari" not in everything.text


def test_its_times_are_the_sites_with_the_offset_and_utc_beside_them(desk: Desk, as_supervisor: Client) -> None:
    decision = decide(desk.alert, desk)
    Decision.objects.filter(pk=decision.pk).update(at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    (row,) = rows_of(proved(as_supervisor).post(PATH, WHY))
    assert (row["time"], row["time_utc"]) == ("2026-07-02T00:30:00+02:00", "2026-07-01T22:30:00+00:00")


def test_it_is_on_record_with_the_reason_and_what_was_asked(desk: Desk, as_auditor: Client) -> None:
    decide(desk.alert, desk)
    answer = proved(as_auditor).post(PATH, {**WHY, "verdict": "confirm"})
    entry = AuditEntry.objects.get(action="decisions.exported")
    assert f"paca-decisions-{entry.number}.csv" in answer["Content-Disposition"]
    assert json.loads(entry.body)["details"] == {"filters": {"verdict": "confirm"}, "rows": 1, **WHY}


@pytest.mark.parametrize("reason", ["", "too short"])
def test_without_a_reason_nothing_leaves_and_the_list_stays_narrowed(
    reason: str, desk: Desk, as_supervisor: Client
) -> None:
    decide(desk.alert, desk)
    answer = proved(as_supervisor).post(PATH, {"reason": reason, "verdict": "confirm"})
    assert answer.status_code == 422
    assert '<input type="hidden" name="verdict" value="confirm">' in answer.text
    assert not AuditEntry.objects.filter(action="decisions.exported").exists()


def test_who_has_not_just_proved_who_they_are_gets_nothing_and_comes_back_to_the_list_as_it_was(
    desk: Desk, as_supervisor: Client
) -> None:
    decide(desk.alert, desk)
    answer = as_supervisor.post(PATH, {**WHY, "verdict": "confirm"})
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/alerts/decisions/?verdict=confirm"]
    assert "ask for the file once more" in as_supervisor.get(answer["Location"]).text
    assert not AuditEntry.objects.filter(action="decisions.exported").exists()


def test_a_longer_list_than_a_file_holds_is_refused_not_cut(
    desk: Desk, as_supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_download, "MOST_ROWS", 1)
    for _ in range(2):
        decide(make_alert(desk.alert.camera), desk)
    answer = proved(as_supervisor).post(PATH, WHY)
    assert answer.status_code == 422
    assert "At most 1 decisions in one file" in answer.text


def test_nothing_of_other_sites_is_in_it_and_operators_get_none(
    desk: Desk, as_supervisor: Client, as_operator: Client
) -> None:
    decide(make_alert(make_camera()), desk)
    assert rows_of(proved(as_supervisor).post(PATH, WHY)) == []
    assert as_operator.post(PATH, WHY).status_code == 403


def test_a_camera_s_name_is_no_formula(desk: Desk) -> None:
    camera = make_camera(desk.site, name="=HYPERLINK(1)")
    decide(make_alert(camera), desk)
    assert Alert.objects.filter(camera=camera).exists()
    answer = proved(client_of(make_user(Role.SUPERVISOR, desk.site))).post(PATH, WHY)
    assert [row["camera"] for row in rows_of(answer)] == ["'=HYPERLINK(1)"]
