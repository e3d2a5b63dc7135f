"""The report on leaks: tracked clips, frames labelled by hand, and what each part of the masker adds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from inference.core.errors import CoreError
from inference.core.masking.base import Segmenter
from inference.core.masking.network import Size
from inference.core.masking.paca_seg import PacaSegConfig
from inference.training.evaluation.clips import Clip
from inference.training.evaluation.leaks import Figures, ablation, measure, result
from inference.training.evaluation.marked_page import Marks

MARKS: Final[Marks] = ("<!-- ablation: written by evaluate leaks --ablation --table -->", "<!-- end of ablation -->")
COLUMNS: Final = {
    "recall": ("instance_frame_recall", "{:.3f}"),
    "leaks per camera-hour": ("leaks_per_camera_hour", "{:.0f}"),
    "longest leak, frames": ("longest_leak_frames", "{}"),
    "uncovered on entry, frames (mean)": ("entry_frames_mean", "{:.2f}"),
    "hand-labelled frames: recall": ("labelled_instance_frame_recall", "{:.3f}"),
    "hand-labelled: recall where not withheld": ("labelled_recall_in_sight", "{:.3f}"),
    "background masked": ("background_masked", "{:.3f}"),
    "CPU ms beyond the network": ("ms_beyond_network", "{:.1f}"),
}


def evaluate_leaks(
    clips: Sequence[Clip],
    network: Segmenter,
    size: Size = "s",
    *,
    is_ablation: bool = False,
    cache: Path | None = None,
) -> dict[str, Any]:
    """Measure leaks of the default masker, and of its parts if asked for.

    Args:
        clips: tracked, labelled in single frames, or both.
        network: looks at every frame.
        size: its working size, for the fingerprint.
        is_ablation: also measure each frame alone, + dilation, + hold.
        cache: folder for network answers.

    Returns:
        The keys of `leaks.result` for tracked clips; the same with `labelled_` in front for frames labelled by hand;
        `clips`: figures of each clip; `ablation`: by setting, all of these keys flat. Where there is no such clip, its
        keys are missing.

    Raises:
        CoreError: no clip was given.
    """
    if not clips:
        raise CoreError("There is no clip to measure leaks in.")
    settings = ablation(PacaSegConfig(size=size))
    default = list(settings)[-1]
    chosen = settings if is_ablation else {default: settings[default]}
    tallies = measure(clips, network, chosen, cache)
    found: dict[str, Any] = _pooled(tallies[default])
    found |= {"network": network.fingerprint, "size": size, "settings": repr(settings[default])}
    found["clips"] = {name: result([tally]) for name, tally in tallies[default].items()}
    if is_ablation:
        found["ablation"] = {name: _pooled(by_clip) for name, by_clip in tallies.items()}
    return found


def _pooled(tallies: dict[str, Any]) -> Figures:
    tracked = [tally for tally in tallies.values() if tally.is_tracked]
    labelled = [tally for tally in tallies.values() if not tally.is_tracked]
    found: Figures = result(tracked) if tracked else {"intervals": {}}
    if labelled:
        single = result(labelled)
        intervals = {f"labelled_{key}": value for key, value in single.pop("intervals").items()}
        del single["people"], single["ms_beyond_network"]
        found |= {f"labelled_{key}": value for key, value in single.items()}
        found["labelled_clips"] = len(labelled)
        found["labelled_pictures"] = sum(len(tally.background) for tally in labelled)
        found["intervals"] |= intervals
    return found


def as_markdown(report: Mapping[str, Any]) -> str:
    """Return the table of the parts, one row each, from the report of `evaluate_leaks` with `is_ablation`."""
    lines = ["| masker | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in report["ablation"].items():
        cells = [_cell(figures.get(key), form) for key, form in COLUMNS.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
