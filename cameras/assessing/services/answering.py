"""Writing assessments: an administrator answers and submits, a supervisor signs or sends back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cameras.assessing.answers import sheet
from cameras.assessing.aspects import differences, fingerprints, live_configurations
from cameras.assessing.models import Answer, Assessment, Questionnaire
from cameras.models import Site
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

SHORTEST_ANSWER: Final = 20
SHORTEST_REASON: Final = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What a person entered for one question.

    Attributes:
        choice: one of the question's; empty where it has none.
        text: words.
        is_still_true: an answer that what changed does not touch, said again.
        revision: of the answer that the person saw; 0 for none.
    """

    choice: str
    text: str
    is_still_true: bool = False
    revision: int = 0


class AnswersRefused(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Nothing was saved; `errors` says why, by question."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{key}: {error}" for key, error in errors.items()))
        self.errors = dict(errors)


def _record(action: str, assessment: Assessment, actor: User | None, **details: Any) -> None:
    audit_record(
        action=action,
        actor=actor,
        subject=f"assessment:{assessment.pk}",
        site_id=assessment.site_id,
        details={"questionnaire": assessment.slug, "number": assessment.number, **details},
    )


def assessment_start(*, site: Site, slug: str, actor: User) -> Assessment:
    """Begin a draft by the newest version of a questionnaire. Audit: `assessment.started`.

    The answers of the last signed assessment are taken over, with who gave them and the configuration they were given
    for, where the question is still the same. Where a draft is open already, that one is returned.

    Raises:
        ValidationError: there is no such questionnaire.
    """
    questionnaire = Questionnaire.objects.filter(slug=slug).order_by("-version").first()
    if questionnaire is None:
        raise ValidationError(gettext("There is no questionnaire {slug!r}.").format(slug=slug))
    of_site = Assessment.objects.filter(site=site, slug=slug)
    try:
        with transaction.atomic():
            last = of_site.order_by("-number").first()
            if last is not None and last.signed_at is None:
                return last
            number = last.number + 1 if last else 1
            draft = Assessment.objects.create(
                site=site, questionnaire=questionnaire, slug=slug, number=number, started_by=actor
            )
            carried = _carry_over(last, draft) if last else 0
            _record("assessment.started", draft, actor, version=questionnaire.version, carried=carried)
    except IntegrityError:  # somebody else was first, a moment ago
        return of_site.get(signed_at=None)
    return draft


def _carry_over(last: Assessment, draft: Assessment) -> int:
    before, now = last.questionnaire.questions, draft.questionnaire.questions
    kept = [
        Answer(
            assessment=draft,
            question=key,
            revision=1,
            choice=answer.choice,
            text=answer.text,
            fingerprints=answer.fingerprints,
            answered_by=answer.answered_by,
            answered_at=answer.answered_at,
            is_carried=True,
        )
        for key, answer in last.newest_answers().items()
        if key in now and all(before[key][part] == now[key][part] for part in ("text", "choices", "depends_on"))
    ]
    Answer.objects.bulk_create(kept)
    return len(kept)


def _locked(assessment: Assessment, state: str) -> Assessment:
    """Return the assessment as it stands, held against others until the transaction ends.

    Raises:
        ValidationError: it is in another state.
    """
    found = Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
    if found.state != state:
        raise ValidationError(
            gettext("This assessment is {state} by now, not a {state2} any more: open its page again.").format(
                state=found.state, state2=state
            )
        )
    return found


def answers_save(*, assessment: Assessment, given: Mapping[str, Given], actor: User) -> int:
    """Store what was entered, all or nothing. Audit: `assessment.answered`, with the keys.

    An empty entry is left out. One that says what stands there already is stored again only where it is said to be
    still true, or where the choice or the words differ.

    Returns:
        How many answers were stored.

    Raises:
        AnswersRefused: an entry is not allowed, or somebody else answered meanwhile.
        ValidationError: the assessment is no draft any more.
    """
    with transaction.atomic():
        draft = _locked(assessment, "draft")
        questions, newest = draft.questionnaire.questions, draft.newest_answers()
        unknown = sorted(set(given) - set(questions))
        if unknown:
            raise AnswersRefused(dict.fromkeys(unknown, "The questionnaire has no such question."))
        live = fingerprints(live_configurations([draft.site_id])[draft.site_id])
        errors, rows = dict[str, str](), list[Answer]()
        for key, entry in given.items():
            last = newest.get(key)
            error = _fault(questions[key], entry, last)
            if error:
                errors[key] = error
            elif (entry.text or entry.choice) and _is_news(entry, last):
                rows.append(
                    Answer(
                        assessment=draft,
                        question=key,
                        revision=last.revision + 1 if last else 1,
                        choice=entry.choice,
                        text=entry.text,
                        fingerprints={aspect: live[aspect] for aspect in questions[key]["depends_on"]},
                        answered_by=actor,
                        answered_at=timezone.now(),
                    )
                )
        if errors:
            raise AnswersRefused(errors)
        if rows:
            Answer.objects.bulk_create(rows)
            _record("assessment.answered", draft, actor, questions=[row.question for row in rows])
    return len(rows)


