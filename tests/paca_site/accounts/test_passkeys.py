import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client

from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import PASSWORD, make_site, make_user
from tests.soft_passkey import (
    ADD,
    DOOR,
    FACTORS,
    PRESENT,
    SoftPasskey,
    add,
    at_localhost,
    keyed,
    options_in,
    sign_in,
    with_password,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture(autouse=True)
def _required(settings: LazySettings) -> Iterator[None]:
    settings.REQUIRE_SECOND_FACTOR = True
    forget_counts()
    yield
    forget_counts()


def forget_counts() -> None:
    for name in ("default", "limits"):
        caches[name].clear()


@pytest.fixture
def person() -> User:
    return make_user(Role.OPERATOR, make_site())


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def told_of(user: User) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"user:{user.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


def test_a_passkey_is_the_second_factor_that_is_required_and_the_first_brings_recovery_codes(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = with_password(person)
    assert client.get("/alerts/")["Location"] == FACTORS
    assert "PACA opens when you have one of them" in client.get(FACTORS).text
    assert client.get("/words/nb.js").status_code == 200  # what the page's script says, in the person's language
    with django_capture_on_commit_callbacks(execute=True):
        answer = add(client, SoftPasskey())
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    assert client.get("/alerts/").status_code == 200
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    assert ("account.second-factor-added", {"kind": "passkey", "name": "Key ring"}) in told_of(person)
    assert "account.recovery-codes-made" in [action for action, _ in told_of(person)]
    assert "Key ring" in client.get(FACTORS).text


def test_the_key_is_asked_for_the_person_and_to_stay_on_the_device(person: User) -> None:
    asked = options_in(with_password(person).get(ADD))["publicKey"]
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "preferred"
    assert asked["rp"] == {"id": "localhost", "name": "PACA"}
    assert asked["user"]["name"] == person.username


def test_a_passkey_alone_signs_in_and_leads_where_the_person_was_going(person: User) -> None:
    key, client = keyed(person), at_localhost()
    answer = sign_in(client, key, next="/alerts/shift/")
    assert answer["Location"] == "/alerts/shift/"
    assert client.get("/alerts/shift/").status_code == 200
    assert told_of(person)[-1] == ("account.signed-in", {"by": ["passkey"]})


def test_after_the_password_the_passkey_is_the_second_factor(person: User) -> None:
    key, client = keyed(person), at_localhost()
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    assert not is_in(client)
    asked = client.get("/account/2fa/authenticate/")
    client.post("/account/2fa/authenticate/", {"credential": json.dumps(key.get(options_in(asked)))})
    assert is_in(client)
    assert told_of(person)[-1] == ("account.signed-in", {"by": ["password", "passkey"]})


def test_a_recovery_code_opens_where_the_passkey_is_lost(person: User) -> None:
    keyed(person)
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    client = at_localhost()
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    client.post("/account/2fa/authenticate/", {"code": code})
    assert is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://paca.example.attacker.test"},
        {"origin": "http://localhost.attacker.test"},
        {"host": "attacker.test"},
        {"flags": PRESENT},
    ],
    ids=["another origin", "an origin that begins like ours", "another host", "nobody showed a finger"],
)
def test_what_another_site_or_an_unopened_key_answers_is_refused_everywhere(person: User, wrong: Any) -> None:
    refused = SoftPasskey(**wrong)
    assert "not accepted" in add(with_password(person), refused).text
    assert not Authenticator.objects.exists()
    key = keyed(person)
    key.origin, key.host = wrong.get("origin", key.origin), wrong.get("host", key.host)
    key.flags = wrong.get("flags", key.flags)
    client = at_localhost()
    assert sign_in(client, key)["Location"].startswith("/account/login/")
    assert "not accepted" in client.get("/account/login/").text
    assert not is_in(client)
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    asked = client.get("/account/2fa/authenticate/")
    answer = client.post("/account/2fa/authenticate/", {"credential": json.dumps(key.get(options_in(asked)))})
    assert "not accepted" in answer.text
    assert not is_in(client)
    failures = AuditEntry.objects.filter(action__endswith="-failed").order_by("number").values_list("action", flat=True)
    assert list(failures) == ["account.sign-in-failed", "account.second-factor-failed"]


