"""The mask card: what was measured of the shipped network, with the command beside each figure and the limits in words.

Everything in it comes from the reports of `evaluate ... --json` and from the weights' manifest; what was not measured
is said to be so. Aims are those of the project's design; a card says "not met" as plainly as "met".
Source of the form: Mitchell et al., Model Cards for Model Reporting, 2019, arXiv:1810.03993.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from inference.core.errors import CoreError
from inference.training.evaluation.ablation import as_markdown
from inference.training.evaluation.card_privacy import privacy_section
from inference.training.evaluation.card_words import (
    CHOSEN_ON,
    FIXED_LIMITS,
    HEAD,
    NOT_MEASURED,
    between,
    limits,
    number,
)

Report = Mapping[str, Any]

PICTURES: Final = "../shared/data/people/test"
COMMANDS: Final = {
    "masking": f"python -m inference evaluate masking --data {PICTURES}/human --size SIZE --json F",
    "mosaic": f"python -m inference evaluate masking --data {PICTURES}/human --size SIZE --mosaic --json F",
    "faces": f"python -m inference evaluate masking --data {PICTURES}/human_kp --size SIZE --json F",
    "leaks": "python -m inference evaluate leaks --clips ../shared/data/tracked-people --labels tests/labels/cctv "
    "--videos ../shared/data --ablation --json F",
    "agreement": "python -m inference evaluate agreement --videos ../shared/data/videos "
    "--teacher ../shared/data/teachers/omz/person0201.xml --json F",
    "energy": "python -m inference evaluate energy --video ../shared/data/videos/plaza-people-walking.mp4 --json F",
    "privacy": "python -m inference evaluate privacy --data ../shared/data --json F",
}
ROWS: Final = {
    "person_pixel_recall": "person pixels covered",
    "people_covered_90": "people of whom ≥ 90 % is covered",
    "people_missed": "people missed (< 30 % covered)",
    "small_people_missed": "people under 60 px missed",
    "false_masked_area": "background covered as a person",
    "person_iou": "person IoU",
    "face_keypoints_covered": "visible eyes, noses and ears covered",
    "screen_pixel_recall": "screen pixels covered",
    "vehicle_pixel_recall": "vehicle pixels found",
    "picture_person_pixel_recall": "own aspect: person pixels covered",
    "picture_people_covered_90": "own aspect: people ≥ 90 % covered",
    "picture_people_missed": "own aspect: people missed",
    "picture_false_masked_area": "own aspect: background covered",
}


CLIP_KEYS: Final = ("instance_frames", "instance_frame_recall", "recall_in_sight", "small_instance_frame_recall")


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure to reach: which report, key, and the least (or most, if `is_most`) that will do."""

    what: str
    report: str
    key: str
    bound: float
    is_most: bool = False

    def is_met(self, value: float) -> bool:
        """Tell whether `value` will do."""
        return value <= self.bound if self.is_most else value >= self.bound


