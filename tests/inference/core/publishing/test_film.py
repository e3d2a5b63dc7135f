"""The live film: decodable from each key, in order, at once, small, and made of masked frames only."""

from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from av.codec import CodecContext
from av.packet import Packet

from inference.core.errors import RecordingError
from inference.core.publishing.film import FilmEncoder, FilmFrame, codec_name
from inference.core.publishing.jpeg import encode_jpeg
from tests.inference.frames import masked_frame, raw_frame


def street(number: int, width: int = 640, height: int = 360) -> np.ndarray:
    """Return a background with a silhouette that walks."""
    image = np.full((height, width, 3), (96, 108, 130), np.uint8)
    image[height // 2 :: 4] = (60, 70, 80)
    left = 40 + 12 * number
    image[100:260, left : left + 50] = (20, 20, 24)
    return image


def film_of(*images: np.ndarray, encoder: FilmEncoder | None = None, every_s: float = 0.2) -> list[FilmFrame]:
    encoder = encoder or FilmEncoder(640)
    return [encoder.encode(masked_frame(at_s=number * every_s, image=image)) for number, image in enumerate(images)]


def pictures_of(frames: list[FilmFrame]) -> list[np.ndarray]:
    decoder: Any = CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.flags |= int(av.codec.context.Flags.low_delay)
    found = []
    for number, frame in enumerate(frames):
        packet = Packet(frame.data)
        packet.pts, packet.time_base = number, Fraction(1, 90_000)
        found += decoder.decode(packet)
    return [one.to_ndarray(format="rgb24") for one in found + decoder.decode(None)]


def test_each_frame_comes_out_at_once_and_shows_what_went_in() -> None:
    images = [street(number) for number in range(12)]
    frames = film_of(*images)
    assert all(frame.data for frame in frames), "a frame that waits inside the encoder is late"
    shown = pictures_of(frames)
    assert len(shown) == 12
    for image, picture in zip(images, shown, strict=True):
        assert np.abs(image[:300].astype(int) - picture[:300]).mean() < 6  # below it stands the time


def test_every_two_seconds_a_frame_can_be_begun_with() -> None:
    frames = film_of(*(street(number) for number in range(25)))
    keys = [number for number, frame in enumerate(frames) if frame.is_key]
    assert keys == [0, 10, 20]
    assert len(pictures_of(frames[10:])) == 15


def test_browsers_are_told_profile_and_level() -> None:
    frames = film_of(street(0), street(1))
    assert {frame.codec for frame in frames} == {frames[0].codec}
    assert frames[0].codec == "avc1.42c01f"
    with pytest.raises(RecordingError, match="parameters"):
        codec_name(b"\x00\x00\x01\x65abc")


def test_another_size_begins_the_film_anew_and_odd_sizes_fit() -> None:
    encoder = FilmEncoder(640)
    film_of(street(0), street(1), encoder=encoder)
    taller = encoder.encode(masked_frame(at_s=0.4, image=street(2, 1281, 961)))
    assert taller.is_key
    assert pictures_of([taller])[0].shape == (480, 640, 3)
    odd = encoder.encode(masked_frame(at_s=0.6, image=street(3, 321, 241)))
    assert odd.is_key
    assert pictures_of([odd])[0].shape == (240, 320, 3)


def test_a_clock_that_goes_back_stops_nothing() -> None:
    encoder = FilmEncoder(640)
    frames = [encoder.encode(masked_frame(at_s=at_s, image=street(number))) for number, at_s in enumerate((5, 1, 1, 6))]
    assert len(pictures_of(frames)) == 4


def test_the_film_is_a_fraction_of_the_pictures() -> None:
    images = [street(number) for number in range(20)]
    film = sum(len(frame.data) for frame in film_of(*images))
    pictures = sum(len(encode_jpeg(masked_frame(image=image), is_stamped=True)) for image in images)
    assert film < pictures / 4


def test_an_unmasked_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="MaskedFrame"):
        FilmEncoder(640).encode(raw_frame())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="16 px"):
        FilmEncoder(8)
