"""`manage.py seed_site`: first people, demo site and credentials in an empty database; called by `make run`."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from alerts.training.services.granting import demo_certify
from cameras.assessing.services.demo import demo_assess, trial_begin
from cameras.authorising.services.demo import demo_authorise
from cameras.models import Camera, RetentionPolicy, Site
from cameras.services.cameras import camera_save, policy_save
from cameras.services.people import password_make
from inference.services.demo import demo_site_create, demo_videos_ensure
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.accounts.training.standing import NEEDS_CERTIFICATE
from paca_site.audit.services import audit_record


def write_credentials(path: Path, passwords: dict[str, str]) -> None:
    """Write names and passwords for the owner's eyes only (mode 600)."""
    lines = ["Sign-in names and passwords of this PACA installation. Keep this file to yourself.", ""]
    lines += [f"{name:<14} {password}" for name, password in passwords.items()]
    part = path.with_suffix(".part")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


class Command(BaseCommand):
    """Create the first accounts, and the demo site where demo mode is on; add a camera of the user's own."""

    help = "In an empty database: one account per role, and the demo site. With --camera: add a camera of your own."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--camera`."""
        parser.add_argument(
            "--camera", metavar="ADDRESS", help="rtsp:// or http:// address, or a video file, to add as a camera"
        )

    def handle(self, *args: Any, camera: str | None = None, **options: Any) -> None:
        """Seed; say what was done."""
        path = Path(settings.DATA_DIR) / "credentials.txt"
        if not User.objects.exists():
            passwords = {role.value: password_make() for role in Role}
            write_credentials(
                path, passwords
            )  # first: a crash in between leaves names that do not work yet, never lost ones
            self._create(passwords)
            self.stdout.write(f"Created one account per role; names and passwords: {path}")
        if camera:
            self._add_camera(camera)
        demo_videos_ensure()

    def _create(self, passwords: dict[str, str]) -> None:
        with transaction.atomic():
            site = demo_site_create() if settings.DEMO else self._empty_site()
            for name, password in passwords.items():
                user = User.objects.create_user(username=name, password=password, role=name)
                SiteScope.objects.create(user=user, site=site)
                audit_record(
                    action="account.created",
                    actor=None,
                    subject=f"user:{user.pk}",
                    site_id=site.pk,
                    details={"username": name, "role": name, "sites": [site.name]},
                )
            if settings.DEMO:
                people = {user.role: user for user in User.objects.all()}
                for role in NEEDS_CERTIFICATE:
                    demo_certify(person=people[role])
                demo_authorise(site=site, administrator=people[Role.ADMINISTRATOR], supervisor=people[Role.SUPERVISOR])
                demo_assess(site=site, administrator=people[Role.ADMINISTRATOR], supervisor=people[Role.SUPERVISOR])

    def _empty_site(self) -> Site:
        site = Site.objects.create(name="First site", slug="first-site", latitude=58.1463, longitude=7.9926)
        audit_record(
            action="site.created", actor=None, subject=f"site:{site.pk}", site_id=site.pk, details={"name": site.name}
        )
        return site

    def _first_policy(self) -> RetentionPolicy:
        policy = RetentionPolicy(
            name="One day",
            masked_hours=24,
            clip_days=7,
            alert_days=30,
            legal_basis="To be filled in by the administrator.",
        )
        return policy_save(policy=policy, actor=None)

    def _add_camera(self, address: str) -> None:
        if Camera.objects.filter(address=address).exists():
            return
        if "://" not in address:
            path = Path(address).expanduser().resolve()
            if not path.is_file():
                raise CommandError(
                    f"CAMERA must be an rtsp:// or http:// address or a video file; there is no file {path}."
                )
            address = str(path)
        if Camera.objects.filter(address=address).exists():
            return
        site = Site.objects.order_by("pk").first()
        if site is None:
            raise CommandError("There is no site to add the camera to.")
        policy = RetentionPolicy.objects.order_by("pk").first() or self._first_policy()
        number = Camera.objects.filter(site=site).count() + 1
        camera = Camera(
            site=site,
            name=f"My camera {number}",
            address=address,
            retention=policy,
            latitude=site.latitude,
            longitude=site.longitude,
            purpose="Added on the command line: fill in why this place is watched.",
        )
        try:
            with transaction.atomic():
                camera_save(camera=camera, actor=None)
                trial_begin(camera=camera)
        except ValidationError as error:
            raise CommandError(f"CAMERA {camera.public_address} was not added: {'; '.join(error.messages)}") from error
        self.stdout.write(f"Added camera “{camera.name}”: {camera.public_address}")
