"""A site with one person of each role that its tests need, and an alert that waits there."""

from dataclasses import dataclass

import pytest
from django.test import Client

from alerts.models import Alert
from cameras.models import Site
from paca_site.accounts.models import Role, User
from tests.cast import make_alert, make_camera, make_site, make_user


@dataclass(frozen=True)
class Desk:
    """One site at work."""

    site: Site
    operator: User
    supervisor: User
    auditor: User
    alert: Alert


@pytest.fixture
def desk(db: None, settings: pytest.FixtureRequest) -> Desk:
    settings.REQUIRE_SECOND_FACTOR = False  # type: ignore[attr-defined]
    site = make_site()
    return Desk(
        site=site,
        operator=make_user(Role.OPERATOR, site, first_name="Kari"),
        supervisor=make_user(Role.SUPERVISOR, site),
        auditor=make_user(Role.AUDITOR, site),
        alert=make_alert(make_camera(site)),
    )


@pytest.fixture
def as_operator(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def as_supervisor(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def as_auditor(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
