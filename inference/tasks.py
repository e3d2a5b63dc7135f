"""Celery tasks: each calls a service; ids in, nothing out, safe to run twice."""

import logging
from typing import Any

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from alerts.services.retention import alerts_purge, clip_orphans_purge, clips_purge
from alerts.services.shift_changing import shifts_purge
from cameras.custody.services.shredding import sealed_purge
from cameras.custody.services.sweeping import sealed_orphans_purge
from cameras.models import Camera
from cameras.services.holds import holds_expire
from cameras.services.retention import orphans_purge, segments_purge
from inference.commissioning.services.keeping import still_orphans_purge, stills_purge
from inference.commissioning.services.sampling import walks_sample
from inference.commissioning.services.walking import runs_end
from inference.leaking.services.counting import leak_hours_purge
from inference.services.clips import clip_make, clips_missing
from inference.services.demo import demo_render
from inference.services.dispatch import streams_ensure
from inference.services.events import events_close_stale, spool_deliver
from inference.services.scores import score_hours_purge
from inference.services.segments import segments_adopt
from inference.services.supervising import system_check, system_sample
from inference.services.testing import camera_test_store
from inference.services.vaulting import vault_adopt
from inference.worker import leaving

logger = logging.getLogger(__name__)


@shared_task(acks_late=False)
def run_stream(camera_id: int) -> None:
    """Run one camera for one turn."""
    if leaving.is_set():
        return  # `ensure_streams` asks another worker
    from inference.services.streams import stream_run  # loads the networks: only where streams run

    logger.info("camera %s: %s", camera_id, stream_run(camera_id))


@shared_task(acks_late=False)
def take_over_stream(camera_id: int) -> None:
    """Take a running camera over from the worker that runs it, and run it for one turn."""
    if leaving.is_set():
        return
    from inference.services.handover import stream_take_over  # loads the networks

    logger.info("camera %s: %s", camera_id, stream_take_over(camera_id))


@shared_task(time_limit=30)
def ensure_streams() -> None:
    """Give every camera that should run and does not a turn."""
    streams_ensure()


@shared_task(time_limit=30)
def check_system() -> None:
    """Tell what is wrong with cameras and workers."""
    system_check()


@shared_task(time_limit=50)
def sample_system() -> None:
    """Store how the system is in this minute and tell of the disk."""
    system_sample()


@shared_task(time_limit=60)
def deliver_spool() -> None:
    """Deliver events that an earlier process left behind, and end alerts whose worker died."""
    try:
        spool_deliver()
    finally:  # whatever waits in the spool keeps no alert open
        events_close_stale()


@shared_task(time_limit=120, acks_late=True)
def make_clip(alert_id: int) -> None:
    """Cut the masked clip of an alert."""
    clip_make(alert_id)


@shared_task(time_limit=30)
def ensure_clips() -> None:
    """Ask again for clips that should be there and are not."""
    for alert_id in clips_missing():
        make_clip.delay(alert_id)


@shared_task(time_limit=45)
def test_camera(token: str, address: str, masking: dict[str, Any]) -> None:
    """Open a sealed address, mask its first frames as the camera's settings ask, leave the outcome for the page."""
    camera_test_store(token, address, masking)


@shared_task(time_limit=600)
def render_demo(name: str) -> None:
    """Render the video of a simulated demo camera."""
    demo_render(name)


@shared_task(time_limit=300)
def sample_walks() -> None:
    """End commissionings that are open for too long, and take the stills of walks that ended."""
    runs_end()
    walks_sample()


@shared_task(time_limit=3000)
def purge_expired() -> None:
    """Delete everything that has reached its ceiling and is not held."""
    SessionStore.clear_expired()
    holds_expire()
    for camera in Camera.objects.select_related("retention"):
        try:
            segments_adopt(camera.pk)  # before anything is called an orphan
            vault_adopt(camera.pk)
            sealed = sealed_purge(camera=camera)
            counts = (segments_purge(camera=camera), clips_purge(camera=camera), alerts_purge(camera=camera), sealed)
            stills_purge(camera=camera)
        except Exception:
            logger.exception("camera %s: its purge failed; the other cameras' goes on", camera.pk)
            continue
        if any(counts):
            logger.info("camera %s: deleted %s segments, %s clips, %s alerts, %s sealed files", camera.pk, *counts)
    orphans_purge()
    sealed_orphans_purge()
    clip_orphans_purge()
    still_orphans_purge()
    shifts_purge()
    score_hours_purge()
    leak_hours_purge()
