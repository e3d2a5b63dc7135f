"""What the audit trail does by itself: checkpoints every few minutes, a whole check every night."""

import logging
import urllib.error

from celery import shared_task
from django.conf import settings

from paca_site.audit.checkpoints import CheckpointError, checkpoint_write
from paca_site.audit.delivery import checkpoints_deliver
from paca_site.audit.signing import signing_key
from paca_site.audit.verification import fault_record, trail_verify_recorded

logger = logging.getLogger(__name__)


@shared_task(time_limit=240)
def write_checkpoint() -> None:
    """Sign the trail as it is, and send away what was not sent yet."""
    path = settings.CHECKPOINT_FILE
    try:
        checkpoint_write(path=path, key=signing_key(settings.CHECKPOINT_KEY))
    except CheckpointError as error:
        logger.critical("The audit trail is broken: %s", error)
        fault_record(str(error))
    if settings.CHECKPOINT_WEBHOOK:
        try:
            checkpoints_deliver(path=path, url=settings.CHECKPOINT_WEBHOOK)
        except urllib.error.URLError as error:
            logger.error("Checkpoints wait: %s does not take them (%s).", "PACA_CHECKPOINT_WEBHOOK", error.reason)


@shared_task(time_limit=3 * 3600)
def verify_trail() -> None:
    """Walk the whole trail, and record what was found."""
    state = trail_verify_recorded(actor=None)
    if not state.chain.is_sound:
        logger.critical("The audit trail is broken: %s", state.chain.fault)
