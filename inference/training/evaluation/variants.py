"""Every part of the detector alone and all of it together, on masks and on raw change: one table, one command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from inference.training.evaluation.calibration import cross_fitted, reliability, reliability_svg
from inference.training.evaluation.detection import Labels, Setup, clip_figures, read_labels
from inference.training.evaluation.judging import PARTS
from inference.training.evaluation.marked_page import Marks
from inference.training.evaluation.ranking import Floats
from inference.training.evaluation.seen import Seen, see_change

MARKS: Final[Marks] = ("<!-- variants: written by evaluate variants --table -->", "<!-- end of variants -->")
COLUMNS: Final = {
    "AUC (95 % by source group)": "{auc:.3f} ({auc_low:.2f}-{auc_high:.2f})",
    "AP": "{ap:.3f}",
    "recall at 1 % false": "{recall_at_fpr_1:.2f}",
    "2 %": "{recall_at_fpr_2:.2f}",
    "5 %": "{recall_at_fpr_5:.2f}",
    "calibration error, cross-fitted": "{ece:.3f}",
}


def evaluate_variants(labels: Path, diagram: Path | None = None, **options: Any) -> dict[str, Any]:
    """Measure each part on masks and on raw change, on short clips (clip-level).

    Args:
        labels: as `read_labels` takes it.
        diagram: write the reliability diagram of the whole detector, cross-fitted, to this SVG.
        options: fields of `Setup`.

    Returns:
        `variants`: by name, the keys of `clip_figures`; `n`, `level`, and `auc` and `ece` of the whole.
    """
    setup, known = Setup(**options), read_labels(labels)
    sources: dict[str, Callable[[Path], Seen]] = {
        "masks": setup.see,
        "raw change, no masker": lambda path: see_change(path, setup.fps),
    }
    found: dict[str, dict[str, Any]] = {}
    for source, look in sources.items():
        values = _highest(known, look)
        for part, scores in values.items():
            found[f"{source}: {part}"] = clip_figures(scores, known)
            if diagram is not None and source == "masks" and part == next(iter(PARTS)):
                bins = reliability(cross_fitted(scores, known.is_event, known.groups), known.is_event)
                diagram.write_text(reliability_svg(bins, f"{len(scores)} clips, cross-fitted"), encoding="utf-8")
    first = next(iter(found.values()))
    return {"auc": first["auc"], "ece": first.get("ece"), "n": len(known.paths), "level": "clip", "variants": found}


def _highest(known: Labels, look: Callable[[Path], Seen]) -> dict[str, Floats]:
    """Give the highest score of each clip, by part."""
    values: dict[str, list[float]] = {part: [] for part in PARTS}
    for path in tqdm(known.paths, desc="clips", unit="clip"):
        seen = look(path)
        for part, score in PARTS.items():
            values[part].append(score(seen).highest)
    return {part: np.array(scores, np.float64) for part, scores in values.items()}


def as_markdown(report: dict[str, Any]) -> str:
    """Return the table of `evaluate_variants`, one row a variant."""
    lines = ["| variant | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in report["variants"].items():
        cells = [form.format(**{"ece": float("nan"), **figures}) for form in COLUMNS.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
