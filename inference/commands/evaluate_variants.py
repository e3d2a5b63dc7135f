"""`evaluate variants`: each part of the detector alone and together, on masks and on raw change; writes the table."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, check_report_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--clips", type=Path, required=True, metavar="CSV", help="labels: clip, anomalous, source_group"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep masks here between runs")
    parser.add_argument("--table", type=Path, metavar="PAGE", help="put the table between its marks in this page")
    parser.add_argument("--diagram", type=Path, metavar="SVG", help="write the reliability diagram here")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_variants`."""
    for path in (options.clips, options.table):
        if path is not None and not path.is_file():
            raise CommandError(f"There is no file {str(path)!r}.")
    check_report_path(options.diagram)
    from inference.training.evaluation.marked_page import with_table
    from inference.training.evaluation.variants import MARKS, as_markdown, evaluate_variants  # loads slowly

    if options.table is not None:
        with_table(options.table.read_text(encoding="utf-8"), "", MARKS)
    report = evaluate_variants(options.clips, options.diagram, cache=options.cache)
    if options.table is not None:
        page = options.table.read_text(encoding="utf-8")
        options.table.write_text(with_table(page, as_markdown(report), MARKS), encoding="utf-8")
    return report
