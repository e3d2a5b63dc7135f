"""Signing in through a real OpenID Connect provider (oidc-provider-mock, on this machine)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from oidc_provider_mock import run_server_in_thread

from cameras.inviting.models import Invitation
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.identity_provider import IdentityProvider, allauth_providers
from tests.cast import PASSWORD, make_invitation, make_site, make_user
from tests.soft_passkey import at_localhost, keyed, prove, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
START, LINK, UNLINK = (f"/account/oidc/{path}" for path in ("", "link/", "unlink/"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OF_KARI = {"email": "kari@city.example", "email_verified": True, "preferred_username": "kari", "name": "Kari Nordmann"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def provider(issuer: str, settings: LazySettings) -> Iterator[str]:
    use(settings, issuer)
    caches["limits"].clear()
    yield issuer
    caches["limits"].clear()


def use(settings: LazySettings, url: str) -> None:
    settings.OIDC = IdentityProvider(url, "paca", "secret", "City of Fountains")
    settings.SOCIALACCOUNT_PROVIDERS = allauth_providers(settings.OIDC)


@pytest.fixture
def site() -> Site:
    return make_site(name="Fountain")


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def claims(issuer: str, subject: str, **told: Any) -> None:
    requests.put(f"{issuer}/users/{subject}", json=told, timeout=5).raise_for_status()


def at_provider(client: Client, subject: str, start: str = START) -> str:
    """Go to the provider, say who one is there, and return where it sends one back to."""
    away = client.get(start)
    assert away.status_code == 302, away.text
    back = requests.post(away["Location"], data={"sub": subject}, allow_redirects=False, timeout=5)
    return back.headers["Location"]


def through(client: Client, subject: str, start: str = START) -> Any:
    parts = urlsplit(at_provider(client, subject, start))
    return client.get(f"{parts.path}?{parts.query}")


def signed_in_as(user: User) -> Client:
    client = at_localhost()
    client.force_login(user, backend=BACKEND)
    return client


def linked(user: User, subject: str) -> None:
    client = signed_in_as(user)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert "Continue at City of Fountains" in client.post(LINK).text
    assert through(client, subject, f"{START}?process=connect")["Location"] == "/account/2fa/"


def told_of(user: User) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"user:{user.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


@pytest.mark.django_db(transaction=True)
def test_a_person_links_their_account_with_a_fresh_proof_and_comes_in_with_it(site: Site) -> None:
    user = make_user(Role.OPERATOR, site)
    linked(user, "kari")
    assert ("account.provider-linked", {"kind": "identity provider"}) in told_of(user)
    client = at_localhost()
    assert "Sign in with City of Fountains" in client.get("/account/login/").text
    assert through(client, "kari", f"{START}?next=/alerts/shift/")["Location"] == "/alerts/shift/"
    assert client.get("/alerts/shift/").status_code == 200
    assert told_of(user)[-1] == ("account.signed-in", {"by": ["identity provider"]})


def test_pacas_own_second_factor_is_asked_for_whatever_the_provider_says(
    site: Site, provider: str, settings: LazySettings
) -> None:
    user = make_user(Role.OPERATOR, site)
    linked(user, "kari")
    settings.REQUIRE_SECOND_FACTOR = True
    claims(provider, "kari", amr=["mfa", "hwk"], acr="phrh")
    client = at_localhost()
    through(client, "kari")
    assert client.get("/alerts/")["Location"] == "/account/2fa/"  # no factor yet: one is added first
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    client = at_localhost()
    assert through(client, "kari")["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)


def test_who_has_no_account_here_does_not_come_in_and_makes_none(site: Site, provider: str) -> None:
    make_user(Role.ADMINISTRATOR, site, email="kari@city.example")  # an address alone links nothing
    claims(provider, "stranger", **OF_KARI, role="administrator")
    before = User.objects.count()
    client = at_localhost()
    answer = through(client, "stranger")
    assert client.get(answer["Location"])["Location"] == "/account/login/?next=%2F"  # not back to a used answer
    assert "Nobody here has this account of City of Fountains" in client.get(answer["Location"], follow=True).text
    assert not is_in(client)
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()
    entry = AuditEntry.objects.get(action="account.sign-in-failed")
    assert json.loads(entry.body)["details"] == {"username": "unknown", "by": "identity provider"}


@pytest.mark.django_db(transaction=True)
def test_who_is_invited_takes_it_with_a_verified_address_and_waits_like_everybody(site: Site, provider: str) -> None:
    inviter, supervisor = make_user(Role.ADMINISTRATOR, site), make_user(Role.SUPERVISOR, site)
    invitation, _ = make_invitation(site, inviter, email="Kari@city.example")
    client = at_localhost()
    for unsure in ({"email_verified": False}, {"email_verified": "true"}, {"email_verified": None}):
        claims(provider, "k-1", **{**OF_KARI, **unsure})
        through(client, "k-1")
    assert not User.objects.filter(username="kari").exists()
    claims(provider, "k-1", **OF_KARI, role="administrator")
    assert "You will sign in with City of Fountains" in through(client, "k-1").text
    kari = User.objects.get(username="kari")
    assert (kari.role, kari.is_active, kari.has_usable_password(), kari.email) == ("operator", False, False, "")
    assert "Before that, somebody other than who invited you" in through(client, "k-1").text
    assert not is_in(client)
    door = signed_in_as(supervisor)
    door.post("/account/reauthenticate/", {"password": PASSWORD})
    door.post(f"/invitations/{invitation.pk}/let-in/")
    through(client, "k-1")
    assert is_in(client)
    assert client.get("/account/password/change/")["Location"] == "/account/2fa/"
    User.objects.filter(pk=kari.pk).update(is_active=False)
    assert through(at_localhost(), "k-1")["Location"] == "/account/inactive/"  # she waits for nobody any more
    User.objects.filter(pk=kari.pk).update(is_active=True)
    assert "/account/password/change/" not in client.get("/account/2fa/").text
    actions = [action for action, _ in told_of(kari)]
    assert actions[:3] == ["account.created", "account.provider-linked", "account.let-in"]


def test_an_invitation_that_is_over_opens_nothing_here_either(site: Site, provider: str) -> None:
    inviter, gone = make_user(Role.ADMINISTRATOR, site), make_user(Role.ADMINISTRATOR, site)
    expired, _ = make_invitation(site, inviter, email="kari@city.example")
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    make_invitation(site, gone, email="kari@city.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    claims(provider, "kari", **OF_KARI)
    through(at_localhost(), "kari")
    assert not SocialAccount.objects.exists()


def test_two_of_one_name_get_two_accounts(site: Site, provider: str) -> None:
    inviter = make_user(Role.ADMINISTRATOR, site)
    for number in (1, 2):
        make_invitation(site, inviter, email=f"kari{number}@city.example")
        claims(provider, f"k-{number}", **{**OF_KARI, "email": f"kari{number}@city.example"})
        through(at_localhost(), f"k-{number}")
    assert set(User.objects.filter(username__startswith="kari").values_list("username", flat=True)) == {"kari", "kari2"}


def test_nothing_is_linked_without_a_fresh_proof_nor_by_a_page_elsewhere(site: Site) -> None:
    client = signed_in_as(make_user(Role.OPERATOR, site))
    assert client.post(LINK)["Location"].startswith("/account/reauthenticate/")
    answer = through(client, "attacker", f"{START}?process=connect")  # another site led the browser here
    assert "It was not linked" in client.get(answer["Location"]).text
    through(client, "attacker", f"{START}?process=redirect&next=/alerts/")
    assert not SocialAccount.objects.exists()


def test_one_account_of_the_provider_opens_one_account_here(site: Site) -> None:
    first, second = make_user(Role.OPERATOR, site), make_user(Role.SUPERVISOR, site)
    linked(first, "kari")
    linked(second, "kari")
    assert SocialAccount.objects.get().user == first


def test_a_deactivated_person_does_not_come_in_through_the_provider(site: Site) -> None:
    user, client = make_user(Role.OPERATOR, site), at_localhost()
    linked(user, "kari")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert through(client, "kari")["Location"] == "/account/inactive/"
    assert not is_in(client)


def test_an_answer_for_another_browser_or_given_twice_opens_nothing(site: Site) -> None:
    linked(make_user(Role.OPERATOR, site), "kari")
    client, other = at_localhost(), at_localhost()
    parts = urlsplit(at_provider(client, "kari"))
    back = f"{parts.path}?{parts.query}"
    answer = other.get(back)
    assert "Nothing came of signing in through City of Fountains" in other.get(answer["Location"], follow=True).text
    assert not is_in(other)
    client.get(back)
    assert is_in(client)
    client.post("/account/logout/")
    client.get(back)
    assert not is_in(client)


def test_the_request_carries_state_and_a_challenge_and_asks_for_no_more_than_it_needs() -> None:
    asked = parse_qs(urlsplit(at_localhost().get(START)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 16
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == ["http://localhost/account/oidc/callback/"]


def test_of_the_provider_only_a_hash_of_issuer_and_subject_is_kept(
    site: Site, provider: str, settings: LazySettings
) -> None:
    claims(provider, "k-77", **OF_KARI)
    linked(make_user(Role.OPERATOR, site), "k-77")
    through(at_localhost(), "k-77")
    row = SocialAccount.objects.get()
    assert len(row.uid) == 64
    assert row.extra_data == {}
    assert not SocialToken.objects.exists()
    with run_server_in_thread() as server:  # another issuer's subject of the same name is somebody else
        use(settings, f"http://localhost:{server.server_port}")
        client = at_localhost()
        through(client, "k-77")
        assert not is_in(client)


@pytest.mark.django_db(transaction=True)
def test_the_only_way_in_is_not_unlinked_and_every_change_needs_a_fresh_proof(site: Site) -> None:
    user = make_user(Role.OPERATOR, site)
    linked(user, "kari")
    key, client = keyed(user), at_localhost()
    sign_in(client, key)
    assert client.post(UNLINK)["Location"].startswith("/account/2fa/webauthn/reauthenticate/")
    prove(client, key)
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(password=user.password)
    client.force_login(User.objects.get(pk=user.pk), backend=BACKEND)
    prove(client, key)
    client.post(UNLINK)
    assert not SocialAccount.objects.exists()  # the passkey is left
    assert told_of(user)[-1] == ("account.provider-unlinked", {"kind": "identity provider"})


def test_a_provider_that_does_not_answer_is_told_in_words(settings: LazySettings) -> None:
    use(settings, "http://localhost:1")
    client = at_localhost()
    assert "City of Fountains does not answer" in client.get(START, follow=True).text


def test_without_a_provider_there_is_no_button_and_no_page(settings: LazySettings) -> None:
    settings.OIDC, settings.SOCIALACCOUNT_PROVIDERS = IdentityProvider(), {}
    client = at_localhost()
    assert "/account/oidc/" not in client.get("/account/login/").text
    for path in (START, f"{START}callback/"):
        assert client.get(path).status_code == 404
