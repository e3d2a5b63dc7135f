"""A masked frame on its way from a camera box: the live message, and for a hybrid camera what detection needs.

What detection sees of a frame is its class map and its tracks, never its picture; they travel in the header's `meta`.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from inference.core.frames import MaskedFrame, Tracks
from inference.core.publishing.jpeg import encode_jpeg, pack_live

LINE: Final = "line"
MAX_MAP_CELLS: Final = 1_000_000


def pack_whole(frame: MaskedFrame, masker: str) -> bytes:
    """Return a masked frame with all that the server's line needs: picture at full size, class map, tracks, times.

    Args:
        frame: a masked frame.
        masker: fingerprint of who masked it.

    Raises:
        TypeError: the frame is not masked.
        ValueError: there are more tracks than a header holds.
    """
    tracks = frame.tracks
    line = {
        "pts_s": round(frame.pts_s, 4),
        "discontinuity": frame.discontinuity,
        "masker": masker,
        "map_shape": list(frame.class_map.shape),
        "map": base64.b64encode(zlib.compress(np.ascontiguousarray(frame.class_map).tobytes(), 6)).decode(),
        "ids": tracks.ids.tolist(),
        "boxes": np.round(tracks.boxes.astype(float), 1).tolist(),
        "classes": tracks.classes.tolist(),
        "held": tracks.is_held.tolist(),
    }
    return pack_live(frame, encode_jpeg(frame, quality=80), {LINE: line})


def class_map_of(line: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the class map that travelled with a frame, `uint8 (h, w)`.

    Raises:
        ValueError: it is damaged or larger than any network's.
    """
    height, width = (int(side) for side in line["map_shape"])
    if not 0 < height * width <= MAX_MAP_CELLS:
        raise ValueError(f"A class map has 1 to {MAX_MAP_CELLS} cells, got {height} x {width}.")
    unpacker = zlib.decompressobj()
    try:
        cells = unpacker.decompress(base64.b64decode(line["map"]), height * width + 1)
    except zlib.error as error:
        raise ValueError(f"The class map cannot be unpacked: {error}.") from error
    if len(cells) != height * width:
        raise ValueError(f"A class map of {height} x {width} has other than {height * width} cells.")
    return np.frombuffer(cells, np.uint8).reshape(height, width)


def tracks_of(line: Mapping[str, Any]) -> Tracks:
    """Return the tracks that travelled with a frame.

    Raises:
        ValueError: their numbers do not fit each other.
    """
    return Tracks(
        ids=np.array(line["ids"], np.int64),
        boxes=np.array(line["boxes"], np.float32).reshape(-1, 4),
        classes=np.array(line["classes"], np.uint8),
        is_held=np.array(line["held"], np.bool_),
    )
