"""The demo site: one camera of real people, two simulated ones; made in an empty database only, labelled as demo."""

import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, RetentionPolicy, Site
from cameras.services.cameras import camera_save, policy_save
from inference.core.errors import DecodeError
from inference.sample_clip import write_shot
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """One camera of the demo site; `heading_deg` clockwise from north."""

    name: str
    video: str
    purpose: str
    latitude: float
    longitude: float
    heading_deg: int
    frames_per_second: int = 5


DEMO_CAMERAS = (
    DemoCamera(
        "Torggata 4 (demo, simulated)",
        "torggata",
        "See people in need of help in the pedestrian street.",
        58.14634,
        7.99561,
        60,
    ),
    DemoCamera(
        "Stasjon sør (demo, simulated)",
        "stasjon",
        "See crowding and accidents in front of the station.",
        58.14588,
        7.98921,
        200,
    ),
    DemoCamera(
        "Sykkelgata (demo, recorded, to and fro)", "bikes", "See accidents on the cycle street.", 58.14712, 7.99245, 310
    ),
)
SIMULATED = ("torggata", "stasjon")
ROUNDS = 8
"""The recorded shot lasts two seconds each way: half a minute without a seam."""


DEMO_SCHEME = "demo:"
STILL_MADE = _("The film of this demo camera is being made; that takes a minute or two.")


def opened_address(address: str) -> str:
    """Return what to open for a camera's address: the film of a demo camera, anything else as it is."""
    return str(demo_path(address.removeprefix(DEMO_SCHEME))) if address.startswith(DEMO_SCHEME) else address


def is_still_made(address: str) -> bool:
    """Tell whether the address is that of a demo camera whose film is not there yet."""
    return address.startswith(DEMO_SCHEME) and not Path(opened_address(address)).is_file()


def demo_path(name: str) -> Path:
    """Return where the video of a demo camera lies."""
    return Path(settings.DATA_DIR) / "demo" / f"{Path(name).name}.mp4"


def demo_site_create() -> Site:
    """Create the demo site with its policy and cameras, in one transaction."""
    with transaction.atomic():
        site = Site.objects.create(
            name="Nordre torg (demo)", slug="nordre-torg-demo", latitude=58.1463, longitude=7.9926, is_demo=True
        )
        audit_record(
            action="site.created", actor=None, subject=f"site:{site.pk}", site_id=site.pk, details={"name": site.name}
        )
        policy = RetentionPolicy(
            name="Demo: one day",
            masked_hours=24,
            clip_days=7,
            alert_days=30,
            legal_basis="None: simulated and freely licensed video, for trying PACA out.",
        )
        policy_save(policy=policy, actor=None)
        for demo in DEMO_CAMERAS:
            camera = Camera(
                site=site,
                name=demo.name,
                address=f"demo:{demo.video}",
                is_demo=True,
                retention=policy,
                latitude=demo.latitude,
                longitude=demo.longitude,
                heading_deg=demo.heading_deg,
                purpose=demo.purpose,
                frames_per_second=demo.frames_per_second,
            )
            camera_save(camera=camera, actor=None)
    return site


def demo_videos_ensure() -> None:
    """Put the demo videos in place: the recorded one is written, the simulated ones are rendered by a worker."""
    for demo in DEMO_CAMERAS:
        path = demo_path(demo.video)
        if path.exists() or not Camera.objects.filter(address=f"demo:{demo.video}").exists():
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if demo.video in SIMULATED:
            current_app.send_task("inference.tasks.render_demo", args=[demo.video])
        else:
            _write_recorded(demo.video, path)


def _write_recorded(name: str, path: Path) -> None:
    """Write one shot of the clip that a package ships, to and fro; without the package the camera stays lost."""
    part = path.with_suffix(".part")
    try:
        write_shot(part, ROUNDS)
    except DecodeError as error:
        logger.warning("demo camera %s: %s The camera stays lost.", name, error)
        return
    part.replace(path)


def demo_render(name: str) -> None:
    """Render a simulated camera's video in a process of its own, so that drawing does not hold up this one.

    Raises:
        subprocess.CalledProcessError: rendering failed.
    """
    path = demo_path(name)
    if not path.exists():
        command = [sys.executable, "-m", "inference.training.simulation.demo", name, str(path)]
        subprocess.run(command, check=True, cwd=settings.BASE_DIR, timeout=540)  # noqa: S603 - fixed command
