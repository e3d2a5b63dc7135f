"""The demo site is assessed: with the example answers of the questionnaires, by the demo's people, labelled as such."""

from typing import Final

from cameras.assessing.models import Questionnaire
from cameras.assessing.services.answering import (
    Given,
    answers_save,
    assessment_sign,
    assessment_start,
    assessment_submit,
)
from cameras.models import Site
from paca_site.accounts.models import User

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
