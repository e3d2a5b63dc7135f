"""Puts a box with two cameras into a running installation and prints, as JSON, their numbers and the box's code.

`python -m tests.e2e.box_in_stack` with the installation's environment; only for installations of tests. The cameras'
addresses lead nowhere: only the box knows what to open.
"""

import json
import os
import sys
from datetime import timedelta

import django


def main() -> None:
    """Build them and print `{"box": 1, "code": "...", "edge": 1, "hybrid": 2}`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
    django.setup()
    from django.utils import timezone

    from cameras.assessing.models import TrialPeriod
    from cameras.boxes.models import Box
    from cameras.boxes.services.enrolling import box_create
    from cameras.models import Site
    from paca_site.accounts.models import Role, SiteScope, User
    from tests.cast import make_camera, make_policy, make_site

    site = Site.objects.order_by("pk").first() or make_site()
    administrator = User.objects.filter(role=Role.ADMINISTRATOR).earliest("pk")
    for person in User.objects.all():
        SiteScope.objects.get_or_create(user=person, site=site)
    policy = make_policy(masked_hours=1)
    edge, hybrid = (
        make_camera(site, name=f"Box {modality}", modality=modality, retention=policy, threshold_percent=30)
        for modality in ("edge", "hybrid")
    )
    for camera in (edge, hybrid):
        TrialPeriod.objects.create(camera=camera, until=timezone.now() + timedelta(days=1))
    box = Box(name="Lamp post 4", site=site)
    code = box_create(box=box, cameras=[edge, hybrid], actor=administrator)
    json.dump({"box": box.pk, "code": code, "edge": edge.pk, "hybrid": hybrid.pk}, sys.stdout)


if __name__ == "__main__":
    main()
