"""A camera box for tests: an enrolled row, its key, and requests signed as the real one signs them."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from cameras.boxes.models import Box, Placement
from cameras.models import Camera
from inference.core.boxes.requests import REQUEST, Signed, public_of, sign
from paca_site.accounts.models import Role
from tests.cast import make_box, make_camera, make_site, make_user


class BoxClient:
    """Signs and sends; every part of a request can be given, to make it wrong."""

    def __init__(self, *modalities: str) -> None:
        self.site = make_site()
        self.key = Ed25519PrivateKey.generate()
        administrator = make_user(Role.ADMINISTRATOR, self.site)
        self.box = make_box(
            self.site, administrator, public_key=public_of(self.key), enrolment=1, enrolled_at=datetime.now(UTC)
        )
        self.cameras: list[Camera] = []
        for modality in modalities:
            camera = make_camera(self.site, modality=modality)
            Placement.objects.create(box=self.box, camera=camera)
            self.cameras.append(camera)

    def fresh(self) -> Box:
        return Box.objects.get(pk=self.box.pk)

    def headers(self, method: str, path: str, body: bytes, **given: Any) -> dict[str, str]:
        at, nonce = given.get("at") or datetime.now(UTC).isoformat(), given.get("nonce") or secrets.token_hex(16)
        signed = Signed(method, path, body, at, nonce)
        return {
            "PACA-Box": str(given.get("box", self.box.pk)),
            "PACA-Time": at,
            "PACA-Nonce": nonce,
            "PACA-Signature": sign(given.get("key", self.key), REQUEST, signed.text),
            "PACA-Release": given.get("release", "0.1.0"),
        }

    def send(self, path: str, content: Any = None, method: str = "POST", **given: Any) -> Any:
        body = content if isinstance(content, bytes) else json.dumps(content if content is not None else {}).encode()
        headers = given.pop("headers", None) or self.headers(method, path, b"" if method == "GET" else body, **given)
        if method == "GET":
            return Client().get(path, headers=headers)
        return Client().post(path, body, content_type="application/octet-stream", headers=headers)
