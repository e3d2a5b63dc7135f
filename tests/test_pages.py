"""What every page owes: a strict policy for its content, the house's look, and as many queries for 30 rows as for 3."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import AlertState, Decision, Verdict
from cameras.models import Site
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now
from tests.cast import PASSWORD, make_alert, make_camera, make_segment, make_site, make_system_alert, make_user
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
INLINE = re.compile(  # a script of type application/json is data: nothing runs it
    r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>\s*\S|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
DECLARED = {
    "default-src": {"'none'"},
    "style-src": {"'self'"},
    "media-src": {"'self'"},
    "connect-src": {"'self'"},
    "font-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "img-src": {"'self'", "data:", "blob:"},
}
PAGES = {
    Role.OPERATOR: [
        "/alerts/",
        "/alerts/{alert}/",
        "/alerts/shift/",
        "/alerts/shelved/",
        "/alerts/to-log/",
        "/cameras/wall/",
        "/map/{site}/",
        "/cameras/{camera}/",
        "/account/2fa/",
    ],
    Role.SUPERVISOR: [
        "/system/",
        "/system/alerts/",
        "/alerts/decisions/",
        "/load/",
        "/alerts/{alert}/export",
        "/cameras/",
        "/cameras/kept/",
        "/account/password/change/",
    ],
    Role.ADMINISTRATOR: [
        "/cameras/add",
        "/cameras/{camera}/change",
        "/cameras/{camera}/masking",
        "/cameras/test/a-token",
        "/map/{site}/plan/",
        "/cameras/retention/",
        "/cameras/retention/add",
        "/cameras/retention/{policy}/change",
        "/account/reauthenticate/",
        "/account/logout/",
        "/alerts/",  # 403
        "/nothing-here/",  # 404
    ],
    Role.AUDITOR: ["/audit/", "/audit/{entry}/", "/watched/", "/watched/?camera={camera}"],
}
LISTS = {
    "/alerts/": Role.OPERATOR,
    "/alerts/rows": Role.OPERATOR,
    "/alerts/shift/": Role.OPERATOR,
    "/alerts/shelved/": Role.OPERATOR,
    "/alerts/to-log/": Role.OPERATOR,
    "/alerts/decisions/": Role.SUPERVISOR,
    "/load/": Role.SUPERVISOR,
    "/load/mine": Role.OPERATOR,
    "/system/": Role.ADMINISTRATOR,
    "/system/alerts/": Role.SUPERVISOR,
    "/system/alerts/rows": Role.OPERATOR,
    "/cameras/": Role.SUPERVISOR,
    "/cameras/wall/": Role.OPERATOR,
    "/cameras/wall/alerts": Role.OPERATOR,
    "/cameras/retention/": Role.AUDITOR,
    "/cameras/kept/": Role.CUSTODIAN,
    "/audit/": Role.AUDITOR,
}


def client_of(role: Role, site: Site) -> Client:
    client = Client()
    client.force_login(make_user(role, site), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def policy_of(answer: HttpResponseBase) -> dict[str, set[str]]:
    directives = (directive.split() for directive in answer["Content-Security-Policy"].split(";") if directive.strip())
    return {name: set(values) for name, *values in directives}


def check(answer: Any) -> None:
    """Hold one page to what all owe."""
    told = policy_of(answer)
    scripts = told.pop("script-src")
    assert told == DECLARED
    assert "'self'" in scripts
    assert all(source == "'self'" or source.startswith("'nonce-") for source in scripts)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert not INLINE.findall(answer.text)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", answer.text)  # nothing from elsewhere: rooms are offline


def test_every_page_has_the_strict_policy_and_nothing_inline() -> None:
    site = make_site()
    alert = make_alert(make_camera(site))
    entry = audit_record_now(action="camera.viewed", actor=None, site_id=site.pk)
    names = {
        "alert": alert.pk,
        "camera": alert.camera_id,
        "policy": alert.camera.retention_id,
        "entry": entry.number,
        "site": site.pk,
    }
    for role, paths in PAGES.items():
        client = client_of(role, site)
        prove(client)  # some ask for it first
        for path in paths:
            answer = client.get(path.format(**names))
            assert (path, answer.status_code) in {(path, 200), ("/alerts/", 403), ("/nothing-here/", 404)}
            check(answer)
    for path in ("/account/login/", "/account/inactive/"):
        check(Client().get(path))


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(settings: LazySettings) -> None:
    for is_https in (False, True):
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_https
        user, client = make_user(Role.OPERATOR), Client()
        client.post("/account/login/", {"login": user.username, "password": PASSWORD})
        session = client.cookies["sessionid"]
        assert session["httponly"] is True
        assert session["samesite"] == "Lax"
        assert bool(session["secure"]) is is_https
        assert not session["max-age"]  # ends with the browser; on the server after one shift
    assert settings.SESSION_COOKIE_AGE <= 12 * 3600


@pytest.mark.parametrize(("path", "status", "words"), [("/audit/", 403, "Not for your role"), ("/no/", 404, "Nothing")])
def test_refusals_are_pages_of_the_house_with_a_way_back(path: str, status: int, words: str) -> None:
    answer = client_of(Role.OPERATOR, make_site()).get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert 'css/tokens.css"' in answer.text
    assert 'href="/"' in answer.text


def test_a_form_without_its_token_is_refused_in_the_house_s_look() -> None:
    site = make_site()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.SUPERVISOR, site), backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(f"/alerts/{make_alert(make_camera(site)).pk}/decide", {"verdict": "confirm"})
    assert answer.status_code == 403
    assert not Decision.objects.exists()
    check(answer)
    assert 'css/tokens.css"' in answer.text


def fill(site: Site, count: int) -> None:
    """Add cameras, each with recordings, an open and a decided alert, a policy and an entry of its own."""
    for _ in range(count):
        camera = make_camera(site)
        make_segment(camera, timezone.now() - timedelta(minutes=5))
        make_alert(camera)
        make_system_alert(camera)
        decided = make_alert(camera, state=AlertState.CONFIRMED)
        somebody = make_user(Role.OPERATOR, site)
        Decision.objects.create(alert=decided, verdict=Verdict.CONFIRM, by=somebody, role="operator", after_s=9.0)
        audit_record_now(action="camera.viewed", actor=somebody, subject=f"camera:{camera.pk}", site_id=site.pk)


def test_lists_cost_as_many_queries_for_thirty_rows_as_for_three() -> None:
    site = make_site()
    clients = {path: client_of(role, site) for path, role in LISTS.items()}

    def queries() -> dict[str, int]:
        counts = {}
        for path, client in clients.items():
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts[path] = len(captured)
        return counts

    fill(site, 3)
    few = queries()
    fill(site, 27)
    assert queries() == few
    assert max(few.values()) <= 25
