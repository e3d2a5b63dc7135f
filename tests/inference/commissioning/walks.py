"""Commissionings at a stage."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cameras.commissioning.models import Run, Still
from cameras.commissioning.standing import prints_of
from cameras.models import Camera
from inference.commissioning.services.deciding import still_label
from paca_site.accounts.models import User


def make_run(camera: Camera, by: User, **fields: Any) -> Run:
    """Make a commissioning whose walk of ten minutes is over and that is to be labelled."""
    now = timezone.now()
    values = {
        "state": "labelling",
        "walkers": 3,
        "route": "From the fountain to the bus stop and back",
        "prints": prints_of([camera])[camera.pk],
        "masker": "test",
        "began_by": by,
        "began_at": now - timedelta(minutes=40),
        "ended_at": now - timedelta(minutes=30),
        "interval_s": 5.0,
        **fields,
    }
    return Run.objects.create(camera=camera, **values)


def make_still(run: Run, **fields: Any) -> Still:
    """Make the next still of a commissioning, without a label."""
    number = run.stills.count() + 1
    captured_at = run.began_at + timedelta(seconds=number * run.interval_s)
    return Still.objects.create(**{"run": run, "number": number, "captured_at": captured_at, **fields})


def labelled(camera: Camera, supervisor: User, operator: User, *, uncovered: int = 0, stills: int = 40) -> Run:
    run = make_run(camera, supervisor)
    for _ in range(stills):
        still_label(still=make_still(run, path="x.jpg"), visible=10, uncovered=uncovered, actor=operator)
    return run
