"""Codes, keys of a release, and the mark over a picture."""

from datetime import UTC, datetime

import numpy as np
import pytest

from inference.core.errors import VaultError
from inference.core.opened.keys import code_bytes, key_open, key_seal, new_code, release_key
from inference.core.opened.watermark import STRIP_ROWS, Watermark, spelled

HALF = bytes(range(32))
SECRET = bytes(range(32, 64))
AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def test_a_code_is_read_however_it_is_typed_and_no_two_are_alike() -> None:
    code = new_code()
    assert len(code_bytes(code)) == 16
    assert code_bytes(code) == code_bytes(f" {code.lower().replace('-', ' ')} ")
    assert len({new_code() for _ in range(100)}) == 100


@pytest.mark.parametrize("code", ["", "ABCD", "0000-1111", "263A-DMGI-AVQK-DQWY-PGAB-2ZBF-OE" + "A" * 8, "Å" * 26])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(VaultError, match="code has"):
        code_bytes(code)


def test_a_data_key_opens_with_both_halves_for_its_release_and_file_only() -> None:
    code, other = new_code(), new_code()
    key = release_key(code, HALF, 7)
    sealed = key_seal(b"k" * 32, key, SECRET, "vault/1/a.sealed")
    assert key_open(sealed, key, SECRET, "vault/1/a.sealed") == b"k" * 32
    for wrong in (release_key(other, HALF, 7), release_key(code, HALF[::-1], 7), release_key(code, HALF, 8)):
        with pytest.raises(VaultError, match="does not open this release"):
            key_open(sealed, wrong, SECRET, "vault/1/a.sealed")
    with pytest.raises(VaultError, match="does not open this release"):
        key_open(sealed, key, SECRET, "vault/1/b.sealed")
    with pytest.raises(VaultError, match="does not open"):
        key_open(sealed, key, SECRET[::-1], "vault/1/a.sealed")
    with pytest.raises(VaultError, match="32 bytes, it has 3"):
        release_key(code, b"abc", 7)


@pytest.mark.parametrize("value", [0, 127, 128, 255])
def test_the_mark_shows_on_dark_and_bright_pictures_in_every_part(value: int) -> None:
    image = np.full((180, 320, 3), value, np.uint8)
    marked = Watermark("Ada (ada) - release 7", 320, 180).mark(image, AT)
    assert (image == value).all(), "the input is untouched"
    changed = np.abs(marked.astype(int) - value).max(axis=2) > 25
    for row in range(3):
        for column in range(4):
            part = changed[row * 54 : (row + 1) * 54, column * 80 : (column + 1) * 80]
            assert part.mean() > 0.02, (row, column)
    assert (marked[-STRIP_ROWS:] == 255).any(), "the strip below says when"


def test_the_footage_s_time_differs_from_frame_to_frame() -> None:
    mark, image = Watermark("Ada", 320, 180), np.zeros((180, 320, 3), np.uint8)
    later = AT.replace(second=1)
    assert not np.array_equal(mark.mark(image, AT)[-STRIP_ROWS:], mark.mark(image, later)[-STRIP_ROWS:])


def test_a_mark_without_words_and_a_picture_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="must say who watches"):
        Watermark(" ", 320, 180)
    with pytest.raises(ValueError, match=r"must be \(180, 320, 3\), got \(180, 322, 3\)"):
        Watermark("Ada", 320, 180).mark(np.zeros((180, 322, 3), np.uint8), AT)


def test_names_are_spelled_with_letters_that_the_font_has() -> None:
    assert spelled("Åse Bø (ase) - Jürgen Łęcki") == "Aase Boe (ase) - Juergen Lecki"
    image = np.zeros((180, 320, 3), np.uint8)
    assert np.array_equal(Watermark("Åse", 320, 180).mark(image, AT), Watermark("Aase", 320, 180).mark(image, AT))
    assert spelled("Мария (m)") == "????? (m)"
