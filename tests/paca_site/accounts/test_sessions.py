"""A session ends without a human act, and after a shift; what pages ask for by themselves keeps nobody signed in."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from cameras.access import Watcher, watching_user
from paca_site.accounts import sessions
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
PERSON = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}
PAGE_ITSELF = {"Sec-Fetch-Mode": "cors", "HX-Request": "true", "HX-Current-URL": "http://testserver/alerts/?filter=1"}
DESK_S, OTHERS_S, SHIFT_S = 120 * 60, 30 * 60, 12 * 3600


class Clock:
    """The clock that sessions go by."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def time(self) -> float:
        return time.time() + self.passed_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    return clock


@pytest.fixture
def operator() -> User:
    return make_user(Role.OPERATOR, make_site())


def ends(user: User) -> list[str]:
    found = AuditEntry.objects.filter(action="account.session-ended", subject=f"user:{user.pk}")
    return [json.loads(entry.body)["details"]["reason"] for entry in found.order_by("number")]


def where_to(answer: Any) -> dict[str, str]:
    address = answer.headers.get("Location") or answer.headers["HX-Redirect"]
    assert urlsplit(address).path == "/account/login/"
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_who_touches_nothing_is_signed_out_and_the_trail_says_so_once(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S - 5
    assert client.get("/alerts/shift/", headers=PAGE_ITSELF).status_code == 200
    clock.passed_s = DESK_S + 5
    answer = client.get("/alerts/shift/?day=1", headers=PERSON)
    assert where_to(answer) == {"next": "/alerts/shift/?day=1", "ended": "idle"}
    assert client.get("/alerts/shift/", headers=PERSON).status_code == 302
    assert ends(operator) == ["idle"]
    assert "nobody had touched PACA" in client.get("/account/login/?ended=idle").text


def test_opening_pages_keeps_one_signed_in_until_the_shift_is_over(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    while clock.passed_s < SHIFT_S - DESK_S:
        clock.passed_s += DESK_S - 60
        assert client.get("/alerts/shift/", headers=PERSON).status_code == 200
    clock.passed_s = SHIFT_S + 1
    assert where_to(client.get("/alerts/shift/", headers=PERSON))["ended"] == "over"
    assert ends(operator) == ["over"]


@pytest.mark.parametrize(
    "headers",
    [
        PAGE_ITSELF,
        {"Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Mode": "navigate"},  # a page that loads itself anew
        {"Accept": "*/*"},
        {"Accept": "text/html", "HX-Request": "true"},
        {"Accept": "text/html", "X-Requested-With": "fetch"},
    ],
)
def test_what_a_page_asks_for_by_itself_keeps_nobody_signed_in(
    headers: dict[str, str], operator: User, clock: Clock
) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S - 30
    assert client.get("/alerts/shift/", headers=headers).status_code == 200
    clock.passed_s = DESK_S + 30
    assert client.get("/alerts/shift/", headers=headers).status_code in (204, 302)


def test_a_browser_that_says_nothing_of_itself_is_believed_when_it_opens_a_page(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S - 30
    client.get("/alerts/shift/", headers={"Accept": "text/html,application/xhtml+xml"})
    clock.passed_s = DESK_S + 30
    assert client.get("/alerts/shift/", headers=PERSON).status_code == 200


def test_the_page_s_report_of_keys_and_pointer_is_an_act(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S - 30
    assert 0 < client.get("/account/here/", headers=PAGE_ITSELF).json()["idle_s"] <= 31
    told = client.post("/account/here/", headers=PAGE_ITSELF).json()
    assert DESK_S - told["idle_s"] <= 2
    assert abs(told["left_s"] - (SHIFT_S - DESK_S + 30)) <= 2
    clock.passed_s = DESK_S + 30
    assert client.get("/alerts/shift/", headers=PAGE_ITSELF).status_code == 200


def test_whoever_is_not_at_a_wall_is_signed_out_sooner(clock: Clock) -> None:
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR):
        user = make_user(role, make_site())
        client = client_of(user)
        clock.passed_s = 0
        clock.passed_s = OTHERS_S + 5
        assert client.get("/account/here/", headers=PAGE_ITSELF).status_code == 204, role
        assert ends(user) == ["idle"]
        clock.passed_s = 0


def test_a_part_of_a_page_leads_the_whole_page_to_the_door_and_back(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S + 5
    answer = client.get("/alerts/rows", headers=PAGE_ITSELF)
    assert answer.status_code == 204
    assert where_to(answer) == {"next": "/alerts/?filter=1", "ended": "idle"}
    away = client.get("/alerts/rows", headers={**PAGE_ITSELF, "HX-Current-URL": "https://elsewhere.example/"})
    assert where_to(away) == {"next": "/", "ended": "idle"}


def test_a_form_sent_too_late_leads_back_to_its_page(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    clock.passed_s = DESK_S + 5
    answer = client.post("/alerts/shift/start", headers={**PERSON, "Referer": "http://testserver/alerts/shift/"})
    assert where_to(answer)["next"] == "/alerts/shift/"


def test_a_socket_of_an_ended_session_shows_nothing_any_more(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    watcher = Watcher(user_id=operator.pk, session_key=client.session.session_key)
    assert watching_user(watcher) == operator
    clock.passed_s = DESK_S + 5
    assert watching_user(watcher) is None


def test_an_act_is_written_once_a_minute_not_with_every_page(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    key = client.session.session_key
    written = set()
    for passed_s in range(0, 130, 10):
        clock.passed_s = passed_s
        client.get("/alerts/shift/", headers=PERSON)
        written.add(Session.objects.get(pk=key).get_decoded()[sessions.ACTED_AT])
    assert 2 <= len(written) <= 3


def test_a_session_from_before_the_upgrade_begins_to_count(operator: User, clock: Clock) -> None:
    client = client_of(operator)
    session = client.session
    for name in (sessions.SIGNED_IN_AT, sessions.ACTED_AT):
        session.pop(name)
    session.save()
    assert client.get("/alerts/shift/", headers=PAGE_ITSELF).status_code == 200
    clock.passed_s = DESK_S + 5
    assert client.get("/alerts/shift/", headers=PAGE_ITSELF).status_code == 204


def test_pages_carry_how_long_the_session_holds_and_the_door_does_not(operator: User) -> None:
    page = client_of(operator).get("/alerts/shift/").text
    assert any(f'data-idle-s="{left_s}"' in page for left_s in range(DESK_S - 3, DESK_S + 1))
    assert "data-session-end" not in Client().get("/account/login/").text
