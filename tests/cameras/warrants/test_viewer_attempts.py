"""Opening and watching a release otherwise than it was decided: refused, by code and by the database."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from cameras.custody.models import SealedHour
from cameras.custody.places import secret_path
from cameras.custody.services.shredding import secret_destroy
from cameras.warrants.models import FootageRelease
from cameras.warrants.services.opening import CustodianProof, KeyPart, release_open
from cameras.warrants.services.viewing import release_unlock, release_watch
from inference.core.vault.custodian import key_file_make
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import REASON
from tests.cameras.warrants.vaulted import (
    PASSPHRASE,
    Vaulted,
    confirmed_for,
    opened,
)
from tests.cast import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def told(release: FootageRelease) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


def attempts() -> list[tuple[str, Callable[[Vaulted], object], str]]:  # noqa: C901 - one small function for each attempt
    def opening(**changed: Any) -> Callable[[Vaulted], object]:
        def act(vaulted: Vaulted) -> object:
            release = confirmed_for(vaulted)
            values = {"actor": vaulted.court.custodian, "proof": vaulted.proof, "hours": 2, "reason": REASON, **changed}
            return release_open(release=release, **values)

        return act

    def another_key(vaulted: Vaulted) -> object:
        return opening(proof=CustodianProof((KeyPart(key_file_make(PASSPHRASE)[0], PASSPHRASE),)))(vaulted)

    def wrong_passphrase(vaulted: Vaulted) -> object:
        return opening(proof=CustodianProof((KeyPart(vaulted.key_file, "another-passphrase"),)))(vaulted)

    def viewer_promoted(vaulted: Vaulted) -> object:
        release = confirmed_for(vaulted)
        vaulted.viewer.role = Role.SUPERVISOR
        vaulted.viewer.save()
        return release_open(release=release, actor=vaulted.court.custodian, proof=vaulted.proof, hours=2, reason=REASON)

    def viewer_opens(vaulted: Vaulted) -> object:
        return opening(actor=vaulted.viewer)(vaulted)

    def shredded(vaulted: Vaulted) -> object:
        secret_destroy(secret_path(SealedHour.objects.get().path))
        return opening()(vaulted)

    def nothing_there(vaulted: Vaulted) -> object:
        SealedHour.objects.update(
            started_at=vaulted.start - timedelta(hours=5), ended_at=vaulted.start - timedelta(hours=4)
        )
        return opening()(vaulted)

    def another_watches(vaulted: Vaulted) -> object:
        release, _ = opened(vaulted)
        other = make_user(Role.OPERATOR, vaulted.court.camera.site)
        return release_watch(release=release, actor=other, part_pk=release.parts.get().pk, from_at=vaulted.start)

    def outside(vaulted: Vaulted) -> object:
        release, _ = opened(vaulted)
        return release_watch(
            release=release,
            actor=vaulted.viewer,
            part_pk=release.parts.get().pk,
            from_at=vaulted.start - timedelta(seconds=1),
        )

    def wrong_code(vaulted: Vaulted) -> None:
        release, _ = opened(vaulted)
        release_unlock(release=release, actor=vaulted.viewer, code="AAAA-" * 6 + "AA")

    def no_code(vaulted: Vaulted) -> None:
        release, _ = opened(vaulted)
        release_unlock(release=release, actor=vaulted.viewer, code="1234")

    return [
        ("too long", opening(hours=25), "1 to 24 hours; got 25"),
        ("another key", another_key, "another custodian key"),
        ("wrong passphrase", wrong_passphrase, "passphrase is wrong"),
        ("viewer promoted", viewer_promoted, "given their role or this site after"),
        ("viewer opens", viewer_opens, "for custodians"),
        ("shredded", shredded, "was destroyed"),
        ("nothing there", nothing_there, "The vault has nothing of these minutes"),
        ("another watches", another_watches, "names another viewer"),
        ("outside", outside, "not among the minutes"),
        ("wrong code", wrong_code, "does not open this release"),
        ("no code", no_code, "letters"),
    ]


@pytest.mark.parametrize(("name", "act", "why"), attempts(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_attempt_is_refused_says_why_and_is_recorded(
    name: str, act: Callable[[Vaulted], object], why: str, vaulted: Vaulted
) -> None:
    with pytest.raises(ValidationError, match=why):
        act(vaulted)
    action, details = told(FootageRelease.objects.get())[-1]
    assert action == "warrant.attempt-refused", name
    assert why in details["why"]
    assert PASSPHRASE not in json.dumps(details)


BY_HAND: list[tuple[str, str]] = [
    ("release_ends_without_keys", "UPDATE warrants_footagerelease SET state = 'ended', half = NULL, closed_at = now(),"
     " close_reason = 'x', closed_by_id = requested_by_id"),
    ("release_ends_when_late", "UPDATE warrants_footagerelease SET state = 'ended', half = NULL, closed_at = now(),"
     " close_reason = 'x'"),
    ("release_approval_for_ever", "UPDATE warrants_footagerelease SET expires_at = expires_at + interval '1 hour'"),
    ("release_request_for_ever", "UPDATE warrants_footagerelease SET viewer_id = approved_by_id"),
    ("released_key_for_ever", "UPDATE warrants_releasedkey SET path = 'x'"),
    ("released_key_of_these_minutes", "INSERT INTO warrants_releasedkey (part_id, path, started_at, is_cut, sealed)"
     " SELECT part_id, path || 'x', started_at, is_cut, sealed FROM warrants_releasedkey"),
    ("viewing_within_the_release", "INSERT INTO warrants_viewing (part_id, from_at, until_at, viewed_by_id, viewed_at)"
     " SELECT part.id, part.starts_at, part.starts_at + interval '9 s', release.approved_by_id, now()"
     " FROM warrants_releasepart AS part JOIN warrants_footagerelease AS release ON release.id = part.release_id"),
    ("viewing_within_the_release", "INSERT INTO warrants_viewing (part_id, from_at, until_at, viewed_by_id, viewed_at)"
     " SELECT part.id, part.ends_at, part.ends_at + interval '9 s', release.viewer_id, now()"
     " FROM warrants_releasepart AS part JOIN warrants_footagerelease AS release ON release.id = part.release_id"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "statement"), BY_HAND)
def test_the_database_refuses_what_the_pages_would(rule: str, statement: str, vaulted: Vaulted) -> None:
    opened(vaulted)
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.diag.constraint_name == rule, str(refused.value)  # type: ignore[union-attr]
