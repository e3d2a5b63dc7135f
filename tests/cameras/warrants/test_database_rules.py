"""What a page could forget, the database refuses: each rule broken by hand."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cameras.warrants.models import FootageRelease, ReleasePart, State
from paca_site.accounts.models import Role
from tests.cameras.warrants.made import Court, confirmed
from tests.cast import make_camera, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


BY_HAND: list[tuple[str, Callable[[FootageRelease, Court], object]]] = [
    ("release_for_ever", lambda release, court: by_sql("DELETE FROM warrants_footagerelease WHERE id = %s", release)),
    ("release_request_for_ever", lambda release, court: rows(release).update(minutes=1000)),
    ("release_request_for_ever", lambda release, court: rows(release).update(order_sha256="0" * 64)),
    ("release_request_for_ever", lambda release, court: rows(release).update(requested_at=timezone.now())),
    ("release_confirmation_for_ever", lambda release, court: rows(release).update(ordered_cameras=99)),
    ("release_steps", lambda release, court: rows(release).update(state="requested")),
    ("release_lapses_when_late", lambda release, court: closed(release, State.LAPSED, None)),
    ("release_withdrawn_by_requester", lambda release, court: closed(release, State.WITHDRAWN, court.supervisor)),
    ("release_step_by_role", lambda release, court: closed(release, State.REFUSED, court.supervisor)),
    ("release_step_by_role", lambda release, court: handed(release, make_user(Role.CUSTODIAN, release.site))),
    ("release_step_by_role", lambda release, court: handed(release, make_user(Role.CUSTODIAN))),
    ("release_step_by_role", lambda release, court: handed(release, court.administrator)),
    ("release_hands_each_part_over", lambda release, court: handed(release, court.custodian)),
    ("release_part_for_ever", lambda release, court: release.parts.update(ends_at=timezone.now())),
    (
        "release_part_for_ever",
        lambda release, court: by_sql("DELETE FROM warrants_releasepart WHERE release_id = %s", release),
    ),
    ("release_of_central_cameras", lambda release, court: another_part(release)),
]  # fmt: skip


def by_sql(statement: str, release: FootageRelease) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [release.pk])


def rows(release: FootageRelease) -> Any:
    return FootageRelease.objects.filter(pk=release.pk)


def closed(release: FootageRelease, state: State, by: Any) -> None:
    rows(release).update(state=state, closed_by=by, closed_at=timezone.now(), close_reason="By hand")


def handed(release: FootageRelease, by: Any) -> None:
    now = timezone.now()
    rows(release).update(
        state=State.HANDED_OVER, approved_by=by, approved_at=now, received_by="me", closed_at=now, close_reason="mine"
    )


def another_part(release: FootageRelease) -> None:
    part = release.parts.get()
    ReleasePart.objects.create(
        release=release,
        camera=make_camera(release.site),
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        hold=part.hold,
    )


@pytest.mark.parametrize(("rule", "act"), BY_HAND)
def test_the_database_refuses_what_the_pages_would(
    rule: str, act: Callable[[FootageRelease, Court], object], court: Court
) -> None:
    release = confirmed(court)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act(release, court)
    cause = refused.value.__cause__ or refused.value
    assert getattr(getattr(cause, "diag", None), "constraint_name", None) == rule, str(refused.value)


def test_the_database_takes_no_release_that_begins_elsewhere_than_with_a_request(court: Court) -> None:
    release = make_release(court.camera, court.administrator)
    values = {field.attname: getattr(release, field.attname) for field in FootageRelease._meta.concrete_fields}
    for changed, rule in (
        ({"requested_by_id": court.custodian.pk}, "release_requested_by_role"),
        ({"state": State.WITHDRAWN, "closed_at": timezone.now(), "close_reason": "x"}, "release_begins_as_a_request"),
    ):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            FootageRelease.objects.create(**{**values, "id": None, "order_file": "b", **changed})
        assert refused.value.__cause__.diag.constraint_name == rule  # type: ignore[union-attr]
    ahead = {**values, "id": None, "order_file": "c", "requested_at": timezone.now() + timedelta(days=1)}
    later = FootageRelease.objects.create(**ahead)
    later.refresh_from_db()
    assert later.requested_at <= timezone.now(), "dated ahead, it would let people in who were promoted meanwhile"
