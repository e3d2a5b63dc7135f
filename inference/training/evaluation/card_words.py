"""The words of the mask card: what the network is, and its limits in plain words."""

from collections.abc import Mapping
from typing import Any, Final

HEAD: Final = """# Mask card: paca-seg

Written by `python -m inference evaluate card`; change the words in `inference/training/evaluation/card_words.py`.

Finds people, screens and vehicles in one picture, so that the masker can cover them. Files and hashes:
`inference/weights/paca-seg/manifest.json`. Licence: Apache-2.0.

## What it is
EfficientNet-Lite0 up to its 192-channel stage, a feature pyramid of 64 channels, one map per class at 1/4 of the input;
2.4 million parameters (`inference/training/masking/network.py`). Size *s* works at the number of pixels of 640x360,
size *m* of 960x540, in the picture's own aspect; both use the same weights. OpenVINO runs it, ONNX Runtime as a second
backend.
"""

FIXED_LIMITS: Final = (
    "A person whom the network never finds is never covered: holding and looking ahead only close gaps.",
    "Numbers on photographs say little about a camera of yours. Label frames of your own site before relying on it.",
    "Tracked video is two clips and two scenes, and settings were chosen while looking at them: no independent test.",
    "Masked is not anonymous: a silhouette tells of gait, build, a wheelchair, company.",
    "Screens that never move are better covered by a drawn zone than by the network.",
)

NOT_MEASURED: Final = (
    "Not measured as groups of their own: wheelchairs, prams, children, rain, infrared, views from straight above, "
    "skin tone, clothing. A second training seed was not run: intervals are over pictures, people and counts.",
)


def limits(reports: Mapping[str, Any]) -> list[str]:
    """Return the limits that follow from the figures, each a sentence."""
    lines = []
    for size in ("s", "m"):
        pictures = reports.get(f"masking {size}", {})
        if pictures.get("people_missed"):
            lines.append(
                f"Size {size}: about one person in {1 / pictures['people_missed']:.0f} in such photographs is missed"
                + _one_in("of those under 60 pixels tall one in {}", pictures.get("small_people_missed"))
                + f", and {pictures['false_masked_area']:.0%} of what is no person is covered."
            )
    leaks = reports.get("leaks", {})
    if leaks.get("leaks") is not None:
        low, high = leaks["intervals"]["leaks_per_camera_hour"]
        lines.append(
            f"In tracked video {leaks['leaks_per_camera_hour']:.0f} leaks per camera-hour"
            f" (95 %: {low:.0f} to {high:.0f}, from {leaks['camera_hours'] * 60:.1f} minutes),"
            f" the longest {leaks['longest_leak_s']:.2f} s."
        )
    if leaks.get("labelled_recall_in_sight") is not None:
        bare = 1 - leaks["labelled_recall_in_sight"]
        small = leaks.get("labelled_small_instance_frame_recall")
        lines.append(
            f"In {leaks['labelled_pictures']} CCTV frames labelled by hand {bare:.1%} of the people from 40 px on are,"
            " where the frame was not withheld, not whole under the mask"
            + ("" if small is None else f", of smaller ones {1 - small:.1%}")
            + "."
        )
    return lines + _attacked(reports.get("privacy", {}))


def _attacked(privacy: Mapping[str, Any]) -> list[str]:
    lines = []
    if privacy.get("reid_times_chance") is not None:
        lines.append(
            f"Whoever holds pictures of everybody names a masked person {privacy['reid_times_chance']:.1f} times as"
            f" often as by guessing, {privacy['within_clip_times_chance']:.1f} times among the people of one clip: the"
            " background gives the clip away. Who holds silhouettes of them names"
            f" {privacy['within_clip_rank1_shape']:.0%} within the clip (chance {privacy['within_clip_chance']:.0%})."
        )
    if privacy.get("faces_masked"):
        lines.append(
            f"Of {privacy['faces_raw']} faces in single pictures {privacy['faces_masked']} are still found when masked."
        )
    return lines


def number(value: Any, places: int = 3) -> str:
    """Return a figure as the card writes it."""
    if value is None:
        return "not measured"
    return f"{value:.{places}f}" if isinstance(value, float) else str(value)


def between(interval: Any, places: int = 3) -> str:
    """Return an interval in brackets; empty without one."""
    return "" if interval is None else f" ({interval[0]:.{places}f} to {interval[1]:.{places}f})"


def _one_in(words: str, share: float | None) -> str:
    return "" if not share else ", " + words.format(f"{1 / share:.1f}")


CHOSEN_ON = """No weights were chosen on the test pictures. The thresholds for people follow a rule on `val`; those for
screens and vehicles were set with their figures on the test pictures in view: no independent test of these two. The
computed labels hold one frame of most surveillance-fight clips; hand-labelled frames of those clips are other moments
of scenes that training has seen without human labels. PETS09-S2L1, TUD-Stadtmitte and the test sequences of Ped2 were
never trained on."""
