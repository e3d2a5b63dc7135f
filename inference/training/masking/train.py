"""Train `paca-seg`: one readable loop with a budget of minutes instead of epochs.

`python -m inference train masking --config inference/training/masking/paca-seg.toml --out DIR` writes `DIR/last.pt`
every few minutes (weights only: a stopped run continues with `start`), `DIR/best.pt` (chosen on `val`, never on `test`)
and `DIR/log.jsonl`.
"""

import copy
import json
import logging
import math
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from inference.training.masking.batches import Batch, Crops, make_pool
from inference.training.masking.compose import GREY
from inference.training.masking.data import DataError, Labelled, Source, load, read_source
from inference.training.masking.loss import masking_loss
from inference.training.masking.network import MaskingNetwork, load_imagenet_encoder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The `[run]` table.

    Attributes:
        seed: of every random draw.
        minutes: wall-clock budget; the learning rate follows a cosine over it.
        batch, crop_px: crops per step and their side; `late_crop_px` from `late_from` (share of the budget) on.
        encoder_rate, decoder_rate: highest AdamW learning rates; `warm_up_steps` lead up to them.
        average: decay of the running mean of the weights, which is what is saved.
        threads, workers: of torch, and processes that make crops.
        check_minutes: between two looks at `val`.
        frozen_blocks: the stem and so many encoder blocks stay as they are (0: everything learns); the finest ones take
            a third of a step's time and change least.
        start: weights to continue from; ImageNet encoder if empty.
    """

    seed: int = 1
    minutes: float = 40.0
    batch: int = 8
    crop_px: int = 320
    late_crop_px: int = 416
    late_from: float = 0.85
    encoder_rate: float = 5e-4
    decoder_rate: float = 2e-3
    warm_up_steps: int = 100
    average: float = 0.996
    threads: int = 2
    workers: int = 1
    check_minutes: float = 8.0
    frozen_blocks: int = 0
    start: str = ""


def read_config(path: Path) -> tuple[TrainingConfig, list[Source], Source]:
    """Read the TOML file: the run, its sources and the pictures it is checked on.

    Raises:
        DataError: a key is unknown or a source is absent.
    """
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        config = TrainingConfig(**content.get("run", {}))
    except TypeError as error:
        raise DataError(f"{path}, table [run]: {error}. Known keys: {list(TrainingConfig.__slots__)}.") from error
    root = content.get("root", ".")
    sources = [read_source(table, _root(path, table, root)) for table in content["data"]]
    return config, sources, read_source(content["val"], _root(path, content["val"], root))


def _root(path: Path, table: dict[str, Any], general: str) -> Path:
    """What the paths of a table stand on: its own `root` or the general one, both relative to the file."""
    return (path.parent / str(table.get("root", general))).resolve()


def train(path: Path, out: Path) -> Path:
    """Run the whole training that `path` describes; return the best checkpoint.

    Side effects: writes `out/last.pt`, `out/best.pt`, `out/log.jsonl`.
    """
    config, sources, val = read_config(path)
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    network = MaskingNetwork()
    if config.start:
        network.load_state_dict(torch.load(config.start, map_location="cpu", weights_only=True))
    else:
        load_imagenet_encoder(network)
    if config.frozen_blocks:
        network.encoder.freeze(config.frozen_blocks)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    pool = make_pool(sources)
    log.info("cut-outs: %d people, %d screens, %d vehicles", len(pool.people), len(pool.screens), len(pool.vehicles))
    log.info("%d empty pictures, %d with screens or vehicles", len(pool.empty), len(pool.rare))
    run = _Run(network, config, out, [load(entry) for entry in val.entries])
    for size, until in ((config.crop_px, config.late_from), (config.late_crop_px, 1.0)):
        crops = Crops(pool, size=size, batch=config.batch, seed=config.seed)
        for batch in DataLoader(crops, batch_size=None, num_workers=config.workers, prefetch_factor=4):
            if run.progress >= until:
                break
            run.step(batch)
    run.check()
    return out / "best.pt"


class _Run:
    """The state of one training: network, running mean, optimiser, clock."""

    def __init__(self, network: MaskingNetwork, config: TrainingConfig, out: Path, val: list[Labelled]) -> None:
        self.network, self.config, self.out, self.val = network, config, out, val
        self.mean = copy.deepcopy(network)
        encoder = list(network.encoder.parameters())
        known = {id(parameter) for parameter in encoder}
        decoder = [parameter for parameter in network.parameters() if id(parameter) not in known]
        self.rates = (config.encoder_rate, config.decoder_rate)
        self.optimiser = torch.optim.AdamW([{"params": encoder}, {"params": decoder}], weight_decay=1e-2)
        self.steps = 0
        self.loss = 0.0
        self.best = -math.inf
        self.started = self.checked = time.monotonic()

    @property
    def progress(self) -> float:
        """Share of the budget that is used, 0-1 and beyond."""
        return (time.monotonic() - self.started) / (self.config.minutes * 60)

    def step(self, batch: Batch) -> None:
        """Learn from one batch."""
        fade = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress))) + 0.01
        fade *= min(1.0, (self.steps + 1) / self.config.warm_up_steps)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * fade
        images, share, is_known, zones = batch
        self.network.train()
        logits = self.network(images.float().to(memory_format=torch.channels_last))
        loss = masking_loss(logits, share, is_known, zones)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        self._average()
        self.loss = 0.98 * self.loss + 0.02 * loss.item() if self.steps > 1 else loss.item()
        if self.steps % 20 == 0:
            log.info("step %d, %.0f %% of the time, loss %.4f", self.steps, 100 * self.progress, self.loss)
        if time.monotonic() - self.checked > self.config.check_minutes * 60:
            self.check()

    def _average(self) -> None:
        decay = min(self.config.average, self.steps / (self.steps + 10))
        now = self.network.state_dict()
        for name, value in self.mean.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(decay).add_(now[name], alpha=1 - decay)
            else:
                value.copy_(now[name])

    def check(self) -> None:
        """Save the running mean; keep it as the best if `val` says so."""
        self.mean.eval()
        figures = check_on(self.mean, self.val)
        score = figures["recall"] + figures["found"] - 1.5 * figures["false_area"]
        torch.save(self.mean.state_dict(), self.out / "last.pt")
        if score > self.best:
            self.best = score
            torch.save(self.mean.state_dict(), self.out / "best.pt")
        line = {"steps": self.steps, "loss": round(self.loss, 4), "score": round(score, 4), **figures}
        line["minutes"] = round((time.monotonic() - self.started) / 60, 1)
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        log.info("val %s", line)
        self.checked = time.monotonic()


@torch.no_grad()
def check_on(network: MaskingNetwork, pictures: list[Labelled], threshold: float = 0.3) -> dict[str, float]:
    """Look at `val` in the default working size: pixel recalls, share of people found (30 % covered), false area."""
    hit, total = np.zeros(3), np.zeros(3)
    found = people = false_area = background = 0.0
    for picture in pictures:
        height, width = picture.image.shape[:2]
        factor = min(640 / width, 384 / height)
        size = (max(4, round(width * factor)), max(4, round(height * factor)))
        canvas = np.full((384, 640, 3), GREY, np.uint8)
        canvas[: size[1], : size[0]] = cv2.resize(picture.image, size, interpolation=cv2.INTER_AREA)
        tensor = torch.from_numpy(canvas.transpose(2, 0, 1)[None]).float().to(memory_format=torch.channels_last)
        maps = network(tensor).sigmoid()[0].numpy()
        whole = [cv2.resize(m, (640, 384), interpolation=cv2.INTER_LINEAR)[: size[1], : size[0]] for m in maps]
        covered = [cv2.resize(m, (width, height), interpolation=cv2.INTER_LINEAR) > threshold for m in whole]
        for index in range(3):
            is_class = picture.planes[index] == 1
            hit[index] += (covered[index] & is_class).sum()
            total[index] += is_class.sum()
        is_empty = (picture.planes[0] == 0) & (picture.planes[1] != 1) & (picture.planes[2] != 1)
        false_area += float((covered[0] & is_empty).sum())
        background += float(is_empty.sum())
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((picture.planes[0] == 1).astype(np.uint8))
        for label in range(1, count):
            if stats[label, cv2.CC_STAT_AREA] >= 60:
                people += 1
                found += float(covered[0][pieces == label].mean() >= 0.3)
    recall = hit / np.maximum(total, 1)
    return {
        "recall": round(float(recall[0]), 4),
        "screen": round(float(recall[1]), 4),
        "vehicle": round(float(recall[2]), 4),
        "found": round(found / max(people, 1.0), 4),
        "false_area": round(false_area / max(background, 1.0), 4),
    }
