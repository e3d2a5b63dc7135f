"""Decided alerts with their clip on disk, and people to review them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertState, ClipState, Decision, Severity, Verdict
from paca_site.accounts.models import Role, User
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_user

STATE = {Verdict.CONFIRM: AlertState.CONFIRMED, Verdict.DISMISS: AlertState.DISMISSED}
Decide = Callable[..., Alert]


@pytest.fixture
def second(desk: Desk) -> User:
    """An operator who has seen nothing yet."""
    return make_user(Role.OPERATOR, desk.site, first_name="Ola")


@pytest.fixture
def as_second(second: User) -> Client:
    client = Client()
    client.force_login(second, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def decided(desk: Desk, settings: LazySettings, tmp_path: Path) -> Decide:
    """Return a maker of alerts that the desk's operator decided some minutes ago."""
    settings.FOOTAGE_DIR = tmp_path
    settings.REVIEW_PERCENT = 0
    (tmp_path / "clip.mp4").write_bytes(b"masked clip")

    def make(
        verdict: Verdict = Verdict.DISMISS, *, severity: int = Severity.MEDIUM, ago_s: float = 300.0, **fields: object
    ) -> Alert:
        at = timezone.now() - timedelta(seconds=ago_s)
        alert = make_alert(
            desk.alert.camera,
            severity=severity,
            state=STATE[verdict],
            **{"clip_state": ClipState.READY, "clip_path": "clip.mp4", "clip_duration_s": 14.0, **fields},
        )
        Decision.objects.create(
            alert=alert,
            verdict=verdict,
            reason="crowd" if verdict == Verdict.DISMISS else "",
            note="a secret note of the first",
            by=desk.operator,
            role=desk.operator.role,
            at=at,
            after_s=20.0,
        )
        return alert

    return make
