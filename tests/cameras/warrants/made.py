"""A house with the people of a release, and the steps they take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from cameras.models import Camera
from cameras.warrants.models import FootageRelease, Grant
from cameras.warrants.services.deciding import GivenFile, OrderReading, release_confirm, release_hand_over
from paca_site.accounts.models import Role, User
from tests.cast import make_camera, make_release, make_site, make_user

REASON = "The order was read and it is genuine."


@dataclass
class Court:
    """One site with a camera, and everybody whom a release needs."""

    camera: Camera
    administrator: User
    supervisor: User
    custodian: User


def make_court() -> Court:
    site = make_site(time_zone="Europe/Oslo")
    people = [make_user(role, site) for role in (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.CUSTODIAN)]
    return Court(make_camera(site, name="Fountain"), *people)


def reading(release: FootageRelease, **changed: object) -> OrderReading:
    """Return what the order of a release says: a little more than was asked for."""
    part = release.parts.all()[0]
    values = {
        "reference": release.reference,
        "starts_at": part.starts_at - timedelta(minutes=5),
        "ends_at": part.ends_at + timedelta(minutes=5),
        "cameras": release.parts.count(),
        "is_genuine": True,
        **changed,
    }
    return OrderReading(**values)  # type: ignore[arg-type]


def confirmed(court: Court, *more: Camera) -> FootageRelease:
    release = make_release(court.camera, court.administrator, *more)
    release_confirm(release=release, actor=court.supervisor, reading=reading(release))
    release.refresh_from_db()
    return release


def files_of(release: FootageRelease) -> list[GivenFile]:
    return [GivenFile(part, "camera.mp4", f"{part.pk:064x}", 1000) for part in release.parts.all()]


def hand_over(release: FootageRelease, actor: User) -> None:
    release_hand_over(
        release=release, actor=actor, files=files_of(release), received_by="Sergeant Moe, Agder police", reason=REASON
    )


def long_ago(*people: User) -> None:
    """Let people have had their power for ever."""
    for grant in Grant.objects.filter(user__in=people):
        grant.given_at -= timedelta(days=1000)
        grant.save()


Step = Callable[[Court, FootageRelease], None]
