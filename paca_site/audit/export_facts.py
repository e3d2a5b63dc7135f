"""What every signed export says of itself, and the key that signs it."""

import logging
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import SigningError, signing_key

logger = logging.getLogger(__name__)
SOURCE_OF_TIME: Final = (
    "clock of the PACA machine that received the frames, at their receipt, in UTC; "
    "the camera's own clock and any clock inside the picture are not used"
)


def export_key() -> Ed25519PrivateKey:
    """Return the installation's key, made where there is none yet.

    Raises:
        ValidationError: it cannot be used, so nothing is exported.
    """
    try:
        return signing_key(settings.CHECKPOINT_KEY)
    except (SigningError, OSError) as error:
        logger.exception("exports cannot be signed")
        raise ValidationError(
            gettext(
                "The installation's signing key cannot be used, so nothing was exported; the machine's log says why."
            )
        ) from error


def export_facts(entry: AuditEntry, actor: User, case: str, reason: str) -> dict[str, Any]:
    """Return the manifest's part on who exported it, when, why, and which entry of the trail tells of it."""
    return {
        "exported": {
            "at": iso_ms(entry.at),
            "by": actor.username,
            "role": actor.role,
            "case": case,
            "reason": reason,
            "audit_entry": {"number": entry.number, "hash": entry.hash},
        }
    }


def iso_ms(at: datetime | None) -> str | None:
    """Return a moment as manifests spell it: ISO 8601, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None
