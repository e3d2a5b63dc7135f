"""Answering, submitting and signing: who, in which order, and what the database refuses to everybody."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cameras.assessing.models import Answer, Assessment
from cameras.assessing.services.answering import (
    AnswersRefused,
    Given,
    answers_save,
    assessment_return,
    assessment_sign,
    assessment_start,
    assessment_submit,
)
from cameras.assessing.services.demo import demo_assess
from cameras.assessing.standing import obstacles
from cameras.models import Camera
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.assessing.made import RESPONSIBLE, filled, signed, submitted
from tests.cast import make_camera, make_site, make_user

pytestmark = pytest.mark.django_db
WORDS = "Long enough to say what holds here."


def test_a_second_draft_is_the_first_one() -> None:
    site, administrator = make_site(), make_user(Role.ADMINISTRATOR)
    draft = assessment_start(site=site, slug=RESPONSIBLE, actor=administrator)
    assert assessment_start(site=site, slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR)) == draft
    with pytest.raises(IntegrityError, match="assessment_one_unsigned_at_a_time"), transaction.atomic():
        Assessment.objects.create(
            site=site, questionnaire=draft.questionnaire, slug=draft.slug, number=9, started_by=administrator
        )
    with pytest.raises(ValidationError, match="no questionnaire 'unknown'"):
        assessment_start(site=site, slug="unknown", actor=administrator)


def test_answers_are_kept_in_all_revisions() -> None:
    draft = assessment_start(site=make_site(), slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR))
    first, second = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    assert answers_save(assessment=draft, given={"aim": Given("", WORDS)}, actor=first) == 1
    assert answers_save(assessment=draft, given={"aim": Given("", WORDS, revision=1)}, actor=second) == 0
    assert answers_save(assessment=draft, given={"aim": Given("", f"{WORDS} More.", revision=1)}, actor=second) == 1
    assert [(answer.revision, answer.answered_by) for answer in draft.answers.all()] == [(1, first), (2, second)]
    assert AuditEntry.objects.filter(action="assessment.answered").count() == 2


@pytest.mark.parametrize(
    ("key", "given", "message"),
    [
        ("aim", Given("", "short"), "20 to 5000 characters; these are 5"),
        ("aim", Given("", "x" * 5001), "these are 5001"),
        ("legal-basis", Given("", WORDS), "Choose one of a specific rule, a general rule, none; got nothing"),
        ("legal-basis", Given("perhaps", WORDS), "got perhaps"),
        ("nonsense", Given("", WORDS), "no such question"),
        ("aim", Given("", WORDS, revision=3), "Somebody else answered"),
    ],
)
def test_one_bad_answer_keeps_all_from_being_stored(key: str, given: Given, message: str) -> None:
    draft = assessment_start(site=make_site(), slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR))
    with pytest.raises(AnswersRefused) as refused:
        answers_save(assessment=draft, given={"stop": Given("", WORDS), key: given}, actor=draft.started_by)
    assert message in refused.value.errors[key]
    assert not Answer.objects.exists()


def test_an_answer_given_meanwhile_is_not_written_over() -> None:
    draft = assessment_start(site=make_site(), slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR))
    answers_save(assessment=draft, given={"aim": Given("", WORDS)}, actor=draft.started_by)
    with pytest.raises(AnswersRefused, match="Somebody else"):
        answers_save(assessment=draft, given={"aim": Given("", f"{WORDS} Mine.")}, actor=make_user(Role.ADMINISTRATOR))
    assert draft.newest_answers()["aim"].text == WORDS


def test_only_what_is_answered_whole_and_up_to_date_is_submitted() -> None:
    camera = make_camera()
    draft = assessment_start(site=camera.site, slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR))
    given = filled(draft.questionnaire)
    last = given.pop("review")
    answers_save(assessment=draft, given=given, actor=draft.started_by)
    with pytest.raises(ValidationError, match="1 answer is missing or not up to date: review"):
        assessment_submit(assessment=draft, actor=draft.started_by)
    answers_save(assessment=draft, given={"review": last}, actor=draft.started_by)
    Camera.objects.update(masking_style="edge")
    with pytest.raises(ValidationError, match="masking-quality, residual-identity"):
        assessment_submit(assessment=draft, actor=draft.started_by)


def test_a_change_between_submission_and_signature_refuses_the_signature() -> None:
    camera = make_camera()
    found = submitted(camera.site, make_user(Role.ADMINISTRATOR))
    Camera.objects.update(threshold_percent=30)
    supervisor = make_user(Role.SUPERVISOR)
    with pytest.raises(ValidationError, match="this changed: alert threshold"):
        assessment_sign(assessment=found, actor=supervisor)
    assessment_return(assessment=found, actor=supervisor, reason="The threshold is another one now.")
    found.refresh_from_db()
    assert (found.state, found.configuration) == ("draft", {})
    submitted(camera.site, make_user(Role.ADMINISTRATOR))
    assessment_sign(assessment=found, actor=supervisor)
    with pytest.raises(ValidationError, match="signed by now"):
        assessment_sign(assessment=found, actor=supervisor)


def test_what_is_answered_already_is_taken_over_where_it_still_holds() -> None:
    camera = make_camera()
    first = signed(camera.site)
    Camera.objects.update(threshold_percent=30)
    draft = assessment_start(site=camera.site, slug=RESPONSIBLE, actor=make_user(Role.ADMINISTRATOR))
    assert draft.number == 2
    assert set(draft.newest_answers()) == set(first.newest_answers())
    with pytest.raises(ValidationError) as refused:
        assessment_submit(assessment=draft, actor=draft.started_by)
    told = refused.value.messages[0].partition(": ")[2].rstrip(".").split(", ")
    questions = draft.questionnaire.questions
    assert set(told) == {key for key in questions if "threshold" in questions[key]["depends_on"]}
    given = {
        key: Given(answer.choice, answer.text, is_still_true=True, revision=1)
        for key, answer in draft.newest_answers().items()
        if key in told
    }
    assert answers_save(assessment=draft, given=given, actor=draft.started_by) == len(told)
    assessment_submit(assessment=draft, actor=draft.started_by)


def test_who_answered_never_signs_not_even_with_another_role_later() -> None:
    site = make_site()
    answering, other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    draft = assessment_start(site=site, slug=RESPONSIBLE, actor=answering)
    answers_save(assessment=draft, given=filled(draft.questionnaire), actor=answering)
    assessment_submit(assessment=draft, actor=other)
    for person in (answering, other):
        person.role = Role.SUPERVISOR
        person.save()
        with pytest.raises(ValidationError, match="Who answered cannot sign"):
            assessment_sign(assessment=draft, actor=person)
    rows = Assessment.objects.filter(pk=draft.pk)
    moment = draft.started_at
    with pytest.raises(IntegrityError, match="who answered cannot sign"), transaction.atomic():
        rows.update(signed_by=answering, signed_at=moment)
    with pytest.raises(IntegrityError, match="assessment_signed_by_another_person"), transaction.atomic():
        rows.update(signed_by=other, signed_at=moment)


def test_the_database_keeps_what_was_answered_and_signed() -> None:
    found = signed(make_site())
    with pytest.raises(IntegrityError, match="it is signed"), transaction.atomic():
        Assessment.objects.filter(pk=found.pk).update(configuration={})
    with pytest.raises(IntegrityError, match="kept as they were given"), transaction.atomic():
        Answer.objects.filter(assessment=found).update(text="Other words than were signed.")
    with pytest.raises(IntegrityError, match="kept as they were given"), transaction.atomic():
        Answer.objects.filter(assessment=found).delete()
    with pytest.raises(IntegrityError, match="takes no answers"), transaction.atomic():
        Answer.objects.create(
            assessment=found, question="aim", revision=9, text=WORDS, fingerprints={}, answered_by=found.started_by,
            answered_at=found.started_at,
        )  # fmt: skip


def test_the_demo_site_is_signed_by_the_people_of_the_demo_and_no_other_site_is() -> None:
    site = make_site(is_demo=True)
    camera = make_camera(site)
    people = {"administrator": make_user(Role.ADMINISTRATOR, site), "supervisor": make_user(Role.SUPERVISOR, site)}
    demo_assess(site=site, **people)
    assert not obstacles([camera])
    assert all(answer.text.startswith("Demo: ") for answer in Answer.objects.all())
    with pytest.raises(ValueError, match="Only a demo site"):
        demo_assess(site=make_site(), **people)
