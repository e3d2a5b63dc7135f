"""What commissioning says to the gate "may this camera run" (cameras/running.py).

A camera under a no-go, or one without the go that is required, runs while a commissioning of it is open: a walk that
is not recorded measures nothing. Such a trial ends with the signature, and at the latest after PACA_COMMISSION_DAYS.
"""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from cameras.commissioning.models import Run
from cameras.commissioning.standing import newest_verdicts, standings_of
from cameras.models import Camera


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return why cameras must not run, by key: a no-go, or no go that holds where one is required. Constant queries."""
    on_trial = set(Run.objects.current(timezone.now()).filter(camera__in=cameras).values_list("camera_id", flat=True))
    others = [camera for camera in cameras if camera.pk not in on_trial]
    if not others:
        return {}
    verdicts = newest_verdicts(others)
    found = {pk: [no_go_sentence(run)] for pk, run in verdicts.items() if not run.is_go}
    if settings.COMMISSION_REQUIRED:
        for pk, standing in standings_of(others).items():
            if pk not in found and not standing.has_go:
                found[pk] = [gettext("A go is required before it runs.") + " " + standing.sentence]
    return found


def no_go_sentence(run: Run) -> str:
    """Say that a supervisor keeps the camera off, and why."""
    return gettext("No go at its commissioning, signed by {who} on {day}: {reason}").format(
        who=run.signed_by, day=f"{run.signed_at:%Y-%m-%d}", reason=run.reason
    )
