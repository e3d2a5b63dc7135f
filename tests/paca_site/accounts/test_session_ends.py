"""What is left of a session that the clock has ended: the reason for whoever sat there, and one entry in the trail."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from cameras.access import Watcher, watching_user
from paca_site.accounts import sessions
from paca_site.accounts.models import Role, User
from paca_site.accounts.tasks import end_sessions
from tests.cast import make_site, make_user
from tests.paca_site.accounts.test_sessions import DESK_S, OTHERS_S, PAGE_ITSELF, PERSON, Clock, clock, ends, where_to
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
__all__ = ["clock"]


@pytest.fixture
def operator() -> User:
    return make_user(Role.OPERATOR, make_site())


def key_of(client: Client) -> str:
    return str(client.session.session_key)


def test_whoever_comes_back_is_told_why_though_the_page_itself_asked_first(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S + 5
    assert client.get("/account/here/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 302
    assert client.get("/alerts/rows", headers={"Sec-Fetch-Mode": "cors"}).status_code == 302
    assert where_to(client.get("/alerts/shift/", headers=PERSON)) == {"next": "/alerts/shift/", "ended": "idle"}
    assert ends(operator) == ["idle"]


def test_a_session_that_no_page_asks_for_ends_too_and_is_told_once(operator: User, clock: Clock) -> None:
    client, colleague = client_of(operator), make_user(Role.OPERATOR, make_site())
    clock.passed_s = DESK_S - 60
    other = client_of(colleague)
    end_sessions()
    assert ends(operator) == []
    clock.passed_s = DESK_S + 5
    end_sessions()
    end_sessions()
    assert ends(operator) == ["idle"]
    assert ends(colleague) == []
    assert other.get("/alerts/shift/", headers=PAGE_ITSELF).status_code == 200
    assert where_to(client.get("/alerts/shift/", headers=PERSON))["ended"] == "idle"
    assert ends(operator) == ["idle"]


def test_an_ended_session_holds_nothing_and_shows_no_socket_anything(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    key = key_of(client)
    clock.passed_s = DESK_S + 5
    end_sessions()
    clock.passed_s = 0
    assert Session.objects.get(pk=key).get_decoded() == {sessions.ENDED: "idle"}
    assert watching_user(Watcher(user_id=operator.pk, session_key=key)) is None


def test_a_longer_time_does_not_bring_an_ended_session_back(clock: Clock) -> None:
    user = make_user(Role.SUPERVISOR, make_site())
    client = client_of(user)
    clock.passed_s = OTHERS_S + 5
    end_sessions()
    User.objects.filter(pk=user.pk).update(role=Role.OPERATOR)
    assert where_to(client.get("/alerts/shift/", headers=PERSON))["ended"] == "idle"


def test_an_act_that_comes_just_before_the_end_wins(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    assert not sessions.session_end(session_key=key_of(client), user=operator)
    assert client.session[SESSION_KEY] == str(operator.pk)
    assert ends(operator) == []


def test_signing_in_again_begins_a_session_of_its_own(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    key = key_of(client)
    clock.passed_s = DESK_S + 5
    assert client.get("/alerts/shift/", headers=PERSON).status_code == 302
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert key_of(client) != key
    assert sessions.ENDED not in client.session
    assert client.get("/alerts/shift/", headers=PERSON).status_code == 200


def test_rows_of_sessions_that_nobody_can_use_are_removed(operator: User, clock: Clock) -> None:
    old, new = key_of(client_of(operator)), key_of(client_of(operator))
    Session.objects.filter(pk=old).update(expire_date=timezone.now() - timedelta(seconds=1))
    end_sessions()
    assert set(Session.objects.values_list("pk", flat=True)) & {old, new} == {new}