def test_an_answer_serves_once(person: User) -> None:
    key, client = keyed(person), at_localhost()
    options = client.get(DOOR, headers={"Accept": "application/json"}).json()["request_options"]
    credential = json.dumps(key.get(options))
    other = at_localhost()
    other.get(DOOR, headers={"Accept": "application/json"})
    other.post(DOOR, {"credential": credential})
    assert not is_in(other)  # it answers another challenge
    client.post(DOOR, {"credential": credential})
    assert is_in(client)
    client.post("/account/logout/")
    client.post(DOOR, {"credential": credential})
    assert not is_in(client)


def test_a_passkey_of_one_person_opens_nobody_elses_account(person: User) -> None:
    key, other = keyed(person), make_user(Role.SUPERVISOR, make_site())
    keyed(other)
    client = at_localhost()
    key.user_handle = str(WebAuthn(Authenticator.objects.get(user=other, type="webauthn")).instance.user_id)
    sign_in(client, key)
    assert not is_in(client)
    client.post("/account/login/", {"login": other.username, "password": PASSWORD})
    asked = client.get("/account/2fa/authenticate/")
    client.post("/account/2fa/authenticate/", {"credential": json.dumps(key.get(options_in(asked)))})
    assert not is_in(client)


def test_a_deactivated_person_does_not_come_in_by_passkey(person: User) -> None:
    key, client = keyed(person), at_localhost()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert sign_in(client, key)["Location"] == "/account/inactive/"
    assert not is_in(client)


@pytest.mark.parametrize(
    "nonsense",
    [
        "", "x", "null", "[]", "7", '"a"', "{}", '{"id": "a"}', '{"rawId": 7, "response": []}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "!", "userHandle": "MQ"}}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30",'
        ' "authenticatorData": "YQ", "signature": "YQ", "attestationObject": "YQ", "userHandle": "//"}}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "YQ",'
        ' "authenticatorData": "YQ", "signature": "YQ", "attestationObject": "oA", "userHandle": "bm9ib2R5"}}',
        '{"id": "%s"}' % ("A" * 20_000),
    ],
)  # fmt: skip
def test_what_no_browser_sends_is_refused_without_a_fault(person: User, nonsense: str) -> None:
    client = at_localhost()
    client.get(DOOR, headers={"Accept": "application/json"})
    assert client.post(DOOR, {"credential": nonsense})["Location"].startswith("/account/login/")
    client = with_password(person)
    client.get(ADD)
    assert client.post(ADD, {"name": "x", "credential": nonsense}).status_code == 200
    assert not Authenticator.objects.exists()


def test_with_an_app_and_a_passkey_either_opens(person: User) -> None:
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client = at_localhost()
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    page = client.get("/account/2fa/authenticate/").text
    assert "data-passkey=" not in page  # no passkey yet: none is offered
    WebAuthn.add(person, "One", SoftPasskey().create({"publicKey": {"user": {"id": "MQ"}, "challenge": "AA"}}))
    page = client.get("/account/2fa/authenticate/").text
    assert "data-passkey=" in page
    assert 'name="code"' in page


def test_the_pages_are_for_this_host_only_and_a_session_is_as_old_as_the_sign_in(person: User) -> None:
    key = keyed(person)
    elsewhere = Client(headers={"host": "127.0.0.1"})
    options = elsewhere.get(DOOR, headers={"Accept": "application/json"}).json()["request_options"]
    assert options["publicKey"]["rpId"] == "127.0.0.1"
    elsewhere.post(DOOR, {"credential": json.dumps(key.get(options))})
    assert not is_in(elsewhere)
    client = at_localhost()
    sign_in(client, key)
    assert abs(client.session["signed_in_at"] - time.time()) < 60


def test_behind_a_proxy_the_origin_is_that_of_https(person: User, settings: LazySettings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["paca.example"]
    client = Client(headers={"host": "paca.example", "X-Forwarded-Proto": "https"})
    client.post("/account/login/", {"login": person.username, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert "not accepted" in add(client, SoftPasskey(host="paca.example", origin="http://paca.example")).text
    assert add(client, SoftPasskey(host="paca.example", origin="https://paca.example")).status_code == 302


def test_the_door_is_limited_by_address(person: User) -> None:
    client = at_localhost()
    asked = [client.get(DOOR, headers={"Accept": "application/json"}).status_code for _ in range(61)]
    assert asked[:60] == [200] * 60
    assert asked[60] == 429
