"""`evaluate leaks`: how often, how long and whom masking leaves uncovered in labelled clips."""

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
    parser.add_argument("--size", choices=("s", "m"), default="s", help="network; default: %(default)s")
    parser.add_argument("--ablation", action="store_true", help="also each frame alone, + dilation, + hold")
    parser.add_argument("--table", type=Path, metavar="FILE", help="page with marks: put the ablation in as a table")
    parser.add_argument("--frames", type=int, metavar="N", help="only the first N frames of each tracked clip")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the network's answers here between runs")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_leaks`."""
    if options.clips is None and options.labels is None:
        raise CommandError("Give --clips, --labels or both.")
    if (options.labels is None) != (options.videos is None):
        raise CommandError("--labels and --videos belong together.")
    if options.table is not None and not options.ablation:
        raise CommandError("--table shows the --ablation.")
    if options.table is not None and not options.table.is_file():
        raise CommandError(f"There is no page {str(options.table)!r}.")
    folders = [existing_folder(one) for one in (options.clips, options.labels, options.videos) if one is not None]
    from inference.core.masking.network import NetworkConfig, shared_network  # after the checks: loading takes seconds
    from inference.training.evaluation.ablation import MARKS, as_markdown, evaluate_leaks
    from inference.training.evaluation.clips import labelled_clips, tracked_clips
    from inference.training.evaluation.marked_page import with_table

    clips = tracked_clips(folders[0], options.frames) if options.clips is not None else []
    if options.labels is not None:
        clips += labelled_clips(options.labels, options.videos)
    page = None if options.table is None else options.table.read_text(encoding="utf-8")
    if page is not None:
        with_table(page, "", MARKS)  # refuse a page without marks now, not after an hour
    network = shared_network(NetworkConfig(size=options.size))
    found = evaluate_leaks(clips, network, options.size, is_ablation=options.ablation, cache=options.cache)
    if page is not None:
        options.table.write_text(with_table(page, as_markdown(found), MARKS), encoding="utf-8")
    return found
