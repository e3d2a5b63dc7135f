"""What the database refuses because of a ceiling, in sentences."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Modality

CONSTRAINT: Final = "retention_under_ceiling"
KINDS: Final = {
    "raw_hours": _("{camera}: unmasked video may be kept for {most} hours at most ({where}); “{policy}” says {given}."),
    "masked_hours": _("{camera}: recordings may be kept for {most} hours at most ({where}); “{policy}” says {given}."),
    "clip_days": _("{camera}: clips may be kept for {most} days at most ({where}); “{policy}” says {given}."),
    "alert_days": _("{camera}: alerts may be kept for {most} days at most ({where}); “{policy}” says {given}."),
}


@contextmanager
def ceilings_told() -> Iterator[None]:
    """Run a change in a savepoint; where it would leave a policy above a ceiling, nothing of it stays.

    Raises:
        ValidationError: one sentence for each camera and limit, twenty at most.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        told: Any = getattr(error.__cause__, "diag", None)
        if told is None or told.constraint_name != CONSTRAINT:
            raise
        raise ValidationError([ceiling_sentence(**found) for found in json.loads(told.message_detail)]) from error


def ceiling_sentence(*, kind: str, modality: str, jurisdiction: str, **told: object) -> str:
    """Return one limit that is passed, in words: `camera`, `policy`, `given` and `most` are told as they are."""
    name = str(Modality(modality).label) if modality else ""
    where = ", ".join(part for part in (name, jurisdiction) if part) or gettext("all cameras")
    return str(KINDS[kind]).format(where=where, **told)
