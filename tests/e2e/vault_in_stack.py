"""Puts a camera with sealed footage into a running installation and prints, as JSON, what a release of it needs.

`python -m tests.e2e.vault_in_stack` with the installation's environment; only for installations of tests.
"""

import json
import os
import sys
from zoneinfo import ZoneInfo

import django


def main() -> None:
    """Build the camera and its vault; print camera, key file, passphrase and the first moment (time of the site)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
    django.setup()
    from cameras.models import Site
    from paca_site.accounts.models import User
    from tests.cameras.warrants.made import Court
    from tests.cameras.warrants.vaulted import PASSPHRASE, make_vaulted
    from tests.cast import make_camera

    site = Site.objects.order_by("pk").first()
    if site is None:
        raise SystemExit("The installation has no site.")
    people = {user.username: user for user in User.objects.all()}
    camera = make_camera(site, name="Fountain", is_enabled=False)
    court = Court(camera, people["administrator"], people["supervisor"], people["custodian"])
    vaulted = make_vaulted(court)
    vaulted.viewer.is_active = False  # the installation has an operator, who will be it
    vaulted.viewer.save()
    made = {
        "camera": camera.name,
        "key_file": vaulted.key_file.decode(),
        "passphrase": PASSPHRASE,
        "start": vaulted.start.astimezone(ZoneInfo(site.time_zone)).strftime("%Y-%m-%dT%H:%M"),
    }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
