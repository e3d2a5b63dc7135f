"""`evaluate privacy`: all attacks on masked people, in one report with flat keys."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from inference.core.errors import CoreError
from inference.core.masking.network import NetworkConfig, shared_network
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.training.evaluation.privacy.attributes import attributes
from inference.training.evaluation.privacy.people import Sample, clips_with_people, collect
from inference.training.evaluation.privacy.pictures import attack_pictures
from inference.training.evaluation.privacy.plates import PlateFinder
from inference.training.evaluation.privacy.recognition import ATTACKERS, Network, attack, chances, worst
from inference.training.evaluation.seen import PATIENT

logger = logging.getLogger(__name__)

TRACKS: Final = Path(__file__).parents[4] / "tests" / "labels" / "tracks"


def evaluate_privacy(data: Path, tracks: Path = TRACKS) -> dict[str, Any]:
    """Attack masked video and pictures of `data` with the networks of others in `data/teachers/omz`.

    Args:
        data: shared data folder: `tracked-people`, `teachers/omz`, the videos of `tracks`, `people/test`.
        tracks: machine-made tracks, looked through by eye.

    Returns:
        `reid_rank1_KIND`, `within_clip_rank1_KIND`, `right_clip_KIND` (`recognition.KINDS`; each of whom is best at
        it), `chance`, `within_clip_chance`, `reid_times_chance`, `within_clip_times_chance`, `alone_times_chance`;
        `gender_auc_raw`, `gender_auc_masked`, `gender_auc_off_chance`, `attributes`; what
        `attack_pictures` gives; `identities`, `identities_human`, `queries`, `gap_s_least`, `gap_s_median`, `clips`,
        `clips_missing`, `by_attacker`, `intervals`, `network`.

    Raises:
        CoreError: human tracks or networks are missing, or fewer than two people are seen long enough.
    """
    folder = data / "teachers" / "omz"  # all networks first: one that is missing must not show after minutes of masking
    recognisers = {name: Network(folder / f"{name}.xml", (128, 256)) for name in ATTACKERS}
    attribute_network, plate_finder = Network(folder / "attr0230.xml", (80, 160)), PlateFinder(folder / "plate_i8.xml")
    human, made, missing = clips_with_people(data, tracks)
    for name in missing:
        logger.warning("%s is not there: its people are not attacked.", data / name)
    network = shared_network(NetworkConfig())
    samples: list[Sample] = []
    clips: dict[str, Any] = {}
    for clip in tqdm([*human, *made], unit="clip", desc="masking", leave=False):
        with MaskingStage(create_masker("paca-seg", network=network), PATIENT) as stage:
            found = collect(clip, stage)
            clips[clip.video.stem] = _facts(found, stage, is_human=clip in human)
        samples += found if len(found) > 1 else []  # the only one of a clip is given away by the place
    if len(samples) < 2:
        raise CoreError(f"{data}: fewer than two people are tracked long enough.")
    each = tqdm(recognisers.items(), unit="attacker", desc="recognising", leave=False)
    by_attacker = {name: attack(samples, network_of_others) for name, network_of_others in each}
    recognised = worst(by_attacker)
    described = attributes(samples, attribute_network)
    on_pictures = attack_pictures(data / "people" / "test", network, plate_finder)
    guessing = chances(samples)
    described["gender_auc_off_chance"] = _off_chance(described["gender_auc_masked"])
    recognised |= times_chance(recognised, guessing)
    intervals = [part.pop("intervals") for part in (recognised, described, on_pictures)]
    return {
        **_counts(samples, clips),
        **guessing,
        **recognised,
        **described,
        **on_pictures,
        "network": network.fingerprint,
        "clips": clips,
        "clips_missing": missing,
        "by_attacker": {name: {k: v for k, v in one.items() if k != "intervals"} for name, one in by_attacker.items()},
        "intervals": {key: value for part in intervals for key, value in part.items()},
    }


def times_chance(recognised: dict[str, Any], guessing: dict[str, float]) -> dict[str, Any]:
    """Return three figures as multiples of chance; their intervals join those of `recognised`."""
    found = {}
    for name, key, chance in (
        ("reid_times_chance", "reid_rank1_masked", "chance"),
        ("within_clip_times_chance", "within_clip_rank1_masked", "within_clip_chance"),
        ("alone_times_chance", "reid_rank1_masked_alone", "chance"),
    ):
        found[name] = recognised[key] / guessing[chance]
        recognised["intervals"][name] = [value / guessing[chance] for value in recognised["intervals"][key]]
    return found


def _off_chance(area: float | None) -> float | None:
    return None if area is None else abs(area - 0.5)


def _facts(found: Sequence[Sample], stage: MaskingStage, *, is_human: bool) -> dict[str, Any]:
    gaps = [one.gap_s for one in found]
    return {
        "people": len(found),
        "tracks": "human" if is_human else "machine-made",
        "gap_s_least": min(gaps, default=None),
        "gap_s_median": float(np.median(gaps)) if gaps else None,
        "frames": stage.masked + stage.withheld,
        "frames_withheld": stage.withheld,
    }


def _counts(samples: Sequence[Sample], clips: dict[str, Any]) -> dict[str, Any]:
    gaps = [one.gap_s for one in samples]
    return {
        "identities": len(samples),
        "identities_human": sum(clips[one.clip]["tracks"] == "human" for one in samples),
        "queries": sum(len(one.query) for one in samples),
        "gap_s_least": min(gaps),
        "gap_s_median": float(np.median(gaps)),
    }
