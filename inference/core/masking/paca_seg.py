"""The masker `paca-seg`: one pass of our own network per frame, then covering through time.

Method: semantic maps (person, screen, vehicle) with hysteresis, tracks that hold (`following.py`), and look-ahead: a
frame waits for `look_ahead_s`, and whoever is found meanwhile is covered in it as well, at the place where they must
have been. Source: our own; the network and its training are described in `inference/training/masking`.
Licence: Apache-2.0. Limits: a person whom the network never finds is never covered; people under about 16 pixels in the
network's input, seen from straight above, or in scenes unlike its training data are found less often (docs/masking.md).
"""

from collections import deque
from dataclasses import dataclass, field, replace
from hashlib import sha256
from time import perf_counter
from typing import Final

import numpy as np

from inference.core.frames import MaskedFrame, RawFrame, Tracks
from inference.core.masking.base import Segmenter
from inference.core.masking.cover import to_pixels, zone_pixels
from inference.core.masking.following import Follower, Sight, Sighting
from inference.core.masking.mint import MINT
from inference.core.masking.paca_seg_config import PacaSegConfig as PacaSegConfig
from inference.core.masking.paca_seg_config import Size
from inference.core.masking.segments import check_probabilities
from inference.core.masking.shades import shade_people
from inference.core.masking.steadiness import WINDOW_S
from inference.core.masking.style import fill, render
from inference.core.masking.trust import Trust
from inference.core.masking.withhold import withhold

MAX_HELD: Final = 60
"""Frames kept back at most, also where stream time stands still."""

GREW: Final = 1.25
"""Seen so much larger a moment later, a part was missed in this frame."""


