import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client

from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_site, make_user
from tests.soft_passkey import (
    ANEW,
    FACTORS,
    PRESENT,
    at_localhost,
    keyed,
    prove,
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


def told_of(user: User) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"user:{user.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


def test_a_passkey_is_the_fresh_proof_and_signing_in_with_it_is_not(person: User, client: Client) -> None:
    supervisor = make_user(Role.CUSTODIAN, make_site())
    key, client = keyed(supervisor), at_localhost()
    sign_in(client, key)
    wanted = "/custody/add"
    assert client.get(wanted)["Location"] == f"{ANEW}?next=%2Fcustody%2Fadd"
    assert "/account/2fa/reauthenticate/" in client.get(ANEW, {"next": wanted}).text  # a recovery code also proves
    assert prove(client, key, wanted)["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_a_refused_proof_is_told_recorded_and_asked_for_again_on_the_same_way(person: User) -> None:
    custodian = make_user(Role.CUSTODIAN, make_site())
    key, client = keyed(custodian), at_localhost()
    sign_in(client, key)
    key.flags = PRESENT
    answer = prove(client, key, "/custody/add")
    assert answer["Location"] == f"{ANEW}?next=%2Fcustody%2Fadd"
    assert "not accepted" in client.get(answer["Location"]).text
    assert client.get("/custody/add").status_code == 302
    assert told_of(custodian)[-1] == ("account.second-factor-failed", {"kind": "passkey"})


def test_a_passkey_is_renamed_and_removed_with_a_fresh_proof_only_and_one_is_required_again(person: User) -> None:
    key, client = keyed(person), at_localhost()
    sign_in(client, key)
    row = Authenticator.objects.get(user=person, type="webauthn")
    rename, remove = (f"/account/2fa/webauthn/keys/{row.pk}/{what}/" for what in ("edit", "remove"))
    assert "reauthenticate" in client.post(remove)["Location"]
    assert "reauthenticate" in client.post(rename, {"name": "Mine"})["Location"]
    assert Authenticator.objects.get(pk=row.pk).wrap().name == "Key ring"
    prove(client, key)
    assert client.post(rename, {"name": "x" * 61}).status_code == 200
    assert client.post(rename, {"name": "Desk 2"})["Location"] == FACTORS
    assert told_of(person)[-1] == ("account.second-factor-renamed", {"kind": "passkey", "name": "Desk 2"})
    assert client.post(remove)["Location"] == FACTORS
    assert ("account.second-factor-removed", {"kind": "passkey", "name": "Desk 2"}) in told_of(person)
    assert not Authenticator.objects.filter(user=person).exists()  # its recovery codes went with it
    assert client.get("/alerts/")["Location"] == FACTORS


def test_nobody_renames_or_removes_the_passkey_of_somebody_else(person: User) -> None:
    keyed(person)
    row = Authenticator.objects.get(user=person, type="webauthn")
    client = with_password(make_user(Role.OPERATOR, make_site()))
    for what in ("edit", "remove"):
        assert client.post(f"/account/2fa/webauthn/keys/{row.pk}/{what}/", {"name": "x"}).status_code == 404
    assert Authenticator.objects.get(pk=row.pk).wrap().name == "Key ring"
