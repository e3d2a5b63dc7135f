import importlib
import stat
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.apps import apps
from django.conf import LazySettings, settings
from django.core.exceptions import FieldError
from django.db import connection

from cameras.models import Camera
from paca_site.accounts.models import Role
from paca_site.sealing import SealingError, open_text, seal_text, secrets_key
from paca_site.sealing_check import check_secrets_key
from tests.cast import make_camera, make_site, make_user

ADDRESS = "rtsp://viewer:s3cret@10.0.4.20:554/stream1"


def stored_address(camera: Camera) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM cameras_camera WHERE id = %s", [camera.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_camera_password_stands_sealed_in_the_database_and_the_camera_is_still_found() -> None:
    camera = make_camera(make_site(), address=ADDRESS)
    before = stored_address(camera)
    assert "s3cret" not in before
    assert "10.0.4.20" not in before
    assert Camera.objects.get(address=ADDRESS) == camera
    camera.refresh_from_db()
    assert camera.address == ADDRESS
    camera.save()
    assert stored_address(camera) == before
    with pytest.raises(FieldError):
        Camera.objects.filter(address__startswith="rtsp").exists()


@pytest.mark.django_db
def test_what_codes_are_made_from_stands_sealed_and_makes_the_same_codes() -> None:
    user = make_user(Role.OPERATOR)
    secret = "JBSWY3DPEHPK3PXP"
    totp = TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).generate_codes()
    for factor in Authenticator.objects.filter(user=user):
        kept = factor.data.get("secret") or factor.data["seed"]
        assert kept.startswith("sealed:1:")
    assert secret not in str(Authenticator.objects.filter(user=user).values_list("data", flat=True))
    assert totp.validate_code(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))
    assert RecoveryCodes.activate(user).generate_codes() == codes


@pytest.mark.django_db
def test_migrating_seals_what_stood_open_and_back() -> None:
    cameras = importlib.import_module("cameras.migrations.0009_sealed_address")
    factors = importlib.import_module("paca_site.accounts.migrations.0003_sealed_second_factors")
    camera = make_camera(make_site(), address=ADDRESS)
    TOTP.activate(make_user(Role.OPERATOR), "JBSWY3DPEHPK3PXP")
    for migration in (cameras, factors):
        migration.open_again(apps, connection.schema_editor())
    assert stored_address(camera) == ADDRESS
    assert Authenticator.objects.get().data["secret"] == "JBSWY3DPEHPK3PXP"
    with pytest.raises(SealingError, match=r"manage\.py migrate"):
        camera.refresh_from_db()
    for migration in (cameras, factors):
        migration.seal(apps, connection.schema_editor())
    camera.refresh_from_db()
    assert camera.address == ADDRESS
    assert open_text(Authenticator.objects.get().data["secret"], "second factor") == "JBSWY3DPEHPK3PXP"


@pytest.mark.django_db
def test_a_start_with_another_key_or_none_is_refused_and_makes_no_fresh_one(
    settings: LazySettings, tmp_path: Path
) -> None:
    assert not check_secrets_key(None, databases=["default"])  # nothing is sealed yet
    camera = make_camera(make_site(), address=ADDRESS)
    assert not check_secrets_key(None, databases=["default"])
    settings.SECRETS_KEY = tmp_path / "none.key"
    (found,) = check_secrets_key(None, databases=["default"])
    assert found.id == "paca.E010"
    assert not settings.SECRETS_KEY.exists()
    seal_text("anything", "one")
    (found,) = check_secrets_key(None, databases=["default"])
    assert "sealed with another" in found.msg
    assert not check_secrets_key(None)  # without a database nothing is asked
    Camera.objects.update(address="rtsp://camera.invalid/")  # as docs/security.md says where the key is lost
    assert not check_secrets_key(None, databases=["default"])
    camera.refresh_from_db()
    assert camera.address == "rtsp://camera.invalid/"


def test_a_secret_opens_for_its_purpose_and_with_its_key_only(settings: LazySettings, tmp_path: Path) -> None:
    sealed = seal_text("s3cret", "one")
    assert open_text(sealed, "one") == "s3cret"
    with pytest.raises(SealingError):
        open_text(sealed, "another")
    settings.SECRETS_KEY = tmp_path / "other.key"
    with pytest.raises(SealingError, match="sealed with another") as told:
        open_text(sealed, "one")
    assert "s3cret" not in str(told.value)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    seal_text("anything", "one")
    assert stat.S_IMODE(settings.SECRETS_KEY.stat().st_mode) == 0o600
    path = tmp_path / "read.key"
    path.write_bytes(bytes(range(64)))
    path.chmod(0o640)
    with pytest.raises(SealingError, match="mode 0600"):
        secrets_key(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SealingError, match="64 bytes"):
        secrets_key(path)
