"""Everything that can stand in the trail. An unknown action raises, so that the list is complete by force.

The verbs follow article 25 of the Law Enforcement Directive (EU) 2016/680: collection, alteration, consultation,
disclosure, combination, erasure; `access` is about accounts.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """What was done to data, in the words of the directive."""

    COLLECTION = "collection", _("Collection")
    ALTERATION = "alteration", _("Alteration")
    CONSULTATION = "consultation", _("Consultation")
    DISCLOSURE = "disclosure", _("Disclosure")
    COMBINATION = "combination", _("Combination")
    ERASURE = "erasure", _("Erasure")
    ACCESS = "access", _("Access")


ACTIONS: dict[str, Verb] = {
    "account.signed-in": Verb.ACCESS,
    "account.sign-in-failed": Verb.ACCESS,
    "account.signed-out": Verb.ACCESS,
    "account.created": Verb.ALTERATION,
    "account.password-changed": Verb.ALTERATION,
    "account.second-factor-added": Verb.ALTERATION,
    "account.second-factor-removed": Verb.ALTERATION,
    "account.second-factor-failed": Verb.ACCESS,
    "account.recovery-codes-made": Verb.ALTERATION,
    "alert.raised": Verb.COLLECTION,
    "alert.viewed": Verb.CONSULTATION,
    "alert.clip-viewed": Verb.CONSULTATION,
    "alert.confirmed": Verb.ALTERATION,
    "alert.dismissed": Verb.ALTERATION,
    "alert.escalated": Verb.ALTERATION,
    "alert.claimed": Verb.ALTERATION,
    "alert.taken-over": Verb.ALTERATION,
    "alert.released": Verb.ALTERATION,
    "alert.claim-expired": Verb.ALTERATION,
    "alert.decision-undone": Verb.ALTERATION,
    "alert.action-logged": Verb.ALTERATION,
    "alert.called": Verb.ALTERATION,
    "alert.confidence-shown": Verb.CONSULTATION,
    "alert.shelved": Verb.ALTERATION,
    "maintenance.planned": Verb.ALTERATION,
    "shelf.ended": Verb.ALTERATION,
    "shift.started": Verb.ALTERATION,
    "shift.ended": Verb.ALTERATION,
    "shift.accepted": Verb.ALTERATION,
    "incident.viewed": Verb.CONSULTATION,
    "share.offered": Verb.ALTERATION,
    "share.assigned": Verb.ALTERATION,
    "share.accepted": Verb.ALTERATION,
    "share.declined": Verb.ALTERATION,
    "share.withdrawn": Verb.ALTERATION,
    "share.done": Verb.ALTERATION,
    "seeding.planned": Verb.ALTERATION,
    "seeding.clip-added": Verb.ALTERATION,
    "seeding.clip-removed": Verb.ALTERATION,
    "review.drawn": Verb.ALTERATION,
    "review.lapsed": Verb.ALTERATION,
    "review.viewed": Verb.CONSULTATION,
    "review.given": Verb.ALTERATION,
    "review.settled": Verb.ALTERATION,
    "test-alert.placed": Verb.ALTERATION,
    "test-alert.withdrawn": Verb.ALTERATION,
    "flood.started": Verb.ALTERATION,
    "flood.ended": Verb.ALTERATION,
    "alert.poster-viewed": Verb.CONSULTATION,
    "alert.exported": Verb.DISCLOSURE,
    "system-alert.acknowledged": Verb.ALTERATION,
    "wall.opened": Verb.CONSULTATION,
    "camera.watched": Verb.CONSULTATION,
    "camera.viewed": Verb.CONSULTATION,
    "history.opened": Verb.CONSULTATION,
    "history.reason-given": Verb.CONSULTATION,
    "camera.created": Verb.ALTERATION,
    "camera.changed": Verb.ALTERATION,
    "camera.started": Verb.ALTERATION,
    "camera.stopped": Verb.ALTERATION,
    "camera.tested": Verb.COLLECTION,
    "site.created": Verb.ALTERATION,
    "site-plan.stored": Verb.ALTERATION,
    "site-plan.placed": Verb.ALTERATION,
    "site-plan.removed": Verb.ALTERATION,
    "halt.placed": Verb.ALTERATION,
    "halt.ended": Verb.ALTERATION,
    "policy.created": Verb.ALTERATION,
    "policy.changed": Verb.ALTERATION,
    "hold.placed": Verb.ALTERATION,
    "hold.lifted": Verb.ALTERATION,
    "hold.expired": Verb.ALTERATION,
    "retention.purged": Verb.ERASURE,
    "assessment.started": Verb.ALTERATION,
    "assessment.answered": Verb.ALTERATION,
    "assessment.submitted": Verb.ALTERATION,
    "assessment.returned": Verb.ALTERATION,
    "assessment.signed": Verb.ALTERATION,
    "assessment.stale": Verb.ALTERATION,
    "assessment.trial-begun": Verb.ALTERATION,
    "release.registered": Verb.ALTERATION,
    "release.evaluated": Verb.ALTERATION,
    "release.approved": Verb.ALTERATION,
    "release.activated": Verb.ALTERATION,
    "questionnaire.loaded": Verb.ALTERATION,
    "network.changed": Verb.ALTERATION,
    "redress.filed": Verb.COLLECTION,
    "redress.looked-up": Verb.DISCLOSURE,
    "redress.viewed": Verb.CONSULTATION,
    "redress.worked-on": Verb.ALTERATION,
    "redress.answered": Verb.DISCLOSURE,
    "redress.purged": Verb.ERASURE,
    "deciding.viewed": Verb.CONSULTATION,
    "decisions.listed": Verb.CONSULTATION,
    "watching.viewed": Verb.CONSULTATION,
    "watching.exported": Verb.DISCLOSURE,
    "audit.viewed": Verb.CONSULTATION,
    "audit.verified": Verb.CONSULTATION,
    "audit.exported": Verb.DISCLOSURE,
}
# what is done to a seeded alert (alerts/seeding) has a name of its own: counts of alerts never have it
ACTIONS |= {f"test-{action}": verb for action, verb in ACTIONS.items() if action.startswith("alert.")}
