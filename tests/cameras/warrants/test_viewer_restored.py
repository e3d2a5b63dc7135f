"""A release that outlives its footage: destroyed is destroyed, for a viewer with the code and for every backup."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cameras.custody.models import SealedHour
from cameras.custody.services.shredding import sealed_purge
from cameras.footage import footage_path
from cameras.models import LegalHold
from cameras.services.holds import hold_lift
from cameras.warrants.models import FootageRelease, Viewing
from cameras.warrants.services.viewing import release_unlock, release_watch, viewing_video
from cameras.warrants.vault_door import VaultRefused
from tests.cameras.warrants.vaulted import Vaulted, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def destroyed_while_open(vaulted: Vaulted) -> tuple[FootageRelease, str, Viewing]:
    """Open a release, watch it, lift its hold by hand, and let the policy take its footage."""
    release, code = opened(vaulted)
    viewing = release_watch(
        release=release, actor=vaulted.viewer, part_pk=release.parts.get().pk, from_at=vaulted.start
    )
    assert viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code)
    hold_lift(hold=LegalHold.objects.current().get(), actor=vaulted.court.custodian, reason="The case was closed.")
    camera = vaulted.court.camera
    assert sealed_purge(camera=camera, now=timezone.now() + timedelta(days=30)) == 1
    return release, code, viewing


def test_a_backup_made_while_a_release_was_open_shows_nothing_once_its_footage_is_destroyed(vaulted: Vaulted) -> None:
    hour = SealedHour.objects.get()
    backup = footage_path(hour.path).read_bytes()
    release, code, viewing = destroyed_while_open(vaulted)
    hour.save(force_insert=True)  # the database of that day, with its wrapped keys and its half, and the file
    footage_path(hour.path).write_bytes(backup)
    with pytest.raises(VaultRefused, match="was destroyed"):
        viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code)
    with pytest.raises(ValidationError, match="was destroyed"):
        release_unlock(release=release, actor=vaulted.viewer, code=code)


def test_a_release_whose_footage_was_destroyed_says_so_and_takes_no_code(vaulted: Vaulted) -> None:
    release, code, viewing = destroyed_while_open(vaulted)
    for given in (code, "AAAA"):
        with pytest.raises(ValidationError, match="Nothing of this release is in the vault any more"):
            release_unlock(release=release, actor=vaulted.viewer, code=given)
    with pytest.raises(VaultRefused, match="Nothing was filmed"):
        viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code)
