"""Makers for tests of assessments: signed ones, as people make them."""

from cameras.assessing.models import Assessment, Questionnaire
from cameras.assessing.services.answering import (
    Given,
    answers_save,
    assessment_sign,
    assessment_start,
    assessment_submit,
)
from cameras.models import Site
from paca_site.accounts.models import Role, User
from tests.cast import make_user

RESPONSIBLE, RIGHTS = "responsible-innovation", "fundamental-rights"


def filled(questionnaire: Questionnaire) -> dict[str, Given]:
    """An answer to every question."""
    return {
        key: Given(choice=(question["choices"] or [""])[0], text=f"What holds here about {key}, in words.")
        for key, question in questionnaire.questions.items()
    }


def submitted(site: Site, administrator: User, slug: str = RESPONSIBLE) -> Assessment:
    draft = assessment_start(site=site, slug=slug, actor=administrator)
    revisions = {key: answer.revision for key, answer in draft.newest_answers().items()}
    given = {
        key: Given(choice=entry.choice, text=entry.text, is_still_true=True, revision=revisions.get(key, 0))
        for key, entry in filled(draft.questionnaire).items()
    }
    answers_save(assessment=draft, given=given, actor=administrator)
    assessment_submit(assessment=draft, actor=administrator)
    draft.refresh_from_db()
    return draft


def signed(site: Site, slug: str = RESPONSIBLE) -> Assessment:
    found = submitted(site, make_user(Role.ADMINISTRATOR, site), slug)
    assessment_sign(assessment=found, actor=make_user(Role.SUPERVISOR, site))
    found.refresh_from_db()
    return found


def sign_all(site: Site) -> None:
    for slug in (RESPONSIBLE, RIGHTS):
        signed(site, slug)
