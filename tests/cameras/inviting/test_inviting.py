import json
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cameras.inviting.models import Invitation, token_hash
from cameras.inviting.services import invitation_make, invitations_tidy
from cameras.models import Site
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.models import AuditEntry
from tests.cast import PASSWORD, make_invitation, make_site, make_user
from tests.soft_passkey import at_localhost, keyed, prove, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
CHOSEN = {
    "full_name": "Kari Nordmann",
    "username": "kari",
    "password1": "en-lang-og-fin-setning",
    "password2": "en-lang-og-fin-setning",
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def site() -> Site:
    return make_site(name="Fountain")


@pytest.fixture
def inviter(site: Site) -> User:
    return make_user(Role.ADMINISTRATOR, site)


@pytest.fixture
def supervisor(site: Site) -> User:
    return make_user(Role.SUPERVISOR, site)


def of(user: User, *, is_proven: bool = True) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    if is_proven:
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def link(token: str) -> str:
    return f"/invitations/open/{token}/"


def asked(site: Site, **fields: Any) -> dict[str, Any]:
    return {"for_whom": "Kari", "role": "operator", "sites": [site.pk], "reason": "a new colleague", **fields}


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="account.").exclude(action="account.signed-in")
    return list(found.order_by("number").values_list("action", flat=True))


def test_three_people_make_an_account_and_a_factor_comes_before_anything_else(
    site: Site, inviter: User, supervisor: User, settings: LazySettings
) -> None:
    last = (timezone.now() + timedelta(days=20)).date()
    answer = of(inviter).post("/invitations/add/", asked(site, until=last.isoformat()))
    token = re.search(r"/invitations/open/([\w-]+)/", answer.text)
    assert token is not None
    page = Client().get(link(token[1]))
    assert "invites you: Operator, Fountain" in page.text
    assert page["Cache-Control"].startswith("max-age=0")
    assert "Your account is made" in Client().post(link(token[1]), CHOSEN).text
    kari = User.objects.get(username="kari")
    assert (kari.role, kari.is_active, kari.get_full_name()) == ("operator", False, "Kari Nordmann")
    assert not SiteScope.objects.filter(user=kari).exists()
    door = at_localhost()
    door.post("/account/login/", {"login": "kari", "password": CHOSEN["password1"]})
    assert "_auth_user_id" not in door.session  # nobody has let her in

    invitation = Invitation.objects.get()
    answer = of(supervisor).post(f"/invitations/{invitation.pk}/let-in/", follow=True)
    assert "Kari Nordmann can sign in now." in answer.text
    scope = SiteScope.objects.get(user=kari)
    assert scope.site == site
    assert scope.ends_at is not None
    assert scope.ends_at.date() == last + timedelta(days=1)
    settings.REQUIRE_SECOND_FACTOR = True
    door.post("/account/login/", {"login": "kari", "password": CHOSEN["password1"]})
    assert "_auth_user_id" in door.session
    assert door.get("/alerts/")["Location"] == "/account/2fa/"
    assert actions() == ["account.invited", "account.created", "account.sign-in-failed", "account.let-in"]
    told = AuditEntry.objects.get(action="account.let-in")
    assert (told.actor, told.subject, told.site_id) == (supervisor, f"user:{kari.pk}", site.pk)
    assert json.loads(told.body)["details"]["sites"] == [site.slug]


