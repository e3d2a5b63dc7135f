"""Commissionings at a stage."""

from cameras.commissioning.models import Run
from cameras.models import Camera
from inference.commissioning.services.deciding import still_label
from paca_site.accounts.models import User
from tests.cast import make_run, make_still


def labelled(camera: Camera, supervisor: User, operator: User, *, uncovered: int = 0, stills: int = 40) -> Run:
    run = make_run(camera, supervisor)
    for _ in range(stills):
        still_label(still=make_still(run, path="x.jpg"), visible=10, uncovered=uncovered, actor=operator)
    return run
