import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.test import Client, RequestFactory

from paca_site.accounts.client_address import client_address
from paca_site.accounts.models import Role
from tests.cast import PASSWORD, make_site, make_user


@pytest.mark.parametrize(
    ("is_behind", "forwarded", "expected"),
    [
        (False, "203.0.113.7", "10.0.0.1"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "2001:db8::7", "2001:db8::7"),
        (True, "", "10.0.0.1"),
        (True, "'; DROP", "10.0.0.1"),
    ],
)
def test_the_proxy_is_believed_only_where_there_is_one(
    settings: LazySettings, is_behind: bool, forwarded: str, expected: str
) -> None:
    settings.BEHIND_PROXY = is_behind
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == expected


@pytest.mark.django_db
def test_behind_a_proxy_a_stranger_cannot_lock_somebody_out_who_sits_elsewhere(settings: LazySettings) -> None:
    settings.BEHIND_PROXY, settings.REQUIRE_SECOND_FACTOR = True, False
    user, stranger, own = make_user(Role.OPERATOR, make_site()), Client(), Client()
    for _ in range(8):
        answer = stranger.post(
            "/account/login/",
            {"login": user.username, "password": "wrong"},
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
    assert answer.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.7"}
    own.post(
        "/account/login/",
        {"login": user.username, "password": PASSWORD},
        headers={"X-Forwarded-For": "198.51.100.1"},
    )
    assert "_auth_user_id" in own.session
