"""Batches for the training loop, made beside it in worker processes, without end."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from inference.training.masking.compose import Pool, compose, shrink
from inference.training.masking.data import Entry, Source, cut_outs, load_once
from inference.training.masking.loss import BUCKET_EDGES_PX

RARE_PX = 100
"""A screen or vehicle of fewer pixels is not worth a view of its own."""

Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Images `float (N, 3, S, S)` 0-255, shares and known `(N, 3, S/4, S/4)`, zones `uint8 (N, S/4, S/4)`."""


def make_pool(sources: list[Source]) -> Pool:
    """Cut out the objects, and find the pictures of nobody and of rare things, once; every worker shares them."""
    pieces = cut_outs(sources)
    people, screens, vehicles = (tuple(piece for piece in pieces if piece.index == index) for index in range(3))
    empty: list[Entry] = []
    rare: list[tuple[Entry, int]] = []
    for source in sources:
        for entry in source.entries if source.is_background or source.is_cut_outs else ():
            planes = load_once(entry).planes
            if source.is_background or not planes[0].any():
                empty.append(entry)
            rare += [(entry, index) for index in (1, 2) if np.count_nonzero(planes[index] == 1) >= RARE_PX]
    return Pool(tuple(sources), people, screens, vehicles, tuple(empty), tuple(rare))


def zones_of(share: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Where people of each size bucket are or nearly are, one bit per bucket.

    Args:
        share: `float32 (h, w)`, the person share on the network's grid.

    Returns:
        `uint8 (h, w)`; the zone reaches about a quarter of the person's height beyond them.
    """
    zones = np.zeros(share.shape, np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((share > 0.3).astype(np.uint8))
    buckets = np.searchsorted(BUCKET_EDGES_PX, stats[:, cv2.CC_STAT_HEIGHT] * 4)
    for bucket, reach in enumerate((5, 9, 17, 25)):
        labels = [label for label in range(1, count) if buckets[label] == bucket]
        if labels:
            is_here = np.isin(np.arange(count), labels)[pieces].astype(np.uint8)
            near = cv2.dilate(is_here, np.ones((reach, reach), np.uint8))
            zones |= (near * (1 << bucket)).astype(np.uint8)
    return zones


class Crops(IterableDataset[Batch]):
    """Whole batches (so that one worker message carries eight crops). The crop size can be raised between epochs."""

    def __init__(self, pool: Pool, *, size: int, batch: int, seed: int) -> None:
        self.pool, self.size, self.batch, self.seed = pool, size, batch, seed

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        random = np.random.default_rng((self.seed, worker.id if worker else 0, self.size))
        while True:
            yield self._one(random)

    def _one(self, random: np.random.Generator) -> Batch:
        images, shares, knowns, zones = [], [], [], []
        for _ in range(self.batch):
            crop = compose(self.pool, self.size, random)
            share, is_known = shrink(crop.planes)
            images.append(crop.image.transpose(2, 0, 1))
            shares.append(share)
            knowns.append(is_known)
            zones.append(zones_of(share[0]))
        return (
            torch.from_numpy(np.stack(images)),
            torch.from_numpy(np.stack(shares)),
            torch.from_numpy(np.stack(knowns)),
            torch.from_numpy(np.stack(zones)),
        )