@dataclass(slots=True)
class _Held:
    """A frame waiting for its look-ahead; `sight` is None where a network would see nothing."""

    raw: RawFrame = field(repr=False)
    sight: Sight | None
    distrust: str
    spent_ms: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives a turn of a stream: numbers, shapes, and thumbnails of the view (64x36, grey); no frame.

    Attributes:
        config: the settings under which it was learnt.
        follower: who is followed.
        aside: who was, in a view that may come back.
        trust: the view.
        frame_shape: of the frames that it was learnt from.
    """

    config: PacaSegConfig
    follower: Follower = field(repr=False)
    aside: Follower | None = field(repr=False)
    trust: Trust = field(repr=False)
    frame_shape: tuple[int, ...]


class PacaSegMasker:
    """Meets `Masker` with our own network. One per stream; the network may be shared between streams."""

    def __init__(self, config: PacaSegConfig, network: Segmenter | None = None) -> None:
        """Make a masker.

        Args:
            config: settings.
            network: what finds people; by default our own network of `config.size`, shared within the process.
        """
        self._config = config
        self._network = network if network is not None else _own_network(config.size)
        self._queue: deque[_Held] = deque()
        self._follower = Follower(config)
        self._aside: Follower | None = None  # knows the view that may come back
        self._trust = Trust(has_zones=bool(config.zones))
        self._map_shape: tuple[int, ...] | None = None
        self._frame_shape: tuple[int, ...] = ()
        self._taken: Memory | None = None  # until the next frame
        self._expects_view = False
        self._is_sound = True  # what is remembered was not being changed when something broke

    @property
    def fingerprint(self) -> str:
        """Network and settings, 16 hex digits."""
        return sha256(f"paca-seg {self._network.fingerprint} {self._config!r}".encode()).hexdigest()[:16]

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those whose look-ahead is over, oldest first.

        Raises:
            MaskingError: the network's word on this frame cannot be used; the tracks still hold.
        """
        started = perf_counter()
        ready: list[MaskedFrame] = []
        was_sound, self._is_sound = self._is_sound, False  # broken once, it stays so: nobody may have seen the error
        self._resume(frame)
        doubt = self._trust.judge(frame)
        if doubt.is_late:
            self._distrust_since(frame.pts_s - WINDOW_S, doubt.reason)
        if doubt.is_elsewhere:
            ready = self.flush()
            self._go_elsewhere(may_come_back=not doubt.is_new_stream and (self._trust.is_away or doubt.is_back))
        if doubt.is_back:
            self._come_back()
        if not self._trust.is_away:
            self._aside = None
        self._is_sound = was_sound
        sight = None if doubt.is_blind else self._look(frame)
        self._queue.append(_Held(frame, sight, doubt.reason, _ms_since(started)))
        while self._queue and self._is_due(self._queue[0], frame):
            ready.append(self._release())
        return ready

    def glance(self, frame: RawFrame) -> None:
        """Judge a frame that nobody will see as `push` would, without looking for people in it (about 0.3 ms)."""
        self._resume(frame)
        self._trust.judge(frame)

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back, with as much look-ahead as there is."""
        return [self._release() for _ in range(len(self._queue))]

    def reset(self) -> None:
        """Forget tracks and held frames."""
        self._trust = Trust(has_zones=bool(self._config.zones))
        self._queue.clear()
        self._follow_anew()
        self._aside = None

    def _follow_anew(self) -> None:
        self._follower = Follower(self._config, self._follower.next_id)  # numbers are never used twice
        self._map_shape = None

    def _go_elsewhere(self, *, may_come_back: bool) -> None:
        """Follow nobody any more, but keep what was known of the first view if it may come back."""
        self._aside = (self._aside or self._follower) if may_come_back else None
        self._follow_anew()

    def _come_back(self) -> None:
        """Follow whom this view had before; who was seen in the meantime was somewhere else."""
        if self._aside is not None:
            self._aside.number_from(self._follower.next_id)
            self._follower, self._aside = self._aside, None

    def _distrust_since(self, pts_s: float, reason: str) -> None:
        for held in self._queue:
            if held.raw.pts_s >= pts_s - 1e-6:
                held.distrust = held.distrust or reason

    def hand_over(self) -> Memory | None:
        """Give what is remembered of people and view, and forget it; without a frame, what was taken over."""
        memory, self._taken = self._taken, None
        if memory is not None and not self._expects_view:
            memory = replace(memory, trust=Trust(has_zones=bool(memory.config.zones)))
        if self._frame_shape:
            follower = self._follower if self._is_sound else Follower(self._config, self._follower.next_id)
            aside = self._aside if self._is_sound else None
            memory = Memory(self._config, follower, aside, self._trust.resumed(), self._frame_shape)
        self.reset()
        return memory

    def take_over(self, memory: object, *, with_view: bool) -> None:
        """Go on, from the next frame, where the masker stood that handed `memory` over.

        Without the view, or with other zones, any view is taken as it is found. With frames of another size nothing is
        taken over.
        """
        self._taken = memory if isinstance(memory, Memory) else None
        self._expects_view = with_view

    def _resume(self, frame: RawFrame) -> None:
        memory, self._taken, self._frame_shape = self._taken, None, frame.image.shape
        if memory is None or memory.frame_shape != frame.image.shape or memory.config.size != self._config.size:
            return
        memory.follower.resume(self._config, frame.pts_s)
        self._follower = memory.follower
        if self._expects_view and memory.config.zones == self._config.zones:
            self._trust = memory.trust
            if memory.aside is not None:
                memory.aside.resume(self._config, frame.pts_s)
                self._aside = memory.aside

    def fresh(self) -> "PacaSegMasker":
        """Return a new masker with the same settings and network, which still knows whom this one followed.

        What is remembered (numbers and shapes, no picture) goes over, but for people if something broke while they were
        followed: the view to come back to stands by itself. This masker keeps none of it: it may hang and go on later.
        """
        masker = PacaSegMasker(self._config, self._network)
        masker._taken, masker._expects_view = self._taken, self._expects_view
        masker._frame_shape = self._frame_shape
        masker._trust = self._trust.resumed()
        if self._is_sound:
            masker._follower, masker._aside, masker._trust = self._follower, self._aside, self._trust
            masker._map_shape = self._map_shape
        self._taken = None
        self.reset()
        return masker

    def _look(self, frame: RawFrame) -> Sight:
        maps = check_probabilities(self._network.probabilities(frame.image), self._map_shape)
        self._map_shape = maps.shape
        was_sound, self._is_sound = self._is_sound, False
        sight = self._follower.look(maps, frame.pts_s)
        self._is_sound = was_sound
        return sight

    def _is_due(self, held: _Held, newest: RawFrame) -> bool:
        # A hair earlier than exact: frame times are sums of fractions.
        return newest.pts_s - held.raw.pts_s >= self._config.look_ahead_s - 1e-6 or len(self._queue) > MAX_HELD

    def _release(self) -> MaskedFrame:
        """Take the oldest frame off the queue and mask it."""
        started = perf_counter()
        held = self._queue.popleft()
        raw, sight = held.raw, held.sight
        if sight is None or held.distrust:
            return withhold(raw, held.distrust, held.spent_ms)
        self._look_ahead(sight, raw.pts_s)
        height, width = raw.image.shape[:2]
        cells = sight.cover.cells()
        covered = to_pixels(cells, height, width)
        image = render(raw.image, covered, self._config.style, self._config.colour)
        if self._config.shades:
            shade_people(image, covered, cells, sight.tracks, self._config.colour)
        if self._config.zones:
            fill(image, zone_pixels(self._config.zones, height, width), self._config.colour)
        return MaskedFrame(
            image=image,
            index=raw.index,
            pts_s=raw.pts_s,
            captured_at=raw.captured_at,
            class_map=sight.class_map,
            tracks=_in_pixels(sight, height, width),
            discontinuity=raw.discontinuity,
            mask_ms=held.spent_ms + _ms_since(started),
            mint=MINT,
        )

    def _look_ahead(self, sight: Sight, pts_s: float) -> None:
        """Cover in this frame whoever is seen, or seen whole, only in a later frame that is already known."""
        done: set[int] = set()
        for later in self._queue:
            for track_id, sighting in later.sight.sightings.items() if later.sight else ():
                now = sight.sightings.get(track_id)
                is_whole = now is not None and sighting.stamp.area <= GREW * now.stamp.area
                if track_id not in done and not is_whole:
                    done.add(track_id)
                    self._cover_before(sight, sighting, pts_s)

    def _cover_before(self, sight: Sight, sighting: Sighting, pts_s: float) -> None:
        """Cover where `sighting` must have been at the earlier time `pts_s`."""
        seconds = sighting.at_s - pts_s
        stamp = sighting.stamp
        shift = -sighting.track.velocity * np.float32(seconds)
        growth = self._follower.growth(stamp.thickness, seconds)
        sight.cover.put(stamp, float(shift[0]), float(shift[1]), growth)


def _own_network(size: Size) -> Segmenter:
    from inference.core.masking.network import NetworkConfig, shared_network  # here: it loads OpenVINO and weights

    return shared_network(NetworkConfig(size=size))


def _in_pixels(sight: Sight, height: int, width: int) -> Tracks:
    """Return the tracks with boxes in pixels, cut at the frame's border."""
    rows, columns = sight.cover.shape
    scale = np.array([width / columns, height / rows] * 2, np.float32)
    limit = np.array([width, height] * 2, np.float32)
    tracks = sight.tracks
    return Tracks(tracks.ids, np.clip(tracks.boxes * scale, 0, limit), tracks.classes, tracks.is_held)


def _ms_since(started: float) -> float:
    return (perf_counter() - started) * 1000.0
