"""Trying PACA out: the demo site is signed by the demo's people, and a camera of one's own has a trial period."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from cameras.assessing.models import Questionnaire, TrialPeriod
from cameras.assessing.services.answering import (
    Given,
    answers_save,
    assessment_sign,
    assessment_start,
    assessment_submit,
)
from cameras.assessing.standing import grace
from cameras.models import Camera, Site
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

PREFIX: Final = "Demo: "


def demo_assess(*, site: Site, administrator: User, supervisor: User) -> None:
    """Answer, submit and sign each required questionnaire for a demo site, with the audit entries of people.

    Raises:
        ValueError: the site is no demo: nobody signs for a real one but people.
    """
    if not site.is_demo:
        raise ValueError(f"Only a demo site is assessed by the program; got {site.name!r}.")
    for questionnaire in Questionnaire.objects.order_by("slug", "-version").distinct("slug"):
        if not questionnaire.is_required:
            continue
        draft = assessment_start(site=site, slug=questionnaire.slug, actor=administrator)
        answers = {
            key: Given(choice=question["example"][0], text=PREFIX + question["example"][1])
            for key, question in questionnaire.questions.items()
        }
        answers_save(assessment=draft, given=answers, actor=administrator)
        assessment_submit(assessment=draft, actor=administrator)
        assessment_sign(assessment=draft, actor=supervisor)


def trial_begin(*, camera: Camera) -> TrialPeriod:
    """Let a camera of the command line run for the grace period unassessed. Audit: `assessment.trial-begun`."""
    with transaction.atomic():
        trial = TrialPeriod.objects.create(camera=camera, until=timezone.now() + grace())
        audit_record(
            action="assessment.trial-begun",
            actor=None,
            subject=f"camera:{camera.pk}",
            site_id=camera.site_id,
            details={"until": trial.until.isoformat()},
        )
    return trial
