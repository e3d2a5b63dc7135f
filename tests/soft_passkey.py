"""A passkey made of software: answers challenges as a browser with a security key does (ES256), and steps with it."""

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from paca_site.accounts.models import User
from tests.cast import PASSWORD

FACTORS, ADD = "/account/2fa/", "/account/2fa/webauthn/add/"
ANEW, DOOR = "/account/2fa/webauthn/reauthenticate/", "/account/2fa/webauthn/login/"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
PRESENT = AuthenticatorData.FLAG.UP


@dataclass
class SoftPasskey:
    """One key pair. `host` and `origin` are what the browser says it is at; `flags` whether it asked for a finger."""

    host: str = "localhost"
    origin: str = "http://localhost"
    flags: AuthenticatorData.FLAG = PRESENT_AND_VERIFIED
    user_handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`; the user handle is kept, as a device keeps it."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        data = AttestedCredentialData.create(Aaguid(bytes(16)), self.credential_id, public)
        flags = self.flags | AuthenticatorData.FLAG.AT
        held = AuthenticatorData.create(sha256(self.host.encode()).digest(), flags, 0, data)
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", asked["challenge"])),
            "attestationObject": websafe_encode(AttestationObject.create("none", held, {})),
            "transports": ["internal"],
        }
        return self._answer(response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        held = AuthenticatorData.create(sha256(self.host.encode()).digest(), self.flags, 1)
        signature = self.key.sign(held + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(held),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        named = websafe_encode(self.credential_id)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": response,
        }


def at_localhost() -> Client:
    return Client(headers={"host": "localhost"})


def with_password(user: User) -> Client:
    client = at_localhost()
    client.post("/account/login/", {"login": user.username, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def options_in(answer: Any) -> dict[str, Any]:
    data = answer.context["js_data"]
    told: dict[str, Any] = json.loads(json.dumps(data.get("creation_options") or data["request_options"]))
    return told


def add(client: Client, key: SoftPasskey, name: str = "Key ring") -> Any:
    credential = key.create(options_in(client.get(ADD)))
    return client.post(ADD, {"name": name, "credential": json.dumps(credential)})


def keyed(user: User) -> SoftPasskey:
    key = SoftPasskey()
    assert add(with_password(user), key).status_code == 302
    return key


def sign_in(client: Client, key: SoftPasskey, **more: str) -> Any:
    options = client.get(DOOR, headers={"Accept": "application/json"}).json()["request_options"]
    return client.post(DOOR, {"credential": json.dumps(key.get(options)), **more})


def prove(client: Client, key: SoftPasskey, following: str = "/alerts/") -> Any:
    asked = client.get(ANEW, {"next": following})
    return client.post(ANEW, {"credential": json.dumps(key.get(options_in(asked))), "next": following})
