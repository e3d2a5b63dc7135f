import pytest
from django.conf import LazySettings
from django.test import Client

from paca_site import settings as project
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cast import PASSWORD, make_site, make_user

FIRST_PAGES = {
    Role.OPERATOR: "/alerts/",
    Role.SUPERVISOR: "/alerts/",
    Role.ADMINISTRATOR: "/cameras/",
    Role.CUSTODIAN: "/cameras/retention/",
    Role.AUDITOR: "/alerts/decisions/",
}


@pytest.fixture(autouse=True)
def _no_second_factor(settings: LazySettings, db: None) -> None:
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.mark.parametrize("role", list(Role))
def test_everybody_signs_in_and_lands_on_the_first_page_of_their_role(role: Role) -> None:
    user = make_user(role, make_site())
    answer = Client().post("/account/login/", {"login": user.username, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == FIRST_PAGES[role]
    assert answer.status_code == 200
    assert f'href="{FIRST_PAGES[role]}" aria-current="page"' in answer.text
    assert AuditEntry.objects.filter(action="account.signed-in", actor=user).exists()


def test_a_wrong_password_is_told_and_recorded_and_the_name_stays() -> None:
    user = make_user(Role.OPERATOR)
    answer = Client().post("/account/login/", {"login": user.username, "password": "wrong"})
    assert 'role="alert"' in answer.text
    assert f'value="{user.username}"' in answer.text
    assert AuditEntry.objects.filter(action="account.sign-in-failed").exists()


def test_after_too_many_wrong_passwords_the_right_one_is_refused_too_in_words() -> None:
    user, client = make_user(Role.OPERATOR), Client()
    for _ in range(8):
        answer = client.post("/account/login/", {"login": user.username, "password": "wrong"})
    assert answer.status_code == 429
    assert "Locked for a while" in answer.text
    assert client.post("/account/login/", {"login": user.username, "password": PASSWORD}).status_code == 429
    assert "_auth_user_id" not in client.session


def test_passwords_are_kept_as_argon2_only(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = project.PASSWORD_HASHERS
    user = make_user(Role.OPERATOR)
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
    assert not user.check_password("wrong")
    answer = Client().post("/account/login/", {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == "/"


def test_a_stranger_is_sent_to_the_door() -> None:
    for path in ("/", "/alerts/", "/alerts/1/", "/alerts/decisions/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")


def test_who_has_no_second_factor_adds_one_first_where_it_is_required(settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(
        make_user(Role.OPERATOR, make_site()), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/alerts/")["Location"] == "/account/2fa/"


def test_a_page_of_another_role_says_whose_it_is() -> None:
    client = Client()
    client.force_login(make_user(Role.CUSTODIAN), backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/alerts/")
    assert answer.status_code == 403
    assert "This page is for operators and supervisors." in answer.text


def test_no_page_has_inline_script_or_style() -> None:
    client = Client()
    for path in ("/account/login/", "/nothing-here/"):
        text = client.get(path).text
        assert "style=" not in text
        assert "onclick" not in text
