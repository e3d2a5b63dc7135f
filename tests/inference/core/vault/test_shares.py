"""A custodian's key in shares: enough of them open it, fewer do not, and what is wrong is said."""

import itertools
import json
from collections.abc import Callable

import pytest

from cameras.warrants.viewer_forms import MOST_SHARES
from inference.core.errors import VaultError
from inference.core.vault import custodian
from inference.core.vault.custodian import key_file_make
from inference.core.vault.shares import MOST_NEEDED, KeyPart, key_join, shares_make

WORDS = [f"passphrase of holder {number}" for number in range(1, 6)]


@pytest.fixture(autouse=True)
def _cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custodian, "COST", 2**4)


@pytest.fixture
def parts() -> list[KeyPart]:
    files, _ = shares_make(WORDS, needed=3)
    return [KeyPart(file, words) for file, words in zip(files, WORDS, strict=True)]


def test_any_three_of_five_make_the_same_key_and_any_two_do_not() -> None:
    files, public_key = shares_make(WORDS, needed=3)
    parts = [KeyPart(file, words) for file, words in zip(files, WORDS, strict=True)]
    for some in itertools.permutations(range(5), 3):
        joined = key_join([parts[at] for at in some])
        assert joined.private_key.public_key() == public_key
        assert joined.shares == tuple(sorted(at + 1 for at in some))
    assert key_join(parts).private_key.public_key() == public_key
    for pair in itertools.combinations(parts, 2):
        with pytest.raises(VaultError, match="needs 3 of its 5 shares; got 2"):
            key_join(pair)


def test_two_holders_who_write_two_into_their_files_get_nothing_either(parts: list[KeyPart]) -> None:
    def claims(part: KeyPart) -> KeyPart:
        return KeyPart(json.dumps({**json.loads(part.content), "needed": 2}).encode(), part.passphrase)

    with pytest.raises(VaultError, match="does not open"):
        key_join([claims(parts[0]), claims(parts[1])])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda parts: [parts[0], parts[1], parts[0]], "Share 1 was given twice"),
        (lambda parts: [parts[0], parts[1], KeyPart(parts[2].content, "another one")], "Share 3 does not open"),
        (lambda parts: [parts[0], KeyPart(b"{}", "x")], "File 2 is no share"),
        (lambda parts: [parts[0], KeyPart(key_file_make("whole and alone")[0], "x")], "a whole key stands alone"),
        (lambda parts: [parts[0], KeyPart(shares_make(WORDS, 3)[0][1], WORDS[1])], "belongs to another key"),
        (lambda parts: [], "No key file was given"),
        (lambda parts: [KeyPart(b"\xff\x00", "x")], "no custodian key file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    given: Callable[[list[KeyPart]], list[KeyPart]], told: str, parts: list[KeyPart]
) -> None:
    with pytest.raises(VaultError, match=told):
        key_join(given(parts))


def test_every_changed_digit_of_a_share_is_found(parts: list[KeyPart]) -> None:
    fields = json.loads(parts[0].content)
    for name in ("public", "salt", "nonce", "sealed", "key_nonce", "key"):
        for at in range(0, len(fields[name]), 7):
            digit = "0" if fields[name][at] != "0" else "1"
            changed = {**fields, name: fields[name][:at] + digit + fields[name][at + 1 :]}
            with pytest.raises(VaultError):
                key_join([KeyPart(json.dumps(changed).encode(), WORDS[0]), *parts[1:3]])
    for name, value in (("number", 4), ("number", 0), ("made", 6), ("needed", 99), ("number", "x")):
        with pytest.raises(VaultError):
            key_join([KeyPart(json.dumps({**fields, name: value}).encode(), WORDS[0]), *parts[1:3]])


def test_a_share_holds_neither_the_key_nor_a_part_of_it_in_the_clear(parts: list[KeyPart]) -> None:
    raw = key_join(parts[:3]).private_key.private_bytes_raw().hex()
    assert not any(raw[:16].encode() in part.content for part in parts)


@pytest.mark.parametrize(("made", "needed"), [(5, 1), (5, 6), (5, 9), (17, 3), (1, 2)])
def test_numbers_that_make_no_sense_are_refused(made: int, needed: int) -> None:
    with pytest.raises(VaultError, match=f"got {needed} needed of {made}"):
        shares_make(["long enough words"] * made, needed)


def test_the_page_has_room_for_as_many_shares_as_a_key_may_need() -> None:
    assert MOST_SHARES == MOST_NEEDED


def test_a_whole_key_opens_as_before() -> None:
    content, public_key = key_file_make("correct horse battery")
    joined = key_join([KeyPart(content, "correct horse battery")])
    assert joined.private_key.public_key() == public_key
    assert joined.shares == ()
