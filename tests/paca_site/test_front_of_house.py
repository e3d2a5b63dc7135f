"""What a browser is told, and what a stranger's address, host or origin is not believed for."""

import json
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import LazySettings, settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from cameras.access import Watcher, watching_user
from inference.tasks import purge_expired
from paca_site.accounts.models import Role
from paca_site.asgi import application
from paca_site.checks import check_hosts
from tests.cast import PASSWORD, make_site, make_user

AS_HTTPS = """
import django, json; django.setup()
from django.test import Client
page = Client().get("/account/login/", secure=True)
plain = Client().get("/account/login/")
told = {name: {"flags": sorted(k for k, v in one.items() if v is True)}
        | {key: one[key] for key in ("samesite", "path", "domain")} for name, one in page.cookies.items()}
from django.conf import settings
print(json.dumps({"cookies": told, "headers": dict(page.headers), "plain": [plain.status_code, plain["Location"]],
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,
                settings.SESSION_COOKIE_DOMAIN, settings.SESSION_COOKIE_PATH]}))
"""


@pytest.fixture(scope="module")
def behind_https() -> dict[str, Any]:
    names = {
        "PACA_HTTPS": "1", "PACA_SECRET_KEY": "x" * 60, "DJANGO_SETTINGS_MODULE": "paca_site.settings",
        "PACA_ALLOWED_HOSTS": "testserver", "PACA_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", AS_HTTPS], env=os.environ | names, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.usefixtures("services")
def test_behind_https_cookies_are_this_hosts_alone_and_no_script_reads_them(behind_https: dict[str, Any]) -> None:
    token = behind_https["cookies"]["__Host-csrftoken"]
    assert token == {"flags": ["httponly", "secure"], "samesite": "Lax", "path": "/", "domain": ""}
    assert behind_https["session"] == ["__Host-sessionid", True, True, None, "/"]


@pytest.mark.usefixtures("services")
def test_behind_https_browsers_are_told_to_stay_there(behind_https: dict[str, Any]) -> None:
    told = behind_https["headers"]["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains; preload"
    assert behind_https["plain"] == [301, "https://testserver/account/login/"]


@pytest.mark.django_db
def test_every_answer_refuses_browser_features_and_other_sites() -> None:
    for answer in (Client().get("/account/login/"), Client().get("/nothing-here/"), Client().get("/healthz")):
        assert "camera=()" in answer["Permissions-Policy"]
        assert "microphone=()" in answer["Permissions-Policy"]
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
def test_pages_of_signed_in_people_stay_in_no_cache() -> None:
    client = Client()
    client.force_login(
        make_user(Role.OPERATOR, make_site()), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    for path in ("/alerts/", "/cameras/wall/", "/nothing-here/"):
        assert "no-store" in client.get(path)["Cache-Control"]
    assert "no-store" not in Client().get("/words/nb.js")["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_signing_in_or_choosing_a_language(
    settings: LazySettings, elsewhere: str
) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    user = make_user(Role.OPERATOR, make_site())
    form = {"login": user.username, "password": PASSWORD, "next": elsewhere}
    client = Client()
    assert client.post("/account/login/", form)["Location"] == "/"
    assert client.post("/language/", {"language": "nb", "next": elsewhere})["Location"] == "/"
    assert "evil" not in client.post("/account/logout/", {"next": elsewhere})["Location"]


@pytest.mark.django_db
def test_another_host_name_is_refused_without_telling_anything() -> None:
    answer = Client().get("/account/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
@pytest.mark.parametrize("path", ["/ws/alerts/", "/ws/live/"])
async def test_a_page_of_another_origin_opens_no_websocket(path: str, origin: str) -> None:
    headers = [(b"origin", origin.encode())] if origin else []
    socket = WebsocketCommunicator(application, path, headers=headers)
    is_open, code = await socket.connect()
    assert not is_open
    assert code == 1000  # refused at the door; the rooms behind it close with 4401


@pytest.mark.django_db
async def test_a_page_of_ours_reaches_the_room_behind_the_door() -> None:
    socket = WebsocketCommunicator(application, "/ws/live/", headers=[(b"origin", b"http://localhost")])
    assert await socket.connect() == (False, 4401)


def test_the_settings_of_a_deployment_are_clean_and_are_checked_without_a_database() -> None:
    names = {
        "PACA_HTTPS": "1", "PACA_SECRET_KEY": secrets.token_urlsafe(64), "DATABASE_URL": "postgresql:///nowhere",
        "REDIS_URL": "unix:///nowhere",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | names, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_star_among_the_hosts_is_warned_of(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["paca.example"]
    assert not check_hosts(None)
    for host in ("*", ".example"):
        settings.ALLOWED_HOSTS = [host]
        assert [found.id for found in check_hosts(None)] == ["paca.W010"]


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
def test_sessions_that_have_run_out_are_deleted_and_others_stay() -> None:
    (old, new) = (SessionStore(), SessionStore())
    for session, seconds in ((old, -1), (new, 60)):
        session.set_expiry(seconds)
        session.create()
    purge_expired()
    assert list(Session.objects.values_list("pk", flat=True)) == [new.session_key]


@pytest.mark.django_db
def test_there_is_no_admin_site_and_no_page_for_developers() -> None:
    assert not settings.DEBUG
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    for path in ("/admin/", "/__debug__/", "/account/signup/", "/account/password/reset/", "/account/email/"):
        assert Client().get(path).status_code in {302, 404}


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
def test_a_new_password_ends_the_sockets_and_sessions_of_other_browsers(settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    user, own, other = make_user(Role.OPERATOR, make_site()), Client(), Client()
    for client in (own, other):
        client.post("/account/login/", {"login": user.username, "password": PASSWORD})
    watcher = Watcher(user_id=user.pk, session_key=other.session.session_key)
    assert watching_user(watcher) == user
    new = "another one of many letters"
    own.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert watching_user(watcher) is None
    assert watching_user(Watcher(user_id=user.pk, session_key=own.session.session_key)) == user
    assert other.get("/alerts/")["Location"].startswith("/account/login/")
