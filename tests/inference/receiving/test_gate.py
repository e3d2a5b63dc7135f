"""The door for boxes: a table of everything that is refused, and that nothing is stored for it."""

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils import timezone

from cameras.boxes.models import Box, UsedNonce
from cameras.boxes.services.enrolling import box_create, box_revoke
from inference.core.boxes.requests import ENROLMENT, NEXT_KEY, RELEASE, is_compatible, public_of, sign
from inference.receiving.services.configuring import server_key
from paca_site.accounts.models import Role
from tests.cast import make_camera, make_user
from tests.inference.receiving.box_client import BoxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
REPORT = "/box/report"


@pytest.fixture
def box() -> BoxClient:
    return BoxClient("edge")


def revoked(box: BoxClient) -> Any:
    box_revoke(box=box.box, actor=make_user(Role.ADMINISTRATOR, box.site), reason="Stolen from its post")
    return box.send(REPORT)


def replayed(box: BoxClient) -> Any:
    headers = box.headers("POST", REPORT, b"{}")
    assert box.send(REPORT, headers=headers).status_code == 200
    return box.send(REPORT, headers=headers)


def replayed_elsewhere(box: BoxClient) -> Any:
    return box.send("/box/attest", headers=box.headers("POST", REPORT, b"{}"))


def with_another_body(box: BoxClient) -> Any:
    return box.send(REPORT, {"events_waiting": 9}, headers=box.headers("POST", REPORT, b"{}"))


def with_another_method(box: BoxClient) -> Any:
    return box.send("/box/config", method="GET", headers=box.headers("POST", "/box/config", b""))


def with_a_later_time_than_signed(box: BoxClient) -> Any:
    headers = box.headers("POST", REPORT, b"{}")
    return box.send(REPORT, headers={**headers, "PACA-Time": datetime.now(UTC).isoformat()})


def by_another_box(box: BoxClient) -> Any:
    return box.send(REPORT, headers=BoxClient("edge").headers("POST", REPORT, b"{}", box=box.box.pk))


def at(seconds: float) -> Callable[[BoxClient], Any]:
    return lambda box: box.send(REPORT, at=(datetime.now(UTC) + timedelta(seconds=seconds)).isoformat())


def without(header: str) -> Callable[[BoxClient], Any]:
    def ask(box: BoxClient) -> Any:
        headers = box.headers("POST", REPORT, b"{}")
        return box.send(REPORT, headers={name: value for name, value in headers.items() if name != header})

    return ask


CASES: list[tuple[str, Callable[[BoxClient], Any], str, int]] = [
    ("nothing signed", lambda _: Client().post(REPORT, b"{}", content_type="application/json"), "unsigned", 401),
    *[(f"no {name}", without(f"PACA-{name}"), "unsigned", 401) for name in ("Box", "Time", "Nonce", "Signature")],
    ("a box that does not exist", lambda box: box.send(REPORT, box=10**6), "unknown", 401),
    ("a box that is no number", lambda box: box.send(REPORT, box="1; DROP"), "unknown", 401),
    ("revoked", revoked, "revoked", 403),
    ("another key", lambda box: box.send(REPORT, key=Ed25519PrivateKey.generate()), "signature", 401),
    ("another box's key", by_another_box, "signature", 401),
    ("another body", with_another_body, "signature", 401),
    ("another address", replayed_elsewhere, "signature", 401),
    ("another method", with_another_method, "signature", 401),
    ("another time", with_a_later_time_than_signed, "signature", 401),
    ("a clock 61 s behind", at(-61), "clock", 403),
    ("a clock 61 s ahead", at(62), "clock", 403),
    ("a time without a zone", lambda box: box.send(REPORT, at="2026-01-01T00:00:00"), "malformed", 400),
    ("replayed", replayed, "replay", 403),
    ("two minor releases newer", lambda box: box.send(REPORT, release="0.3.0"), "release", 426),
    ("another major release", lambda box: box.send(REPORT, release="1.1.0"), "release", 426),
    ("no JSON", lambda box: box.send(REPORT, b"{"), "malformed", 400),
    ("a list", lambda box: box.send(REPORT, [1]), "malformed", 400),
    ("a number that is none", lambda box: box.send(REPORT, {"events_waiting": "many"}), "malformed", 400),
]


