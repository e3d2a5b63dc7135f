"""Reports of serious incidents: what they set running, that nothing of them changes, and how they end."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from paca_site.oversight.serious.deadlines import RULES, due
from paca_site.oversight.serious.harms import Gravity, Harm, Law, Outcome, Recipient
from paca_site.oversight.serious.models import Duty, Entry, EntryKind, Report
from paca_site.oversight.serious.services.closing import report_close
from paca_site.oversight.serious.services.filing import Account, report_file
from paca_site.oversight.serious.services.writing import duty_settle, entry_add
from paca_site.oversight.serious.standing import standings
from tests.cast import make_camera, make_report_of_harm, make_site, make_user

pytestmark = pytest.mark.django_db
WORDS = "Told by telephone, reference 24/311."


def settle(report: Report, actor: Any, kind: EntryKind = EntryKind.TOLD) -> None:
    for duty in Duty.objects.unsettled().filter(report=report):
        told_at = timezone.now() if kind == EntryKind.TOLD else None
        duty_settle(duty=duty, kind=kind, text=WORDS, told_at=told_at, token=uuid4(), actor=actor)


def test_every_kind_of_harm_has_its_deadlines_of_the_law() -> None:
    noticed = timezone.now()
    within = {
        harm: {law: (recipient, at - noticed) for law, (recipient, at) in due([harm], noticed).items()} for harm in Harm
    }
    officer = {Law.OFFICER: (Recipient.OFFICER, timedelta(hours=24))}
    data = {
        Law.BREACH: (Recipient.DATA_AUTHORITY, timedelta(hours=72)),
        Law.PEOPLE: (Recipient.PEOPLE, timedelta(hours=72)),
    }
    provider = {Law.PROVIDER: (Recipient.PROVIDER, timedelta(hours=24))}
    market = Recipient.MARKET_AUTHORITY
    assert within[Harm.UNMASKED] == within[Harm.BREACH] == officer | data
    for harm in (Harm.RIGHTS, Harm.HEALTH, Harm.PROPERTY):
        assert within[harm] == officer | provider | {Law.INCIDENT: (market, timedelta(days=15))}
    assert within[Harm.DEATH] == officer | provider | {Law.DEATH: (market, timedelta(days=10))}
    for harm in (Harm.INFRASTRUCTURE, Harm.WIDESPREAD):
        assert within[harm] == officer | provider | {Law.WIDESPREAD: (market, timedelta(days=2))}
    assert within[Harm.NEAR_MISS] == officer
    assert {rule.law for rule in RULES} == set(Law)


def test_of_several_harms_the_earliest_deadline_for_each_recipient_counts(settings: LazySettings) -> None:
    settings.SERIOUS_DEATH_DAYS = 5
    noticed = timezone.now()
    found = due([Harm.RIGHTS, Harm.DEATH, Harm.BREACH], noticed)
    assert found[Law.DEATH] == (Recipient.MARKET_AUTHORITY, noticed + timedelta(days=5))
    assert Law.INCIDENT not in found
    assert len(found) == 5
    with pytest.raises(ValueError, match="at least one kind of harm"):
        due([], noticed)


def test_a_report_keeps_what_was_told_and_sets_the_deadlines_running() -> None:
    camera = make_camera()
    actor = make_user(Role.SUPERVISOR, camera.site)
    report = make_report_of_harm(camera.site, actor, (Harm.UNMASKED,), camera)
    camera.name = "Renamed since"
    camera.save()
    (standing,) = standings([Report.objects.get(pk=report.pk)], timezone.now())
    assert [entry.kind for entry in standing.entries] == [EntryKind.ACCOUNT, EntryKind.MEASURE]
    assert [state.duty.law for state in standing.duties] == [Law.OFFICER, Law.BREACH, Law.PEOPLE]
    assert standing.duties[1].duty.due_at == report.noticed_at + timedelta(hours=72)
    assert standing.report.cameras[0]["id"] == camera.pk
    assert standing.report.cameras[0]["name"] != camera.name
    entry = AuditEntry.objects.get(action="serious.filed")
    assert (entry.subject, entry.site_id, entry.actor) == (f"serious:{report.pk}", camera.site_id, actor)
    assert "faces" not in entry.body


def test_a_form_that_is_sent_twice_makes_one_report_and_one_entry() -> None:
    site = make_site()
    actor = make_user(Role.SUPERVISOR, site)
    account = Account("Faces could be seen for two minutes.", "", uuid4())
    values = {"headline": "Masking failed", "noticed_at": timezone.now(), "gravity": 2, "harms": ["unmasked"]}
    first, second = (
        report_file(report=Report(site=site, **values), account=account, cameras=[], actor=actor) for _ in range(2)
    )
    assert first.pk == second.pk
    assert (Report.objects.count(), Duty.objects.count(), Entry.objects.count()) == (1, 3, 1)
    token = uuid4()
    for _ in range(2):
        entry_add(entry=Entry(report=first, kind=EntryKind.NOTE, text=WORDS, token=token), actor=actor)
    duty = first.duties.get(law=Law.BREACH)
    duty_settle(duty=duty, kind=EntryKind.NOT_NEEDED, text=WORDS, told_at=None, token=account.token, actor=actor)
    assert Entry.objects.count() == 2  # the token of the first account was used up: nothing was settled by it
    assert AuditEntry.objects.filter(action__in=("serious.filed", "serious.added")).count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"harms": []}, "at least one kind of harm"),
        ({"harms": ["bad-luck"]}, "at least one kind of harm"),
        ({"noticed_at": timezone.now() + timedelta(days=1)}, "noticed in the future"),
        ({"began_at": timezone.now()}, "begun after it was noticed"),
        ({"gravity": 9}, "gravity"),
        ({"headline": ""}, "headline"),
    ],
)
def test_what_is_not_allowed_is_told_and_nothing_is_kept(fields: dict[str, Any], words: str) -> None:
    site = make_site()
    with pytest.raises(ValidationError, match=words):
        make_report_of_harm(site, make_user(Role.SUPERVISOR, site), **fields)
    assert not Report.objects.exists()
    assert not AuditEntry.objects.filter(action="serious.filed").exists()


def test_a_correction_adds_harms_and_their_deadlines_and_changes_nothing_that_was_written() -> None:
    site = make_site()
    actor = make_user(Role.ADMINISTRATOR, site)
    report = make_report_of_harm(site, actor, (Harm.RIGHTS,))
    before = list(Entry.objects.values())
    worse = Entry(
        report=report,
        kind=EntryKind.CORRECTION,
        text="The person has died in hospital since.",
        gravity=Gravity.VERY_SERIOUS,
        added_harms=[Harm.DEATH, Harm.RIGHTS],
    )
    entry_add(entry=worse, actor=actor)
    (standing,) = standings([report], timezone.now())
    assert worse.added_harms == [Harm.DEATH]
    assert standing.gravity == str(Gravity.VERY_SERIOUS.label)
    assert str(Harm.DEATH.label) in standing.harms
    assert {state.duty.law for state in standing.duties} == {Law.OFFICER, Law.PROVIDER, Law.INCIDENT, Law.DEATH}
    assert list(Entry.objects.values())[: len(before)] == before
    assert Report.objects.get(pk=report.pk).harms == [Harm.RIGHTS]
    entry_add(entry=Entry(report=report, kind=EntryKind.CORRECTION, text=WORDS, added_harms=["health"]), actor=actor)
    assert report.duties.count() == 4
    note = Entry(report=report, kind=EntryKind.NOTE, text=WORDS, gravity=Gravity.LIMITED)
    with pytest.raises(ValidationError, match="Only a correction"):
        entry_add(entry=note, actor=actor)


def test_a_duty_is_settled_once_and_runs_again_when_that_was_wrong() -> None:
    site = make_site()
    actor = make_user(Role.SUPERVISOR, site)
    report = make_report_of_harm(site, actor, noticed_at=timezone.now() - timedelta(days=9))
    duty = report.duties.get(law=Law.BREACH)
    assert Duty.objects.overdue(timezone.now()).count() == 3

    def write(kind: EntryKind, told: bool = False) -> None:
        told_at = timezone.now() if told else None
        duty_settle(duty=duty, kind=kind, text=WORDS, told_at=told_at, token=uuid4(), actor=actor)

    with pytest.raises(ValidationError, match="runs already"):
        write(EntryKind.REOPENED)
    with pytest.raises(ValidationError, match="Say when"):
        write(EntryKind.TOLD)
    with pytest.raises(ValidationError, match="Say when"):
        write(EntryKind.NOT_NEEDED, told=True)
    write(EntryKind.TOLD, told=True)
    (standing,) = standings([report], timezone.now())
    assert [state.is_late for state in standing.duties if state.duty == duty] == [True]
    assert Duty.objects.overdue(timezone.now()).count() == 2
    with pytest.raises(ValidationError, match="settled this meanwhile"):
        write(EntryKind.NOT_NEEDED)
    write(EntryKind.REOPENED)
    assert Duty.objects.overdue(timezone.now()).count() == 3
    write(EntryKind.NOT_NEEDED)
    assert Duty.objects.overdue(timezone.now()).count() == 2
    actions = (
        AuditEntry.objects.filter(action__startswith="serious.").order_by("number").values_list("action", flat=True)
    )
    assert list(actions) == ["serious.filed", "serious.told", "serious.reopened", "serious.not-needed"]


def test_another_person_closes_it_once_everybody_was_told_and_then_nothing_is_added() -> None:
    site = make_site()
    mine, other = (make_user(Role.SUPERVISOR, site) for _ in range(2))
    report = make_report_of_harm(site, mine)
    lessons = "The network was trained again with such light."
    with pytest.raises(ValidationError, match="another person closes"):
        report_close(report=report, outcome=Outcome.PUT_RIGHT, lessons=lessons, actor=mine)
    with pytest.raises(ValidationError, match="3 are still to be told"):
        report_close(report=report, outcome=Outcome.PUT_RIGHT, lessons=lessons, actor=other)
    settle(report, mine)
    with pytest.raises(ValidationError, match="at least 20 characters; these are 5"):
        report_close(report=report, outcome=Outcome.PUT_RIGHT, lessons="fixed", actor=other)
    report_close(report=Report.objects.get(pk=report.pk), outcome=Outcome.PUT_RIGHT, lessons=lessons, actor=other)
    with pytest.raises(ValidationError, match="closed this report meanwhile"):
        report_close(report=Report.objects.get(pk=report.pk), outcome=Outcome.NEARLY, lessons=lessons, actor=other)
    with pytest.raises(ValidationError, match="is closed"):
        entry_add(entry=Entry(report=report, kind=EntryKind.NOTE, text=WORDS), actor=mine)
    assert Report.objects.get().outcome == Outcome.PUT_RIGHT
    assert AuditEntry.objects.filter(action="serious.closed").count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE serious_entry SET text = 'nothing happened at all'",
        "DELETE FROM serious_entry",
        "UPDATE serious_duty SET due_at = due_at + interval '1 year'",
        "DELETE FROM serious_duty",
        "UPDATE serious_report SET noticed_at = noticed_at - interval '1 day'",
        "UPDATE serious_report SET closed_at = now(), closed_by_id = filed_by_id, outcome = 'nearly', lessons = 'x'",
        "UPDATE serious_report SET headline = 'x', closed_at = now(), outcome = 'nearly', lessons = 'x'",
        "DELETE FROM serious_report",
        "TRUNCATE serious_entry",
    ],
)
def test_the_database_itself_refuses_to_change_a_record(statement: str) -> None:
    site = make_site()
    make_report_of_harm(site, make_user(Role.SUPERVISOR, site))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing else stands in a TRUNCATE's way then
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)
    assert Entry.objects.count() == 2


def test_the_database_itself_refuses_an_entry_or_a_change_after_the_end() -> None:
    site = make_site()
    mine, other = (make_user(Role.SUPERVISOR, site) for _ in range(2))
    report = make_report_of_harm(site, mine)
    settle(report, mine, EntryKind.NOT_NEEDED)
    report_close(report=report, outcome=Outcome.NEARLY, lessons="A second look before streams start.", actor=other)
    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        Entry.objects.create(report=report, number=99, kind=EntryKind.NOTE, text=WORDS, by=mine)
    with pytest.raises(IntegrityError, match="only ever closed"), transaction.atomic():
        Report.objects.update(closed_at=None, closed_by=None, outcome="", lessons="")
