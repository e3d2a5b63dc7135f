"""The mask card's part on attacks: re-identification, faces, text, plates, attributes."""

from collections.abc import Mapping
from typing import Any, Final

from inference.training.evaluation.card_words import between, number

KINDS: Final = {
    "raw": "raw, among raw (control)",
    "masked": "**masked, among raw**",
    "raw_alone": "raw without background (control)",
    "masked_alone": "masked without background",
    "masked_gallery": "masked, among masked",
    "shape": "silhouette, among silhouettes",
}
COUNTED: Final = {
    "faces": "faces ≥ 16 px, at the same place",
    "face_pictures": "pictures with a face ≥ 16 px anywhere, of those that had one",
    "text_people": "text on people",
    "text_screens": "text on screens",
    "text_vehicles": "text on vehicles",
    "text_elsewhere": "text elsewhere (stays readable by design)",
    "plates": "number plates on labelled vehicles",
}
WHO: Final = (
    "Gallery: the first part of each track, query: the last, {least:.1f} s (least) to {median:.1f} s (median) apart;"
    " {identities} people, {human} of them with human tracks, the others followed by a detector and looked through by"
    " eye; {queries} queries. Each figure is of the attacker best at it, out of three; intervals from drawing people."
)


def privacy_section(report: Mapping[str, Any] | None, command: str) -> str:
    """Return the section as markdown; empty without a report.

    Args:
        report: of `evaluate privacy`.
        command: block that says how it was made.
    """
    if report is None:
        return ""
    words = WHO.format(
        least=report["gap_s_least"],
        median=report["gap_s_median"],
        identities=report["identities"],
        human=report["identities_human"],
        queries=report["queries"],
    )
    if report.get("clips_missing"):
        words += f" Not attacked, as the video was not there: {', '.join(report['clips_missing'])}."
    return "\n".join(
        ["## Attacks on masked video\n", words + "\n", *_recognised(report), *_counted(report), *_said(report), command]
    )


def _recognised(report: Mapping[str, Any]) -> list[str]:
    lines = ["| re-identification, rank-1 | everybody | own clip | right clip found |", "|---|---|---|---|"]
    for kind, words in KINDS.items():
        keys = [f"{part}_{kind}" for part in ("reid_rank1", "within_clip_rank1", "right_clip")]
        cells = [number(report[key]) + between(report["intervals"].get(key)) for key in keys]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    lines.append(f"| chance | {number(report['chance'])} | {number(report['within_clip_chance'])} | |")
    return [*lines, ""]


def _counted(report: Mapping[str, Any]) -> list[str]:
    lines = ["| found in test pictures (one frame each: no hold) | raw | masked |", "|---|---|---|"]
    for key, words in COUNTED.items():
        lines.append(f"| {words} | {number(report.get(f'{key}_raw'))} | {number(report.get(f'{key}_masked'))} |")
    words = f"{number(report.get('pictures'))} pictures, {number(report.get('pictures_withheld'))} withheld."
    where = [f"{one['picture']} at {one['box']}" for one in report.get("face_failures", ())]
    return [*lines, "", words + (f" Faces found when masked: {', '.join(where)}." if where else ""), ""]


def _said(report: Mapping[str, Any]) -> list[str]:
    if all(found["auc_raw"] is None for found in report["attributes"].values()):
        return ["Attributes: too few people of each kind to measure.", ""]
    lines = ["| attribute, area under the curve (.5 is chance) | people | raw | masked |", "|---|---|---|---|"]
    for name, found in report["attributes"].items():
        if found["auc_raw"] is not None:
            cells = [
                number(found[f"auc_{kind}"]) + between(found[f"auc_{kind}_interval"]) for kind in ("raw", "masked")
            ]
            lines.append(f"| {name} | {found['people']} | " + " | ".join(cells) + " |")
    lines += ["", "Agreement of an attribute network with its own word on earlier raw pictures, not truth.", ""]
    return lines
