"""`evaluate leak-watch`: how many known misses the leak watch finds, and how often it tells of none."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--clips", type=Path, metavar="DIR", help="NAME.mp4 with human tracks NAME.csv")
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="hand labels of single frames, e.g. tests/labels/cctv"
    )
    parser.add_argument("--videos", type=Path, metavar="DIR", help="folder that the paths in --labels start from")
    parser.add_argument("--frames", type=int, metavar="N", help="only the first N frames of each tracked clip")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the network's answers here between runs")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; by kind of label, the keys of `evaluate_leak_watch`."""
    if options.clips is None and options.labels is None:
        raise CommandError("Give --clips, --labels or both.")
    if (options.labels is None) != (options.videos is None):
        raise CommandError("--labels and --videos belong together.")
    folders = [existing_folder(one) for one in (options.clips, options.labels, options.videos) if one is not None]
    from inference.core.masking.network import NetworkConfig, shared_network  # after the checks: loading takes seconds
    from inference.training.evaluation.clips import labelled_clips, tracked_clips
    from inference.training.evaluation.leak_watch import evaluate_leak_watch

    kinds = {}
    if options.clips is not None:
        kinds["tracked"] = tracked_clips(folders[0], options.frames)
    if options.labels is not None:
        kinds["labelled"] = labelled_clips(options.labels, options.videos)
    networks = shared_network(NetworkConfig()), shared_network(NetworkConfig(size="m"))
    return {kind: evaluate_leak_watch(clips, *networks, options.cache) for kind, clips in kinds.items()}