def _is_news(entry: Given, last: Answer | None) -> bool:
    return last is None or entry.is_still_true or (entry.choice, entry.text) != (last.choice, last.text)


def _fault(question: Mapping[str, Any], entry: Given, last: Answer | None) -> str:
    if not entry.text and not entry.choice:
        return gettext("An answer cannot be emptied: say what holds instead.") if last else ""
    if entry.revision != (last.revision if last else 0) and _is_news(entry, last):
        return gettext(
            "Somebody else answered this after you opened the page. Theirs stands above; save again to put yours in."
        )
    if question["choices"] and entry.choice not in question["choices"]:
        return gettext("Choose one of {choices}; got {given}.").format(
            choices=", ".join(question["choices"]), given=entry.choice or "nothing"
        )
    if not SHORTEST_ANSWER <= len(entry.text) <= 5000:
        return gettext("Answer in {shortest_answer} to 5000 characters; these are {text}.").format(
            shortest_answer=SHORTEST_ANSWER, text=len(entry.text)
        )
    return ""


def assessment_submit(*, assessment: Assessment, actor: User) -> None:
    """Hand a draft to the supervisors, bound to the configuration as it is now. Audit: `assessment.submitted`.

    Raises:
        ValidationError: it is no draft, or an answer is missing or stale.
    """
    with transaction.atomic():
        draft = _locked(assessment, "draft")
        live = live_configurations([draft.site_id])[draft.site_id]
        open_keys = [item.key for item in sheet(draft, live) if not item.is_settled]
        if open_keys:
            raise ValidationError(
                ngettext(
                    "{count} answer is missing or not up to date: {keys}.",
                    "{count} answers are missing or not up to date: {keys}.",
                    len(open_keys),
                ).format(count=len(open_keys), keys=", ".join(open_keys))
            )
        draft.submitted_by, draft.submitted_at = actor, timezone.now()
        draft.configuration, draft.fingerprints = live, fingerprints(live)
        draft.save(update_fields=["submitted_by", "submitted_at", "configuration", "fingerprints"])
        _record("assessment.submitted", draft, actor, fingerprints=draft.fingerprints)


def assessment_return(*, assessment: Assessment, actor: User, reason: str) -> None:
    """Send a submitted assessment back to be answered better. Audit: `assessment.returned`.

    Raises:
        ValidationError: no reason, or it is not submitted.
    """
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= 500:
        raise ValidationError(
            gettext("Say why in {shortest_reason} to 500 characters; these are {reason}.").format(
                shortest_reason=SHORTEST_REASON, reason=len(reason)
            )
        )
    with transaction.atomic():
        found = _locked(assessment, "submitted")
        found.submitted_by = found.submitted_at = None
        found.configuration, found.fingerprints = {}, {}
        found.returned_by, found.returned_at, found.return_reason = actor, timezone.now(), reason
        found.save()
        _record("assessment.returned", found, actor, reason=reason)


def assessment_sign(*, assessment: Assessment, actor: User) -> None:
    """Sign: from the commit on it is in force. Audit: `assessment.signed`, with the fingerprints signed.

    Raises:
        ValidationError: it is not submitted, the person answered or submitted it, or the site's configuration is not
            as it was when it was submitted.
    """
    with transaction.atomic():
        found = _locked(assessment, "submitted")
        if found.submitted_by_id == actor.pk or found.answers.filter(answered_by=actor).exists():
            raise ValidationError(gettext("Who answered cannot sign: another supervisor must."))
        changes = differences(found.configuration, live_configurations([found.site_id])[found.site_id])
        if changes:
            told = ", ".join(sorted({change.label for change in changes}))
            raise ValidationError(
                gettext("Since it was submitted this changed: {told}. Send it back to be answered again.").format(
                    told=told
                )
            )
        found.signed_by, found.signed_at = actor, timezone.now()
        found.save(update_fields=["signed_by", "signed_at"])
        _record("assessment.signed", found, actor, fingerprints=found.fingerprints, submitted_by=found.submitted_by_id)
