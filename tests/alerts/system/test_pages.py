from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.system.causes import RULES, Cause
from alerts.system.models import Supervision, SystemAlert
from paca_site.accounts.models import Role, User
from tests.cast import make_camera, make_site, make_system_alert, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_each_person_sees_the_alerts_of_their_cameras_and_some_those_of_the_whole_system() -> None:
    site = make_site()
    here = make_system_alert(make_camera(site, name="Quay"))
    make_system_alert(make_camera(name="Elsewhere"))
    whole = make_system_alert(subject="queue:streams")
    untold = make_system_alert(make_camera(site), raised_at=None)
    for role, sees_whole in ((Role.OPERATOR, False), (Role.SUPERVISOR, True), (Role.ADMINISTRATOR, True)):
        client = client_of(make_user(role, site))
        for path in ("/system/alerts/", "/system/alerts/rows"):
            text = client.get(path).text
            assert "Quay" in text
            assert "Elsewhere" not in text
            assert f"/system/alerts/{untold.pk}/" not in text
            assert ("No worker at all</a>" in text or "No worker at all <span" in text) is sees_whole
        assert client.get(f"/system/alerts/{here.pk}/").status_code == 200
        assert client.get(f"/system/alerts/{whole.pk}/").status_code == (200 if sees_whole else 404)


def test_taking_note_on_the_page_stores_who_and_what() -> None:
    site = make_site()
    alert, operator = make_system_alert(make_camera(site)), make_user(Role.OPERATOR, site, first_name="Kari")
    client = client_of(operator)
    assert RULES[Cause.CAMERA_LOST].advice.replace("'", "&#x27;") in client.get(f"/system/alerts/{alert.pk}/").text
    answer = client.post(f"/system/alerts/{alert.pk}/acknowledge", {"note": "rang the harbour"}, follow=True)
    assert "noted. It ends by itself" in answer.text
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.note) == (operator, "rang the harbour")
    assert "noted by Kari" in client.get("/system/alerts/rows").text


def test_the_second_is_told_who_was_first_and_keeps_what_they_wrote() -> None:
    site = make_site()
    alert = make_system_alert(make_camera(site))
    first = make_user(Role.OPERATOR, site, first_name="Kari")
    client_of(first).post(f"/system/alerts/{alert.pk}/acknowledge")
    answer = client_of(make_user(Role.SUPERVISOR, site)).post(
        f"/system/alerts/{alert.pk}/acknowledge", {"note": "I go there"}
    )
    assert answer.status_code == 409
    assert "Kari was first" in answer.text
    assert "I go there" in answer.text
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.note) == (first, "")


def test_a_note_that_is_too_long_is_refused_with_what_is_allowed() -> None:
    site = make_site()
    alert = make_system_alert(make_camera(site))
    answer = client_of(make_user(Role.OPERATOR, site)).post(
        f"/system/alerts/{alert.pk}/acknowledge", {"note": "x" * 501}
    )
    assert answer.status_code == 422
    assert "500" in answer.text
    assert not SystemAlert.objects.exclude(acknowledged_at=None).exists()


def test_on_the_desk_taking_note_answers_with_the_list() -> None:
    site = make_site()
    alert = make_system_alert(make_camera(site))
    client = client_of(make_user(Role.OPERATOR, site))
    assert 'hx-get="/system/alerts/rows"' in client.get("/alerts/").text
    for _ in range(2):
        answer = client.post(f"/system/alerts/{alert.pk}/acknowledge", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "noted by" in answer.text
        assert "<html" not in answer.text


def test_the_history_is_narrowed_and_paged() -> None:
    site = make_site()
    now = timezone.now()
    camera = make_camera(site)
    for number in range(60):
        began = now - timedelta(hours=number + 1)
        make_system_alert(camera, cause=Cause.DETECTOR_DOWN, began_at=began, ended_at=began + timedelta(minutes=1))
    withheld = make_system_alert(camera, cause=Cause.FRAMES_WITHHELD)
    client = client_of(make_user(Role.ADMINISTRATOR, site))

    def found(query: str) -> list[int]:
        return [alert.pk for alert in client.get(f"/system/alerts/?{query}").context["page"].alerts]

    assert found("cause=privacy") == [withheld.pk]
    assert found("state=open") == [withheld.pk]
    assert found("state=ended&cause=frames-withheld") == []
    first = found("cause=detector-down")
    second = found(f"cause=detector-down&before={first[-1]}")
    assert (len(first), len(second), len({*first, *second})) == (50, 10, 60)
    assert "Nothing matches" in client.get("/system/alerts/?cause=disk-full").text


def test_the_empty_page_says_what_would_stand_there() -> None:
    assert "Nothing has been wrong" in client_of(make_user(Role.SUPERVISOR, make_site())).get("/system/alerts/").text


def test_the_list_says_that_nobody_has_looked_for_too_long() -> None:
    client = client_of(make_user(Role.SUPERVISOR, make_site()))
    Supervision.objects.create(pk=1, checked_at=timezone.now())
    assert "Nothing is being checked" not in client.get("/system/alerts/rows").text
    Supervision.objects.update(checked_at=timezone.now() - timedelta(minutes=1))
    assert "Nothing is being checked" in client.get("/system/alerts/rows").text


def test_days_of_the_history_are_those_of_the_readers_sites() -> None:
    site = make_site()
    began = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    alert = make_system_alert(make_camera(site), began_at=began, raised_at=began, ended_at=began)
    client = client_of(make_user(Role.OPERATOR, site))
    for day, found in (("2026-07-01", []), ("2026-07-02", [alert])):
        page = client.get("/system/alerts/", {"first_day": day, "last_day": day})
        assert page.context["page"].alerts == found
    assert "From (Europe/Oslo)" in page.text
