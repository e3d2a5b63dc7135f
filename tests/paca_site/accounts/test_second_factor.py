import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from paca_site.accounts.models import Role, User
from paca_site.audit.code_limit import MOST_WRONG
from paca_site.audit.models import AuditEntry
from tests.cast import PASSWORD, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
SECRET = "JBSWY3DPEHPK3PXP"


def code_now() -> str:
    left_s = 30 - time.time() % 30
    if left_s < 3:  # a code that ends before it is sent would fail the test now and then
        time.sleep(left_s)
    return str(format_hotp_value(hotp_value(SECRET, int(timezone.now().timestamp()) // 30)))


def wrong_code() -> str:
    return f"{(int(code_now()) + 1) % 1_000_000:06}"


@pytest.fixture
def person() -> User:
    user = make_user(Role.OPERATOR, make_site())
    TOTP.activate(user, SECRET)
    return user


def at_the_code(user: User) -> Client:
    client = Client()
    answer = client.post("/account/login/", {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == "/account/2fa/authenticate/"
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_password_and_code_sign_in(person: User) -> None:
    client = at_the_code(person)
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": code_now()})
    assert is_in(client)


def test_a_machine_that_has_the_password_cannot_try_all_codes(person: User) -> None:
    for number in range(MOST_WRONG):  # from another browser each time, and with an empty cache, as after a restart
        cache.clear()
        client = at_the_code(person)
        answer = client.post(
            "/account/2fa/authenticate/", {"code": wrong_code()}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        assert "Too many" not in answer.text
    answer = client.post("/account/2fa/authenticate/", {"code": code_now()})
    assert "Too many wrong codes. Wait 15 minutes." in answer.text
    assert not is_in(client)
    assert AuditEntry.objects.filter(action="account.second-factor-failed").count() == MOST_WRONG


def test_recovery_codes_cannot_be_tried_either_and_another_person_is_not_held_up(person: User) -> None:
    codes = RecoveryCodes.activate(person).generate_codes()
    client = at_the_code(person)
    for _ in range(MOST_WRONG):
        client.post("/account/2fa/authenticate/", {"code": wrong_code()})
    client.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert not is_in(client)
    other = make_user(Role.OPERATOR, make_site())
    TOTP.activate(other, SECRET)
    client = at_the_code(other)
    client.post("/account/2fa/authenticate/", {"code": code_now()})
    assert is_in(client)


def test_a_code_serves_once_in_all_processes(person: User) -> None:
    Authenticator.objects.filter(user=person).update(last_used_at=timezone.now() - timedelta(minutes=1))
    client, code = at_the_code(person), code_now()
    client.post("/account/2fa/authenticate/", {"code": code})
    assert is_in(client)
    cache.clear()  # what another process remembers
    again = at_the_code(person)
    answer = again.post("/account/2fa/authenticate/", {"code": code})
    assert re.search(r"used already|Incorrect code", answer.text)  # the latter where the half minute has just ended
    assert not is_in(again)


def test_the_code_before_what_needs_a_fresh_proof_is_counted_too(person: User) -> None:
    client = at_the_code(person)
    client.post("/account/2fa/authenticate/", {"code": code_now()})
    for _ in range(MOST_WRONG):
        client.post("/account/2fa/reauthenticate/", {"code": wrong_code()})
    assert "Too many wrong codes" in client.post("/account/2fa/reauthenticate/", {"code": wrong_code()}).text
