"""`bench masking|detection|streams`: how fast this machine is, measured, with the machine's description beside it."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import add_json, check_report_path, positive, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="masking|detection|streams")
    masking = kinds.add_parser("masking", help="milliseconds per frame, by network size, precision and threads")
    masking.add_argument("--frames", type=int, default=60, help="frames measured each; default: %(default)s")
    masking.add_argument("--beside", type=Path, metavar="ONNX", help="another network, timed in the same run (BodyPix)")
    add_json(masking)
    detection = kinds.add_parser("detection", help="milliseconds per frame beyond masking")
    detection.add_argument("--frames", type=int, default=200, help="frames measured; default: %(default)s")
    add_json(detection)
    streams = kinds.add_parser("streams", help="cameras masked, watched and recorded at once at 5 frames per second")
    streams.add_argument(
        "--cameras", type=int, metavar="N", help="measure N cameras only; default: rising until it fails"
    )
    streams.add_argument("--seconds", type=positive, default=20.0, help="measured per step; default: %(default)s")
    streams.add_argument("--size", choices=("s", "m"), default="s", help="network; default: %(default)s")
    streams.add_argument("--masker", default="paca-seg", help="default: %(default)s")
    add_json(streams)


def run(options: argparse.Namespace) -> int:
    """Measure and report."""
    check_report_path(options.json)
    values = {"masking": _masking, "detection": _detection, "streams": _streams}[options.what](options)
    report(values, options.json)
    return 0


def _masking(options: argparse.Namespace) -> dict[str, Any]:
    from inference.commands.bench_masking import bench_masking

    return bench_masking(options.frames, options.beside)


def _detection(options: argparse.Namespace) -> dict[str, Any]:
    from inference.commands.bench_stages import bench_detection

    return bench_detection(options.frames)


def _streams(options: argparse.Namespace) -> dict[str, Any]:
    from inference.commands.bench_streams import StreamsConfig, bench_streams

    return bench_streams(StreamsConfig(options.cameras, options.seconds, options.size, options.masker))
