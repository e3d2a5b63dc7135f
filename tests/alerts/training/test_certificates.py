"""Certificates by people: a supervisor of the site grants and withdraws, and sees who has none."""

from datetime import date, timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.test import Client

from alerts.training.people import people_rows
from alerts.training.services.granting import certificate_grant, certificate_withdraw, demo_certify
from paca_site.accounts.models import Role, User
from paca_site.accounts.training.models import Certificate, today
from paca_site.accounts.training.standing import standing_of
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_certificate, make_site, make_user

DAY = timedelta(days=1)


@pytest.fixture
def novice(desk: Desk) -> User:
    return make_user(Role.OPERATOR, desk.site, is_trained=False, first_name="Nils", last_name="Ny")


def paper(
    person: User, *, taken_on: date | None = None, ends_on: date | None = None, course: str = "RTI 4"
) -> Certificate:
    return Certificate(
        person=person, course=course, taken_on=taken_on or today(), ends_on=ends_on or today() + 200 * DAY
    )


def test_a_supervisor_of_the_site_grants_and_withdraws_and_both_are_audited(desk: Desk, novice: User) -> None:
    granted = certificate_grant(certificate=paper(novice), actor=desk.supervisor)
    assert (granted.source, granted.granted_by) == ("granted", desk.supervisor)
    assert standing_of(novice).may_decide
    certificate_withdraw(certificate=granted, actor=desk.supervisor, reason="The course was another one")
    assert not standing_of(novice).may_decide
    with pytest.raises(ValidationError, match="withdrawn already"):
        certificate_withdraw(certificate=granted, actor=desk.supervisor, reason="The course was another one")
    entries = AuditEntry.objects.filter(subject=f"user:{novice.pk}").order_by("number")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("training.granted", desk.supervisor),
        ("training.withdrawn", desk.supervisor),
    ]
    assert "The course was another one" in entries[1].body


def test_nobody_else_grants_nor_anybody_to_themselves(desk: Desk, novice: User) -> None:
    elsewhere = make_user(Role.SUPERVISOR, make_site())
    for actor in (desk.operator, desk.auditor, elsewhere, novice):
        with pytest.raises(ValidationError, match="supervisor of the person's site"):
            certificate_grant(certificate=paper(novice), actor=actor)
    with pytest.raises(ValidationError, match="never to oneself"):
        certificate_grant(certificate=paper(desk.supervisor), actor=desk.supervisor)
    own = Certificate.objects.get(person=desk.supervisor)
    with pytest.raises(ValidationError, match="never by oneself"):
        certificate_withdraw(certificate=own, actor=desk.supervisor, reason="I do not want it")
    assert not Certificate.objects.filter(person=novice).exists()
    other = make_user(Role.SUPERVISOR, desk.site)
    assert certificate_grant(certificate=paper(desk.supervisor), actor=other).granted_by == other


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("taken_on", {"taken_on": today() + DAY}),
        ("ends_on", {"taken_on": today() - 9 * DAY, "ends_on": today() - DAY}),
        ("ends_on", {"ends_on": today() + 1096 * DAY}),
        ("course", {"course": "  "}),
    ],
)
def test_days_and_course_must_make_sense(field: str, fields: dict[str, object], desk: Desk, novice: User) -> None:
    with pytest.raises(ValidationError) as refused:
        certificate_grant(certificate=paper(novice, **fields), actor=desk.supervisor)  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]


def test_supervisors_see_who_has_none_first_then_whose_ends_soon(
    desk: Desk, novice: User, as_supervisor: Client, as_auditor: Client
) -> None:
    make_user(Role.OPERATOR, make_site(), first_name="Elsewhere")
    soon = make_user(Role.OPERATOR, desk.site, is_trained=False, first_name="Siri")
    make_certificate(soon, ends_on=today() + 5 * DAY)
    rows = people_rows(desk.supervisor)
    assert [row.person for row in rows[:2]] == [novice, soon]
    assert {row.person for row in rows[2:]} == {desk.operator, desk.supervisor}
    page = as_supervisor.get("/training/certificates/").content.decode()
    assert "1 person may not decide alerts now." in page
    assert "none: decides nothing" in page
    assert f"ends soon: {today() + 5 * DAY}" in page
    assert f"/training/people/{novice.pk}/grant/" in page
    assert f"/training/people/{desk.supervisor.pk}/grant/" not in page
    assert "Elsewhere" not in page
    read_only = as_auditor.get("/training/certificates/").content.decode()
    assert "Nils Ny" in read_only
    assert "/grant/" not in read_only
    assert "/withdraw/" not in read_only


def test_granting_and_withdrawing_in_the_browser(desk: Desk, novice: User, as_supervisor: Client) -> None:
    address = f"/training/people/{novice.pk}/grant/"
    page = as_supervisor.get(address).content.decode()
    assert "Nils Ny" in page
    assert f'value="{today()}"' in page
    assert f'value="{today() + 365 * DAY}"' in page
    wrong = {"course": "RTI 4", "taken_on": f"{today()}", "ends_on": f"{today() - DAY}"}
    answer = as_supervisor.post(address, wrong)
    assert answer.status_code == 422
    assert 'value="RTI 4"' in answer.content.decode()
    assert as_supervisor.post(address, {**wrong, "ends_on": f"{today() + DAY}"}).status_code == 302
    certificate = Certificate.objects.get(person=novice)
    withdraw = f"/training/certificates/{certificate.pk}/withdraw/"
    answer = as_supervisor.post(withdraw, {"reason": "short"})
    assert answer.status_code == 422
    assert "in 10 to 300 characters; got 5" in answer.content.decode()
    assert as_supervisor.post(withdraw, {"reason": "The paper was of another person"}).status_code == 302
    assert not standing_of(novice).may_decide
    assert as_supervisor.get(f"/training/people/{desk.auditor.pk}/grant/").status_code == 404


def test_the_program_certifies_people_of_a_demo_only(novice: User, settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(ValueError, match="PACA_DEMO is 0"):
        demo_certify(person=novice)
    settings.DEMO = True
    assert demo_certify(person=novice).source == "demo"
    assert standing_of(novice).may_decide
    assert AuditEntry.objects.get(action="training.granted").actor is None