def test_who_invited_lets_nobody_in_and_the_database_holds_it(site: Site, inviter: User) -> None:
    invitation, token = make_invitation(site, inviter)
    Client().post(link(token), CHOSEN)
    client = of(inviter)
    page = client.get(f"/invitations/{invitation.pk}/").text
    assert "You invited them: somebody else lets them in." in page
    answer = client.post(f"/invitations/{invitation.pk}/let-in/")
    assert answer.status_code == 422
    assert not User.objects.get(username="kari").is_active
    for wrong in ({"confirmed_by": inviter}, {"confirmed_by": User.objects.get(username="kari")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(confirmed_at=timezone.now(), **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(taken_by=inviter)


def test_a_link_opens_once_and_reading_it_uses_nothing_up(site: Site, inviter: User) -> None:
    _, token = make_invitation(site, inviter)
    for _ in range(3):
        assert Client().get(link(token)).status_code == 200
    assert Client().post(link(token), CHOSEN).status_code == 200
    again = Client().post(link(token), {**CHOSEN, "username": "inviter-in-disguise"})
    assert again.status_code == 410
    assert "taken already" in again.text
    assert not User.objects.filter(username="inviter-in-disguise").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_it_at_once_one_gets_it(site: Site, inviter: User) -> None:
    _, token = make_invitation(site, inviter)
    statuses: list[int] = []

    def take(name: str) -> None:
        statuses.append(Client().post(link(token), {**CHOSEN, "username": name}).status_code)
        connection.close()

    threads = [threading.Thread(target=take, args=(f"kari-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) in ([200, 410], [200, 422])
    assert User.objects.filter(username__startswith="kari-").count() == 1


def test_a_link_that_has_expired_or_was_revoked_or_whose_inviter_has_left_opens_nothing(
    site: Site, inviter: User, supervisor: User
) -> None:
    expired, first = make_invitation(site, inviter)
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoked, second = make_invitation(site, inviter)
    path = f"/invitations/{revoked.pk}/revoke/"
    assert of(supervisor).post(path, {"reason": "short"}).status_code == 422
    of(supervisor).post(path, {"reason": "sent to the wrong person"})
    gone = make_user(Role.ADMINISTRATOR, site)
    _, third = make_invitation(site, gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for token, words in ((first, "has expired"), (second, "was taken back"), (third, "does not hold any more")):
        answer = Client().post(link(token), CHOSEN)
        assert answer.status_code == 410
        assert words in answer.text
    assert not User.objects.filter(username="kari").exists()
    assert "account.invitation-revoked" in actions()


def test_in_a_browser_where_somebody_is_signed_in_the_link_opens_nothing(site: Site, inviter: User) -> None:
    _, token = make_invitation(site, inviter)
    for method in ("get", "post"):
        answer = getattr(of(inviter), method)(link(token), CHOSEN)
        assert answer.status_code == 403
        assert "Nothing was used up" in answer.text
    assert Client().get(link(token)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password1234", "password2": "password1234"}, "too common"),
        ({"password1": "kari-nordmann-1", "password2": "kari-nordmann-1", "username": "kari-nordmann"}, "too similar"),
        ({"password2": "another-one-altogether"}, "The two are not the same."),
        ({"username": "no spaces"}, "Enter a valid username"),
        ({"full_name": ""}, "This field is required."),
    ],
)
def test_what_the_person_chooses_is_checked_and_a_mistake_uses_nothing_up(
    site: Site, inviter: User, wrong: dict[str, str], words: str
) -> None:
    _, token = make_invitation(site, inviter)
    answer = Client().post(link(token), {**CHOSEN, **wrong})
    assert answer.status_code == 422
    assert words in answer.text
    assert Client().post(link(token), CHOSEN).status_code == 200


def test_a_name_that_somebody_has_is_refused(site: Site, inviter: User) -> None:
    _, token = make_invitation(site, inviter)
    answer = Client().post(link(token), {**CHOSEN, "username": inviter.username})
    assert "already exists" in answer.text
    inviter.refresh_from_db()
    assert inviter.check_password(PASSWORD)


def test_inviting_and_letting_in_ask_for_a_fresh_proof_also_by_passkey(site: Site, inviter: User) -> None:
    stale = of(inviter, is_proven=False)
    assert stale.post("/invitations/add/", asked(site))["Location"].startswith("/account/reauthenticate/")
    invitation, token = make_invitation(site, make_user(Role.ADMINISTRATOR, site))
    Client().post(link(token), CHOSEN)
    answer = stale.post(f"/invitations/{invitation.pk}/let-in/")
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not User.objects.get(username="kari").is_active
    key, client = keyed(inviter), at_localhost()
    sign_in(client, key)
    assert client.get("/invitations/add/")["Location"].startswith("/account/2fa/webauthn/reauthenticate/")
    prove(client, key, "/invitations/add/")
    assert client.get("/invitations/add/").status_code == 200


def test_nobody_invites_or_lets_in_to_a_site_that_is_not_theirs(site: Site, inviter: User, supervisor: User) -> None:
    other = make_site()
    assert of(inviter).post("/invitations/add/", asked(other)).status_code == 422
    both = Invitation(for_whom="Kari", role=Role.OPERATOR, reason="a new colleague")
    SiteScope.objects.create(user=inviter, site=other)
    token = invitation_make(invitation=both, sites=[site, other], actor=inviter)
    Client().post(link(token), CHOSEN)
    answer = of(supervisor).post(f"/invitations/{both.pk}/let-in/")
    assert "a site that you do not work with" in answer.text
    assert not User.objects.get(username="kari").is_active
    stranger = make_user(Role.SUPERVISOR, make_site())
    assert of(stranger).get(f"/invitations/{both.pk}/").status_code == 404
    assert "Kari" not in of(stranger).get("/invitations/").text


def test_who_took_it_can_be_refused_and_then_never_comes_in(site: Site, inviter: User, supervisor: User) -> None:
    invitation, token = make_invitation(site, inviter)
    Client().post(link(token), CHOSEN)
    of(supervisor).post(f"/invitations/{invitation.pk}/revoke/", {"reason": "it was not her who opened it"})
    answer = of(supervisor).post(f"/invitations/{invitation.pk}/let-in/")
    assert "Nobody waits here." in answer.text
    assert not User.objects.get(username="kari").is_active


def test_with_e_mail_the_inviter_never_sees_the_link(
    site: Site, inviter: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "/invitations/open/" in of(inviter).post("/invitations/add/", asked(site, email="k@city.example")).text
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.city.example", "paca@city.example"
    answer = of(inviter).post("/invitations/add/", asked(site, email="k@city.example"), follow=True)
    assert "/invitations/open/" not in answer.text
    assert "Sent to k@city.example." in answer.text
    letter = mail.outbox[0]
    assert (letter.to, letter.from_email) == (["k@city.example"], "paca@city.example")
    token = re.search(r"/invitations/open/([\w-]+)/", str(letter.body))
    assert token is not None
    assert Invitation.objects.filter(token_hash=token_hash(token[1])).exists()


def test_an_e_mail_that_cannot_be_sent_shows_the_link_instead(
    site: Site, inviter: User, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEFAULT_FROM_EMAIL = "127.0.0.1", 1, "paca@city.example"
    answer = of(inviter).post("/invitations/add/", asked(site, email="k@city.example"))
    assert "could not be sent" in answer.text
    assert "/invitations/open/" in answer.text


def test_the_token_stands_nowhere_and_what_is_over_is_forgotten(site: Site, inviter: User) -> None:
    kept, token = make_invitation(site, inviter, email="k@city.example")
    assert kept.token_hash == token_hash(token)
    assert token not in str(list(Invitation.objects.values_list())) + str(list(AuditEntry.objects.values_list("body")))
    old, _ = make_invitation(site, inviter, email="o@city.example")
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=31))
    Invitation.objects.filter(pk=kept.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert invitations_tidy() == 1
    kept.refresh_from_db()
    assert kept.email == ""
    assert not Invitation.objects.filter(pk=old.pk).exists()
    assert invitations_tidy() == 0
    told = AuditEntry.objects.get(action="account.invitations-purged")
    assert json.loads(told.body)["details"] == {"invitations": [old.pk]}
