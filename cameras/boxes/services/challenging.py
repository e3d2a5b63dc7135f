"""Asking a box for a proof, and taking its answer."""

import secrets
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.boxes.models import Box, Challenge
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

ANSWERED_WITHIN: Final = timedelta(seconds=60)


def challenge_place(*, box: Box, actor: User) -> Challenge:
    """Ask a box to sign a nonce with the head of its chain. Audit: `box.challenged`.

    Raises:
        ValidationError: the box has no key.
    """
    if not box.public_key:
        raise ValidationError(gettext("This box has no key: there is nobody to ask."))
    with transaction.atomic():
        challenge = Challenge.objects.create(box=box, nonce=secrets.token_hex(16), asked_by=actor)
        audit_record(
            action="box.challenged",
            actor=actor,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"nonce": challenge.nonce},
        )
    return challenge


def challenges_open(box: Box) -> list[str]:
    """Return the nonces that a box is asked to sign now."""
    since = timezone.now() - ANSWERED_WITHIN
    return list(box.challenges.filter(answered_at=None, asked_at__gt=since).values_list("nonce", flat=True)[:8])


def challenge_answer(*, box: Box, nonce: str, text: str, signature: str, fault: str) -> bool:
    """Store the answer to an open challenge, with what is wrong with it. Returns whether there was such a one."""
    since = timezone.now() - ANSWERED_WITHIN
    waiting = Challenge.objects.filter(box=box, nonce=nonce, answered_at=None, asked_at__gt=since)
    answer = {"answered_at": timezone.now(), "text": text, "signature": signature, "fault": fault[:300]}
    return waiting.update(**answer) == 1