@pytest.mark.parametrize(("ask", "code", "status"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_request_that_is_not_right_is_refused_with_its_reason(
    ask: Callable[[BoxClient], Any], code: str, status: int, box: BoxClient
) -> None:
    answer = ask(box)
    assert (answer.status_code, answer.json()["refused"]) == (status, code)
    assert len(answer.json()["text"]) > 10
    if code in {"unsigned", "unknown", "signature", "clock", "release", "revoked"}:
        assert not UsedNonce.objects.exists()
        assert box.fresh().seen_at is None


@pytest.mark.parametrize("seconds", [-58, 58])
def test_a_clock_that_is_a_little_off_is_taken_and_told(seconds: int, box: BoxClient) -> None:
    assert at(seconds)(box).status_code == 200
    offset_s = box.fresh().clock_offset_s
    assert offset_s is not None
    assert abs(offset_s - seconds) < 2


def test_the_next_key_becomes_the_key_with_its_first_use_and_the_old_one_is_refused_from_then_on(
    box: BoxClient,
) -> None:
    next_key = Ed25519PrivateKey.generate()
    stolen = {"key": public_of(next_key), "proof": sign(box.key, NEXT_KEY, f"{box.box.pk}\n{public_of(box.key)}")}
    assert box.send("/box/key", stolen).json()["refused"] == "signature"
    proof = sign(next_key, NEXT_KEY, f"{box.box.pk}\n{public_of(box.key)}")
    for _ in range(2):  # a box that was killed announces it again
        assert box.send("/box/key", {"key": public_of(next_key), "proof": proof}).status_code == 200
    assert box.send(REPORT).status_code == 200, "until then the old one goes on"
    assert box.send(REPORT, key=next_key).status_code == 200
    assert box.send(REPORT).json()["refused"] == "signature"
    assert box.fresh().public_key == public_of(next_key)


def test_a_replay_is_refused_until_time_alone_refuses_it_and_then_forgotten(box: BoxClient) -> None:
    assert box.send(REPORT).status_code == 200
    UsedNonce.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert box.send(REPORT).status_code == 200
    assert UsedNonce.objects.count() == 1


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("0.1.9", True),
        ("0.2.0", True),
        ("0.0.1", True),
        ("0.3.0", False),
        ("1.1.0", False),
        ("", False),
        ("x.y", False),
    ],
)
def test_boxes_may_be_one_minor_release_off(release: str, expected: bool) -> None:
    assert is_compatible(release, "0.1.0") is expected


def test_the_release_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert project["project"]["version"] == RELEASE


def test_a_box_is_enrolled_by_its_code_once_and_must_hold_the_key_it_names() -> None:
    camera = make_camera(modality="edge")
    box = Box(name="New", site=camera.site)
    code = box_create(box=box, cameras=[camera], actor=make_user(Role.ADMINISTRATOR, camera.site))
    key, thief = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    def ask(release: str = "0.1.0", signer: Ed25519PrivateKey = key, given: str = code) -> Any:
        body = {"code": given, "key": public_of(key), "proof": sign(signer, ENROLMENT, given)}
        headers = {"PACA-Release": release}
        return Client().post("/box/enrol", json.dumps(body), content_type="application/json", headers=headers)

    assert ask(signer=thief).json()["refused"] == "signature"
    assert ask(release="7.0.0").json()["refused"] == "release"
    assert ask(given="AAAAA-AAAAA-AAAAA").json()["refused"] == "code"
    told = ask().json()
    assert (told["box"], told["server_key"], told["enrolment"]) == (box.pk, server_key(), 1)
    assert ask().json()["refused"] == "code"
