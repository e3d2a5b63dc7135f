"""Attested minutes are checked by sum and chain; what is wrong is kept and told; challenges are answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.system.models import SystemAlert
from cameras.boxes.models import Attestation, Challenge
from cameras.boxes.services.challenging import challenge_place
from inference.core.boxes.attesting import GENESIS, canonical, record_hash
from inference.core.boxes.requests import ANSWER, ATTESTATION, sign
from inference.receiving.services.attesting import box_findings
from paca_site.accounts.models import Role
from tests.cast import make_user
from tests.inference.receiving.box_client import BoxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


class Chain:
    """What a box attests, minute after minute."""

    def __init__(self, box: BoxClient) -> None:
        self.box, self.head, self.number = box, GENESIS, 0
        self.at = datetime.now(UTC) - timedelta(minutes=30)

    def send(self, later_s: float = 0.0, previous: str = "", skip: int = 0, **counts: int) -> Any:
        self.number += 1 + skip
        began = self.at + timedelta(seconds=later_s)
        self.at = began + timedelta(seconds=60)
        values = {"decoded": 300, "masked": 290, "withheld": 4, "discarded": 6, "held_before": 0, "held": 0}
        record = {
            "number": self.number,
            "began_at": began.isoformat(),
            "ended_at": self.at.isoformat(),
            "previous": previous or self.head,
            "cameras": {str(self.box.cameras[0].pk): {**values, "raw_left": 0, **counts}},
        }
        text = canonical(record)
        self.head = record_hash(text)
        self.last = {"text": text, "signature": sign(self.box.key, ATTESTATION, text)}
        return self.box.send("/box/attest", self.last)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"masked": 289}, "300 frames decoded, 299 accounted for"),
        ({"masked": 300}, "310 accounted for"),
        ({"held": 65, "masked": 225}, "held in the line"),
        ({"raw_left": 65}, "raw pictures left in memory"),
        ({"masked": -1, "discarded": 297}, "negative"),
        ({"held_before": 3, "masked": 293}, "0 frames were held, then 3"),
        ({"later_s": 40}, "Nothing is attested for 40 s"),
        ({"skip": 2}, "Records 2 to 3 are missing"),
        ({"previous": "f" * 64}, "names another hash"),
    ],
    ids=str,
)
def test_a_gap_a_broken_sum_or_a_broken_chain_is_stored_and_told(wrong: dict[str, Any], fault: str) -> None:
    box = BoxClient("edge")
    chain = Chain(box)
    assert chain.send().status_code == 200
    assert not SystemAlert.objects.exists()
    assert chain.send(**wrong).status_code == 200
    assert fault in Attestation.objects.get(number=chain.number).fault
    assert fault in SystemAlert.objects.get(cause="attestation", subject=f"box:{box.box.pk}").reason


def test_sound_minutes_tell_nothing_and_the_same_record_is_stored_once() -> None:
    box = BoxClient("edge")
    chain = Chain(box)
    for _ in range(3):
        assert chain.send().status_code == 200
    assert box.send("/box/attest", chain.last).json() == {"taken": 3}
    assert list(Attestation.objects.values_list("fault", flat=True)) == ["", "", ""]
    assert not SystemAlert.objects.exists()


def test_a_second_record_of_the_same_number_is_refused_and_told() -> None:
    box = BoxClient("edge")
    chain = Chain(box)
    chain.send()
    chain.number, chain.head = 0, GENESIS
    assert chain.send(masked=289, withheld=5).json()["refused"] == "malformed"
    assert "came twice" in SystemAlert.objects.get(cause="attestation").reason


def test_a_record_of_another_key_is_refused() -> None:
    box, thief = BoxClient("edge"), BoxClient("edge")
    chain = Chain(thief)
    chain.send()
    assert box.send("/box/attest", chain.last).json()["refused"] == "signature"


def test_many_withheld_frames_of_a_minute_are_told() -> None:
    box = BoxClient("edge")
    Chain(box).send(masked=200, withheld=94)
    assert "32 %" in SystemAlert.objects.get(cause="frames-withheld").reason


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [("", ""), ("head", "The head it names"), ("nonce", "another question"), ("key", "not signed by this box")],
)
def test_a_challenge_is_answered_by_the_head_of_the_chain_signed(spoil: str, fault: str) -> None:
    box = BoxClient("edge")
    chain = Chain(box)
    chain.send()
    challenge = challenge_place(box=box.box, actor=make_user(Role.AUDITOR, box.site))
    assert box.send("/box/report").json()["challenges"] == [challenge.nonce]
    nonce = "0" * 32 if spoil == "nonce" else challenge.nonce
    head = "0" * 64 if spoil == "head" else chain.head
    text = f"nonce={nonce}\nnumber=1\nhead={head}\nat={datetime.now(UTC).isoformat()}"
    key = BoxClient("edge").key if spoil == "key" else box.key
    answer = {"nonce": challenge.nonce, "text": text, "signature": sign(key, ANSWER, text)}
    assert box.send("/box/answer", answer).json() == {"taken": True}
    assert box.send("/box/answer", answer).json() == {"taken": False}, "a question is answered once"
    assert fault in Challenge.objects.get().fault
    assert bool(Challenge.objects.get().fault) is bool(fault)


def test_a_box_that_falls_silent_or_attests_no_more_is_told() -> None:
    box, now = BoxClient("edge"), datetime.now(UTC)
    told = {str(finding.cause): finding.reason for finding in box_findings(now)}
    assert "not heard of yet" in told["box-lost"]
    box.send("/box/report")
    assert [finding.reason for finding in box_findings(now)] == [""]
    later = {str(finding.cause): finding.reason for finding in box_findings(now + timedelta(minutes=4))}
    assert "nothing attested since" in later["attestation"]
    box.box.refresh_from_db()
    box.box.seen_at = now - timedelta(seconds=11)
    box.box.save()
    assert "not heard of since" in {str(finding.cause): finding.reason for finding in box_findings(now)}["box-lost"]
