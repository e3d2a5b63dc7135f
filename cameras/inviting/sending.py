"""The invitation as an e-mail, where this installation can send some."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext

from cameras.inviting.models import Invitation

logger = logging.getLogger(__name__)


def invitation_send(invitation: Invitation, link: str) -> bool:
    """Send the link to the address in the invitation, in the installation's language; not within a transaction.

    Returns:
        Whether it went out. Where it did not, the log has why, and the link is shown instead.
    """
    if not (settings.EMAIL_HOST and invitation.email):
        return False
    until = timezone.localtime(invitation.expires_at, timezone.get_default_timezone())
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Your account at PACA")
        words = gettext(
            "{inviter} invites you to an account at PACA. This link makes it, once, until {until} UTC:\n\n{link}\n\n"
            "It is for you alone: whoever opens it chooses the password. If you expect no invitation, delete this."
        ).format(inviter=invitation.made_by, until=f"{until:%Y-%m-%d %H:%M}", link=link)
    try:
        send_mail(subject, words, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    except (OSError, SMTPException) as error:
        logger.error("invitation %s: the e-mail could not be sent: %s", invitation.pk, error)
        return False
    return True