AIMS: Final = (
    Aim("person pixels covered, s", "masking s", "person_pixel_recall", 0.96),
    Aim("people ≥ 90 % covered, s", "masking s", "people_covered_90", 0.80),
    Aim("people missed, s", "masking s", "people_missed", 0.10, is_most=True),
    Aim("background covered, s", "masking s", "false_masked_area", 0.05, is_most=True),
    Aim("people missed, m", "masking m", "people_missed", 0.08, is_most=True),
    Aim("people missed in mosaics, s", "mosaic s", "people_missed", 0.15, is_most=True),
    Aim("eyes, noses, ears covered, s", "faces s", "face_keypoints_covered", 0.985),
    Aim("screen pixels covered, s", "masking s", "screen_pixel_recall", 0.60),
    Aim("vehicle pixels found, s", "masking s", "vehicle_pixel_recall", 0.75),
    Aim("instance-frames covered, tracked video", "leaks", "instance_frame_recall", 0.97),
    Aim("people covered, hand-labelled CCTV frames (not withheld)", "leaks", "labelled_recall_in_sight", 0.97),
    Aim("longest leak, frames", "leaks", "longest_leak_frames", 2, is_most=True),
    Aim("uncovered on entry, frames (mean)", "leaks", "entry_frames_mean", 0, is_most=True),
    Aim("masked people re-identified, times chance", "privacy", "reid_times_chance", 2, is_most=True),
    Aim("the same among the people of the clip", "privacy", "within_clip_times_chance", 2, is_most=True),
    Aim("the same without background", "privacy", "alone_times_chance", 2, is_most=True),
    Aim("masked pictures in which a face ≥ 16 px is found", "privacy", "face_pictures_masked", 0, is_most=True),
    Aim("gender of masked people, AUC away from .5", "privacy", "gender_auc_off_chance", 0.1, is_most=True),
)


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports by name: `masking s`, `masking m`, `mosaic s`, `faces s`, `leaks`, `agreement`, `energy s`, `privacy`."""

    found: Mapping[str, Report] = field(repr=False)

    def check(self, fingerprints: Collection[str]) -> None:
        """Refuse figures of another network than the one that ships.

        Raises:
            CoreError: says which report.
        """
        for name, report in self.found.items():
            if "network" in report and report["network"] not in fingerprints:
                raise CoreError(f"The report {name!r} is of {report['network']}; shipped: {', '.join(fingerprints)}.")

    def value(self, name: str, key: str) -> Any:
        """Return a figure, None where it was not measured."""
        return self.found.get(name, {}).get(key)


def mask_card(reports: Reports, manifest: Report, fingerprints: Collection[str], machine: str) -> str:
    """Return the card as markdown.

    Args:
        reports: what was measured.
        manifest: of the shipped weights.
        fingerprints: of the shipped network, one per size.
        machine: what the times were taken on.

    Raises:
        CoreError: a report is of another network, or none is there.
    """
    if not reports.found:
        raise CoreError("A card needs at least one report.")
    reports.check(fingerprints)
    sections: tuple[Callable[[Reports], str], ...] = (_pictures, _strata, _leaks, _agreement, _privacy, _energy)
    parts = [HEAD, _made(manifest), _aims(reports), *(section(reports) for section in sections)]
    plain = "\n".join(f"- {line}" for line in (*limits(reports.found), *FIXED_LIMITS, *NOT_MEASURED))
    parts.append(f"## Limits, in plain words\n{plain}\n")
    parts.append(f"Times and memory: {machine}. Networks: {', '.join(sorted(fingerprints))}.\n")
    return "\n".join(part for part in parts if part)


def _made(manifest: Report) -> str:
    data = "\n".join(f"- {entry}" for entry in manifest["data"])
    facts = f"`{manifest['command']}`\n\nSeed {manifest['seed']}, commit {manifest['commit']}, {manifest['licence']}."
    return f"## How it was made\n{facts} Data:\n\n{data}\n\n{CHOSEN_ON}\n"


def _aims(reports: Reports) -> str:
    lines = ["## Aims\n", "| | aim | measured | |", "|---|---|---|---|"]
    for aim in AIMS:
        value = reports.value(aim.report, aim.key)
        verdict = "" if value is None else "met" if aim.is_met(value) else "**not met**"
        intervals = reports.value(aim.report, "intervals") or {}
        shown = number(value) + between(intervals.get(aim.key))
        lines.append(f"| {aim.what} | {'≤' if aim.is_most else '≥'} {aim.bound:g} | {shown} | {verdict} |")
    return "\n".join(lines) + "\n\nIn brackets: 95 % intervals.\n"


def _pictures(reports: Reports) -> str:
    names = [name for name in reports.found if name.split()[0] in ("masking", "mosaic", "faces")]
    if not names:
        return ""
    lines = ["## Single pictures\n"]
    lines.append(
        "No hold, no look-ahead; thresholds as the default masker has them, int8. Each picture is letterboxed into the"
        " frame of the working size, grey, top left, and the letterbox is background; *own aspect*: scaled to as many"
        " pixels as the frame has, measured against its own background.\n"
    )
    lines += ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for key, words in ROWS.items():
        cells = [reports.value(name, key) for name in names]
        if any(cell is not None for cell in cells):
            lines.append(f"| {words} | " + " | ".join("" if cell is None else number(cell) for cell in cells) + " |")
    for key, words in (("pictures", "pictures"), ("people", "people"), ("cpu_ms_per_frame", "CPU ms per frame")):
        lines.append(f"| {words} | " + " | ".join(number(reports.value(name, key), 1) for name in names) + " |")
    return "\n".join(lines) + "\n\n" + _command(*dict.fromkeys(name.split()[0] for name in names))


def _command(*kinds: str) -> str:
    return "\n".join(["```", *(COMMANDS[kind] for kind in kinds), "```", ""])


def _strata(reports: Reports) -> str:
    strata = reports.value("masking s", "strata")
    if not strata:
        return ""
    lines = ["### Who is missed, size s\n", "| | people | pixels covered | ≥ 90 % covered | missed |", "|---" * 5 + "|"]
    for kind, groups in strata.items():
        for name, group in groups.items():
            if not group["n"]:
                lines.append(f"| {kind}: {name} | 0 | | | |")
                continue
            cells = [
                number(group[key]) + between(group[f"{key}_interval"]) for key in ("recall", "covered_90", "missed")
            ]
            lines.append(f"| {kind}: {name} | {group['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\nHeights in pixels of 640x360; intervals from drawing pictures again.\n"


def _leaks(reports: Reports) -> str:
    report = reports.found.get("leaks")
    if report is None:
        return ""
    lines = ["## Leaks through time\n"]
    lines.append(
        "Covered: ≥ 90 % of the body core (ellipse, 50 % of the box's width, 90 % of its height), people ≥ 40 px tall"
        " at 640x360. Leak: a run of frames in which one person is not. Background: outside all boxes grown by 20 %."
        " A withheld frame shows nobody: everybody in it counts as covered, which is why both figures stand here.\n"
    )
    if "ablation" in report:
        lines.append(as_markdown(report))
    lines += [
        "| clip | people in frames | covered | where not withheld | smaller | leaks | longest, frames | background |",
        "|---" * 8 + "|",
    ]
    for name, one in report["clips"].items():
        cells = [one.get(key) for key in CLIP_KEYS]
        cells += [one.get(key) for key in ("leaks", "longest_leak_frames", "background_masked")]
        lines.append(f"| {name} | " + " | ".join("" if cell is None else number(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n\n" + _command("leaks")


def _agreement(reports: Reports) -> str:
    report = reports.found.get("agreement")
    if report is None:
        return ""
    lines = ["## Without labels: against a slower ensemble\n"]
    lines.append(
        "Agreement, not truth: a region may be no person, whom all overlook is not counted, and our own ensemble shares"
        " the network's blind spots. The detector of others does not, but takes mirrors and posts for people too.\n"
    )
    for kind, words in (("regions", "our own networks s + m, mirrored"), ("boxes", "person-detection-0201")):
        if report.get(kind) is not None:
            rate, interval = report[f"{kind}_open_per_camera_hour"], report["intervals"][f"{kind}_open_per_camera_hour"]
            found = f"{report[f'{kind}_open']:.0f} of {report[kind]:.0f} left open (< 30 % covered)"
            lines.append(f"- {words}: {found}, {rate:.0f}{between(interval, 0)} per camera-hour.")
    lines.append(f"- {report['looks']:.0f} frames looked at, two a second, {report['withheld_looks']:.0f} withheld.")
    return "\n".join(lines) + "\n\n" + _command("agreement")


def _privacy(reports: Reports) -> str:
    return privacy_section(reports.found.get("privacy"), _command("privacy"))


def _energy(reports: Reports) -> str:
    lines = []
    for name, report in reports.found.items():
        if name.split()[0] == "energy":
            cost = f"{report['cpu_s_per_camera_hour']:.0f} CPU seconds per camera-hour at {report['fps']:g} fps"
            each, memory = f"{report['cpu_ms_per_frame']:.1f} ms a frame", f"{report['memory_mb']:.0f} MiB at most"
            lines.append(f"- Size {report['size']}: {cost} ({each}), {memory}.")
    return "" if not lines else "\n".join(["## Cost\n", *lines, "", _command("energy")])
